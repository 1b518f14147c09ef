"""Numba-CUDA: one particle per thread, computed in the particles' type."""

from __future__ import annotations

import functools
import math

import numpy as np
from numba import cuda, float32, float64, int32

from stnb_kernels.launch import THREADS, blocks_for, device_array, stream_of
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
from stnb_kernels.random.cuda import block, normal_pair32, normal_pair64, unit53


@cuda.jit(device=True)
def four32(p, stream, batch, k0, k1):
    """The uniforms of particle p in a stream."""
    w0, w1, w2, w3 = block(np.uint64(p), np.uint64(stream), batch, k0, k1)
    unit = float32(2.0**-24)
    return (
        float32(w0 >> np.uint64(8)) * unit,
        float32(w1 >> np.uint64(8)) * unit,
        float32(w2 >> np.uint64(8)) * unit,
        float32(w3 >> np.uint64(8)) * unit,
    )


@cuda.jit(device=True)
def four64(p, stream, batch, k0, k1):
    w0, w1, w2, w3 = block(np.uint64(2 * p), np.uint64(stream), batch, k0, k1)
    v0, v1, v2, v3 = block(np.uint64(2 * p + 1), np.uint64(stream), batch, k0, k1)
    return unit53(w0, w1), unit53(w2, w3), unit53(v0, v1), unit53(v2, v3)


@functools.cache
def place_kernel(real):
    """The kernel for one float type."""
    four, normal_pair = (four32, normal_pair32) if real is float32 else (four64, normal_pair64)

    @cuda.jit(device=True)
    def jitter(u, width):
        return real(width) * (u - real(0.5))

    @cuda.jit(device=True)
    def inside(v, low, high, periodic):
        """V kept inside the box."""
        if not periodic:
            return min(max(v, low), high)
        v -= high * real(math.floor(v / high))
        return v if v >= real(0.0) and v < high else real(0.0)

    @cuda.jit(device=True)
    def spot(p, n, u0, u1, u2, u3, pattern, side, lengths):
        """The place of particle p, before it is kept inside the box."""
        cx, cy, cz, lx, ly, lz, ex, ey, ez, low, spread, _, _, _ = lengths
        half, one, two = real(0.5), real(1.0), real(2.0)
        if pattern == CLUSTER:
            a, b = normal_pair(u0, u1)
            c, _ = normal_pair(u2, u3)
            return cx + spread * a, cy + spread * b, cz + spread * c
        if pattern == LINE:
            along = (real(p) + half) / real(n) - half
            px = cx + lx * along + jitter(u0, LINE_WIDTH)
            py = cy + ly * along + jitter(u1, LINE_WIDTH)
            return px, py, cz + lz * along + jitter(u2, LINE_WIDTH)
        if pattern == SPHERE:
            ring, angle = two * math.sqrt(u0 * (one - u0)), real(2.0 * math.pi) * u1
            px = cx + spread * (ring * math.cos(angle))
            py = cy + spread * (ring * math.sin(angle))
            return px, py, cz + spread * (one - two * u0)
        if pattern == GRID:
            pitch, first = spread / real(side), half - half * real(side)
            px = cx + pitch * (real(p % side) + first + jitter(u0, GRID_JITTER))
            py = cy + pitch * (real((p // side) % side) + first + jitter(u1, GRID_JITTER))
            return px, py, cz + pitch * (real(p // (side * side)) + first + jitter(u2, GRID_JITTER))
        return u0 * (ex + low), u1 * (ey + low), u2 * (ez + low)

    @cuda.jit
    def place(x, y, z, vx, vy, vz, mass, heat, energy, n, pattern, side, periodic, batch, k0, k1, lengths):
        p = int32(cuda.grid(1))
        if p >= n:
            return
        _, _, _, _, _, _, ex, ey, ez, low, _, speed, warmth, scale = lengths
        u0, u1, u2, u3 = four(p, PLACE_STREAM, batch, k0, k1)
        px, py, pz = spot(p, n, u0, u1, u2, u3, pattern, side, lengths)
        x[p] = inside(px, low, ex, periodic)
        y[p] = inside(py, low, ey, periodic)
        z[p] = inside(pz, low, ez, periodic)
        u0, u1, u2, u3 = four(p, VELOCITY_STREAM, batch, k0, k1)
        a, b = normal_pair(u0, u1)
        c, _ = normal_pair(u2, u3)
        vx[p] = speed * a
        vy[p] = speed * b
        vz[p] = speed * c
        u0, u1, u2, u3 = four(p, STORES_STREAM, batch, k0, k1)
        joules = scale * (real(0.5) + real(0.5) * u0)
        mass[p] = joules
        energy[p] = joules
        heat[p] = joules * warmth * u1

    return place


def run(position, velocity, mass, heat, energy, *law):
    n = mass.shape[0]
    if n == 0:
        return
    (pattern, side, periodic, *key), lengths = numbers(n, *law)
    rows = (*(position[a] for a in range(3)), *(velocity[a] for a in range(3)), mass, heat, energy)
    arrays = [device_array(row) for row in rows]
    dtype = arrays[0].dtype
    kernel = place_kernel(float32 if dtype == "float32" else float64)
    kernel[blocks_for(n), THREADS, stream_of(position)](
        *arrays,
        n,
        np.int32(pattern),
        np.int32(side),
        bool(periodic),
        *(np.uint64(k) for k in key),
        tuple(dtype.type(v) for v in lengths),
    )
