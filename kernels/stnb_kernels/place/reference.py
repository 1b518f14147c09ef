"""The definition, in float64 from random numbers in the particles' type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.place import (
    GRID_JITTER,
    LINE_WIDTH,
    PLACE_STREAM,
    STORES_STREAM,
    VELOCITY_STREAM,
    lattice_side,
)
from stnb_kernels.random.reference import uniforms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float

    from stnb_kernels.grid import Grid

__all__ = ["normals", "on_sphere", "run"]


def normals(u: Float[np.ndarray, "4 n"]) -> Float[np.ndarray, "3 n"]:
    """Three standard normals from four uniforms, by Box–Muller."""
    radius, angle = np.sqrt(-2.0 * np.log1p(-u[0::2])), 2.0 * np.pi * u[1::2]
    return np.stack(
        [radius[0] * np.cos(angle[0]), radius[0] * np.sin(angle[0]), radius[1] * np.cos(angle[1])]
    )


def on_sphere(u: Float[np.ndarray, "rows n"]) -> Float[np.ndarray, "3 n"]:
    """Unit vectors, uniform on the sphere: the height is uniform, and so is the angle around it."""
    ring, angle = 2.0 * np.sqrt(u[0] * (1.0 - u[0])), 2.0 * np.pi * u[1]
    return np.stack([ring * np.cos(angle), ring * np.sin(angle), 1.0 - 2.0 * u[0]])


def places(
    pattern: str,
    u: Float[np.ndarray, "4 n"],
    grid: Grid,
    centre: Sequence[float],
    spread: float,
    direction: Sequence[float],
) -> Float[np.ndarray, "3 n"]:
    """Positions of a pattern, before they are kept inside the box."""
    n = u.shape[1]
    i = np.arange(n)
    middle = np.array(centre, dtype=np.float64)[:, None]
    if pattern == "cluster":
        return middle + spread * normals(u)
    if pattern == "line":
        along = (i + 0.5) / max(n, 1) - 0.5
        return middle + np.array(direction)[:, None] * spread * along + LINE_WIDTH * (u[:3] - 0.5)
    if pattern == "sphere":
        return middle + spread * on_sphere(u)
    if pattern == "grid":
        side = lattice_side(n)
        cell = np.stack([i % side, (i // side) % side, i // side**2])
        return middle + spread / side * (cell + 0.5 - side / 2 + GRID_JITTER * (u[:3] - 0.5))
    return np.array(grid.extent)[:, None] * u[:3]


def run(
    position: Float[np.ndarray, "3 n"],
    velocity: Float[np.ndarray, "3 n"],
    mass: Float[np.ndarray, " n"],
    heat: Float[np.ndarray, " n"],
    energy: Float[np.ndarray, " n"],
    pattern: str,
    grid: Grid,
    centre: Sequence[float],
    spread: float,
    direction: Sequence[float],
    wall_margin: float,
    speed: float,
    temperature: float,
    specific_heat: float,
    energy_scale: float,
    seed: int,
    batch: int,
) -> None:
    n, real = len(mass), mass.dtype

    def four(stream: int) -> Float[np.ndarray, "4 n"]:
        return uniforms(4 * n, real, seed, stream, batch).reshape(n, 4).T

    placed = places(pattern, four(PLACE_STREAM), grid, centre, spread, direction)
    extent = np.array(grid.extent)[:, None]
    if grid.periodic:
        wrapped = (placed - extent * np.floor(placed / extent)).astype(real)
        position[:] = np.where((wrapped >= 0) & (wrapped < extent.astype(real)), wrapped, 0)
    else:
        position[:] = np.clip(placed, wall_margin, extent - wall_margin)
    velocity[:] = speed * normals(four(VELOCITY_STREAM))
    u = four(STORES_STREAM)
    joules = energy_scale * (0.5 + 0.5 * u[0])
    mass[:] = energy[:] = joules
    heat[:] = joules * specific_heat * temperature * 2 * u[1]
