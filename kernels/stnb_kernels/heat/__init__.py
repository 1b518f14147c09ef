"""Heat: conduction between nodes, handed back to the particles as two fields.

Node g holds the heat capacity `C = c·m_g` and the temperature `T = H/C`. Along x, then y, then z, every line of nodes
is solved implicitly for one step,

    C_i (T'_i − T_i) = κ·h·dt·[(T'_{i+1} − T'_i) + (T'_{i−1} − T'_i)],

with links only between nodes that hold mass and no flux through walls. The matrix is an M-matrix with columns that
sum to C: T' stays within the range of T and ΣCT is kept, for any step. The order in dt is one, so four on h² when
dt ∝ h².

Particles then relax towards the grid at the common rate ν, β = 1 − e^{−ν·dt}. What a particle of mass m and heat Q
ends with is, with node sums Σ_g W_ig over its eight corners,

    Q' = (1 − β)·Q·(1 + ΣW·loss) + m·c·ΣW·[(1 − β)·gain + β·T'],
    gain = max(ΔH, 0)/C,   loss = min(ΔH, 0)/H,

which sums to the same total heat and is never negative. This op writes `share = (1 − β)·gain + β·T'` and
`keep = (1 − β)·(1 + loss) − 1`; the kick applies `Q' = Q·(1 + ΣW·keep) + m·c·ΣW·share`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb_kernels.arrays import FLOATS, dtype_name, require
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.grid import Grid

__all__ = ["OP", "diffuse_heat"]

OP = Op("heat", ("cuda", "metal", "cpu", "reference"))


def diffuse_heat(
    node_mass: Float[Any, "nx ny nz"],
    node_heat: Float[Any, "nx ny nz"],
    grid: Grid,
    share: Float[Any, "nx ny nz"],
    keep: Float[Any, "nx ny nz"],
    scratch: Float[Any, "3 nx ny nz"],
    *,
    dt: float,
    conductivity: float,
    specific_heat: float,
    relaxation: float,
    backend: str | None = None,
) -> None:
    """Conduct heat between nodes for one step and write the fields that hand it back.

    Args:
        node_mass: Mass per node in kg.
        node_heat: Heat per node in J.
        grid: The lattice.
        share: Receives what a unit of heat capacity gains, in K.
        keep: Receives the relative change of a particle's own heat.
        scratch: Three fields of working memory.
        dt: Step in s.
        conductivity: κ in W/(m·K).
        specific_heat: c in J/(kg·K).
        relaxation: β in [0, 1), how far particles relax towards the grid in this step.
        backend: Force a back end.
    """
    require("node_mass", node_mass, grid.shape, FLOATS)
    real = (dtype_name(node_mass),)
    for name, array in (("node_heat", node_heat), ("share", share), ("keep", keep)):
        require(name, array, grid.shape, real)
    require("scratch", scratch, (3, *grid.shape), real)
    link = conductivity * grid.spacing * dt
    args = (node_mass, node_heat, grid, share, keep, scratch, link, specific_heat, relaxation)
    OP.run(node_mass, *args, backend=backend)
