"""The buffers of a run: particles of fixed capacity, and the fields of the grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stnb_kernels import CellList, ContactList, PoissonPlan
from stnb_kernels.accounts import ACCOUNTS
from stnb_kernels.tally import SUMS, TALLY_BLOCKS

if TYPE_CHECKING:
    from jaxtyping import Float, Float64, Int32

    from stnb.manifold.config import ManifoldConfig
    from stnb.manifold.memory import Memory

__all__ = ["COLUMNS", "VECTORS", "Fields", "Particles", "Sums"]

VECTORS = ("position", "velocity", "acceleration", "thrust", "push")
SCALARS = ("mass", "heat", "potential")
COLUMNS = (*VECTORS, *SCALARS)

_ROWS = {name: slice(3 * i, 3 * i + 3) for i, name in enumerate(VECTORS)} | {
    name: 3 * len(VECTORS) + i for i, name in enumerate(SCALARS)
}
_HEIGHT = 3 * len(VECTORS) + len(SCALARS)


@dataclass
class Particles:
    """Columns with room for `capacity` particles, of which the first `count` exist.

    All columns are rows of one block, so that a sort moves them together. A particle keeps its `uid`, its number in
    the order of arrival, wherever the sort puts it.

    Attributes:
        block: Every column, in the order of `COLUMNS`.
        uid: Who sits where.
        accounts: Joules per particle of the last step; see `stnb_kernels.accounts`.
        moving: Velocity between the kick and the contacts.
        warm: Heat between the kick and the contacts.
        spare: A second block for the sort.
        spare_uid: And its `uid`.
        contacts: Who touches whom.
        count: How many particles exist.
    """

    block: Float[Any, "rows capacity"]
    uid: Int32[Any, " capacity"]
    accounts: Float[Any, "accounts capacity"]
    moving: Float[Any, "3 capacity"]
    warm: Float[Any, " capacity"]
    spare: Float[Any, "rows capacity"]
    spare_uid: Int32[Any, " capacity"]
    contacts: ContactList
    count: int = 0

    @classmethod
    def allocate(cls, config: ManifoldConfig, memory: Memory) -> Particles:
        """Empty columns."""
        room = config.room
        block, spare = (memory.zeros(_HEIGHT, room) for _ in range(2))
        uid, spare_uid = (memory.zeros(room, dtype="int32") for _ in range(2))
        accounts, moving = memory.zeros(len(ACCOUNTS), room), memory.zeros(3, room)
        contacts = ContactList.allocate(room if config.contact_model != "none" else 0, block)
        return cls(block, uid, accounts, moving, memory.zeros(room), spare, spare_uid, contacts)

    def __getitem__(self, name: str) -> Float[Any, "... n"]:
        """The existing part of a column, as a view."""
        return self.block[_ROWS[name]][..., : self.count]

    def part(self, name: str, first: int, last: int) -> Float[Any, "... m"]:
        """Places first … last of a column, whether they exist yet or not."""
        return self.block[_ROWS[name]][..., first:last]

    def columns(self) -> dict[str, Float[Any, "... n"]]:
        """Every column's existing part."""
        return {name: self[name] for name in COLUMNS}


@dataclass
class Fields:
    """Node arrays, the cell list and what the solver of the potential needs, allocated once."""

    mass: Float[Any, "nx ny nz"]
    heat: Float[Any, "nx ny nz"]
    potential: Float[Any, "nx ny nz"]
    share: Float[Any, "nx ny nz"]
    keep: Float[Any, "nx ny nz"]
    scratch: Float[Any, "3 nx ny nz"]
    cells: CellList
    plan: PoissonPlan

    @classmethod
    def allocate(cls, config: ManifoldConfig, memory: Memory) -> Fields:
        """Zeroed fields."""
        grid = config.lattice
        nodes = {name: memory.zeros(*grid.shape) for name in ("mass", "heat", "potential", "share", "keep")}
        scratch = memory.zeros(3, *grid.shape)
        cells = CellList.allocate(grid, config.room, scratch)
        plan = PoissonPlan.allocate(grid, scratch, free=config.far_field == "free")
        return cls(**nodes, scratch=scratch, cells=cells, plan=plan)


@dataclass
class Sums:
    """Sums over all particles: of the last step, and added up over the run.

    Attributes:
        values: Row 0 the last step's, row 1 the run's, in the order of `stnb_kernels.tally.SUMS`.
        scratch: Working memory of the tally.
    """

    values: Float64[Any, "2 sums"]
    scratch: Float64[Any, "blocks sums"]

    @classmethod
    def allocate(cls, memory: Memory) -> Sums:
        """Zeros."""
        values = memory.zeros(2, len(SUMS), dtype="float64")
        return cls(values, memory.zeros(TALLY_BLOCKS, len(SUMS), dtype="float64"))
