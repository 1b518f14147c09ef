"""Numba: one particle per iteration, one axis after the other."""

from __future__ import annotations

import numpy as np
from numba import njit, prange


@njit(inline="always")
def wrap(x, extent):
    """X modulo the box, in [0, extent)."""
    x -= extent * np.floor(x / extent)
    return x if x < extent else extent - extent


@njit(parallel=True, cache=True)
def move_axis(x, v, a, mass, heat, half, dt, low, high, restitution, lost, periodic):
    """Advance one axis; `lost` is (1 − e²)/2."""
    for p in prange(x.shape[0]):
        speed = v[p] + half * a[p]
        place = x[p] + dt * speed
        if periodic:
            place = wrap(place, high)
        elif place < low or place > high:
            wall = low if place < low else high
            place = min(max(wall + wall - place, low), high)
            heat[p] += lost * mass[p] * speed * speed
            speed = -restitution * speed
        x[p] = place
        v[p] = speed


def run(position, velocity, acceleration, mass, heat, grid, dt, wall_margin, wall_restitution):
    real = position.dtype.type
    e, lost = real(wall_restitution), real(0.5 * (1.0 - wall_restitution**2))
    for a, extent in enumerate(grid.extent):
        low, high = (0.0, extent) if grid.periodic else (wall_margin, extent - wall_margin)
        move_axis(
            position[a],
            velocity[a],
            acceleration[a],
            mass,
            heat,
            real(0.5 * dt),
            real(dt),
            real(low),
            real(high),
            e,
            lost,
            grid.periodic,
        )
