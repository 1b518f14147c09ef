"""Numba-CUDA: a counting sort whose order does not depend on the race for slots.

Count with integer atomics, scan in one pass over the tiles, place each index in any free slot of its cell, then give
every index the rank that it has among the indices of its cell. The last pass reads each cell once per member, which is
cheap while cells hold a few particles and stays correct when they hold thousands.
"""

from __future__ import annotations

import functools
import math

from numba import cuda, float32, float64, int32

from stnb_kernels.cells import SCAN_TILE
from stnb_kernels.cells.reference import FAR, MARGIN
from stnb_kernels.launch import THREADS, blocks_for, device_array, stream_of

PER_THREAD = SCAN_TILE // THREADS
# A thread adds neighbouring counts: a gap after every PAD_EVERY of them keeps the threads in different banks.
PAD_EVERY = 32
PADDED_TILE = SCAN_TILE + SCAN_TILE // PAD_EVERY
# Threads whose sums one thread adds up at a time.
GROUP = 16
GROUPS = THREADS // GROUP
CLEAR_EACH = 4


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
def clear(start, cells, sums, tiles):
    """Zero the counts and what the tiles tell each other, CLEAR_EACH numbers a thread."""
    first = cuda.blockIdx.x * cuda.blockDim.x * CLEAR_EACH + cuda.threadIdx.x
    for turn in range(CLEAR_EACH):
        c = first + turn * cuda.blockDim.x
        if c <= cells:
            start[c] = 0
        if c <= tiles:
            sums[c] = 0


@cuda.jit(device=True)
def before_in_block(part, few, t, value):
    """The sum of the values of the threads before this one, and of all threads."""
    part[t] = value
    cuda.syncthreads()
    lane, group = t % int32(GROUP), t // int32(GROUP)
    before = int32(0)
    for q in range(GROUP):
        other = part[group * int32(GROUP) + int32(q)]
        before += other if q < lane else int32(0)
    if lane == GROUP - 1:
        few[group] = before + value
    cuda.syncthreads()
    total = int32(0)
    for g in range(GROUPS):
        other = few[g]
        before += other if g < group else int32(0)
        total += other
    return before, total


@cuda.jit(device=True)
def sum_before(sums, tile, nearest, part, few, t):
    """The counts of all tiles before this one, read from what they published; waits until they have.

    A tile publishes the complement of its own total, a negative number, and once it knows them one more than the sum
    of all counts up to its end, a positive number. THREADS tiles are read at a time, the nearest first.
    """
    behind = tile - int32(1)
    before = int32(0)
    searching = True
    while searching:
        if t == 0:
            nearest[0] = int32(THREADS)
        cuda.syncthreads()
        other = behind - t
        word = int32(1)  # what a tile before the first one would say
        if other >= 0:
            word = cuda.atomic.add(sums, other, int32(0))
            while word == 0:
                word = cuda.atomic.add(sums, other, int32(0))
        if word > 0 and other >= int32(-1):
            cuda.atomic.min(nearest, 0, t)
        cuda.syncthreads()
        last = nearest[0]
        told = word - int32(1) if word > 0 else int32(-1) - word
        _, total = before_in_block(part, few, t, told if t <= last else int32(0))
        before += total
        behind -= int32(THREADS)
        searching = last == THREADS
    return before


@cuda.jit
def scan(start, cells, sums, tiles):
    """Inclusive prefix sum of the counts.

    A block draws a ticket for its tile, so that the tiles that it waits for are under way whatever the order in which
    blocks start.
    """
    counts = cuda.shared.array(PADDED_TILE, int32)
    part = cuda.shared.array(THREADS, int32)
    few = cuda.shared.array(GROUPS, int32)
    ticket = cuda.shared.array(1, int32)
    nearest = cuda.shared.array(1, int32)
    t = int32(cuda.threadIdx.x)
    if t == 0:
        ticket[0] = cuda.atomic.add(sums, tiles, int32(1))
    cuda.syncthreads()
    tile = ticket[0]
    base = tile * int32(SCAN_TILE)
    for q in range(PER_THREAD):
        c = int32(q * THREADS) + t
        counts[c + c // int32(PAD_EVERY)] = start[base + c + int32(1)] if base + c < cells else int32(0)
    cuda.syncthreads()
    total = int32(0)
    for q in range(PER_THREAD):
        c = t * int32(PER_THREAD) + int32(q)
        total += counts[c + c // int32(PAD_EVERY)]
    running, held = before_in_block(part, few, t, total)
    if t == 0 and tile > 0:
        cuda.atomic.exch(sums, tile, -int32(1) - held)
    before = sum_before(sums, tile, nearest, part, few, t) if tile > 0 else int32(0)
    if t == 0:
        cuda.atomic.exch(sums, tile, before + held + int32(1))
    running += before
    for q in range(PER_THREAD):
        c = t * int32(PER_THREAD) + int32(q)
        c += c // int32(PAD_EVERY)
        running += counts[c]
        counts[c] = running
    cuda.syncthreads()
    for q in range(PER_THREAD):
        c = int32(q * THREADS) + t
        if base + c < cells:
            start[base + c + int32(1)] = counts[c + c // int32(PAD_EVERY)]


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
    clear[blocks_for(nodes + 1, CLEAR_EACH * THREADS), THREADS, stream](start, nodes, sums, tiles)
    count_kernel(real)[particles, THREADS, stream](
        x, y, z, n, *grid.shape, inverse, grid.periodic, start, key, slot
    )
    scan[tiles, THREADS, stream](start, nodes, sums, tiles)
    place[particles, THREADS, stream](key, slot, start, n)
    rank[particles, THREADS, stream](key, slot, start, n, order)
