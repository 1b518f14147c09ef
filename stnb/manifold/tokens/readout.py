"""From anchors to a distribution of the next byte: contexts from short to long, each leaving room for its shorter one.

A context of order n holds evidence a_b for the byte b and has lost the evidence L with anchors that were replaced.
Each byte cedes D·min(1, a_b), 0 < D < 1; what is ceded and what is lost escapes to the distribution of order n − 1:

    S   = L + Σ_b a_b
    E   = L + Σ_b D·min(1, a_b)
    p_n(b) = (a_b − D·min(1, a_b) + E·p_{n−1}(b))/S            p_{−1} = 1/256;  p_n = p_{n−1} where S = 0

The bracket sums to S − E + E, so p_n sums to 1; and E > 0 wherever S > 0, so that no byte ever gets probability 0.

Why this form: let the distribution of each context be drawn from a Pitman–Yor process whose mean is that of the
context one byte shorter, with discount D and strength 0. Given that each byte arrived in a context once by way of the
shorter one (one table a byte), the posterior mean is (a_b − D + D·u·p_{n−1}(b))/S for whole counts a_b ≥ 1 and u
distinct bytes: interpolated Kneser–Ney smoothing. The same assumption says what a shorter context learns from: only
from those successors that the longer one did not have, so an event stops at the first context that knew its byte.
Faded evidence below 1 cedes in proportion. Lost evidence is known to be of bytes without an anchor, about which only
the shorter context has an opinion; letting it escape is a convention of this project.

References: Y. W. Teh, *A hierarchical Bayesian language model based on Pitman–Yor processes* (ACL 2006);
R. Kneser, H. Ney, *Improved backing-off for m-gram language modeling* (ICASSP 1995).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jaxtyping import Float64

__all__ = ["escape_mixture"]


def escape_mixture(
    contexts: Iterable[tuple[Float64[np.ndarray, " 256"], float]], discount: float
) -> Float64[np.ndarray, " 256"]:
    """The distribution after all contexts, given as (evidence, lost evidence) from the shortest to the longest."""
    p = np.full(256, 1 / 256)
    for evidence, lost in contexts:
        total = lost + evidence.sum()
        if total > 0:
            ceded = discount * np.minimum(1.0, evidence)
            p = (evidence - ceded + (lost + ceded.sum()) * p) / total
    return p
