"""Cell list: the particles of each cell, in the order of their index.

A particle's base cell is `b = ⌊g⌋` with the grid coordinate `g = x·h⁻¹`, computed in the positions' own type so that
cells are the same integers on every back end. With walls g is clamped to [0, n − 1.001]; a periodic g is taken
modulo n, and beyond 2²⁴, where a
float32 has no fraction left, it counts as 0. So does NaN.

`start[c] … start[c+1]` delimits cell c in `order`, which lists particle indices in ascending order within a cell: a
stable counting sort, the same on every back end and for any number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stnb_kernels.arrays import kind, require, require_particles
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float, Int32

    from stnb_kernels.grid import Grid

__all__ = ["OP", "CellList", "build_cells"]

OP = Op("cells", ("cuda", "torch", "cpu", "reference"))

SCAN_TILE = 2048


@dataclass(frozen=True, slots=True)
class CellList:
    """Buffers of a cell list and the scratch that building one needs.

    Attributes:
        start: First slot of each cell; `start[cells]` is the number of particles.
        order: Particle indices, cell after cell. Only the first n entries are in use.
        key: Cell of each particle, by particle index.
        slot: Scratch: unordered slot of each particle, then indices in unordered slots.
        sums: Scratch of the prefix sum.
    """

    start: Int32[Any, " cells_plus_one"]
    order: Int32[Any, " capacity"]
    key: Int32[Any, " capacity"]
    slot: Int32[Any, "2 capacity"]
    sums: Int32[Any, " tiles"]

    @classmethod
    def allocate(cls, grid: Grid, capacity: int, like: Any) -> CellList:
        """Buffers for up to `capacity` particles on `grid`, beside the array `like`."""
        sizes = (
            (grid.nodes + 1,),
            (capacity,),
            (capacity,),
            (2, capacity),
            (-(-grid.nodes // SCAN_TILE) + 1,),
        )
        if kind(like) == "numpy":
            import numpy as np

            return cls(*(np.zeros(size, dtype=np.int32) for size in sizes))
        import torch

        return cls(*(torch.zeros(size, dtype=torch.int32, device=like.device) for size in sizes))


def build_cells(
    position: Float[Any, "3 n"], grid: Grid, cells: CellList, *, backend: str | None = None
) -> None:
    """Sort the particles into the cells of `grid`.

    Args:
        position: One row per axis.
        grid: The lattice.
        cells: Buffers that receive the list.
        backend: Force a back end.
    """
    n = require_particles(position)
    require("cells.start", cells.start, (grid.nodes + 1,), ("int32",))
    if n > cells.order.shape[0]:
        from stnb._core.errors import CapacityError

        raise CapacityError(
            f"{n} particles do not fit a cell list of capacity {cells.order.shape[0]}; allocate a larger one"
        )
    OP.run(position, position, grid, cells, backend=backend)
