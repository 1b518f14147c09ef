"""The least, the mean and the largest of runs of samples, and how runs are put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Digest"]


@dataclass(frozen=True, slots=True, eq=False)
class Digest:
    """Arrays (runs, channels) of the finite samples of each run; NaN where a run has none.

    Attributes:
        low: the least.
        mean: the mean, held between low and high.
        high: the largest.
        holes: uint32 number of samples that are NaN or infinite.
        samples: samples of every run, (runs, 1).
    """

    low: np.ndarray
    mean: np.ndarray
    high: np.ndarray
    holes: np.ndarray
    samples: np.ndarray

    def __len__(self) -> int:
        return len(self.low)

    @classmethod
    def of(cls, values: np.ndarray) -> Digest:
        """Every sample (n, channels) as a run of its own."""
        finite = np.isfinite(values)
        values = values if finite.all() else np.where(finite, values, values.dtype.type(np.nan))
        holes = np.logical_not(finite).astype(np.uint32)
        return cls(values, values, values, holes, np.ones((len(values), 1), np.int64))

    @classmethod
    def of_runs(cls, values: np.ndarray, length: int) -> Digest:
        """Samples (n * length, channels) as n runs of `length`."""
        runs = len(values) // length
        folded = values.reshape(runs, length, -1)
        with np.errstate(invalid="ignore", over="ignore"):
            low, high = folded.min(axis=1), folded.max(axis=1)
            mean = _between(np.multiply(folded, 1.0 / length, dtype=np.float64).sum(axis=1), low, high)
        digest = cls(low, mean, high, np.zeros(low.shape, np.uint32), np.full((runs, 1), length, np.int64))
        odd = np.flatnonzero(np.logical_not(np.isfinite(low) & np.isfinite(high)).any(axis=1))
        if odd.size:
            digest._mend(odd, cls.of(folded[odd].reshape(odd.size * length, -1)), length)
        return digest

    def _mend(self, runs: np.ndarray, samples: Digest, length: int) -> None:
        """Put in the runs that hold something that is not finite."""
        known = samples.joined(np.arange(0, len(samples), length))
        self.low[runs], self.mean[runs], self.high[runs] = known.low, known.mean, known.high
        self.holes[runs] = known.holes

    def joined(self, starts: np.ndarray) -> Digest:
        """Neighbouring runs put together: those from starts[i] to before starts[i + 1]; the last to the end."""
        samples = np.add.reduceat(self.samples, starts, axis=0)
        holes = np.add.reduceat(self.holes, starts, axis=0)
        low = np.fmin.reduceat(self.low, starts, axis=0)
        high = np.fmax.reduceat(self.high, starts, axis=0)
        counted = (self.samples - self.holes).astype(np.float64)
        whole = np.maximum(samples - holes, 1)
        lengths = np.diff(starts, append=len(self))
        shares = counted / np.repeat(whole, lengths, axis=0)
        parts = np.where(counted > 0, self.mean, 0.0) * shares
        mean = np.where(samples > holes, np.add.reduceat(parts, starts, axis=0), np.nan)
        return Digest(low, _between(mean, low, high), high, holes.astype(np.uint32), samples)

    def of_channels(self, channels: np.ndarray | slice) -> Digest:
        """A copy for some channels."""
        low, mean, high, holes = (
            np.array(part[:, channels]) for part in (self.low, self.mean, self.high, self.holes)
        )
        return Digest(low, mean, high, holes, self.samples)

    def followed_by(self, other: Digest) -> Digest:
        """The runs of both."""
        return Digest(
            np.concatenate([self.low, other.low]),
            np.concatenate([self.mean, other.mean]),
            np.concatenate([self.high, other.high]),
            np.concatenate([self.holes, other.holes]),
            np.concatenate([self.samples, other.samples]),
        )


def _between(mean: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Rounding must not put a mean outside of what it is the mean of."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.clip(mean.astype(low.dtype), low, high)
