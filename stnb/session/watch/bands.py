"""Bands of a gradient: what stands above the rest, what is here, what lies beneath; all in NumPy, without a sort."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Float64, Int

__all__ = ["ABOVE", "BENEATH", "Bands", "Sample", "band_squares", "cosine_parts", "drift_squares"]

ABOVE = 2.0
"""Entries from this many rms on are above: a quarter of the energy of Gaussian entries, from one in twenty-two."""
BENEATH = 1 / 8
"""Entries under this share of the rms are beneath: one in ten Gaussian entries, with 0.05 % of the energy."""


class Sample(NamedTuple):
    """Entries of several tensors one after another: all of a small one, those on a fixed stride of a large one.

    Attributes:
        values: the entries.
        lengths: how many are from each tensor, 1 or more.
        sizes: how many entries each tensor has.
        owner: the layer of each tensor.
        squares: ‖·‖² of each whole tensor where it was measured, NaN where the entries are all there are.
        dense: whether entries stand for their places; those of a sparse tensor may be of others each time.
    """

    values: Float[np.ndarray, " v"]
    lengths: Int[np.ndarray, " p"]
    sizes: Int[np.ndarray, " p"]
    owner: Int[np.ndarray, " p"]
    squares: Float64[np.ndarray, " p"]
    dense: bool = True

    def like(self, other: Sample) -> bool:
        """Whether both hold entries of the same places."""
        return (
            (self.dense and other.dense)
            and np.array_equal(self.lengths, other.lengths)
            and np.array_equal(self.owner, other.owner)
            and np.array_equal(self.sizes, other.sizes)
        )


class Bands(NamedTuple):
    """above², here² and beneath² of every layer; not finite where a gradient was not."""

    above: Float64[np.ndarray, " l"]
    here: Float64[np.ndarray, " l"]
    beneath: Float64[np.ndarray, " l"]


def band_squares(sample: Sample, layers: int) -> Bands:
    """Σg² over |g| ≥ 2r, over |g| < r/8 and over the rest, with the rms r = ‖g‖/√n of the layer.

    The thresholds are a convention of this project, and above² + here² + beneath² = ‖g‖² whatever they are. ‖g‖ is exact,
    also for a tensor of which only m entries were read: these say how it is shared between the bands. For Gaussian
    entries the share above is then known to ±1/√m (one standard deviation), which is 1.1 points for m = 8192; for
    entries with heavier tails to ±√(kurtosis/m) or so.
    """
    entries = np.square(sample.values, dtype=np.float64)
    read = _sums(entries, sample.lengths)
    squares = np.where(np.isnan(sample.squares), read, sample.squares)
    rms = _gather(squares, sample.owner, layers) / np.maximum(_gather(sample.sizes, sample.owner, layers), 1)
    level = np.repeat(rms[sample.owner], sample.lengths)
    above = _sums(np.where(entries >= ABOVE**2 * level, entries, 0.0), sample.lengths)
    beneath = _sums(np.where(entries < BENEATH**2 * level, entries, 0.0), sample.lengths)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(read > 0, squares / read, 0.0)
        above, beneath = above * share, beneath * share
        here = np.maximum(squares - above - beneath, 0.0)
    return Bands(*(_gather(part, sample.owner, layers) for part in (above, here, beneath)))


def drift_squares(before: Sample, after: Sample, layers: int) -> Float64[np.ndarray, "2 l"]:
    """‖w_t − w_{t−1}‖² and ‖w_{t−1}‖² of every layer; of a large tensor m of n entries are read and scaled by n/m.

    The root of their quotient is the drift. Where every entry moves alike it is off by ±1/√m of itself or so; where an
    update touches few rows, k of the m entries lie in them, and it is off by ±1/√k.
    """
    old = before.values.astype(np.float64)
    step = after.values - old
    scale = before.sizes / before.lengths
    parts = (_sums(np.square(row), before.lengths) * scale for row in (step, old))
    return np.stack([_gather(part, before.owner, layers) for part in parts])


def cosine_parts(one: Sample, other: Sample, layers: int) -> Float64[np.ndarray, "3 l"]:
    """⟨a, b⟩, ‖a‖² and ‖b‖² of every layer, from the same entries of two gradients."""
    a, b = one.values.astype(np.float64), other.values.astype(np.float64)
    scale = one.sizes / one.lengths
    parts = (_sums(product, one.lengths) * scale for product in (a * b, a * a, b * b))
    return np.stack([_gather(part, one.owner, layers) for part in parts])


def _sums(entries: Float64[np.ndarray, " v"], lengths: Int[np.ndarray, " p"]) -> Float64[np.ndarray, " p"]:
    """The sum of each run of entries; no run is empty."""
    starts = np.cumsum(lengths) - lengths
    return np.add.reduceat(entries, starts)


def _gather(parts: np.ndarray, owner: Int[np.ndarray, " p"], layers: int) -> Float64[np.ndarray, " l"]:
    """The sum of what belongs to each layer."""
    return np.bincount(owner, parts, layers)
