"""Columns of float64 that remember the newest rows, in pages that are made when they are needed."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jaxtyping import Float64

__all__ = ["Ring"]

PAGE = 16384
BLOCK = 256


class Ring:
    """A ring of `capacity` rows; not locked, its owner does that.

    A row is first packed into a small block of rows, and a full block is turned into columns at once: that makes a row
    as cheap as a tuple. Pages bound what a growing ring moves: no row is ever copied to a larger place.
    """

    def __init__(self, columns: Sequence[str], capacity: int) -> None:
        self.columns = tuple(columns)
        self.capacity = capacity
        self.appended = 0
        self._row = {name: index for index, name in enumerate(self.columns)}
        self._pages: list[np.ndarray] = []
        self._packer = struct.Struct(f"={len(self.columns)}d")
        self._block = np.empty((min(BLOCK, capacity), len(self.columns)), np.float64)
        self._bytes = self._block.data.cast("B")
        self._packed = 0

    def append(self, values: Sequence[float]) -> None:
        """Add a row of one float a column; beyond the capacity it takes the place of the oldest."""
        if self._packed == len(self._block):
            self._turn()
        self._packer.pack_into(self._bytes, self._packed * self._packer.size, *values)
        self._packed += 1
        self.appended += 1

    def extend(self, columns: Float64[np.ndarray, "c t"]) -> None:
        """Add many rows, given as columns; no more than the capacity."""
        self._turn()
        self._write(self.appended, columns)
        self.appended += columns.shape[1]

    def tail(self, names: Sequence[str], rows: int) -> Float64[np.ndarray, "c t"]:
        """The newest rows of some columns, oldest first, as a copy; fewer where there are fewer."""
        self._turn()
        kept = min(rows, len(self))
        found = np.empty((len(names), kept), np.float64)
        at = 0
        for page, first, length in self._runs(self.appended - kept, kept):
            for out, name in zip(found, names, strict=True):
                out[at : at + length] = self._pages[page][self._row[name], first : first + length]
            at += length
        return found

    def clear(self) -> None:
        """Forget every row, and how many there were."""
        self.appended = self._packed = 0
        self._pages.clear()

    def __len__(self) -> int:
        return min(self.appended, self.capacity)

    def _turn(self) -> None:
        """Write the packed rows into their pages."""
        rows = self._block[: self._packed].T
        self._write(self.appended - self._packed, rows)
        self._packed = 0

    def _write(self, start: int, columns: np.ndarray) -> None:
        at = 0
        for page, first, length in self._runs(start, columns.shape[1]):
            if page == len(self._pages):
                self._pages.append(np.empty((len(self.columns), min(PAGE, self.capacity)), np.float64))
            self._pages[page][:, first : first + length] = columns[:, at : at + length]
            at += length

    def _runs(self, start: int, count: int) -> Iterator[tuple[int, int, int]]:
        """Where the rows from `start` on lie: page, first place in it, and how many follow one another there."""
        while count > 0:
            slot = start % self.capacity
            page, first = divmod(slot, PAGE)
            length = min(count, PAGE - first, self.capacity - slot)
            yield page, first, length
            start += length
            count -= length
