"""A small engine for tests, and the settings that leave nothing in it but gravity and walls."""

from __future__ import annotations

from stnb.manifold import ManifoldConfig, ManifoldEngine

__all__ = ["INERT", "advance", "engine"]

INERT = {
    "viscosity": 0.0,
    "emissivity": 0.0,
    "gas_constant": 0.0,
    "conductivity": 0.0,
    "contact_model": "none",
}
"""No force but gravity, no flow but walls and the oscillators' own."""


def engine(seed=0, **settings):
    return ManifoldEngine(
        ManifoldConfig.build(**{"particles": 200, "grid": 12, "temperature": 1.0} | settings), seed=seed
    )


def advance(made, steps):
    for _ in range(steps):
        made.advance()
    made.measure()
    return made
