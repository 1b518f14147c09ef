"""Numba: one particle per iteration, computed in float64 from random numbers in the particles' type."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from stnb_kernels.place import (
    CLUSTER,
    GRID,
    GRID_JITTER,
    LINE,
    LINE_WIDTH,
    PLACE_STREAM,
    SPHERE,
    STORES_STREAM,
    VELOCITY_STREAM,
    numbers,
)
from stnb_kernels.random.cpu import TWO_PI, block, normal_pair, unit53


@njit
def four(p, single, stream, batch, k0, k1):
    """The uniforms of particle p in a stream."""
    s = np.uint64(stream)
    if single:
        w = block(np.uint64(p), s, batch, k0, k1)
        u0 = np.float64(w[0] >> np.uint64(8)) * 2.0**-24
        u1 = np.float64(w[1] >> np.uint64(8)) * 2.0**-24
        u2 = np.float64(w[2] >> np.uint64(8)) * 2.0**-24
        u3 = np.float64(w[3] >> np.uint64(8)) * 2.0**-24
    else:
        w = block(np.uint64(2 * p), s, batch, k0, k1)
        u0, u1 = unit53(w[0], w[1]), unit53(w[2], w[3])
        w = block(np.uint64(2 * p + 1), s, batch, k0, k1)
        u2, u3 = unit53(w[0], w[1]), unit53(w[2], w[3])
    return u0, u1, u2, u3


@njit
def normals(u0, u1, u2, u3):
    a, b = normal_pair(u0, u1)
    c, _ = normal_pair(u2, u3)
    return a, b, c


@njit
def inside(x, v, p, low, high, periodic):
    """Store v, kept inside the box, as x[p]."""
    if periodic:
        w = x.dtype.type(v - high * math.floor(v / high))
        x[p] = w if w >= 0 and w < high else 0
    else:
        x[p] = min(max(v, low), high)


@njit(parallel=True, cache=True)
def place(x, y, z, vx, vy, vz, mass, heat, energy, pattern, side, periodic, batch, k0, k1, lengths):
    n = x.shape[0]
    single = x.itemsize == 4
    cx, cy, cz, lx, ly, lz, ex, ey, ez, low, spread, speed, warmth, scale = lengths
    for p in prange(n):
        u0, u1, u2, u3 = four(p, single, PLACE_STREAM, batch, k0, k1)
        if pattern == CLUSTER:
            a, b, c = normals(u0, u1, u2, u3)
            px, py, pz = cx + spread * a, cy + spread * b, cz + spread * c
        elif pattern == LINE:
            along = (p + 0.5) / n - 0.5
            px = cx + lx * along + LINE_WIDTH * (u0 - 0.5)
            py = cy + ly * along + LINE_WIDTH * (u1 - 0.5)
            pz = cz + lz * along + LINE_WIDTH * (u2 - 0.5)
        elif pattern == SPHERE:
            ring, angle = 2.0 * math.sqrt(u0 * (1.0 - u0)), TWO_PI * u1
            px = cx + spread * (ring * math.cos(angle))
            py = cy + spread * (ring * math.sin(angle))
            pz = cz + spread * (1.0 - 2.0 * u0)
        elif pattern == GRID:
            pitch, first = spread / side, 0.5 - 0.5 * side
            px = cx + pitch * (p % side + first + GRID_JITTER * (u0 - 0.5))
            py = cy + pitch * ((p // side) % side + first + GRID_JITTER * (u1 - 0.5))
            pz = cz + pitch * (p // (side * side) + first + GRID_JITTER * (u2 - 0.5))
        else:
            px, py, pz = u0 * (ex + low), u1 * (ey + low), u2 * (ez + low)
        inside(x, px, p, low, ex, periodic)
        inside(y, py, p, low, ey, periodic)
        inside(z, pz, p, low, ez, periodic)
        u0, u1, u2, u3 = four(p, single, VELOCITY_STREAM, batch, k0, k1)
        a, b, c = normals(u0, u1, u2, u3)
        vx[p], vy[p], vz[p] = speed * a, speed * b, speed * c
        u0, u1, u2, u3 = four(p, single, STORES_STREAM, batch, k0, k1)
        joules = scale * (0.5 + 0.5 * u0)
        mass[p] = joules
        energy[p] = joules
        heat[p] = joules * warmth * u1


def run(position, velocity, mass, heat, energy, *law):
    (pattern, side, periodic, *key), lengths = numbers(mass.shape[0], *law)
    real = mass.dtype.type
    place(
        *position,
        *velocity,
        mass,
        heat,
        energy,
        pattern,
        side,
        bool(periodic),
        *(np.uint64(k) for k in key),
        tuple(real(v) for v in lengths),
    )
