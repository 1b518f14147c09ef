"""The definition, one axis at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.grid import Grid

__all__ = ["run"]


def run(
    position: Float[np.ndarray, "3 n"],
    velocity: Float[np.ndarray, "3 n"],
    acceleration: Float[np.ndarray, "3 n"],
    mass: Float[np.ndarray, " n"],
    heat: Float[np.ndarray, " n"],
    grid: Grid,
    dt: float,
    wall_margin: float,
    wall_restitution: float,
) -> None:
    velocity += 0.5 * dt * acceleration
    position += dt * velocity
    for a, extent in enumerate(grid.extent):
        if grid.periodic:
            wrapped = position[a] - extent * np.floor(position[a] / extent)
            position[a] = np.where(wrapped < extent, wrapped, 0.0)
            continue
        low, high = wall_margin, extent - wall_margin
        below, above = position[a] < low, position[a] > high
        mirrored = np.where(
            below, 2 * low - position[a], np.where(above, 2 * high - position[a], position[a])
        )
        position[a] = np.clip(mirrored, low, high)
        hit = below | above
        heat += np.where(hit, 0.5 * mass * (1 - wall_restitution**2) * velocity[a] ** 2, 0.0)
        velocity[a] = np.where(hit, -wall_restitution * velocity[a], velocity[a])
