"""Settings of the thermo-manifold: matter in space, and carriers in frequency."""

from __future__ import annotations

from dataclasses import dataclass

from stnb.manifold.carriers.config import CarrierConfig
from stnb.manifold.matter import MatterConfig

__all__ = ["ManifoldConfig"]


@dataclass(frozen=True)
class ManifoldConfig(CarrierConfig, MatterConfig):
    """Everything that decides a run, beside its seed.

    `grid` may be one number for a cube. `capacity` is the most particles that the buffers will ever hold; 0 makes room
    for twice the initial count, and for 4096 at least. `cadence=0` leaves the carriers out.
    """
