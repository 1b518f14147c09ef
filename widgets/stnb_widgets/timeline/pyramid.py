"""A long history of many channels that can be looked at from any height at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from stnb_widgets.timeline.growing import BorrowedRows, GrowingRows, Rows, Shelf
from stnb_widgets.timeline.levels import Levels

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike, DTypeLike

    from stnb_widgets.timeline.digest import Digest

__all__ = ["Pyramid", "Window"]

_WAITING_ROWS = 256


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Buckets of 2^k samples each, aligned at multiples of 2^k, so that they stand still while a window moves.

    Attributes:
        size: samples of a bucket, a power of two; the last bucket may hold fewer. 1: these are the samples.
        rows: (n + 1,) where each bucket begins, and where the last one ends.
        edges: (n + 1,) x of the first sample of each bucket, and of the last sample of all.
        times: (n + 1,) times of the same samples.
        digest: arrays (n, channels).
    """

    size: int
    rows: np.ndarray
    edges: np.ndarray
    times: np.ndarray
    digest: Digest

    def __len__(self) -> int:
        return len(self.digest)

    @property
    def low(self) -> np.ndarray:
        """Least finite sample (n, channels), NaN where there is none."""
        return self.digest.low

    @property
    def high(self) -> np.ndarray:
        """Largest finite sample (n, channels)."""
        return self.digest.high

    @property
    def holes(self) -> np.ndarray:
        """Number of samples (n, channels) that are NaN or infinite."""
        return self.digest.holes

    def coarser(self) -> Window:
        """The same in buckets twice as long."""
        if not len(self):
            return self
        pairs = self.rows[:-1] // (2 * self.size)
        starts = np.flatnonzero(np.diff(pairs, prepend=-1))
        ends = np.append(starts, len(self))
        return Window(
            2 * self.size, self.rows[ends], self.edges[ends], self.times[ends], self.digest.joined(starts)
        )


