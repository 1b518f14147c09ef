"""Deposit: spread each particle's mass and heat over the eight nodes around it.

    node_q[b + δ] = Σ_i q_i · Π_a (δ_a ? f_a : 1 − f_a),   g = x/h,  b = ⌊g⌋,  f = g − b,  δ ∈ {0, 1}³

The eight weights of a particle sum to one, so totals are kept to rounding. Every node is written once, by summing
the particles of the cells around it in the order of the cell list: the result is the same to the bit in every run on
a back end, without atomics and without clearing first.

Shapes: position (3, n) in metres, mass and heat (n,), nodes (nx, ny, nz). Mass comes out per node; divide by h³ for a
density.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb_kernels.arrays import dtype_name, require, require_particles
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.cells import CellList
    from stnb_kernels.grid import Grid

__all__ = ["OP", "deposit_particles"]

OP = Op("deposit", ("cuda", "triton", "metal", "cpu", "reference"))


def deposit_particles(
    position: Float[Any, "3 n"],
    mass: Float[Any, " n"],
    heat: Float[Any, " n"],
    grid: Grid,
    cells: CellList,
    node_mass: Float[Any, "nx ny nz"],
    node_heat: Float[Any, "nx ny nz"],
    *,
    backend: str | None = None,
) -> None:
    """Write the deposited mass and heat of every node.

    Args:
        position: One row per axis.
        mass: Per particle.
        heat: Per particle.
        grid: The lattice.
        cells: The cell list of these positions, from `build_cells`.
        node_mass: Receives the mass per node.
        node_heat: Receives the heat per node.
        backend: Force a back end.
    """
    require_particles(position, mass=mass, heat=heat)
    real = (dtype_name(position),)
    require("node_mass", node_mass, grid.shape, real)
    require("node_heat", node_heat, grid.shape, real)
    require("cells.start", cells.start, (grid.nodes + 1,), ("int32",))
    OP.run(position, position, mass, heat, grid, cells, node_mass, node_heat, backend=backend)
