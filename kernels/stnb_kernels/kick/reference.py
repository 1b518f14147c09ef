"""The definition: eight corners, weights and their derivatives, in float64."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.cells.reference import cell_coordinate

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.grid import Grid

__all__ = ["run", "sample"]


def sample(
    field: Float[np.ndarray, "nx ny nz"], position: Float[np.ndarray, "3 n"], grid: Grid
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, "3 n"]]:
    """Value and gradient of the trilinear interpolant at each position."""
    axes = [cell_coordinate(position[a], grid.shape[a], grid) for a in range(3)]
    base = [cell for cell, _ in axes]
    fraction = [g.astype(np.float64) - cell for cell, g in axes]
    value = np.zeros(position.shape[1])
    gradient = np.zeros(position.shape)
    for offset in itertools.product((0, 1), repeat=3):
        node = tuple((b + d) % n for b, d, n in zip(base, offset, grid.shape, strict=True))
        weight = [f if d else 1.0 - f for f, d in zip(fraction, offset, strict=True)]
        corner = field[node].astype(np.float64)
        value += np.prod(weight, axis=0) * corner
        for a in range(3):
            others = np.prod([w for b, w in enumerate(weight) if b != a], axis=0)
            gradient[a] += (1.0 if offset[a] else -1.0) * others * corner / grid.spacing
    return value, gradient


def run(
    position: Float[np.ndarray, "3 n"],
    velocity: Float[np.ndarray, "3 n"],
    mass: Float[np.ndarray, " n"],
    heat: Float[np.ndarray, " n"],
    grid: Grid,
    node_potential: Float[np.ndarray, "nx ny nz"],
    share: Float[np.ndarray, "nx ny nz"],
    keep: Float[np.ndarray, "nx ny nz"],
    acceleration: Float[np.ndarray, "3 n"],
    potential: Float[np.ndarray, " n"],
    dt: float,
    specific_heat: float,
) -> None:
    potential[:], gradient = sample(node_potential, position, grid)
    acceleration[:] = -gradient
    velocity += 0.5 * dt * acceleration
    kept = sample(keep, position, grid)[0]
    gained = sample(share, position, grid)[0]
    heat += heat * kept + mass * specific_heat * gained
