"""The levels above the samples of a long history.

Level 0 holds the samples. A run of level k is 16 runs of level k - 1 put together: least, mean and largest of its
finite samples, and the number of those that are not finite. Growing completes runs where it can and never looks at
an older sample again; buckets are read from the level whose runs are just finer than they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_widgets.timeline.digest import Digest
from stnb_widgets.timeline.growing import BorrowedRows, GrowingRows, Rows, Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FACTOR", "Levels"]

FACTOR = 16
_CHUNK_BYTES = 1_000_000


class Level:
    """Runs of one length."""

    def __init__(self, channels: int, dtype: np.dtype, shelf: Shelf) -> None:
        self._bounds = GrowingRows(3 * channels, dtype, shelf)
        self._holes = GrowingRows(channels, np.uint32, shelf)

    def __len__(self) -> int:
        return len(self._holes)

    def append(self, digest: Digest) -> None:
        """Add runs; what a failure left of earlier ones is overwritten."""
        self._bounds.cut(len(self))
        self._bounds.append(np.concatenate([digest.low, digest.mean, digest.high], axis=1))
        self._holes.append(digest.holes)

    def read(self, first: int, last: int, run: int) -> Digest:
        """Runs first ... last - 1, of `run` samples each; to be used before anything else is appended."""
        low, mean, high = np.split(self._bounds.read(first, last), 3, axis=1)
        samples = np.full((last - first, 1), run, np.int64)
        return Digest(low, mean, high, self._holes.read(first, last), samples)


class Levels:
    """Runs of 16, 256, 4096 ... samples over rows that grow."""

    def __init__(self, channels: int, dtype: np.dtype, shelf: Shelf) -> None:
        self._channels = channels
        self._dtype = dtype
        self._shelf = shelf
        self._levels: list[Level] = []
        self.rows_read = 0

    def grow(self, samples: Rows) -> None:
        """Complete every run that can be completed, each from the one level below it."""
        chunk = max(1, _CHUNK_BYTES // (FACTOR * self._channels * self._dtype.itemsize))
        for height, complete in self._complete(len(samples)):
            level = self._levels[height]
            for first in range(len(level), complete, chunk):
                last = min(complete, first + chunk)
                level.append(self._fold(samples, height, FACTOR * first, FACTOR * last))
                self.rows_read += FACTOR * (last - first)

    def buckets(self, samples: Rows, ends: np.ndarray, size: int, chosen: Any) -> Digest:
        """The buckets between `ends`, all of `size` samples but the last one, which the end may cut short."""
        complete = len(samples) // size
        first = int(ends[0]) // size
        last = first + len(ends) - 1
        whole = self._whole(samples, first, min(last, complete), size, chosen)
        if last <= complete:
            return whole
        rest = self._rest(samples, complete * size, chosen)
        return whole.followed_by(rest.joined(np.zeros(1, np.intp)))

    def _complete(self, below: int) -> Iterator[tuple[int, int]]:
        """Every level with the runs that it can have, from the lowest; adds one at the top when it gets its first."""
        height = 0
        while below >= FACTOR:
            below //= FACTOR
            if height == len(self._levels):
                self._levels.append(Level(self._channels, self._dtype, self._shelf))
            yield height, below
            height += 1

    def _fold(self, samples: Rows, height: int, first: int, last: int) -> Digest:
        """Runs first ... last - 1 of what is below a level, sixteen by sixteen."""
        if height:
            runs = self._levels[height - 1].read(first, last, FACTOR**height)
            return runs.joined(np.arange(0, last - first, FACTOR))
        digest = Digest.of_runs(samples.read(first, last), FACTOR)
        _release(samples)
        return digest

    def _whole(self, samples: Rows, first: int, last: int, size: int, chosen: Any) -> Digest:
        height, group = 0, size
        while group >= FACTOR and height < len(self._levels):
            height, group = height + 1, group // FACTOR
        first, last = (first * group, last * group) if first < last else (0, 0)
        runs = self._runs(samples, height, first, last, chosen)
        return runs if group == 1 or not len(runs) else runs.joined(np.arange(0, len(runs), group))

    def _rest(self, samples: Rows, begin: int, chosen: Any) -> Digest:
        """Everything from sample `begin` on in as few runs as there are, in any order."""
        pieces = self._runs(samples, 0, 0, 0, chosen)
        for height in range(len(self._levels), -1, -1):
            run = FACTOR**height
            first, last = begin // run, len(samples) // run
            if first * run == begin and first < last:
                pieces = pieces.followed_by(self._runs(samples, height, first, last, chosen))
                begin = last * run
        return pieces

    def _runs(self, samples: Rows, height: int, first: int, last: int, chosen: Any) -> Digest:
        """Copies of runs of one level for the channels that are chosen."""
        if height:
            return self._levels[height - 1].read(first, last, FACTOR**height).of_channels(chosen)
        digest = Digest.of(np.array(samples.read(first, last)[:, chosen]))
        _release(samples)
        return digest


def _release(samples: Rows) -> None:
    if isinstance(samples, BorrowedRows):
        samples.release()
