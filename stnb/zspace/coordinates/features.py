"""Five numbers about a series: where its weight lies, and how bent, how persistent and how loud it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb.zspace.coordinates.series import as_series, windows
from stnb.zspace.guards import require_axis

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = ["SpectralFeatureSample"]

SMALL = 1e-6
STEEPEST = 4.0


@dataclass(frozen=True)
class SpectralFeatureSample:
    """What a series looks like from afar; the formulas are conventions of this project.

    Attributes:
        sheet_index: the stretch with the largest Σ|x|, the first of equals.
        sheet_confidence: its share of Σ|x|, 0 for a silent series.
        curvature: min(4, Σ|Δ²x| / (Σ(|Δx| before + |Δx| after) + 1e-6)) over sliding triples; 0 below three entries.
        spin: Σ x_i x_{i+1} / (Σ|x_i x_{i+1}| + 1e-6) ∈ [−1, 1]: near 1 neighbours agree in sign, near −1 they alternate.
        energy: mean |x|.
    """

    sheet_index: int = 0
    sheet_confidence: float = 0.0
    curvature: float = 0.0
    spin: float = 0.0
    energy: float = 0.0

    @classmethod
    def from_slice(cls, samples: Any, sheet_hint: int = 1) -> SpectralFeatureSample:
        """The features of a series, cut into at most `sheet_hint` stretches.

        >>> SpectralFeatureSample.from_slice([0.0, 0.0, 1.0, -1.0], sheet_hint=2).sheet_index
        1
        """
        sheets = require_axis("sheet_hint", sheet_hint)
        series = as_series("samples", samples)
        index, confidence = _heaviest(series, sheets)
        return cls(index, confidence, _curvature(series), _spin(series), float(np.abs(series).mean()))

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers by name."""
        return asdict(self)


def _heaviest(series: Float[np.ndarray, " n"], sheets: int) -> tuple[int, float]:
    weights = np.concatenate([np.abs(part).sum(axis=1) for part in windows(series, sheets)])
    total = float(weights.sum())
    index = int(weights.argmax())
    return (index, float(weights[index]) / total) if total > 0 else (0, 0.0)


def _curvature(series: Float[np.ndarray, " n"]) -> float:
    slopes = np.diff(series)
    if len(slopes) < 2:
        return 0.0
    steps = np.abs(slopes)
    return min(STEEPEST, float(np.abs(np.diff(slopes)).sum() / ((steps[:-1] + steps[1:]).sum() + SMALL)))


def _spin(series: Float[np.ndarray, " n"]) -> float:
    products = series[:-1] * series[1:]
    return float(np.clip(products.sum() / (np.abs(products).sum() + SMALL), -1.0, 1.0))
