"""What a watch keeps: a row for every step, with gaps, and a page for every reading of all layers."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stnb._core.errors import InputError, UnknownNameError, nearest
from stnb._core.history import History

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jaxtyping import Float64, Int64

__all__ = ["LAYER_COLUMNS", "STEP_COLUMNS", "LayerTable", "Readings", "StepHistory"]

STEP_COLUMNS = (
    "loss",
    "grad_norm",
    "above",
    "here",
    "beneath",
    "drift",
    "turn",
    "step_ms",
    "memory_mb",
    "device_mb",
    "lr",
    "accuracy",
)
LAYER_COLUMNS = ("grad_norm", "above", "here", "beneath", "drift", "weight_norm", "turn")


class StepHistory(History):
    """A history with gaps: NaN stands where nothing was read, and for what was not finite. Steps rise."""

    def append(self, step: int, time: float, values: Mapping[str, float]) -> None:
        """Add one row; what is not named is a gap, and nothing is kept when a name is unknown."""
        unknown = next((name for name in values if name not in self._row), None)
        if unknown is not None:
            raise InputError(f"no column {unknown!r}; {nearest(unknown, self.columns)}")
        if not math.isfinite(time):
            raise InputError(f"time = {time!r} at step {step} is not finite; give seconds.")
        row = np.array([time, *(values.get(name, math.nan) for name in self.columns)], np.float64)
        row[~np.isfinite(row)] = math.nan
        with self._lock:
            before = (self._appended - 1) % self.capacity
            if self._appended and step <= self._steps[before]:
                raise InputError(f"step {step} after step {self._steps[before]}; steps rise.")
            slot = self._appended % self.capacity
            self._steps[slot] = step
            self._data[:, slot] = row
            self._appended += 1


class Readings(NamedTuple):
    """The newest readings of all layers, oldest first; `values` are by reading, layer and column."""

    steps: Int64[np.ndarray, " t"]
    values: Float64[np.ndarray, "t l c"]

    def column(self, name: str) -> Float64[np.ndarray, "t l"]:
        """One column of every layer."""
        return self.values[:, :, LAYER_COLUMNS.index(name)]


class LayerTable:
    """Readings of all layers in a ring; memory is taken as they come."""

    def __init__(self, names: Sequence[str], capacity: int) -> None:
        self.names = tuple(names)
        self.capacity = capacity
        self._place = {name: index for index, name in enumerate(self.names)}
        self._steps = np.empty(capacity, np.int64)
        self._values = np.empty((capacity, len(self.names), len(LAYER_COLUMNS)), np.float64)
        self._appended = 0
        self._lock = threading.Lock()

    def append(self, step: int, values: Float64[np.ndarray, "l c"]) -> None:
        """Add a reading."""
        with self._lock:
            slot = self._appended % self.capacity
            self._steps[slot], self._values[slot] = step, values
            self._appended += 1

    def tail(self, n: int | None = None) -> Readings:
        """The newest `n` readings, all that are kept unless told."""
        with self._lock:
            kept = min(self._appended, self.capacity if n is None else n, self.capacity)
            order = np.arange(self._appended - kept, self._appended) % self.capacity
            return Readings(self._steps[order], self._values[order])

    def latest(self) -> dict[str, dict[str, float]]:
        """The columns of every layer that took part in the newest reading."""
        rows = self.tail(1).values.reshape(-1, len(LAYER_COLUMNS))
        return {
            name: dict(zip(LAYER_COLUMNS, row.tolist(), strict=True))
            for name, row in zip(self.names, rows, strict=False)
            if not np.isnan(row).all()
        }

    def of(self, name: str) -> dict[str, np.ndarray]:
        """The columns of one layer over the readings that it took part in."""
        place = self._place.get(name)
        if place is None:
            raise UnknownNameError(f"no layer {name!r}; {nearest(str(name), self.names)}")
        steps, values = self.tail()
        mine = values[:, place]
        there = ~np.isnan(mine).all(axis=1)
        return {
            "step": steps[there],
            **{column: mine[there, at] for at, column in enumerate(LAYER_COLUMNS)},
        }

    def __len__(self) -> int:
        return min(self._appended, self.capacity)