class Pyramid:
    """Samples of `channels` over a strictly rising x, with their least, mean and largest at every height.

    Args:
        channels: numbers in a row.
        folder: where the temporary files lie once a part of the history is larger than 4 MB; they are
            removed with the pyramid. None: where the system keeps temporary files.
        dtype: float32 or float64, of the samples and of what is kept of them.
    """

    def __init__(
        self, channels: int, *, folder: str | Path | None = None, dtype: DTypeLike = np.float32
    ) -> None:
        self.channels = int(channels)
        self.dtype = np.dtype(dtype)
        if self.channels < 1:
            raise ValueError(f"channels is {channels}; a history has at least 1")
        if self.dtype not in (np.float32, np.float64):
            raise TypeError(f"dtype is {self.dtype}; choose float32 or float64")
        self._lock = threading.RLock()
        self._shelf = Shelf(folder)
        self._samples: Rows = GrowingRows(self.channels, self.dtype, self._shelf)
        self._x = GrowingRows(1, np.float64, self._shelf)
        self._times = GrowingRows(1, np.float64, self._shelf)
        self._levels = Levels(self.channels, self.dtype, self._shelf)
        self._waiting = np.empty((_WAITING_ROWS, self.channels), self.dtype)
        self._waiting_marks = np.empty((2, _WAITING_ROWS, 1))
        self._waits = 0
        self._last_x = -np.inf

    @classmethod
    def over(
        cls, samples: np.ndarray, x: ArrayLike | None = None, *, folder: str | Path | None = None
    ) -> Pyramid:
        """A pyramid over an array or memmap (n, channels) that stays where it is; nothing can be appended.

        Args:
            samples: float32 or float64; its rows are read once, in pieces of about 1 MB.
            x: strictly rising, one per row; None: 0, 1, 2 ...
            folder: as for a pyramid that grows.
        """
        if samples.ndim != 2:
            raise ValueError(f"samples has shape {samples.shape}; rows of channels are needed: (n, channels)")
        pyramid = cls(samples.shape[1], folder=folder, dtype=samples.dtype)
        places = np.arange(len(samples), dtype=np.float64) if x is None else np.asarray(x, np.float64)
        pyramid._check_rising(places, len(samples))
        pyramid._x.append(places[:, None])
        pyramid._times.append(np.full((len(samples), 1), np.nan))
        pyramid._samples = BorrowedRows(samples)
        pyramid._last_x = float(places[-1]) if len(places) else -np.inf
        pyramid._levels.grow(pyramid._samples)
        return pyramid

    def __len__(self) -> int:
        return len(self._samples) + self._waits

    @property
    def extent(self) -> tuple[float, float] | None:
        """First and last x, or None of an empty history."""
        with self._lock:
            if not len(self):
                return None
            first = self._x.read(0, 1)[0, 0] if len(self._x) else self._waiting_marks[0, 0, 0]
            return float(first), self._last_x

    @property
    def folder(self) -> Path | None:
        """Where the files are, or None while everything is in memory."""
        return self._shelf.path

    @property
    def read_once(self) -> int:
        """Rows of all levels that were read to build higher ones; 1/15 above the number of samples, never more."""
        return self._levels.rows_read

    def append_row(self, x: float, values: Sequence[float] | np.ndarray, time: float = np.nan) -> None:
        """One row; quick, because 256 rows are put away together."""
        with self._lock:
            if not x > self._last_x or not isfinite(x):
                raise ValueError(_not_rising(x, self._last_x))
            row = np.asarray(values, np.float64)
            if row.shape != (self.channels,):
                raise ValueError(
                    f"a row has shape {row.shape}; give one number per channel: ({self.channels},)"
                )
            self._own()
            if self._waits == _WAITING_ROWS:
                self._settle()
            at = self._waits
            self._waiting[at] = row if self.dtype == np.float64 else _narrow(row, self.dtype)
            self._waiting_marks[0, at, 0] = x
            self._waiting_marks[1, at, 0] = time
            self._waits = at + 1
            self._last_x = float(x)

    def append(self, x: ArrayLike, values: ArrayLike, times: ArrayLike | None = None) -> None:
        """One row (channels,) at x, or a block (n, channels) at n rising x; refused as a whole or taken."""
        places = np.atleast_1d(np.asarray(x, np.float64))
        block = np.asarray(values)
        block = block[None] if block.ndim == 1 and np.ndim(x) == 0 else block
        if block.dtype.kind not in "biuf":
            raise TypeError(f"values has dtype {block.dtype}; real numbers are needed")
        if block.shape != (len(places), self.channels):
            raise ValueError(
                f"values has shape {block.shape} for {len(places)} x; give one row of {self.channels} numbers per x"
            )
        moments = (
            np.full(len(places), np.nan) if times is None else np.atleast_1d(np.asarray(times, np.float64))
        )
        if moments.shape != places.shape:
            raise ValueError(f"times has shape {moments.shape}, x has {places.shape}; give one time per x")
        block = _narrow(block, self.dtype)
        with self._lock:
            self._own()
            self._check_rising(places, len(block))
            if not len(block):
                return
            self._settle()
            self._put(places[:, None], moments[:, None], block)
            self._last_x = float(places[-1])

    def window(
        self, first: float, last: float, buckets: int = 1024, channels: Sequence[int] | None = None
    ) -> Window:
        """What happened from x = first to x = last, in at most `buckets` buckets of equal numbers of samples.

        The first and the last bucket may reach beyond the window, by less than their length.
        """
        if buckets < 2:
            raise ValueError(f"buckets is {buckets}; at least 2 are needed")
        chosen = slice(None) if channels is None else np.asarray(channels, np.intp)
        with self._lock:
            self._settle()
            begin, end = self._between(first, last)
            size = 1
            while -(-end // size) - begin // size > buckets:
                size *= 2
            starts = np.arange(begin // size, -(-end // size), dtype=np.int64) * size
            ends = np.append(starts, min(len(self._samples), starts[-1] + size) if len(starts) else begin)
            digest = self._levels.buckets(self._samples, ends, size, chosen)
            places = np.append(starts, ends[-1] - 1) if len(starts) else ends[:0]
            return Window(size, ends, _pick(self._x, places), _pick(self._times, places), digest)

    def rows_between(self, first: float, last: float) -> tuple[int, int]:
        """The rows with first <= x <= last, as places begin ... end - 1."""
        with self._lock:
            self._settle()
            return self._between(first, last)

    def around(self, first: float, last: float) -> tuple[float, float]:
        """X of the nearest samples before `first` and after `last`, or of the ends of a history that is not empty."""
        with self._lock:
            begin, end = self.rows_between(first, last)
            newest = len(self._samples) - 1
            before, after = min(max(begin - 1, 0), newest), min(end, newest)
            return float(self._x.read(before, before + 1)[0, 0]), float(self._x.read(after, after + 1)[0, 0])

    def read(self, begin: int, end: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """x, times and samples of the rows begin ... end - 1, copied."""
        with self._lock:
            self._settle()
            parts = [store.read(begin, end) for store in (self._x, self._times, self._samples)]
            x, times, samples = (np.array(part) for part in parts)
            return x[:, 0], times[:, 0], samples

    def close(self) -> None:
        """Forget everything and remove the files."""
        with self._lock:
            self._shelf.clear()
            self._samples = GrowingRows(self.channels, self.dtype, self._shelf)
            self._x, self._times = (GrowingRows(1, np.float64, self._shelf) for _ in range(2))
            self._levels = Levels(self.channels, self.dtype, self._shelf)
            self._waits, self._last_x = 0, -np.inf

    def _own(self) -> None:
        if isinstance(self._samples, BorrowedRows):
            raise TypeError(
                "this pyramid stands over an array that is not its own; make one with Pyramid(channels)"
            )

    def _check_rising(self, places: np.ndarray, rows: int) -> None:
        if places.shape != (rows,):
            raise ValueError(f"x has shape {places.shape} for {rows} rows; give one per row")
        if not rows:
            return
        before = np.concatenate([[self._last_x], places[:-1]])
        wrong = np.flatnonzero(np.logical_not(places > before) | np.logical_not(np.isfinite(places)))
        if wrong.size:
            raise ValueError(_not_rising(float(places[wrong[0]]), float(before[wrong[0]])))

    def _put(self, x: np.ndarray, times: np.ndarray, block: np.ndarray) -> None:
        """Add rows to all three stores, or to none."""
        samples = self._samples
        assert isinstance(samples, GrowingRows)  # noqa: S101 (told to the type checker; _own has refused otherwise)
        count = len(samples)
        try:
            for store, rows in ((self._x, x), (self._times, times), (samples, block)):
                store.append(rows)
        except OSError:
            self._x.cut(count)
            self._times.cut(count)
            raise
        self._levels.grow(self._samples)

    def _settle(self) -> None:
        """Put the waiting rows away."""
        if self._waits:
            count = self._waits
            x, times = self._waiting_marks[:, :count]
            self._put(x, times, self._waiting[:count])
            self._waits = 0

    def _between(self, first: float, last: float) -> tuple[int, int]:
        if not first <= last:
            raise ValueError(
                f"the window runs from {first} to {last}; its first end must not lie after its last"
            )
        x = self._x.read(0, len(self._x))[:, 0]
        return int(np.searchsorted(x, first, "left")), int(np.searchsorted(x, last, "right"))


def _pick(store: GrowingRows, places: np.ndarray) -> np.ndarray:
    return np.array(store.read(0, len(store))[places, 0]) if len(places) else np.empty(0)


def _narrow(block: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The block in the dtype of the history, unless a finite number does not fit into it."""
    if block.dtype == dtype:
        return block
    with np.errstate(over="ignore"):
        narrow = block.astype(dtype)
    lost = np.isinf(narrow) & np.isfinite(block)
    if lost.any():
        value = block[lost][0]
        raise ValueError(
            f"a sample is {value!r}, which {dtype} cannot hold; make the history with dtype=float64"
        )
    return narrow


def _not_rising(x: float, before: float) -> str:
    return f"x is {float(x)!r} after {float(before)!r}; it must be finite and rise with every row"
