"""One frame of a timeline: what a resonance amounted to at one moment."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from stnb.geometry import TENSOR_MARGIN
from stnb.geometry.rim import LANDING

__all__ = ["COLUMNS", "ENERGIES", "ChronoFrame", "observe_curvature"]

NEGLIGIBLE = float(np.finfo(np.float32).eps)


@dataclasses.dataclass(frozen=True)
class ChronoFrame:
    """The energies of a resonance, when it was recorded, and how both changed since the frame before.

    An energy is the squared norm of a field of the resonance; the total is the sum of the five.

    Attributes:
        step: number of the frame since the timeline began, from 0; frames that were dropped keep theirs.
        timestamp: sum of the `dt` of this frame and of all before it.
        dt: time since the frame before.
        observed_curvature: κ·(d_κ(0, h)/(2‖h‖))² of the flow h; see `observe_curvature`.
        curvature_drift: observed_curvature less that of the frame before; 0 for the first.
        total_energy: E, the sum of the energies.
        energy_decay: (E before − E)/dt, above 0 while energy is lost; 0 for the first.
        homotopy_energy: E of homotopy_flow.
        functor_energy: E of functor_linearisation.
        recursive_energy: E of recursive_objective.
        projection_energy: E of infinity_projection.
        infinity_energy: E of infinity_energy, a vector of energies: its unit is theirs, squared.
    """

    step: int
    timestamp: float
    dt: float
    observed_curvature: float
    curvature_drift: float
    total_energy: float
    energy_decay: float
    homotopy_energy: float
    functor_energy: float
    recursive_energy: float
    projection_energy: float
    infinity_energy: float

    @property
    def flow_norm(self) -> float:
        """‖h‖ = √homotopy_energy."""
        return math.sqrt(self.homotopy_energy)

    @property
    def band_energy(self) -> tuple[float, float, float]:
        """The energies of the bands above, here and beneath: homotopy, functor, recursive."""
        return self.homotopy_energy, self.functor_energy, self.recursive_energy

    @property
    def decay(self) -> float:
        """energy_decay in short."""
        return self.energy_decay

    def homotopy_ratio(self) -> float:
        """homotopy_energy/total_energy in [0, 1], as the other ratios; 0 where the total is negligible."""
        return self._ratio(self.homotopy_energy)

    def functor_ratio(self) -> float:
        """functor_energy/total_energy."""
        return self._ratio(self.functor_energy)

    def recursive_ratio(self) -> float:
        """recursive_energy/total_energy."""
        return self._ratio(self.recursive_energy)

    def projection_ratio(self) -> float:
        """projection_energy/total_energy."""
        return self._ratio(self.projection_energy)

    def infinity_ratio(self) -> float:
        """infinity_energy/total_energy."""
        return self._ratio(self.infinity_energy)

    def as_dict(self) -> dict[str, Any]:
        """The attributes by name, flow_norm too."""
        return {**dataclasses.asdict(self), "flow_norm": self.flow_norm}

    def _ratio(self, part: float) -> float:
        if self.total_energy <= NEGLIGIBLE:
            return 0.0
        return min(max(part / self.total_energy, 0.0), 1.0)


COLUMNS = tuple(field.name for field in dataclasses.fields(ChronoFrame) if field.name != "step")
ENERGIES = tuple(name for name in COLUMNS if name.endswith("_energy"))


def observe_curvature(curvature: float, flow_norm: float) -> float:
    """κ·(d_κ(0, h)/(2‖h‖))² for a flow h of this norm, read as one point: a convention of this project.

    Equals κ for h = 0 and grows in size towards the rim, where hyperbolic lengths exceed Euclidean ones the most. A
    flow beyond the rim is a tangent vector at the origin, as wherever a Tensor is read as points: there h is exp₀ of
    it, and the observation falls back from 37κ to 1.7κ before it grows again.

    >>> observe_curvature(-1.0, 0.5)
    -1.2069489608125816
    """
    if flow_norm == 0:
        return curvature
    reach = math.sqrt(-curvature) * flow_norm
    if reach > 1.0 - TENSOR_MARGIN:
        reach = math.tanh(reach)
        if reach > 1.0 - TENSOR_MARGIN:
            reach = 1.0 - LANDING * TENSOR_MARGIN
    stretch = math.atanh(reach) / reach
    return curvature * stretch * stretch
