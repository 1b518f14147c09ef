"""The definition: eight weighted sums over all particles, in float64."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.cells.reference import cell_coordinate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jaxtyping import Float, Int

    from stnb_kernels.cells import CellList
    from stnb_kernels.grid import Grid

__all__ = ["corners", "run"]


def corners(
    position: Float[np.ndarray, "3 n"], grid: Grid
) -> Iterator[tuple[Int[np.ndarray, " n"], Float[np.ndarray, " n"]]]:
    """Linear node index and weight of every particle, for each of the eight corners of its cell."""
    axes = [cell_coordinate(position[a], grid.shape[a], grid) for a in range(3)]
    base = [cell for cell, _ in axes]
    fraction = [g.astype(np.float64) - cell for cell, g in axes]
    for offset in itertools.product((0, 1), repeat=3):
        node = [(b + d) % n for b, d, n in zip(base, offset, grid.shape, strict=True)]
        weight = [f if d else 1.0 - f for f, d in zip(fraction, offset, strict=True)]
        yield (node[0] * grid.shape[1] + node[1]) * grid.shape[2] + node[2], np.prod(weight, axis=0)


def run(
    position: Float[np.ndarray, "3 n"],
    mass: Float[np.ndarray, " n"],
    heat: Float[np.ndarray, " n"],
    grid: Grid,
    cells: CellList,
    node_mass: Float[np.ndarray, "nx ny nz"],
    node_heat: Float[np.ndarray, "nx ny nz"],
) -> None:
    del cells  # a sum over all particles needs no list
    for values, out in ((mass, node_mass), (heat, node_heat)):
        total = np.zeros(grid.nodes)
        for node, weight in corners(position, grid):
            total += np.bincount(node, weights=weight * values, minlength=grid.nodes)
        out[...] = total.reshape(grid.shape)
