"""Neighbours: every pair of particles that overlap, once a step.

    i and j touch when  10⁻⁶·R < |x_i − x_j| < R,   R = 2r the reach

with the nearest image in a periodic box. Two particles in the same place have no direction and do not touch. A touch
is approaching when (v_i − v_j)·(x_i − x_j) < 0. Differences are antisymmetric to the bit, so i and j always agree.

A list holds, per particle, how many it touches, how many of these approach, and up to `SLOTS` partners. A particle
with more keeps its true count and no list; who reads it goes through the cells again, so nothing is ever cut off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stnb._core.errors import CapacityError, InputError
from stnb_kernels.arrays import dtype_name, kind, require, require_particles
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float, Int32

    from stnb_kernels.cells import CellList
    from stnb_kernels.grid import Grid

__all__ = ["COINCIDENT", "OP", "SLOTS", "ContactList", "find_contacts", "reach_in_cells"]

OP = Op("neighbours", ("cuda", "metal", "cpu", "reference"))

SLOTS = 32
COINCIDENT = 1e-6


@dataclass(frozen=True, slots=True)
class ContactList:
    """Who touches whom.

    Attributes:
        count: How many others each particle touches.
        approaching: How many of these come nearer.
        partner: Who they are, for particles with at most `SLOTS` of them. The form is the back end's own: who reads
            it runs on the back end that wrote it.
    """

    count: Int32[Any, " capacity"]
    approaching: Int32[Any, " capacity"]
    partner: Int32[Any, "slots capacity"]

    @classmethod
    def allocate(cls, capacity: int, like: Any) -> ContactList:
        """A list for up to `capacity` particles, beside the array `like`."""
        sizes = ((capacity,), (capacity,), (SLOTS, capacity))
        if kind(like) == "numpy":
            import numpy as np

            return cls(*(np.zeros(size, dtype=np.int32) for size in sizes))
        import torch

        return cls(*(torch.zeros(size, dtype=torch.int32, device=like.device) for size in sizes))


def reach_in_cells(grid: Grid, reach: float) -> int:
    """Cells to look through on each side. A periodic box must be so large that two images of one pair cannot touch."""
    if not (math.isfinite(reach) and reach > 0):
        raise InputError(f"reach must be a positive length in metres, got {reach!r}")
    if grid.periodic and min(grid.extent) < 2 * reach:
        raise InputError(
            f"a periodic box of {min(grid.extent):g} m is too small for contacts of {reach:g} m; "
            f"it needs {2 * reach:g} m"
        )
    return math.ceil(reach / grid.spacing)


def find_contacts(
    position: Float[Any, "3 n"],
    velocity: Float[Any, "3 n"],
    grid: Grid,
    cells: CellList,
    contacts: ContactList,
    *,
    reach: float,
    backend: str | None = None,
) -> None:
    """Write the list of touching particles.

    Args:
        position: In m, one row per axis, inside the box.
        velocity: In m/s.
        grid: The lattice.
        cells: The cell list of these positions, from `build_cells`.
        contacts: Receives the list.
        reach: Largest distance of two centres that touch, in m.
        backend: Force a back end.
    """
    n = require_particles(position)
    require("velocity", velocity, (3, n), (dtype_name(position),))
    require("cells.start", cells.start, (grid.nodes + 1,), ("int32",))
    if n > contacts.count.shape[0]:
        raise CapacityError(
            f"{n} particles do not fit a contact list of capacity {contacts.count.shape[0]}; allocate a larger one"
        )
    span = reach_in_cells(grid, reach)
    OP.run(position, position, velocity, grid, cells, contacts, reach, span, backend=backend)
