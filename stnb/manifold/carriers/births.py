"""Frequencies and phases of new oscillators.

The first batch swings at frequencies spread evenly at random over 0 … `frequency_range`. A later one, a file of its
own, gathers about a centre that it draws from the same range, with the standard deviation `frequency_spread`; so files
can be told apart. Phases are uniform. None of this depends on where the particles are or how they move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from stnb_kernels import fill_random

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb.manifold.config import ManifoldConfig

__all__ = ["Newcomers", "newcomers"]

CENTRE_STREAM, FREQUENCY_STREAM, BIRTH_PHASE_STREAM = 20, 21, 22


class Newcomers(NamedTuple):
    """New oscillators in the order of arrival."""

    phase: Float[np.ndarray, " n"]
    frequency: Float[np.ndarray, " n"]


def newcomers(config: ManifoldConfig, n: int, *, seed: int, batch: int) -> Newcomers:
    """Draw n oscillators for a batch."""
    phase, frequency, centre = np.empty(n), np.empty(n), np.empty(1)
    fill_random(phase, seed=seed, stream=BIRTH_PHASE_STREAM, step=batch, backend="cpu")
    law = "uniform" if batch == 0 else "normal"
    fill_random(frequency, seed=seed, stream=FREQUENCY_STREAM, step=batch, law=law, backend="cpu")
    if batch == 0:
        frequency *= config.frequency_range
    else:
        fill_random(centre, seed=seed, stream=CENTRE_STREAM, step=batch, backend="cpu")
        frequency = centre * config.frequency_range + config.frequency_spread * frequency
    return Newcomers((2 * np.pi * phase).astype(config.dtype), frequency.astype(config.dtype))
