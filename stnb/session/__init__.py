"""The front door: objects that own an engine, its past, and whoever is watching."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from stnb.session.base import Session
    from stnb.session.engine import Engine
    from stnb.session.manifold import ManifoldSession
    from stnb.session.spiral import (
        DifferentialResonance,
        SpiralDifferentialTrace,
        SpiralSession,
        SpiralSessionBuilder,
        SpiralSettings,
    )

__all__ = [
    "DifferentialResonance",
    "Engine",
    "ManifoldSession",
    "Session",
    "SpiralDifferentialTrace",
    "SpiralSession",
    "SpiralSessionBuilder",
    "SpiralSettings",
]

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "base": ["Session"],
        "engine": ["Engine"],
        "manifold": ["ManifoldSession"],
        "spiral": [
            "DifferentialResonance",
            "SpiralDifferentialTrace",
            "SpiralSession",
            "SpiralSessionBuilder",
            "SpiralSettings",
        ],
    },
)
