"""The definition, in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.accounts import DRAG, PRESSURE, PROJECTION, WALLS

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.grid import Grid

__all__ = ["press", "resist", "run"]


def resist(
    velocity: Float[np.ndarray, "3 n"], mass: Float[np.ndarray, " n"], drag: float, time: float
) -> tuple[Float[np.ndarray, "3 n"], Float[np.ndarray, " n"]]:
    """Velocity after friction, and the kinetic energy that it took."""
    kinetic = 0.5 * mass * (velocity**2).sum(axis=0)
    return velocity * np.exp(-drag * time / mass), -kinetic * np.expm1(-2 * drag * time / mass)


def press(
    velocity: Float[np.ndarray, "3 n"],
    thrust: Float[np.ndarray, "3 n"],
    mass: Float[np.ndarray, " n"],
    heat: Float[np.ndarray, " n"],
    time: float,
) -> tuple[Float[np.ndarray, "3 n"], Float[np.ndarray, " n"]]:
    """Velocity after the pressure, and its work, which is at most half of the heat."""
    change = time * thrust
    linear = mass * (velocity * change).sum(axis=0)
    square = 0.5 * mass * (change**2).sum(axis=0)
    budget = 0.5 * heat
    work = linear + square
    root = np.sqrt(linear**2 + 4 * square * budget)
    over = work > budget
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(linear < 0, (root - linear) / (2 * square), 2 * budget / (linear + root))
    scale = np.where(budget > 0, scale, np.where(linear < 0, -linear / np.where(over, square, 1.0), 0.0))
    scale = np.where(over, scale, 1.0)
    return velocity + scale * change, np.where(over, budget, work)


def run(
    position: Float[np.ndarray, "3 n"],
    velocity: Float[np.ndarray, "3 n"],
    acceleration: Float[np.ndarray, "3 n"],
    thrust: Float[np.ndarray, "3 n"],
    push: Float[np.ndarray, "3 n"],
    sprung: Float[np.ndarray, "3 n"],
    mass: Float[np.ndarray, " n"],
    heat: Float[np.ndarray, " n"],
    accounts: Float[np.ndarray, "rows n"],
    grid: Grid,
    dt: float,
    kick: float,
    late: float,
    drag: float,
    wall_margin: float,
    wall_restitution: float,
) -> None:
    moved = push if kick > 0 else np.zeros_like(push)
    if kick > 0:
        velocity[:], accounts[DRAG] = resist(velocity, mass, drag, kick)
        heat += accounts[DRAG]
        velocity[:], accounts[PRESSURE] = press(velocity, thrust, mass, heat, kick)
        heat -= accounts[PRESSURE]
        velocity += kick * acceleration
        accounts[WALLS] = 0
        pull, owed = acceleration, np.zeros_like(acceleration)
    else:
        pull = acceleration + (2 / dt if dt > 0 else 0.0) * sprung
        owed = late * acceleration
    velocity += owed
    position += dt * velocity
    for a, extent in enumerate(grid.extent):
        if grid.periodic:
            place = position[a] + moved[a]
            wrapped = place - extent * np.floor(place / extent)
            position[a] = np.where(wrapped < extent, wrapped, 0.0)
            continue
        low, high = wall_margin, extent - wall_margin
        below, above = position[a] < low, position[a] > high
        wall, hit = np.where(below, low, high), below | above
        left = np.divide(position[a] - wall, velocity[a], out=np.zeros_like(mass), where=hit)
        left = np.clip(left, 0.0, dt)
        arriving = velocity[a] + (0.5 * dt - left) * pull[a]
        met = hit & (arriving * velocity[a] > 0)
        back = np.where(met, -wall_restitution * arriving, 0.0)
        rests = hit & ((back + 0.5 * left * pull[a]) * velocity[a] > 0)
        bounces = met & ~rests
        leaving = np.where(bounces, back - (0.5 * dt - left) * pull[a], velocity[a])
        leaving = np.where(rests, -0.5 * dt * pull[a], leaving)
        gone = np.where(bounces, left * leaving, 0.0)
        bounced = np.where(hit, np.clip(wall + gone, low, high), position[a])
        position[a] = np.clip(bounced + moved[a], low, high)
        moved[a] = position[a] - bounced
        stopped = np.where(bounces, (1 - wall_restitution**2) * arriving**2, 0.0)
        stopped = np.where(rests, arriving**2 + left * (dt - left) * pull[a] ** 2, stopped)
        heat += 0.5 * mass * stopped
        accounts[WALLS] += 0.5 * mass * stopped
        velocity[a] = leaving
    velocity -= owed
    if kick > 0:
        accounts[PROJECTION] = -0.5 * mass * (acceleration * moved).sum(axis=0)
