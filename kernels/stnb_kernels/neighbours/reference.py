"""The definition: all pairs within the reach, from a k-d tree, in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import KDTree

from stnb_kernels.neighbours import COINCIDENT, SLOTS

if TYPE_CHECKING:
    from jaxtyping import Float, Int

    from stnb_kernels.cells import CellList
    from stnb_kernels.grid import Grid
    from stnb_kernels.neighbours import ContactList

__all__ = ["run", "separation", "touching_pairs"]


def separation(
    position: Float[np.ndarray, "3 n"],
    first: Int[np.ndarray, " m"],
    second: Int[np.ndarray, " m"],
    grid: Grid,
) -> Float[np.ndarray, "3 m"]:
    """x_first − x_second, of the nearest image."""
    apart = position[:, first].astype(np.float64) - position[:, second]
    if grid.periodic:
        extent = np.array(grid.extent)[:, None]
        apart = apart - extent * (apart > extent / 2) + extent * (apart < -extent / 2)
    return apart


def touching_pairs(
    position: Float[np.ndarray, "3 n"], grid: Grid, reach: float
) -> tuple[Int[np.ndarray, " m"], Int[np.ndarray, " m"]]:
    """Both members of every touching pair, each pair in both orders."""
    places = position.astype(np.float64).T
    box = None
    if grid.periodic:
        box = np.array(grid.extent)
        places = places % box
    tree = KDTree(places, boxsize=box)
    pairs = tree.query_pairs(1.001 * reach, output_type="ndarray").reshape(-1, 2)
    first = np.concatenate([pairs[:, 0], pairs[:, 1]]).astype(np.int64)
    second = np.concatenate([pairs[:, 1], pairs[:, 0]]).astype(np.int64)
    distance = np.sqrt((separation(position, first, second, grid) ** 2).sum(axis=0))
    touch = (distance < reach) & (distance > COINCIDENT * reach)
    return first[touch], second[touch]


def run(
    position: Float[np.ndarray, "3 n"],
    velocity: Float[np.ndarray, "3 n"],
    grid: Grid,
    cells: CellList,
    contacts: ContactList,
    reach: float,
    span: int,
) -> None:
    del cells, span  # the tree finds every pair by itself
    n = position.shape[1]
    first, second = touching_pairs(position, grid, reach) if n else (np.empty(0, dtype=np.int64),) * 2
    apart = separation(position, first, second, grid)
    speed = (apart * (velocity[:, first].astype(np.float64) - velocity[:, second])).sum(axis=0)
    contacts.count[:n] = np.bincount(first, minlength=n)
    contacts.approaching[:n] = np.bincount(first[speed < 0], minlength=n)
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    slot = np.arange(len(first)) - np.searchsorted(first, first)
    listed = contacts.count[first] <= SLOTS
    contacts.partner[slot[listed], first[listed]] = second[listed]
