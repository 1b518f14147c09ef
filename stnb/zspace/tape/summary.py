"""What a buffer of numbers looks like: sums, moments, extremes, signs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NEAR_ZERO", "GradientSummary"]

NEAR_ZERO = 1e-5
FLAT = 1e-12
NAMES = (
    *(
        "count",
        "sum",
        "mean",
        "mean_abs",
        "l1",
        "l2",
        "linf",
        "rms",
        "sum_squares",
        "sum_cubes",
        "sum_quartic",
    ),
    *("variance", "std", "skewness", "kurtosis", "min", "max", "support_width"),
    *("positive_count", "negative_count", "zero_count", "near_zero_count"),
    *("positive_fraction", "negative_fraction", "zero_fraction", "near_zero_fraction"),
    *("activation", "sign_lean", "sign_entropy"),
)


class GradientSummary:
    """Population statistics of n finite values v; those that are not finite are left out. All are 0 when n is 0.

    Moments about the mean are taken in a second pass, so that they do not cancel. Each is a method; `as_dict()` has
    them all.

    >>> GradientSummary.from_values([1.0, -2.0, 0.0, 3.0]).l1()
    6.0
    """

    __slots__ = ("_values",)

    def __init__(self, values: Any) -> None:
        found = np.asarray(values, dtype=np.float64).reshape(-1)
        self._values = found[np.isfinite(found)]

    @staticmethod
    def from_values(values: Sequence[float]) -> GradientSummary:
        """The summary of a list, an array or a tensor."""
        return GradientSummary(values.cpu() if isinstance(values, torch.Tensor) else values)

    def count(self) -> int:
        """Number of values, n."""
        return self._values.size

    def sum(self) -> float:
        """Σ v."""
        return float(self._values.sum())

    def mean(self) -> float:
        """Σ v/n."""
        return self._share(self.sum())

    def mean_abs(self) -> float:
        """Σ |v|/n."""
        return self._share(self.l1())

    def l1(self) -> float:
        """Σ |v|."""
        return float(np.abs(self._values).sum())

    def l2(self) -> float:
        """√Σ v²."""
        return math.sqrt(self.sum_squares())

    def linf(self) -> float:
        """The largest |v|."""
        return float(np.abs(self._values).max(initial=0.0))

    def rms(self) -> float:
        """√(Σ v²/n)."""
        return math.sqrt(self._share(self.sum_squares()))

    def sum_squares(self) -> float:
        """Σ v²."""
        return float((self._values**2).sum())

    def sum_cubes(self) -> float:
        """Σ v³."""
        return float((self._values**3).sum())

    def sum_quartic(self) -> float:
        """Σ v⁴."""
        return float((self._values**4).sum())

    def variance(self) -> float:
        """m₂ = Σ (v − mean)²/n."""
        return self._moment(2)

    def std(self) -> float:
        """√m₂."""
        return math.sqrt(self.variance())

    def skewness(self) -> float:
        """m₃/m₂^{3/2}; 0 for fewer than two values, or none apart."""
        return self._moment(3) / self.variance() ** 1.5 if self._spread() else 0.0

    def kurtosis(self) -> float:
        """m₄/m₂², 3 for a normal distribution; 0 for fewer than two values, or none apart."""
        return self._moment(4) / self.variance() ** 2 if self._spread() else 0.0

    def min(self) -> float:
        """The least value."""
        return float(self._values.min()) if self.count() else 0.0

    def max(self) -> float:
        """The greatest value."""
        return float(self._values.max()) if self.count() else 0.0

    def support_width(self) -> float:
        """The greatest value less the least."""
        return self.max() - self.min()

    def positive_count(self) -> int:
        """How many are above 0."""
        return int((self._values > 0).sum())

    def negative_count(self) -> int:
        """How many are below 0."""
        return int((self._values < 0).sum())

    def zero_count(self) -> int:
        """How many are 0."""
        return int((self._values == 0).sum())

    def near_zero_count(self) -> int:
        """How many have |v| ≤ 1e-5."""
        return int((np.abs(self._values) <= NEAR_ZERO).sum())

    def positive_fraction(self) -> float:
        """The share above 0."""
        return self._share(self.positive_count())

    def negative_fraction(self) -> float:
        """The share below 0."""
        return self._share(self.negative_count())

    def zero_fraction(self) -> float:
        """The share that is 0."""
        return self._share(self.zero_count())

    def near_zero_fraction(self) -> float:
        """The share with |v| ≤ 1e-5."""
        return self._share(self.near_zero_count())

    def activation(self) -> float:
        """The share with |v| > 1e-5."""
        return 1.0 - self.near_zero_fraction() if self.count() else 0.0

    def sign_lean(self) -> float:
        """(n₊ − n₋)/n, from −1 to 1."""
        return self._share(self.positive_count() - self.negative_count())

    def sign_entropy(self) -> float:
        """Shannon entropy of the shares of +, − and 0, over that of equal ones; 0 when all have one sign."""
        counts = (self.positive_count(), self.negative_count(), self.zero_count())
        shares = [self._share(count) for count in counts if count]
        if len(shares) < 2:
            return 0.0
        return -sum(share * math.log(share) for share in shares) / math.log(len(shares))

    def as_dict(self) -> dict[str, float]:
        """Every statistic by name."""
        return {name: getattr(self, name)() for name in NAMES}

    def __eq__(self, other: object) -> bool:
        return self.as_dict() == other.as_dict() if isinstance(other, GradientSummary) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self.as_dict().values()))

    def __repr__(self) -> str:
        return f"GradientSummary(count={self.count()}, mean={self.mean():.6g}, l2={self.l2():.6g})"

    def _share(self, amount: float) -> float:
        return amount / self.count() if self.count() else 0.0

    def _moment(self, order: int) -> float:
        return self._share(float(((self._values - self.mean()) ** order).sum()))

    def _spread(self) -> bool:
        return self.count() >= 2 and self.variance() > FLAT
