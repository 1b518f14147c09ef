"""Parity cases of `cells`: integers, so identical."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_kernels.cells import CellList, build_cells
from stnb_kernels.grid import Grid
from stnb_kernels.parity import to_device, to_numpy

if TYPE_CHECKING:
    from jaxtyping import Float

COUNTS = (0, 1, 7, 60, 1000, 20_000)
SHAPES = ((2, 2, 2), (4, 4, 4), (3, 5, 4), (17, 9, 33), (64, 64, 64))
SPACINGS = (1.0, 0.5, 0.3, 1.7)


@dataclass(frozen=True)
class Case:
    """Particles on a grid."""

    grid: Grid
    position: Float[np.ndarray, "3 n"]

    def __str__(self) -> str:
        return f"{self.position.shape[1]} {self.position.dtype} particles on {self.grid}"


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    """Uniform, clustered, on nodes, outside the box, and not finite."""
    shapes, counts = (SHAPES[:3], COUNTS[:4]) if small else (SHAPES, COUNTS)
    grid = Grid(shapes[rng.integers(len(shapes))], float(rng.choice(SPACINGS)), bool(rng.integers(2)))
    n = int(rng.choice(counts))
    extent = np.array(grid.shape)[:, None] * grid.spacing
    laws = (
        lambda: rng.random((3, n)) * 1.2 * extent - 0.1 * extent,
        lambda: rng.normal(0.5, 0.02, (3, n)) * extent,
        lambda: rng.integers(-1, np.array(grid.shape)[:, None] + 1, (3, n)) * grid.spacing,
        lambda: np.broadcast_to(rng.random((3, 1)) * extent, (3, n)).copy(),
    )
    position = laws[rng.integers(len(laws))]()
    if n and rng.random() < 0.3:
        position[rng.integers(3), rng.integers(n)] = rng.choice([np.nan, np.inf, -np.inf, 1e30])
    dtype = "float32" if backend in ("metal", "triton") else str(rng.choice(["float32", "float64"]))
    return Case(grid, position.astype(dtype))


def poisoned(grid: Grid, n: int, backend: str) -> CellList:
    """A cell list whose buffers hold rubbish."""
    blank = CellList.allocate(grid, n, np.empty(0))
    fields: list[Any] = [to_device(np.full_like(getattr(blank, f), -77), backend) for f in CellList.__slots__]
    return CellList(*fields)


def reference(case: Case) -> dict[str, np.ndarray]:
    return compute(case, "reference")


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    n = case.position.shape[1]
    cells = poisoned(case.grid, n, backend)
    build_cells(to_device(case.position, backend), case.grid, cells, backend=backend)
    return {name: to_numpy(getattr(cells, name)) for name in ("start", "order", "key")}


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    del case, name
    return float(np.count_nonzero(value != expected)), 0.0
