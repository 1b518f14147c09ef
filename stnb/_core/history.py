"""Scalars of every step in a columnar ring: O(1) to append, read back in order."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from stnb._core.errors import CapacityError, InputError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Self

    from jaxtyping import Float64, Int64

__all__ = ["History"]


class History:
    """Columns of float64 beside their step and time; when full, the oldest row is overwritten.

    Reading copies, so what was read stays as it was while a simulation goes on in another thread.

    >>> history = History(["kinetic"])
    >>> history.append(1, 0.01, {"kinetic": 2.5})
    >>> history["kinetic"]
    array([2.5])
    """

    def __init__(self, columns: Sequence[str], capacity: int = 65536) -> None:
        names = tuple(columns)
        if isinstance(columns, str) or len(set(names)) != len(names) or {"step", "time"} & set(names):
            raise InputError(
                f"columns = {columns!r}; give different names; 'step' and 'time' are always kept."
            )
        if isinstance(capacity, bool) or not isinstance(capacity, int) or capacity < 1:
            raise CapacityError(f"capacity = {capacity!r}; give a positive number of rows.")
        self.columns = names
        self.capacity = capacity
        self._row = {name: i + 1 for i, name in enumerate(names)}
        self._steps = np.empty(capacity, np.int64)
        self._data = np.empty((len(names) + 1, capacity), np.float64)
        self._appended = 0
        self._lock = threading.Lock()

    def append(self, step: int, time: float, values: Mapping[str, float]) -> None:
        """Add one row; nothing is kept when a name is unknown or missing, or a value is not finite."""
        if values.keys() != self._row.keys():
            self._refuse_names(values)
        row = np.array([time, *(values[name] for name in self.columns)], np.float64)
        if not np.isfinite(row).all():
            at = int(np.flatnonzero(~np.isfinite(row))[0])
            name = ("time", *self.columns)[at]
            raise InputError(
                f"{name} = {row[at]} at step {step} is not finite; the history keeps finite numbers only. "
                "Use a smaller time step, or look at the last good row with history.last."
            )
        with self._lock:
            before = (self._appended - 1) % self.capacity
            if self._appended and step <= self._steps[before]:
                raise InputError(
                    f"step {step} after step {self._steps[before]}; steps rise. Call clear() to start again."
                )
            slot = self._appended % self.capacity
            self._steps[slot] = step
            self._data[:, slot] = row
            self._appended += 1

    def __getitem__(self, column: str) -> Float64[np.ndarray, " t"]:
        if column == "step":
            return self.steps.astype(np.float64)
        at = 0 if column == "time" else self._row.get(column)
        if at is None:
            raise InputError(f"no column {column!r}; {nearest(str(column), ('step', 'time', *self.columns))}")
        with self._lock:
            return self._data[at, self._order(self.capacity)]

    @property
    def steps(self) -> Int64[np.ndarray, " t"]:
        """Step of every kept row, rising."""
        with self._lock:
            return self._steps[self._order(self.capacity)]

    @property
    def times(self) -> Float64[np.ndarray, " t"]:
        """Simulated time of every kept row."""
        return self["time"]

    @property
    def last(self) -> dict[str, float]:
        """The newest row with its step and time."""
        if not self._appended:
            raise InputError("the history is empty; step the session first.")
        return {name: column[-1].item() for name, column in self.tail(1).items()}

    def tail(self, n: int) -> dict[str, np.ndarray]:
        """The newest `n` rows (fewer when there are fewer): step, time and every column."""
        if isinstance(n, bool) or not isinstance(n, int) or n < 0:
            raise InputError(f"n = {n!r}; give how many rows to read, 0 or more.")
        with self._lock:
            order = self._order(n)
            steps, data = self._steps[order], self._data[:, order]
        return {"step": steps, "time": data[0], **dict(zip(self.columns, data[1:], strict=True))}

    def since(self, step: int) -> dict[str, np.ndarray]:
        """The kept rows of later steps: step, time and every column."""
        with self._lock:
            newest = int(self._steps[(self._appended - 1) % self.capacity]) if self._appended else step
        rows = self.tail(max(0, newest - step))  # steps rise by one at least
        first = int(np.searchsorted(rows["step"], step, side="right"))
        return {name: column[first:] for name, column in rows.items()}

    def to_dict(self) -> dict[str, np.ndarray]:
        """Every kept row as arrays: step, time and every column, ready for a data frame."""
        return self.tail(self.capacity)

    @classmethod
    def from_dict(cls, columns: Mapping[str, np.ndarray], capacity: int = 65536) -> Self:
        """The inverse of `to_dict`."""
        names = [name for name in columns if name not in ("step", "time")]
        made = cls(names, capacity)
        steps = np.asarray(columns["step"])[-capacity:]
        data = np.array([columns[name] for name in ("time", *names)], np.float64)[:, -capacity:]
        if data.shape[1] != len(steps) or (np.diff(steps) <= 0).any() or not np.isfinite(data).all():
            raise InputError(
                "rows of a history need rising steps and finite values in columns of one length."
            )
        made._steps[: len(steps)] = steps
        made._data[:, : len(steps)] = data
        made._appended = len(steps)
        return made

    def clear(self) -> None:
        """Forget every row."""
        with self._lock:
            self._appended = 0

    def __len__(self) -> int:
        return min(self._appended, self.capacity)

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __contains__(self, column: object) -> bool:
        return column in self._row

    def __repr__(self) -> str:
        return f"History({len(self)} rows of {', '.join(self.columns)})"

    def _order(self, n: int) -> Int64[np.ndarray, " t"]:
        """Slots of the newest `n` rows, oldest first."""
        kept = min(n, len(self))
        return np.arange(self._appended - kept, self._appended) % self.capacity

    def _refuse_names(self, values: Mapping[str, float]) -> None:
        for name in values:
            if name not in self._row:
                raise InputError(f"no column {name!r}; {nearest(str(name), self.columns)}")
        missing = [name for name in self.columns if name not in values]
        raise InputError(f"the row lacks {', '.join(missing)}; give a value for every column.")
