"""How far a number lies from its own past, whatever outliers that past holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = ["FEWEST", "LONGEST", "History", "robust_z"]

FEWEST, LONGEST = 20, 2000
NORMAL, LEAST = 1.4826, 1e-6


def robust_z(values: Float[np.ndarray, " k"], past: Float[np.ndarray, "n k"]) -> Float[np.ndarray, " k"]:
    """(v − median)/(1.4826·max(MAD, 1e-6)) against n past values, column by column; 0 for fewer than 20.

    MAD is the median of |past − median|; for a normal distribution 1.4826·MAD is its standard deviation. The value
    itself is no part of its own past.
    """
    if len(past) < FEWEST:
        return np.zeros(len(values))
    centre = np.median(past, axis=0)
    spread = np.median(np.abs(past - centre), axis=0)
    return (values - centre) / (NORMAL * np.maximum(spread, LEAST))


class History:
    """The latest 2000 rows of k numbers."""

    def __init__(self, k: int) -> None:
        self._rows = np.zeros((LONGEST, k))
        self._seen = 0

    def past(self) -> Float[np.ndarray, "n k"]:
        """What is kept, in no particular order."""
        return self._rows[: min(self._seen, LONGEST)]

    def push(self, row: Float[np.ndarray, " k"]) -> None:
        """Keep a row, in the place of the oldest when there is no other."""
        self._rows[self._seen % LONGEST] = row
        self._seen += 1
