"""What a trainer feeds the meter: how far the weights moved, and how far activations left their usual mean."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import DataLength, ShapeMismatch
from stnb.psi.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ActivationDrift", "update_ratio"]

FLOOR = 1e-12
KEPT = 0.9


def update_ratio(before: Iterable[Any], after: Iterable[Any]) -> float:
    """‖w′ − w‖/(‖w‖ + 1e-12) over all parameters, each a tensor or an array, before and after a step."""
    old, new = list(before), list(after)
    if len(old) != len(new):
        raise DataLength(f"before has {len(old)} parameters, after {len(new)}; give the same ones.")
    pairs = [
        (rows_of(f"before[{i}]", w), rows_of(f"after[{i}]", moved))
        for i, (w, moved) in enumerate(zip(old, new, strict=True))
    ]
    for i, (w, moved) in enumerate(pairs):
        if w.shape != moved.shape:
            raise ShapeMismatch(
                f"before[{i}] has shape {w.shape}, after[{i}] {moved.shape}; give the same parameters."
            )
    change = math.hypot(*(float(np.linalg.norm(moved - w)) for w, moved in pairs))
    return change / (math.hypot(*(float(np.linalg.norm(w)) for w, _ in pairs)) + FLOOR)


class ActivationDrift:
    """The mean over rows of ‖a − ā‖/(‖ā‖ + 1e-12), where ā ← 0.9 ā + 0.1·(mean row) follows the rows slowly.

    ā starts as the mean of the first rows. Rows are measured against the ā before them, and the first against itself.
    """

    def __init__(self) -> None:
        self._usual: np.ndarray | None = None

    def observe(self, outputs: Any) -> float:
        """The drift of some rows; they have as many columns as the first ones."""
        rows = rows_of("outputs", outputs)
        if not len(rows):
            return 0.0
        usual = rows.mean(axis=0) if self._usual is None else self._usual
        if rows.shape[1] != usual.size:
            raise ShapeMismatch(f"outputs have {rows.shape[1]} columns; this probe has seen {usual.size}.")
        drift = float(np.linalg.norm(rows - usual, axis=1).mean() / (np.linalg.norm(usual) + FLOOR))
        self._usual = KEPT * usual + (1.0 - KEPT) * rows.mean(axis=0)
        return drift
