"""The definition: a stable sort by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Int

    from stnb_kernels.cells import CellList
    from stnb_kernels.grid import Grid

__all__ = ["cell_coordinate", "cell_of", "run"]

MARGIN = 1.001
FAR = 2.0**24


def cell_coordinate(
    x: Float[np.ndarray, " n"], nodes: int, grid: Grid
) -> tuple[Int[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Base cell and coordinate along one axis, in the type of `x`."""
    real = x.dtype.type
    with np.errstate(invalid="ignore", over="ignore"):
        g = x * real(1.0 / grid.spacing)
        if grid.periodic:
            g = np.where(np.abs(g) < real(FAR), g, real(0))
            g = g - real(nodes) * np.floor(g / real(nodes))
            g = np.where(g < real(nodes), g, real(0))
        else:
            g = np.minimum(g, real(nodes - MARGIN))
        g = np.where(g > 0, g, real(0))
    return np.floor(g).astype(np.int64), g


def cell_of(position: Float[np.ndarray, "3 n"], grid: Grid) -> Int[np.ndarray, " n"]:
    """Linear index of each particle's base cell."""
    i, j, k = (cell_coordinate(position[a], grid.shape[a], grid)[0] for a in range(3))
    return (i * grid.shape[1] + j) * grid.shape[2] + k


def run(position: Float[np.ndarray, "3 n"], grid: Grid, cells: CellList) -> None:
    n = position.shape[1]
    key = cell_of(position, grid)
    cells.key[:n] = key
    cells.order[:n] = np.argsort(key, kind="stable")
    cells.start[0] = 0
    cells.start[1:] = np.cumsum(np.bincount(key, minlength=grid.nodes))
