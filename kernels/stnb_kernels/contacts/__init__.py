"""Contacts: what touching particles do to each other, from the list of `find_contacts`.

With n the unit vector from j to i, δ = R − |x_i − x_j| the overlap, v_n = (v_i − v_j)·n, μ = m_i·m_j/(m_i + m_j), and
c = max(c_i, c_j), k = max(k_i, k_j) the larger count of approaching and of all contacts of the two:

    bounce       J = (1 + e)·μ·|v_n|/c  where v_n < 0,     P_i = Σ_j J·n,     v_i ← v_i + P_i/m_i
    loss         Q_i ← Q_i + ½·Σ_j J·[(1 + e)·μ·|v_n|/m_i + ½(1 − e)·|v_n|] − ½|P_i|²/m_i
    conduction   Q_i ← Q_i + Σ_j (T_j − T_i)·(1/C_i + 1/C_j + 1/(g·A))⁻¹/k,   C = m·c
    push         d_i = β·Σ_j δ·n·m_j/((m_i + m_j)·max(1, k/4))

A = (π/2)·δ·(2R − δ)/2 is the section of two spheres that overlap by δ, g = κ·dt/R. Conduction is one implicit step
of the pair's exchange, like that of the grid: stable and within the range of both temperatures for any step.

Everything is read before anything is written, and every term of a pair is the same number for both partners or the
same with the other sign, to the bit: momentum is kept to the rounding of the sums. An isolated pair leaves with
v_n' = −e·v_n and each partner takes half of the lost energy ½μv_n²(1 − e²). With several contacts at once the
impulses are divided by c: a dense crowd never gains energy. The heats of all particles add up to the kinetic energy
lost, and none is negative: because c·J = (1 + e)·μ·|v_n| and |P_i|² ≤ c_i·ΣJ², the bracket pays for ½|P_i|²/m_i.
Conduction keeps ΣQ, moves heat from hot to cold only, and cannot take more than a particle has. The push keeps the
centre of mass; the drift of the next step applies it. It does no work on velocities; the potential energy that it
costs is an account of its own.

The push is one sweep of Jacobi's method on the overlaps: one at the rate g is stable while g·λ < 2, where λ is the
largest eigenvalue of ½·Σ_j n·nᵀ·(1 − cos φ_j) over the crowd's waves, with the phase φ between partners. λ is 2 in a row
and in a cubic lattice (k = 2 and 6), 3 in a plane (k = 6), 4 in a dense packing (k = 12): with g = β·min(1, 4/k) no crowd
of these is pushed beyond that for any β ≤ 1. Divided by k itself the push would carry a quarter of the load, and a heavy
crowd would sink the faster the more contacts it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb_kernels.accounts import ACCOUNTS
from stnb_kernels.arrays import dtype_name, require, require_particles
from stnb_kernels.neighbours import reach_in_cells
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.cells import CellList
    from stnb_kernels.grid import Grid
    from stnb_kernels.neighbours import ContactList

__all__ = ["OP", "UNSHARED", "resolve_contacts"]

OP = Op("contacts", ("cuda", "metal", "cpu", "reference"))

UNSHARED = 4
"""As many contacts push a particle in full; more share that."""


def resolve_contacts(
    position: Float[Any, "3 n"],
    velocity: Float[Any, "3 n"],
    mass: Float[Any, " n"],
    heat: Float[Any, " n"],
    grid: Grid,
    cells: CellList,
    contacts: ContactList,
    velocity_out: Float[Any, "3 n"],
    heat_out: Float[Any, " n"],
    push: Float[Any, "3 n"],
    accounts: Float[Any, "rows n"],
    *,
    reach: float,
    restitution: float,
    relaxation: float,
    conductance: float,
    specific_heat: float,
    backend: str | None = None,
) -> None:
    """Bounce, warm, conduct, and ask for a push.

    Args:
        position: In m, one row per axis.
        velocity: In m/s, before the contacts.
        mass: In kg.
        heat: In J, before the contacts.
        grid: The lattice.
        cells: The cell list of these positions.
        contacts: The contact list of these positions and velocities.
        velocity_out: Receives the velocity; another array than `velocity`.
        heat_out: Receives the heat; another array than `heat`.
        push: Receives the displacement in m that the next drift shall apply.
        accounts: Row `contacts` receives the kinetic energy that became heat.
        reach: R, twice the radius, in m.
        restitution: e in [0, 1].
        relaxation: β in [0, 1], the part of an overlap that one step removes.
        conductance: g in W/K·s per m² of section.
        specific_heat: c in J/(kg·K).
        backend: Force a back end.
    """
    n = require_particles(position, mass=mass, heat=heat, heat_out=heat_out)
    real = (dtype_name(position),)
    for name, array in (("velocity", velocity), ("velocity_out", velocity_out), ("push", push)):
        require(name, array, (3, n), real)
    require("accounts", accounts, (len(ACCOUNTS), n), real)
    require("cells.start", cells.start, (grid.nodes + 1,), ("int32",))
    lists = (grid, cells, contacts, reach, reach_in_cells(grid, reach))
    outputs = (velocity_out, heat_out, push, accounts)
    settings = (restitution, relaxation, conductance, specific_heat)
    OP.run(position, position, velocity, mass, heat, lists, outputs, settings, backend=backend)
