"""The definition: one dense solve per line of nodes, in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.grid import Grid

__all__ = ["conduct_line", "run"]


def conduct_line(
    capacity: Float[np.ndarray, " n"], temperature: Float[np.ndarray, " n"], link: float, *, periodic: bool
) -> Float[np.ndarray, " n"]:
    """Temperatures of one line of nodes after an implicit step; empty nodes stay at zero."""
    n = len(capacity)
    matrix = np.diag(np.where(capacity > 0, capacity, 1.0))
    for left in range(n if periodic else n - 1):
        right = (left + 1) % n
        if capacity[left] > 0 and capacity[right] > 0 and left != right:
            matrix[left, left] += link
            matrix[right, right] += link
            matrix[left, right] -= link
            matrix[right, left] -= link
    return np.linalg.solve(matrix, capacity * temperature)


def run(
    node_mass: Float[np.ndarray, "nx ny nz"],
    node_heat: Float[np.ndarray, "nx ny nz"],
    grid: Grid,
    share: Float[np.ndarray, "nx ny nz"],
    keep: Float[np.ndarray, "nx ny nz"],
    scratch: Float[np.ndarray, "3 nx ny nz"],
    link: float,
    specific_heat: float,
    relaxation: float,
) -> None:
    del scratch
    heat = node_heat.astype(np.float64)
    capacity = specific_heat * node_mass.astype(np.float64)
    filled = capacity > 0
    temperature = np.divide(heat, capacity, out=np.zeros_like(heat), where=filled)
    for axis in range(3):
        lines = np.moveaxis(temperature, axis, -1)
        weights = np.moveaxis(capacity, axis, -1)
        for index in np.ndindex(lines.shape[:2]):
            lines[index] = conduct_line(weights[index], lines[index], link, periodic=grid.periodic)
    change = capacity * temperature - heat
    gain = np.divide(np.maximum(change, 0), capacity, out=np.zeros_like(heat), where=filled)
    loss = np.divide(np.minimum(change, 0), heat, out=np.zeros_like(heat), where=heat > 0)
    share[...] = (1 - relaxation) * gain + relaxation * temperature
    keep[...] = (1 - relaxation) * (1 + loss) - 1
