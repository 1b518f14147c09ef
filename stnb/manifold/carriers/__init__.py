"""The spectral layer: oscillators, and carriers that lock, split and remember."""

from __future__ import annotations

from stnb.manifold.carriers.config import CarrierConfig
from stnb.manifold.carriers.frame import STATES, CarrierFrame
from stnb.manifold.carriers.layer import SpectralLayer
from stnb.manifold.carriers.modes import MODES

__all__ = ["MODES", "STATES", "CarrierConfig", "CarrierFrame", "SpectralLayer"]
