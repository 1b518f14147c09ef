"""Numba: one particle per iteration."""

from __future__ import annotations

import math

from numba import njit, prange

from stnb_kernels.accounts import DRAG, PRESSURE, PROJECTION, WALLS


@njit(inline="always")
def press_scale(linear, square, budget):
    """How much of the pressure's kick the heat can pay: the root of square·s² + linear·s = budget."""
    root = math.sqrt(linear * linear + (square + square) * (budget + budget))
    if linear < 0:
        return (root - linear) / (square + square)
    return (budget + budget) / (linear + root) if budget > 0 else budget - budget


@njit(inline="always")
def wrap(x, extent):
    """X modulo the box, in [0, extent)."""
    x -= extent * math.floor(x / extent)
    return x if x < extent else extent - extent


@njit(inline="always")
def bounce(x, v, d, a, low, high, e, lost, dt, half):
    """One axis after the walls: place, velocity, the displacement that was possible, and the energy lost per mass."""
    taken = v - v
    if x < low or x > high:
        wall = low if x < low else high
        left = min(max((x - wall) / v, taken), dt)
        ahead = half * dt * a
        pulled = ahead - left * a
        arriving = v + pulled
        x = wall
        met = arriving * v > 0
        back = -e * arriving if met else taken
        if (back + half * left * a) * v > 0:
            v = -ahead
            taken = half * (arriving * arriving + left * a * (dt - left) * a)
        elif met:
            v = back - pulled
            taken = lost * arriving * arriving
            x = min(max(wall + left * v, low), high)
    place = min(max(x + d, low), high)
    return place, v, place - x, taken


@njit(parallel=True, cache=True)
def move(
    x,
    y,
    z,
    vx,
    vy,
    vz,
    ax,
    ay,
    az,
    tx,
    ty,
    tz,
    dx,
    dy,
    dz,
    rx,
    ry,
    rz,
    mass,
    heat,
    dragged,
    pressed,
    stopped,
    pushed,
    low,
    high,
    dt,
    kick,
    late,
    per,
    drag,
    e,
    lost,
    half,
    periodic,
):
    """Advance every particle; `lost` is (1 − e²)/2."""
    zero = dt - dt
    for p in prange(mass.shape[0]):
        m, q = mass[p], heat[p]
        ux, uy, uz = vx[p], vy[p], vz[p]
        gx, gy, gz = ax[p], ay[p], az[p]
        sx = sy = sz = bx = by = bz = zero
        if kick > 0:
            sx, sy, sz = dx[p], dy[p], dz[p]
            rate = drag * kick / m
            slowed = -half * m * (ux * ux + uy * uy + uz * uz) * math.expm1(-rate - rate)
            keep = math.exp(-rate)
            ux, uy, uz = ux * keep, uy * keep, uz * keep
            q += slowed
            cx, cy, cz = kick * tx[p], kick * ty[p], kick * tz[p]
            linear = m * (ux * cx + uy * cy + uz * cz)
            square = half * m * (cx * cx + cy * cy + cz * cz)
            work, budget = linear + square, half * q
            if work > budget:
                s = press_scale(linear, square, budget)
                cx, cy, cz, work = s * cx, s * cy, s * cz, budget
            q -= work
            ux += cx + kick * gx
            uy += cy + kick * gy
            uz += cz + kick * gz
            dragged[p] = slowed
            pressed[p] = work
            stopped[p] = zero
        else:
            bx, by, bz = late * gx, late * gy, late * gz
            ux, uy, uz = ux + bx, uy + by, uz + bz
            gx, gy, gz = gx + per * rx[p], gy + per * ry[p], gz + per * rz[p]
        px, py, pz = x[p] + dt * ux, y[p] + dt * uy, z[p] + dt * uz
        if periodic:
            px, py, pz = wrap(px + sx, high[0]), wrap(py + sy, high[1]), wrap(pz + sz, high[2])
        else:
            px, ux, sx, lost_x = bounce(px, ux, sx, gx, low, high[0], e, lost, dt, half)
            py, uy, sy, lost_y = bounce(py, uy, sy, gy, low, high[1], e, lost, dt, half)
            pz, uz, sz, lost_z = bounce(pz, uz, sz, gz, low, high[2], e, lost, dt, half)
            taken = m * (lost_x + lost_y + lost_z)
            q += taken
            stopped[p] += taken
        if kick > 0:
            dx[p], dy[p], dz[p] = sx, sy, sz
            pushed[p] = -half * m * (gx * sx + gy * sy + gz * sz)
        x[p], y[p], z[p] = px, py, pz
        vx[p], vy[p], vz[p] = ux - bx, uy - by, uz - bz
        heat[p] = q


def run(
    position,
    velocity,
    acceleration,
    thrust,
    push,
    sprung,
    mass,
    heat,
    accounts,
    grid,
    dt,
    kick,
    late,
    drag,
    wall_margin,
    wall_restitution,
):
    real = position.dtype.type
    margin = 0.0 if grid.periodic else wall_margin
    high = tuple(real(extent - margin) for extent in grid.extent)
    columns = (*position, *velocity, *acceleration, *thrust, *push, *sprung, mass, heat)
    rows = (accounts[DRAG], accounts[PRESSURE], accounts[WALLS], accounts[PROJECTION])
    lost = 0.5 * (1.0 - wall_restitution**2)
    settings = (dt, kick, late, 2.0 / dt if dt > 0 else 0.0, drag, wall_restitution, lost, 0.5)
    move(*columns, *rows, real(margin), high, *(real(s) for s in settings), grid.periodic)
