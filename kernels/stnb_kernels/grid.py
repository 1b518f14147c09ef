"""The lattice that particles live on."""

from __future__ import annotations

import math
from dataclasses import dataclass

from stnb._core.errors import ConfigError

__all__ = ["Grid"]


@dataclass(frozen=True, slots=True)
class Grid:
    """Nodes `(i, j, k)` at positions `(i·h, j·h, k·h)`; arrays are C-ordered, z fastest.

    With walls the lattice covers `[0, (n−1)·h]` on each axis; a periodic one repeats after `n·h`.

    Attributes:
        shape: Nodes per axis, each at least 2.
        spacing: Node spacing h in metres.
        periodic: Whether node n is node 0.
    """

    shape: tuple[int, int, int]
    spacing: float = 1.0
    periodic: bool = False

    def __post_init__(self) -> None:
        if len(self.shape) != 3 or min(self.shape) < 2:
            raise ConfigError(f"a grid needs three axes of at least 2 nodes each, got {self.shape}")
        if math.prod(self.shape) >= 2**31 - 1:
            raise ConfigError(f"a grid of {self.shape} nodes exceeds 2³¹ cells; use fewer nodes per axis")
        if not (math.isfinite(self.spacing) and self.spacing > 0):
            raise ConfigError(f"grid spacing must be a positive length in metres, got {self.spacing!r}")

    @property
    def nodes(self) -> int:
        """Number of nodes, and of base cells."""
        return math.prod(self.shape)

    @property
    def extent(self) -> tuple[float, float, float]:
        """Length of the box along each axis."""
        steps = self.shape if self.periodic else tuple(n - 1 for n in self.shape)
        x, y, z = (n * self.spacing for n in steps)
        return x, y, z

    @property
    def cell_volume(self) -> float:
        """h³."""
        return self.spacing**3
