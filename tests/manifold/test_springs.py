"""The whole step with springs: sub-steps, and books that close however sticky the walls are."""

from __future__ import annotations

import pytest

from stnb._core.errors import ConfigError
from stnb.manifold import ManifoldConfig, ManifoldEngine, StabilityWarning

CROWD = {
    "contact_model": "dem",
    "particles": 500,
    "grid": 10,
    "temperature": 1.0,
    "dtype": "float64",
}
PHASE = 0.2
"""Radians of the stiffest contact in a sub-step at the limit."""


def bursting_crowd(**settings):
    """500 particles in a box for a quarter of them: squeezed, they fly apart and against all the walls."""
    return ManifoldEngine(ManifoldConfig.build(**CROWD | settings), seed=0)


def test_springs_are_cut_into_steps_that_they_allow():
    with pytest.warns(StabilityWarning, match="the stiffest contact sets: each step is cut"):
        made = bursting_crowd(gravity=0.0, restitution=0.9)
    made.advance()
    assert made.measure()["contacts"] != 0
    with pytest.raises(ConfigError, match="the stiffest contact sets"):
        bursting_crowd(dt=0.2)


@pytest.mark.filterwarnings("ignore::stnb.manifold.StabilityWarning")
@pytest.mark.parametrize("restitution", [1.0, 0.9])
@pytest.mark.parametrize("wall", [1.0, 0.5, 0.0])
def test_the_books_close_with_elastic_and_with_sticky_walls(wall, restitution):
    """Kick, drift, kick moves the energy of an oscillator by (ωh)²/4 of it; the walls must not add to that."""
    made = bursting_crowd(gravity=0.02, restitution=restitution, wall_restitution=wall)
    for step in range(100):
        made.advance()
        if step % 5 == 4:
            assert abs(made.measure()["drift"]) < PHASE**2 / 4
    books = made.measure()
    assert wall == 1 or books["walls"] > 0.1 * books["kinetic"]
