"""Springs: half a kick by linear springs with dashpots between touching particles, from the list of `find_contacts`.

With n the unit vector from j to i, δ = R − |x_i − x_j| the overlap, v_n = (v_i − v_j)·n, μ = m_i·m_j/(m_i + m_j), Y the
stiffness, τ the time, and k = max(k_i, k_j) the larger number of contacts of the two:

    force        F = (Yδ − c·v_n)/(1 + cτ/2μ), kept within [0, 2Yδ],   c = 2ζ·√(Yμ)
    kick         v_i' = v_i + P_i/m_i,   P_i = τ·Σ_j F·n
    heat         h_i = −½·Σ_j τF_d·(v_n + τF/2μ) − ½·(P_i·D_i − Σ_j τ²F·F_d)/m_i,   F_d = F − Yδ,   D_i = τ·Σ_j F_d·n
    conduction   q_i = Σ_j (T_j − T_i)·(1/C_i + 1/C_j + 1/(g·A))⁻¹/k, as in `contacts`
                 Q_i ← max(Q_i + h_i + q_i, 0)
    elastic      ¼·Σ_j Yδ², half of a pair's energy with each partner
    sprung       S_i/m_i,   S_i = τ·Σ_j Yδ·n, the kick without the dashpots: what the drift must know at a wall

The divisor makes the dashpot act on v_n + τF/2μ, the mean of a pair's speed before and after: kick, drift, kick is then
of second order, and stable for every ζ. The bounds keep the dashpot from pulling, and from being stronger than the
spring: without the upper one a force c·v_n would begin at first touch, and how much of a step it acts would be chance.

ζ is such that a pair leaves with v_n' = −e·v_n. From first touch to F = 2Yδ, and from F = 0 to the end, the dashpot is
at its bounds. Between them the pair is a damped oscillator for the phase Δ, which gives

    −ln e = ζ·Δ/√(1 − ζ²),   tan Δ = 4ζ·√(1 − ζ²)/(4ζ² − 1),   0 < Δ < π

(with π in place of Δ it would be a dashpot that pulls and has no upper bound).

Energy: with v̄_i = v_i + P_i/2m_i the mean velocity, the kinetic energy grows by ΣP_i·v̄_i. The heats add up to −ΣD_i·v̄_i:
the first terms with v_n are −ΣD_i·v_i, the terms in τ² without P_i·D_i cancel because 1/μ = 1/m_i + 1/m_j. So the kinetic
energy and the heat together grow by ΣS_i·v̄_i with S_i = P_i − D_i, the work of the springs alone; the
drift between two kicks takes as much from the elastic energy, up to an error that falls as the step squared.

Everything is read before anything is written, and every term of a pair is the same number for both partners or the
same with the other sign, to the bit. An isolated pair has P_i·D_i = τ²F·F_d: each partner takes half of what the
dashpot takes, which is never negative. In a crowd the products of different partners may make h_i slightly negative.
Where that would take more heat than there is, Q stops at 0; the account still holds h_i, and the ledger's residual
shows the energy made.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

from stnb._core.errors import InputError
from stnb_kernels.accounts import ACCOUNTS
from stnb_kernels.arrays import dtype_name, require, require_particles
from stnb_kernels.neighbours import reach_in_cells
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.cells import CellList
    from stnb_kernels.grid import Grid
    from stnb_kernels.neighbours import ContactList

__all__ = ["OP", "damping_ratio", "decay_of", "spring_contacts"]

OP = Op("springs", ("cuda", "metal", "cpu", "reference"))

BISECTIONS = 200
"""Halvings of an interval of floats; it is a float long before."""


def decay_of(ratio: float) -> float:
    """−ln e of a pair whose dashpot has this ζ."""
    if ratio < 1:
        turn = math.sqrt((1 - ratio) * (1 + ratio))
        return ratio * math.atan2(4 * ratio * turn, 4 * ratio**2 - 1) / turn
    turn = math.sqrt((ratio - 1) * (ratio + 1))
    if turn == 0:
        return 4 / 3
    return ratio * math.log((4 * ratio**2 - 1 + 4 * ratio * turn) / math.sqrt(8 * ratio**2 + 1)) / turn


@functools.lru_cache(maxsize=64)
def damping_ratio(restitution: float) -> float:
    """The ζ with which a pair keeps the part `restitution` of its speed.

    >>> damping_ratio(1.0)
    0.0
    >>> round(math.exp(-decay_of(damping_ratio(0.3))), 12)
    0.3
    """
    if not 0 < restitution <= 1:
        raise InputError(
            f"restitution must satisfy 0 < e <= 1 for springs, got {restitution!r}: 0 needs an infinite dashpot"
        )
    low, high = 0.0, 1 / restitution
    wanted = -math.log(restitution)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if decay_of(middle) < wanted:
            low = middle
        else:
            high = middle
    return low


def spring_contacts(
    position: Float[Any, "3 n"],
    velocity: Float[Any, "3 n"],
    mass: Float[Any, " n"],
    heat: Float[Any, " n"],
    grid: Grid,
    cells: CellList,
    contacts: ContactList,
    velocity_out: Float[Any, "3 n"],
    heat_out: Float[Any, " n"],
    sprung: Float[Any, "3 n"],
    accounts: Float[Any, "rows n"],
    *,
    reach: float,
    stiffness: float,
    restitution: float,
    conductance: float,
    specific_heat: float,
    time: float,
    first: bool,
    backend: str | None = None,
) -> None:
    """Kick, warm and conduct for half a step.

    Args:
        position: In m, one row per axis.
        velocity: In m/s, before the kick.
        mass: In kg.
        heat: In J, before the kick.
        grid: The lattice.
        cells: The cell list of these positions.
        contacts: The contact list of these positions; which of them approach does not matter.
        velocity_out: Receives the velocity; another array than `velocity`.
        heat_out: Receives the heat; another array than `heat`.
        sprung: Receives S_i/m_i, the springs' own part of the change of velocity, in m/s.
        accounts: Row `contacts` receives or gains the kinetic energy that became heat, `elastic` the energy stored.
        reach: R, twice the radius, in m.
        stiffness: Y in N/m.
        restitution: e in (0, 1].
        conductance: g of this half kick, in W/K·s per m² of section.
        specific_heat: c in J/(kg·K).
        time: τ in s, half a step.
        first: Whether this is the first half kick of a step, which writes the row `contacts`; later ones add to it.
        backend: Force a back end.
    """
    n = require_particles(position, mass=mass, heat=heat, heat_out=heat_out)
    real = (dtype_name(position),)
    for name, array in (("velocity", velocity), ("velocity_out", velocity_out), ("sprung", sprung)):
        require(name, array, (3, n), real)
    require("accounts", accounts, (len(ACCOUNTS), n), real)
    require("cells.start", cells.start, (grid.nodes + 1,), ("int32",))
    if not (math.isfinite(stiffness) and stiffness > 0):
        raise InputError(f"stiffness must be a positive number of N/m, got {stiffness!r}")
    lists = (grid, cells, contacts, reach, reach_in_cells(grid, reach))
    outputs = (velocity_out, heat_out, sprung, accounts)
    settings = (stiffness, damping_ratio(restitution), conductance, specific_heat, time, first)
    OP.run(position, position, velocity, mass, heat, lists, outputs, settings, backend=backend)
