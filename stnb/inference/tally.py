"""Statistics of arbitrarily many numbers in one pass: block by block in float64, without a Python loop over values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from stnb._core.errors import EmptyInput, InvalidValue, NonFiniteValue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jaxtyping import Num
    from torch import Tensor

__all__ = ["Tally", "tally"]

BLOCK = 1 << 17
"""Values at a time: 1 MB of float64, which stays in the cache between the sums."""


@dataclass(frozen=True)
class Tally:
    """Sums over N numbers; positive and negative are the masses Σ max(x, 0) and Σ max(−x, 0)."""

    count: int
    positive: float
    negative: float
    energy: float
    variance: float
    low: float
    high: float

    @property
    def mean(self) -> float:
        """(positive − negative)/N: exactly odd under a change of sign."""
        return (self.positive - self.negative) / self.count

    @property
    def l1(self) -> float:
        """Σ|x|."""
        return self.positive + self.negative

    @property
    def l2(self) -> float:
        """√Σx²."""
        return math.sqrt(self.energy)

    @property
    def linf(self) -> float:
        """Largest |x|."""
        return max(abs(self.low), abs(self.high))

    @property
    def amplitude(self) -> float:
        """Largest x − smallest x."""
        return self.high - self.low


def tally(tensors: Iterable[Num[Tensor, "*_"]]) -> Tally:
    """Statistics of all values together; the squared deviations of blocks are joined by Chan's formula.

    Raises:
        EmptyInput: without a value.
        NonFiniteValue: for NaN and infinities.
        InvalidValue: for values whose squares exceed float64.
    """
    count, positive, negative, energy, mean, deviation = 0, 0.0, 0.0, 0.0, 0.0, 0.0
    low, high = math.inf, -math.inf
    for block in _blocks(tensors):
        n = block.numel()
        least, most = (float(bound) for bound in torch.aminmax(block))
        if not (math.isfinite(least) and math.isfinite(most)):
            raise NonFiniteValue(
                f"the weights hold NaN or infinities ({_first_bad(block)}); mend them first."
            )
        gain, loss = float(block.clamp(min=0).sum()), float(block.neg().clamp_(min=0).sum())
        centre = (gain - loss) / n
        energy += float(block.dot(block))
        spread = block - centre
        away = centre - mean
        total = count + n
        deviation += float(spread.dot(spread)) + away * away * (count / total) * n
        mean += away * (n / total)
        count, positive, negative = total, positive + gain, negative + loss
        low, high = min(low, least), max(high, most)
    if not count:
        raise EmptyInput("the weights hold no number; give at least one.")
    if not (math.isfinite(energy) and math.isfinite(deviation)):
        raise InvalidValue(
            f"the weights reach {max(-low, high):g} and their squares exceed float64; scale them down."
        )
    return Tally(count, positive, negative, energy, deviation / count, low, high)


def _blocks(tensors: Iterable[Num[Tensor, "*_"]]) -> Iterable[Tensor]:
    for tensor in tensors:
        for block in tensor.reshape(-1).split(BLOCK):
            if block.numel():
                yield block.to(torch.float64)


def _first_bad(block: Tensor) -> float:
    return float(block[~torch.isfinite(block)][0])
