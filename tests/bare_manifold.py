"""A manifold session of which everything is off that a test does not ask for."""

from __future__ import annotations

from stnb import ManifoldSession

__all__ = ["BARE", "world"]

BARE = {
    "cadence": 0,
    "contact_model": "none",
    "viscosity": 0.0,
    "gas_constant": 0.0,
    "emissivity": 0.0,
    "conductivity": 0.0,
    "dtype": "float64",
}


def world(grid, **settings):
    return ManifoldSession(0, grid, **settings)
