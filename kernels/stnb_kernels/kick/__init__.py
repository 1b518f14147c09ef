"""Kick: what the fields do to a particle, the second half of a kick–drift–kick step, and its heat.

With the trilinear interpolant f(x) = Σ_g W_g(x)·f_g of the eight corners around a particle, in this order,

    Q ← Q + Q·ΣW·keep + m·c·ΣW·share       conduction, from `diffuse_heat`
    v ← v + τ·a,   a = −∇φ(x)              gravity, τ = dt/2
    v ← v + s·τ·a_p                        pressure, a_p = −(k/c)·∇H(x)/M(x), work taken from Q as in the drift
    v ← v·e^{−γτ/m}                        drag, its loss goes to Q
    |v| ← min(|v|, v_max)                  only where a limit is set; the kinetic energy cut off goes to Q
    Q ← Q·(1 + 3b·T³·dt)^{−1/3}            radiation dT/dt = −b·T⁴ in closed form, b = ε·σ·A/(m·c), T = Q/(m·c)

A limit a_max, where set, shortens both accelerations; gravity then no longer follows from a potential, and the ledger
shows it. H and M are the node heat and the node mass. `keep` and `share` belong to the heat that was deposited, so
conduction comes first. The pressure k·H/(c·h³) over the density M/h³ gives a_p; it is 0 where M(x) is 0.

Two forces of gravity exist, and on a trilinear grid no force does the work of both:

* `energy`: ∇ is the exact gradient of the interpolant (differences of opposite cell faces), with the weights that the
  deposit used. Then m·a is exactly −∂/∂x of ½Σmφ, and the integrator keeps the energy; a particle feels a small force
  of its own, and momentum is not kept near the grid scale.
* `momentum`: central differences −(φ₊ − φ₋)/(2h) at the nodes, then the trilinear weights. Deposit and gather are
  adjoint and the differences antisymmetric, so in a periodic box forces come in opposite pairs; energy then drifts.
  Beyond a wall φ is 0 when grounded; in free space the difference becomes one-sided.

The change of heat is summed first: 1 + ΣW·keep would round the same way every step, and heat would leak. The accounts
`drag` and `pressure` gain the joules of this half, `projection` gains −½·m·a·d for the push d of this step, `radiation`
and `limiter` receive what left and what was cut off. `velocity_out` and `heat_out` may be the inputs themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb._core.errors import InputError, nearest
from stnb_kernels.accounts import ACCOUNTS
from stnb_kernels.arrays import dtype_name, require, require_particles
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.grid import Grid

__all__ = ["FORCES", "OP", "kick_particles"]

OP = Op("kick", ("cuda", "metal", "cpu", "reference"))

FORCES = ("energy", "momentum")


def kick_particles(
    position: Float[Any, "3 n"],
    velocity: Float[Any, "3 n"],
    push: Float[Any, "3 n"],
    mass: Float[Any, " n"],
    heat: Float[Any, " n"],
    grid: Grid,
    node_potential: Float[Any, "nx ny nz"],
    node_mass: Float[Any, "nx ny nz"],
    node_heat: Float[Any, "nx ny nz"],
    share: Float[Any, "nx ny nz"],
    keep: Float[Any, "nx ny nz"],
    acceleration: Float[Any, "3 n"],
    thrust: Float[Any, "3 n"],
    potential: Float[Any, " n"],
    accounts: Float[Any, "rows n"],
    velocity_out: Float[Any, "3 n"],
    heat_out: Float[Any, " n"],
    *,
    dt: float,
    specific_heat: float,
    gas: float = 0.0,
    drag: float = 0.0,
    radiance: float = 0.0,
    acceleration_limit: float = 0.0,
    speed_limit: float = 0.0,
    force: str = "energy",
    free: bool = False,
    backend: str | None = None,
) -> None:
    """Sample the fields, kick half a step and settle the heat.

    Args:
        position: In m, one row per axis.
        velocity: In m/s.
        push: Displacement in m that this step's drift applied.
        mass: In kg.
        heat: In J.
        grid: The lattice.
        node_potential: φ at the nodes, in m²/s².
        node_mass: Deposited mass, in kg.
        node_heat: Deposited heat, in J.
        share: From `diffuse_heat`, in K.
        keep: From `diffuse_heat`.
        acceleration: Receives −∇φ in m/s².
        thrust: Receives the acceleration of the pressure, in m/s².
        potential: Receives φ at the particles.
        accounts: Joules per particle; see `stnb_kernels.accounts`.
        velocity_out: Receives the velocity.
        heat_out: Receives the heat.
        dt: Step in s; 0 samples without a kick.
        specific_heat: c in J/(kg·K).
        gas: Gas constant k of the pressure, in J/(kg·K).
        drag: Friction coefficient γ in kg/s.
        radiance: ε·σ·A in W/K⁴.
        acceleration_limit: a_max in m/s²; 0 for none.
        speed_limit: v_max in m/s; 0 for none.
        force: `energy` or `momentum`: which of the two gravity keeps.
        free: Whether φ goes on beyond the walls, as in free space; matters to `momentum` only.
        backend: Force a back end.
    """
    n = require_particles(position, mass=mass, heat=heat, potential=potential, heat_out=heat_out)
    real = (dtype_name(position),)
    vectors = {"velocity": velocity, "push": push, "acceleration": acceleration, "thrust": thrust}
    for name, array in {**vectors, "velocity_out": velocity_out}.items():
        require(name, array, (3, n), real)
    require("accounts", accounts, (len(ACCOUNTS), n), real)
    nodes = {"node_potential": node_potential, "node_mass": node_mass, "node_heat": node_heat}
    for name, array in {**nodes, "share": share, "keep": keep}.items():
        require(name, array, grid.shape, real)
    if force not in FORCES:
        raise InputError(f"unknown force {force!r}: {nearest(force, FORCES)}")
    fields = (node_potential, node_mass, node_heat, share, keep)
    outputs = (acceleration, thrust, potential, accounts, velocity_out, heat_out)
    limits = (acceleration_limit, speed_limit)
    settings = (dt, specific_heat, gas, drag, radiance, *limits, force == "momentum", free)
    OP.run(position, position, velocity, push, mass, heat, grid, fields, outputs, settings, backend=backend)
