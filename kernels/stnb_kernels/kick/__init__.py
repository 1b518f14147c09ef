"""Kick: what the fields do to a particle, the second half of a kick–drift–kick step.

With the trilinear interpolant φ(x) = Σ_g W_g(x)·φ_g of the eight corners,

    a = −∇φ(x),   v ← v + ½·dt·a,   Q ← Q + (Q·ΣW·keep + m·c·ΣW·share).

∇ is the exact gradient of the interpolant (differences of opposite cell faces), with the weights that the deposit
used: then m·a is exactly −∂/∂x of the potential energy ½Σmφ, and energy is kept by the integrator. The price is a
small self-force and a momentum that is not kept near the grid scale.

The change of heat is summed first: 1 + ΣW·keep would round the same way every step, and heat would leak.

`acceleration` and `potential` receive a and φ(x) for the next step and for the ledger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb_kernels.arrays import dtype_name, require, require_particles
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.grid import Grid

__all__ = ["OP", "kick_particles"]

OP = Op("kick", ("cpu", "reference"))


def kick_particles(
    position: Float[Any, "3 n"],
    velocity: Float[Any, "3 n"],
    mass: Float[Any, " n"],
    heat: Float[Any, " n"],
    grid: Grid,
    node_potential: Float[Any, "nx ny nz"],
    share: Float[Any, "nx ny nz"],
    keep: Float[Any, "nx ny nz"],
    acceleration: Float[Any, "3 n"],
    potential: Float[Any, " n"],
    *,
    dt: float,
    specific_heat: float,
    backend: str | None = None,
) -> None:
    """Sample the fields, kick half a step and exchange heat, in place.

    Args:
        position: In m, one row per axis.
        velocity: In m/s.
        mass: In kg.
        heat: In J.
        grid: The lattice.
        node_potential: φ at the nodes, in m²/s².
        share: From `diffuse_heat`, in K.
        keep: From `diffuse_heat`.
        acceleration: Receives −∇φ in m/s².
        potential: Receives φ at the particles.
        dt: Step in s; 0 samples without a kick.
        specific_heat: c in J/(kg·K).
        backend: Force a back end.
    """
    n = require_particles(position, mass=mass, heat=heat, potential=potential)
    real = (dtype_name(position),)
    for name, array in (("velocity", velocity), ("acceleration", acceleration)):
        require(name, array, (3, n), real)
    for name, array in (("node_potential", node_potential), ("share", share), ("keep", keep)):
        require(name, array, grid.shape, real)
    args = (position, velocity, mass, heat, grid, node_potential, share, keep, acceleration, potential)
    OP.run(position, *args, dt, specific_heat, backend=backend)
