"""Drift: the first half of a kick–drift–kick step.

    v ← v·e^{−γτ/m}                     drag, τ = dt/2; the kinetic energy lost, ½mv²(1 − e^{−2γτ/m}), becomes heat
    v ← v + s·τ·a_p                     pressure; its work m·v̄·Δv is taken from the particle's heat
    v ← v + τ·a                         gravity
    x ← x + dt·v                        then the boundary
    x ← x + d                           the push that parts overlapping particles

v̄ is the mean of the velocity before and after; s = 1 unless the work would take more than half of the heat, then s is
what takes just that.

With walls at `margin` from the lattice's faces a particle that has passed one reached it a time t before the end of
the drift. Forces that have a potential energy are kicked in at the ends of the drift, so its velocity there was
v_w = v + (dt/2 − t)·a, not v:

    bounces   v ← −e·v_w − (dt/2 − t)·a,   x ← wall + t·v,   Q ← Q + ½m(1 − e²)·v_w²
    rests     v ← −dt/2·a,                 x ← wall,         Q ← Q + ½m(v_w² + t·(dt − t)·a²)

It rests where a brings it back to the wall before the end: where −e·v_w + ½t·a points at the wall, without the first
term if v_w points away from it. If both point away, a has turned the particle round before the wall: it keeps v and
stops at the wall. x never ends beyond one.

For an a that presses on the wall and does not change during the drift, both close the energy to rounding. A plain mirror
of x and v would let the force do work that nobody books: a particle that lies on a wall is kicked into it in every step
and would turn that into heat. A push ends at a wall and never bounces; what the wall allows of it is written back. A
periodic box wraps x into [0, n·h).

With kick = 0 the drift is one of several in a step, between half kicks of the springs. Gravity is kicked in at the ends
of the whole step, whose middle lies `late` before the middle of this drift; a is that of both:

    v ← v + late·g,   x ← x + dt·v, then the boundary with a = g + 2·sprung/dt,   v ← v − late·g

so the drifts follow the parabola that gravity makes of the path, and `late` adds up to nothing over a step.

Drag and pressure are exact in energy, gravity is the kick of a symplectic integrator. The accounts `drag`, `pressure`
and `walls` receive the joules of this half; `projection` receives −½·m·a·d, the first half of what the push costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb_kernels.accounts import ACCOUNTS
from stnb_kernels.arrays import dtype_name, require, require_particles
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.grid import Grid

__all__ = ["OP", "drift_particles"]

OP = Op("drift", ("cuda", "metal", "cpu", "reference"))


def drift_particles(
    position: Float[Any, "3 n"],
    velocity: Float[Any, "3 n"],
    acceleration: Float[Any, "3 n"],
    thrust: Float[Any, "3 n"],
    push: Float[Any, "3 n"],
    sprung: Float[Any, "3 n"],
    mass: Float[Any, " n"],
    heat: Float[Any, " n"],
    accounts: Float[Any, "rows n"],
    grid: Grid,
    *,
    dt: float,
    kick: float,
    late: float = 0.0,
    drag: float,
    wall_margin: float,
    wall_restitution: float,
    backend: str | None = None,
) -> None:
    """Half a kick, a drift and the boundary, in place.

    Args:
        position: In m, one row per axis.
        velocity: In m/s.
        acceleration: Of gravity in m/s², at the positions before the drift.
        thrust: Acceleration of the pressure in m/s², there too.
        push: Displacement in m that the last contacts ask for; becomes what the walls allow.
        sprung: Change of velocity by the springs' half kick before this drift, in m/s; read where `kick` is 0.
        mass: In kg.
        heat: In J; gains what drag and walls take, pays the work of the pressure.
        accounts: Joules per particle; see `stnb_kernels.accounts`.
        grid: The lattice.
        dt: How long to drift, in s.
        kick: How long to kick, in s: half a step. 0 drifts only, without push, and adds to the accounts.
        late: How long after the middle of the whole step the middle of this drift lies, in s; where `kick` is 0.
        drag: Friction coefficient γ in kg/s.
        wall_margin: Distance of the walls from the outermost nodes, in m.
        wall_restitution: e in [0, 1].
        backend: Force a back end.
    """
    n = require_particles(position, mass=mass, heat=heat)
    real = (dtype_name(position),)
    vectors = {
        "velocity": velocity,
        "acceleration": acceleration,
        "thrust": thrust,
        "push": push,
        "sprung": sprung,
    }
    for name, array in vectors.items():
        require(name, array, (3, n), real)
    require("accounts", accounts, (len(ACCOUNTS), n), real)
    args = (position, velocity, acceleration, thrust, push, sprung, mass, heat, accounts, grid)
    OP.run(position, *args, dt, kick, late, drag, wall_margin, wall_restitution, backend=backend)
