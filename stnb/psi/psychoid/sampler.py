"""A sample for models that turn numbers into numbers, so that their meter has something to read."""

from __future__ import annotations

from typing import Any

from stnb._core.errors import ShapeMismatch
from stnb.psi.psychoid.records import PsychoidFrame, PsychoidSample
from stnb.psi.rows import rows_of

__all__ = ["sample_of"]


def sample_of(inputs: Any, outputs: Any) -> PsychoidSample:
    """One frame for each row of the outputs: the row as logits, the input row as activation, no text.

    D, C, K and AX then live, and the metrics of text are 0. The token is the column of the largest output. Tensors of
    torch, NumPy arrays, `stnb.Tensor` and nested lists will do; axes after the first are joined.

    >>> [frame.token_id for frame in sample_of([[1.0], [2.0]], [[0.1, 0.9], [0.8, 0.2]]).frames]
    [1, 0]
    """
    hidden, logits = rows_of("inputs", inputs), rows_of("outputs", outputs)
    if len(hidden) != len(logits):
        raise ShapeMismatch(
            f"inputs have {len(hidden)} rows but outputs {len(logits)}; give a batch and its outputs."
        )
    rows = zip(hidden, logits, strict=True)
    return PsychoidSample(frames=tuple(PsychoidFrame(int(out.argmax()), out, seen) for seen, out in rows))
