"""Numba-CUDA: one particle per thread."""

from __future__ import annotations

import functools
import math

from numba import cuda, float32, float64

from stnb_kernels.accounts import DRAG, PRESSURE, PROJECTION, WALLS
from stnb_kernels.launch import THREADS, blocks_for, device_array, stream_of


@functools.cache
def press_of(real):
    """The device function for a kick by pressure: the change of velocity, its work, both as the heat allows."""
    half, two, zero, one = real(0.5), real(2.0), real(0.0), real(1.0)

    @cuda.jit(device=True)
    def press(ux, uy, uz, cx, cy, cz, m, q):
        linear = m * (ux * cx + uy * cy + uz * cz)
        square = half * m * (cx * cx + cy * cy + cz * cz)
        work, budget, s = linear + square, half * q, one
        if work > budget:
            root = math.sqrt(linear * linear + two * square * (two * budget))
            if linear < zero:
                s = (root - linear) / (two * square)
            elif budget > zero:
                s = two * budget / (linear + root)
            else:
                s = zero
            work = budget
        return s * cx, s * cy, s * cz, work

    return press


@functools.cache
def boundary_of(real):
    """The device functions of the boundary in one float type: wrap, and bounce."""
    zero, half = real(0.0), real(0.5)

    @cuda.jit(device=True)
    def wrap(x, extent):
        x -= extent * real(math.floor(x / extent))
        return x if x < extent else zero

    @cuda.jit(device=True)
    def bounce(x, v, d, a, low, high, e, lost, dt):
        taken = zero
        if x < low or x > high:
            wall = low if x < low else high
            left = min(max((x - wall) / v, zero), dt)
            ahead = half * dt * a
            pulled = ahead - left * a
            arriving = v + pulled
            met = arriving * v > zero
            back = -e * arriving if met else zero
            x = wall
            if (back + half * left * a) * v > zero:
                v = -ahead
                taken = half * (arriving * arriving + left * a * (dt - left) * a)
            elif met:
                v = back - pulled
                taken = lost * arriving * arriving
                x = min(max(wall + left * v, low), high)
        place = min(max(x + d, low), high)
        return place, v, place - x, taken

    return wrap, bounce


@functools.cache
def move_kernel(real):
    press = press_of(real)
    wrap, bounce = boundary_of(real)
    zero, half = real(0.0), real(0.5)

    @cuda.jit
    def move(
        x,
        v,
        a,
        t,
        d,
        r,
        mass,
        heat,
        accounts,
        low,
        high_x,
        high_y,
        high_z,
        dt,
        kick,
        late,
        per,
        drag,
        e,
        lost,
        periodic,
    ):
        p = cuda.grid(1)
        if p >= mass.shape[0]:
            return
        m, q = mass[p], heat[p]
        ux, uy, uz = v[0, p], v[1, p], v[2, p]
        gx, gy, gz = a[0, p], a[1, p], a[2, p]
        sx = sy = sz = bx = by = bz = stopped = zero
        if kick > zero:
            sx, sy, sz = d[0, p], d[1, p], d[2, p]
            rate = drag * kick / m
            slowed = -half * m * (ux * ux + uy * uy + uz * uz) * math.expm1(-rate - rate)
            keep = math.exp(-rate)
            ux, uy, uz = ux * keep, uy * keep, uz * keep
            q += slowed
            cx, cy, cz, work = press(ux, uy, uz, kick * t[0, p], kick * t[1, p], kick * t[2, p], m, q)
            q -= work
            ux += cx + kick * gx
            uy += cy + kick * gy
            uz += cz + kick * gz
            accounts[DRAG, p] = slowed
            accounts[PRESSURE, p] = work
        else:
            stopped = accounts[WALLS, p]
            bx, by, bz = late * gx, late * gy, late * gz
            ux, uy, uz = ux + bx, uy + by, uz + bz
            gx, gy, gz = gx + per * r[0, p], gy + per * r[1, p], gz + per * r[2, p]
        px, py, pz = x[0, p] + dt * ux, x[1, p] + dt * uy, x[2, p] + dt * uz
        if periodic:
            px, py, pz = wrap(px + sx, high_x), wrap(py + sy, high_y), wrap(pz + sz, high_z)
        else:
            px, ux, sx, lost_x = bounce(px, ux, sx, gx, low, high_x, e, lost, dt)
            py, uy, sy, lost_y = bounce(py, uy, sy, gy, low, high_y, e, lost, dt)
            pz, uz, sz, lost_z = bounce(pz, uz, sz, gz, low, high_z, e, lost, dt)
            taken = m * (lost_x + lost_y + lost_z)
            q += taken
            stopped += taken
        if kick > zero:
            d[0, p], d[1, p], d[2, p] = sx, sy, sz
            accounts[PROJECTION, p] = -half * m * (gx * sx + gy * sy + gz * sz)
        accounts[WALLS, p] = stopped
        x[0, p], x[1, p], x[2, p] = px, py, pz
        v[0, p], v[1, p], v[2, p] = ux - bx, uy - by, uz - bz
        heat[p] = q

    return move


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
    vectors = (position, velocity, acceleration, thrust, push, sprung)
    arrays = [device_array(a) for a in (*vectors, mass, heat, accounts)]
    scalar = arrays[0].dtype.type
    real = float32 if scalar(0).itemsize == 4 else float64
    margin = 0.0 if grid.periodic else wall_margin
    high = tuple(scalar(extent - margin) for extent in grid.extent)
    lost, per = 0.5 * (1.0 - wall_restitution**2), 2.0 / dt if dt > 0 else 0.0
    settings = tuple(scalar(s) for s in (dt, kick, late, per, drag, wall_restitution, lost))
    move_kernel(real)[blocks_for(mass.shape[0]), THREADS, stream_of(position)](
        *arrays, scalar(margin), *high, *settings, grid.periodic
    )
