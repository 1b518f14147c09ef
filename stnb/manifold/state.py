"""The buffers of a run: particles of fixed capacity, and the fields of the grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from stnb_kernels import CellList

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb.manifold.config import ManifoldConfig

__all__ = ["Fields", "Particles"]


@dataclass
class Particles:
    """Columns with room for `capacity` particles, of which the first `count` exist."""

    position: Float[np.ndarray, "3 capacity"]
    velocity: Float[np.ndarray, "3 capacity"]
    acceleration: Float[np.ndarray, "3 capacity"]
    mass: Float[np.ndarray, " capacity"]
    heat: Float[np.ndarray, " capacity"]
    energy: Float[np.ndarray, " capacity"]
    potential: Float[np.ndarray, " capacity"]
    count: int = 0

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "position",
        "velocity",
        "acceleration",
        "mass",
        "heat",
        "energy",
        "potential",
    )

    @classmethod
    def allocate(cls, config: ManifoldConfig) -> Particles:
        """Empty columns."""
        room = config.room
        vectors = ("position", "velocity", "acceleration")
        shapes = {name: (3, room) if name in vectors else (room,) for name in cls.COLUMNS}
        columns: dict[str, Any] = {name: np.zeros(shape, config.dtype) for name, shape in shapes.items()}
        return cls(**columns)

    def __getitem__(self, name: str) -> Float[np.ndarray, "... n"]:
        """The existing part of a column, as a view."""
        return getattr(self, name)[..., : self.count]

    def columns(self) -> dict[str, Float[np.ndarray, "... n"]]:
        """Every column's existing part."""
        return {name: self[name] for name in self.COLUMNS}


@dataclass
class Fields:
    """Node arrays and the cell list, allocated once."""

    mass: Float[np.ndarray, "nx ny nz"]
    heat: Float[np.ndarray, "nx ny nz"]
    potential: Float[np.ndarray, "nx ny nz"]
    share: Float[np.ndarray, "nx ny nz"]
    keep: Float[np.ndarray, "nx ny nz"]
    scratch: Float[np.ndarray, "3 nx ny nz"]
    cells: CellList

    @classmethod
    def allocate(cls, config: ManifoldConfig) -> Fields:
        """Zeroed fields."""
        grid = config.lattice
        names = ("mass", "heat", "potential", "share", "keep")
        nodes = {name: np.zeros(grid.shape, dtype=config.dtype) for name in names}
        scratch = np.zeros((3, *grid.shape), dtype=config.dtype)
        return cls(**nodes, scratch=scratch, cells=CellList.allocate(grid, config.room, scratch))
