"""The definition: eight corners, weights and their derivatives, in float64."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.accounts import DRAG, LIMITER, PRESSURE, PROJECTION, RADIATION
from stnb_kernels.cells.reference import cell_coordinate
from stnb_kernels.drift.reference import press, resist

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.grid import Grid

__all__ = ["node_slopes", "run", "sample"]


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


def node_slopes(
    field: Float[np.ndarray, "nx ny nz"], grid: Grid, *, free: bool
) -> Float[np.ndarray, "3 nx ny nz"]:
    """Central differences at the nodes."""
    slopes = np.empty((3, *grid.shape))
    for a in range(3):
        f = np.moveaxis(field.astype(np.float64), a, 0)
        if grid.periodic:
            before, after = np.roll(f, 1, axis=0), np.roll(f, -1, axis=0)
        else:
            first = 2 * f[:1] - f[1:2] if free else np.zeros_like(f[:1])
            last = 2 * f[-1:] - f[-2:-1] if free else np.zeros_like(f[:1])
            before, after = np.concatenate([first, f[:-1]]), np.concatenate([f[1:], last])
        slopes[a] = np.moveaxis((after - before) / (2 * grid.spacing), 0, a)
    return slopes


def shortened(vectors: Float[np.ndarray, "3 n"], limit: float) -> Float[np.ndarray, "3 n"]:
    """Vectors no longer than the limit; 0 is no limit."""
    length = np.sqrt((vectors**2).sum(axis=0))
    over = (limit > 0) & (length > limit)
    return vectors * np.where(over, limit / np.where(over, length, 1.0), 1.0)


def run(
    position: Float[np.ndarray, "3 n"],
    velocity: Float[np.ndarray, "3 n"],
    push: Float[np.ndarray, "3 n"],
    mass: Float[np.ndarray, " n"],
    heat: Float[np.ndarray, " n"],
    grid: Grid,
    fields: tuple[Float[np.ndarray, "nx ny nz"], ...],
    outputs: tuple[Float[np.ndarray, "*_"], ...],
    settings: tuple[float, float, float, float, float, float, float, bool, bool],
) -> None:
    node_potential, node_mass, node_heat, share, keep = fields
    acceleration, thrust, potential, accounts, velocity_out, heat_out = outputs
    dt, specific_heat, gas, drag, radiance, acceleration_limit, speed_limit, momentum, free = settings
    value, gradient = sample(node_potential, position, grid)
    if momentum:
        gradient = np.array(
            [sample(s, position, grid)[0] for s in node_slopes(node_potential, grid, free=free)]
        )
    gradient = shortened(gradient, acceleration_limit)
    density = sample(node_mass, position, grid)[0]
    squeeze = sample(node_heat, position, grid)[1]
    kept, gained = sample(keep, position, grid)[0], sample(share, position, grid)[0]
    m, moved = mass.astype(np.float64), push.astype(np.float64)

    q = heat + (heat * kept + m * specific_heat * gained)
    v = velocity - 0.5 * dt * gradient
    push_away = np.divide(squeeze, density, out=np.zeros(squeeze.shape), where=density > 0)
    thrust[:] = shortened(-(gas / specific_heat) * push_away, acceleration_limit)
    v, work = press(v, thrust.astype(np.float64), m, q, 0.5 * dt)
    q = q - work
    v, slowed = resist(v, m, drag, 0.5 * dt)
    fast, v = v, shortened(v, speed_limit)
    cut = 0.5 * m * ((fast**2).sum(axis=0) - (v**2).sum(axis=0))
    q = q + slowed + cut
    capacity = m * specific_heat
    hot = np.maximum(q / capacity, 0.0)
    radiated = -q * np.expm1(-np.log1p(3 * radiance / capacity * hot**3 * dt) / 3)

    acceleration[:] = -gradient
    potential[:] = value
    accounts[DRAG] += slowed
    accounts[PRESSURE] += work
    accounts[PROJECTION] += 0.5 * m * (gradient * moved).sum(axis=0)
    accounts[RADIATION] = radiated
    accounts[LIMITER] = cut
    velocity_out[:] = v
    heat_out[:] = q - radiated
