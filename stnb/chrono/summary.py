"""What a window of a timeline amounts to, in a dozen numbers."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float64

    Column = Float64[np.ndarray, " t"]

__all__ = ["ChronoSummary", "summarise"]


@dataclasses.dataclass(frozen=True)
class ChronoSummary:
    """Means, deviations and bounds over the frames of a window.

    Deviations are those of the population, √(Σ(x − mean)²/n), so they are 0 for one frame.

    Attributes:
        frames: how many there are, n.
        duration: Σ dt.
        latest_timestamp: that of the last frame.
        mean_drift: mean of curvature_drift.
        mean_abs_drift: mean of |curvature_drift|.
        drift_std: deviation of curvature_drift.
        mean_energy: mean of total_energy.
        energy_std: deviation of total_energy.
        mean_decay: mean of energy_decay.
        min_energy: least total_energy.
        max_energy: greatest total_energy.
    """

    frames: int
    duration: float
    latest_timestamp: float
    mean_drift: float
    mean_abs_drift: float
    drift_std: float
    mean_energy: float
    energy_std: float
    mean_decay: float
    min_energy: float
    max_energy: float

    def as_dict(self) -> dict[str, Any]:
        """The attributes by name."""
        return dataclasses.asdict(self)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{name}</td><td style='text-align:right'>{value:.6g}</td></tr>"
            for name, value in self.as_dict().items()
        )
        return f"<table><caption>timeline of {self.frames} frames</caption>{rows}</table>"


def summarise(dt: Column, timestamp: Column, drift: Column, energy: Column, decay: Column) -> ChronoSummary:
    """The summary of one frame or more, given as columns."""
    drifts, sizes, energies = _moments(drift), _moments(np.abs(drift)), _moments(energy)
    return ChronoSummary(
        frames=len(dt),
        duration=float(dt.sum()),
        latest_timestamp=float(timestamp[-1]),
        mean_drift=drifts.mean,
        mean_abs_drift=sizes.mean,
        drift_std=drifts.deviation,
        mean_energy=energies.mean,
        energy_std=energies.deviation,
        mean_decay=float(decay.mean()),
        min_energy=energies.low,
        max_energy=energies.high,
    )


class _Moments(NamedTuple):
    low: float
    high: float
    mean: float
    deviation: float


def _moments(values: Column) -> _Moments:
    """Bounds, mean and deviation, in two passes; rounding never puts the mean beyond the bounds."""
    low, high = float(values.min()), float(values.max())
    mean = min(max(float(values.mean()), low), high)
    return _Moments(low, high, mean, math.sqrt(float(np.square(values - mean).mean())))
