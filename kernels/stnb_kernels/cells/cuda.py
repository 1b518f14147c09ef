"""Numba-CUDA: a counting sort whose order does not depend on the race for slots.

Count with integer atomics, scan, place each index in any free slot of its cell, then give every index the rank that
it has among the indices of its cell. The last pass reads each cell once per member, which is cheap while cells hold
a few particles and stays correct when they hold thousands.
"""

from __future__ import annotations

import functools
import math

from numba import cuda, float32, float64, int32

from stnb_kernels.cells import SCAN_TILE
from stnb_kernels.cells.reference import FAR, MARGIN
from stnb_kernels.launch import THREADS, blocks_for, device_array, stream_of

PER_THREAD = SCAN_TILE // THREADS


@functools.cache
def coordinate_of(real):
    """The device function for the grid coordinate in one float type."""

    @cuda.jit(device=True)
    def coordinate(x, inverse, nodes, top, periodic):
        g = x * inverse
        if periodic:
            if not abs(g) < real(FAR):
                g = real(0.0)
            g -= nodes * real(math.floor(g / nodes))
            if not g < nodes:
                g = real(0.0)
        elif g > top:
            g = top
        if not g > real(0.0):
            g = real(0.0)
        return g

    return coordinate


@functools.cache
def count_kernel(real):
    coordinate = coordinate_of(real)

    @cuda.jit(cache=False)
    def count(x, y, z, n, nx, ny, nz, inverse, periodic, start, key, slot):
        p = cuda.grid(1)
        if p >= n:
            return
        margin = real(MARGIN)
        i = int32(coordinate(x[p], inverse, real(nx), real(nx) - margin, periodic))
        j = int32(coordinate(y[p], inverse, real(ny), real(ny) - margin, periodic))
        k = int32(coordinate(z[p], inverse, real(nz), real(nz) - margin, periodic))
        c = (i * int32(ny) + j) * int32(nz) + k
        key[p] = c
        slot[0, p] = cuda.atomic.add(start, c + 1, 1)

    return count


@cuda.jit
def clear(start, cells):
    c = cuda.grid(1)
    if c <= cells:
        start[c] = 0


@cuda.jit
def tile_sums(start, cells, sums):
    """Total of each tile of counts."""
    part = cuda.shared.array(THREADS, int32)
    t = cuda.threadIdx.x
    base = cuda.blockIdx.x * SCAN_TILE + t
    total = int32(0)
    for q in range(PER_THREAD):
        c = base + q * THREADS
        if c < cells:
            total += start[c + 1]
    part[t] = total
    cuda.syncthreads()
    width = THREADS // 2
    while width > 0:
        if t < width:
            part[t] += part[t + width]
        cuda.syncthreads()
        width //= 2
    if t == 0:
        sums[cuda.blockIdx.x] = part[0]


@cuda.jit(device=True)
def exclusive_scan(part, t):
    """Replace THREADS shared values by the sums of those before them; returns their total."""
    width = 1
    while width < THREADS:
        cuda.syncthreads()
        left = part[t - width] if t >= width else int32(0)
        cuda.syncthreads()
        part[t] += left
        width *= 2
    cuda.syncthreads()
    total = part[THREADS - 1]
    before = part[t - 1] if t > 0 else int32(0)
    cuda.syncthreads()
    part[t] = before
    cuda.syncthreads()
    return total


@cuda.jit
def scan_sums(sums, tiles):
    """Exclusive prefix sum of the tile totals, in one block."""
    part = cuda.shared.array(THREADS, int32)
    t = cuda.threadIdx.x
    carry = int32(0)
    base = 0
    while base < tiles:
        q = base + t
        part[t] = sums[q] if q < tiles else int32(0)
        total = exclusive_scan(part, t)
        if q < tiles:
            sums[q] = carry + part[t]
        carry += total
        base += THREADS
        cuda.syncthreads()


@cuda.jit
def scan_tiles(start, cells, sums):
    """Inclusive prefix sum of each tile, on top of the tiles before it."""
    part = cuda.shared.array(THREADS, int32)
    t = cuda.threadIdx.x
    base = cuda.blockIdx.x * SCAN_TILE + t * PER_THREAD
    total = int32(0)
    for q in range(PER_THREAD):
        if base + q < cells:
            total += start[base + q + 1]
    part[t] = total
    exclusive_scan(part, t)
    running = sums[cuda.blockIdx.x] + part[t]
    for q in range(PER_THREAD):
        if base + q < cells:
            running += start[base + q + 1]
            start[base + q + 1] = running


@cuda.jit
def place(key, slot, start, n):
    p = cuda.grid(1)
    if p < n:
        slot[1, start[key[p]] + slot[0, p]] = p


@cuda.jit
def rank(key, slot, start, n, order):
    q = cuda.grid(1)
    if q >= n:
        return
    p = slot[1, q]
    c = key[p]
    first = start[c]
    smaller = int32(0)
    for other in range(first, start[c + 1]):
        if slot[1, other] < p:
            smaller += int32(1)
    order[first + smaller] = p


def run(position, grid, cells):
    n = position.shape[1]
    stream = stream_of(position)
    x, y, z = (device_array(position[a]) for a in range(3))
    start, order, key, slot, sums = (
        device_array(b) for b in (cells.start, cells.order, cells.key, cells.slot, cells.sums)
    )
    real = float32 if x.dtype == "float32" else float64
    inverse = x.dtype.type(1.0 / grid.spacing)
    nodes = grid.nodes
    tiles = -(-nodes // SCAN_TILE)
    particles = blocks_for(n)
    clear[blocks_for(nodes + 1), THREADS, stream](start, nodes)
    count_kernel(real)[particles, THREADS, stream](
        x, y, z, n, *grid.shape, inverse, grid.periodic, start, key, slot
    )
    tile_sums[tiles, THREADS, stream](start, nodes, sums)
    scan_sums[1, THREADS, stream](sums, tiles)
    scan_tiles[tiles, THREADS, stream](start, nodes, sums)
    place[particles, THREADS, stream](key, slot, start, n)
    rank[particles, THREADS, stream](key, slot, start, n, order)
