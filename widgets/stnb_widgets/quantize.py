"""Floats to uint16 codes with the bounds of each frame.

A column with finite bounds `low <= x <= high` becomes `code = round((x - low) / step)` with
`step = (high - low) / 65534`, so `low + code * step` is at most half a step away from `x`. (Columns whose
offset is under eight spans are worked in float32, which can add a twentieth of a step.) Code 65535 is
reserved: it marks a value that was NaN or infinite, and the front end never draws a point that has it
as a coordinate.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

__all__ = ["LOST", "TOP", "Codes", "Quantiser", "dequantise"]

TOP = 65534
LOST = 65535
_TILE = 6144
_FOLD = 96
_FAR_OFFSET = 8.0
_SMALLEST_SPAN = 1e-30


@dataclass(frozen=True, slots=True)
class Codes:
    """`codes` (n, d) uint16 that nobody will write to again, the bounds per column, the rows lost."""

    codes: np.ndarray
    low: tuple[float, ...]
    high: tuple[float, ...]
    lost: int


def dequantise(codes: np.ndarray, low: tuple[float, ...], high: tuple[float, ...]) -> np.ndarray:
    """`low + code * (high - low) / 65534` in float64; NaN where the code is 65535."""
    steps = [_step(bottom, top) for bottom, top in zip(low, high, strict=True)]
    values = np.asarray(low, float) + codes.astype(float) * steps
    values[codes == LOST] = np.nan
    return values


class Quantiser:
    """Quantises arrays of (n, d) columns; keeps its scratch between calls, so one thread at a time."""

    def __init__(self) -> None:
        self._scratch = np.empty(0, np.float32)
        self._tiles = np.empty((2, _TILE), np.float32)

    def __call__(self, columns: np.ndarray) -> Codes:
        """Codes of a float array (n, d) with d <= 3; rows with a NaN or an infinity are lost."""
        rows, width = columns.shape
        codes = np.empty((rows, width), np.uint16)
        lost: Any = None
        with np.errstate(all="ignore"):
            values = self._copy(columns)
            bounds = _bounds(values, width)
            if not all(isfinite(low) and isfinite(high) for low, high in bounds):
                lost = np.logical_not(np.isfinite(values.reshape(rows, width)).all(axis=1))
                _cover(values.reshape(rows, width), lost)
                bounds = _bounds(values, width)
            if any(_needs_float64(low, high) for low, high in bounds):
                values = columns.astype(np.float64).reshape(-1)
                if lost is not None:
                    _cover(values.reshape(rows, width), lost)
                bounds = _bounds(values, width)
            self._encode(values, codes.reshape(-1), bounds)
        if lost is not None:
            codes[lost] = LOST
        low, high = zip(*bounds, strict=True)
        return Codes(codes, low, high, 0 if lost is None else int(lost.sum()))

    def _copy(self, columns: np.ndarray) -> np.ndarray:
        if self._scratch.size < columns.size:
            self._scratch = np.empty(columns.size, np.float32)
        values = self._scratch[: columns.size]
        np.copyto(values.reshape(columns.shape), columns, casting="unsafe")
        return values

    def _encode(self, values: np.ndarray, codes: np.ndarray, bounds: list[tuple[float, float]]) -> None:
        """`trunc((x - (low - step/2)) / step)`, in place, along rows of one tile."""
        width = len(bounds)
        tile = min(_TILE, values.size)
        shift, gain = self._tiles[:, :tile] if values.dtype == np.float32 else np.empty((2, tile))
        for column, (low, high) in enumerate(bounds):
            step = _step(low, high)
            per_step = 1.0 / step if step > 0 else 0.0
            shift[column::width] = low - step / 2
            gain[column::width] = per_step if isfinite(per_step) else 0.0
        for part in _rows_of(values, tile):
            length = part.shape[1]
            np.subtract(part, shift[:length], out=part)
            np.multiply(part, gain[:length], out=part)
        if values.dtype == np.float64:
            np.minimum(values, TOP, out=values)
        np.copyto(codes, values, casting="unsafe")


def _step(low: float, high: float) -> float:
    span = high - low
    return span / TOP if isfinite(span) else high / TOP - low / TOP


def _cover(values: np.ndarray, lost: Any) -> None:
    """Overwrite the lost rows with one that is not lost, so that they do not widen the bounds."""
    values[lost] = 0.0 if lost.all() else values[int(np.argmin(lost))]


def _rows_of(values: np.ndarray, length: int) -> list[np.ndarray]:
    """`values` as one block of rows of `length` and one shorter last row, leaving out what is empty.

    Working along long rows (many points side by side) lets NumPy use vector instructions; along rows of
    three it cannot.
    """
    whole = values.size // length * length if length else 0
    blocks = (values[:whole].reshape(-1, length or 1), values[whole:].reshape(1, -1))
    return [block for block in blocks if block.size]


def _bounds(values: np.ndarray, width: int) -> list[tuple[float, float]]:
    """Smallest and largest value of each column of row-major `values`."""
    if not values.size:
        return [(0.0, 0.0)] * width
    low, high = values, values
    for length in (_TILE, _FOLD):
        if low.size > 4 * length:
            low = np.concatenate([block.min(axis=0) for block in _rows_of(low, length)])
            high = np.concatenate([block.max(axis=0) for block in _rows_of(high, length)])
    return [(float(low[column::width].min()), float(high[column::width].max())) for column in range(width)]


def _needs_float64(low: float, high: float) -> bool:
    """True where float32 could not hold a twentieth of a step."""
    span = high - low
    return max(abs(low), abs(high)) > _FAR_OFFSET * span or 0.0 < span < _SMALLEST_SPAN
