"""The thermo-manifold: particles with mass, heat and gravity on a grid, and carriers that bind their oscillators."""

from __future__ import annotations

from stnb.manifold.carriers import CarrierFrame
from stnb.manifold.config import ManifoldConfig
from stnb.manifold.engine import ManifoldEngine
from stnb.manifold.generator import PATTERNS
from stnb.manifold.ledger import Ledger
from stnb.manifold.limits import StabilityWarning
from stnb.manifold.schedule import Schedule

__all__ = [
    "PATTERNS",
    "CarrierFrame",
    "Ledger",
    "ManifoldConfig",
    "ManifoldEngine",
    "Schedule",
    "StabilityWarning",
]
