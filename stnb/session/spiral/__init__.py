"""Spiral sessions: one ball, its tapes and barycentres, and traces through four layers."""

from stnb.session.spiral.builder import SpiralSessionBuilder
from stnb.session.spiral.resonance import DifferentialResonance
from stnb.session.spiral.session import SpiralSession
from stnb.session.spiral.settings import SpiralSettings
from stnb.session.spiral.trace import SpiralDifferentialTrace

__all__ = [
    "DifferentialResonance",
    "SpiralDifferentialTrace",
    "SpiralSession",
    "SpiralSessionBuilder",
    "SpiralSettings",
]
