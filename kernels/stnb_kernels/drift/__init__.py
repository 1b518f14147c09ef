"""Drift: the first half of a kick–drift–kick step.

    v ← v + ½·dt·a,   x ← x + dt·v

then the boundary. With walls at `margin` from the lattice's faces a particle that has passed one is mirrored back and
its normal velocity becomes −e·v; the kinetic energy that costs, ½m(1 − e²)v², becomes the particle's heat. A periodic
box wraps x into [0, n·h).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb_kernels.arrays import require, require_particles
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.grid import Grid

__all__ = ["OP", "drift_particles"]

OP = Op("drift", ("cpu", "reference"))


def drift_particles(
    position: Float[Any, "3 n"],
    velocity: Float[Any, "3 n"],
    acceleration: Float[Any, "3 n"],
    mass: Float[Any, " n"],
    heat: Float[Any, " n"],
    grid: Grid,
    *,
    dt: float,
    wall_margin: float,
    wall_restitution: float,
    backend: str | None = None,
) -> None:
    """Half a kick, a drift and the boundary, in place.

    Args:
        position: In m, one row per axis.
        velocity: In m/s.
        acceleration: In m/s², of the positions before the drift.
        mass: In kg.
        heat: In J; gains what the walls take.
        grid: The lattice.
        dt: Step in s.
        wall_margin: Distance of the walls from the outermost nodes, in m.
        wall_restitution: e in [0, 1].
        backend: Force a back end.
    """
    n = require_particles(position, mass=mass, heat=heat)
    for name, array in (("velocity", velocity), ("acceleration", acceleration)):
        require_particles(array)
        require(name, array, (3, n), (str(position.dtype).removeprefix("torch."),))
    args = (position, velocity, acceleration, mass, heat, grid, dt, wall_margin, wall_restitution)
    OP.run(position, *args, backend=backend)
