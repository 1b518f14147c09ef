"""Numba-CUDA: each block sums a share of the particles into a row of working memory, one block adds the rows.

In a block every thread lays its sums side by side in shared memory, a few threads per quantity add them up, and one
thread per quantity adds what those found: two barriers, in an order that depends on the number of particles only.
"""

from __future__ import annotations

import math

from numba import cuda, float64, int32
from numba import uint32 as u  # an unsigned index is not tested for being negative

from stnb_kernels.accounts import ACCOUNTS
from stnb_kernels.languages import cuda_simulated
from stnb_kernels.launch import blocks_for, device_array, stream_of
from stnb_kernels.tally import SUMS, TALLY_BLOCKS

QUANTITIES = len(SUMS)
FASTEST = SUMS.index("fastest")
ROWS = len(ACCOUNTS)
# Threads of a block whose sums lie in shared memory at a time. Beyond MANY particles there are twice as many threads,
# the second half of which hands its sums to the first: the loads under way keep the memory busy.
WIDTH = 32 if cuda_simulated() else 256
MANY = TALLY_BLOCKS * WIDTH
# So few that two large blocks share a multiprocessor.
LIMITS = {} if cuda_simulated() else {"max_registers": 64}
# Threads per quantity that add up a block. Half a warp reads LANES values of two quantities: a pitch of an odd
# multiple of LANES keeps them in different banks.
LANES = 1 if cuda_simulated() else 8
PITCH = WIDTH + LANES
SHARED, FEW = QUANTITIES * PITCH, QUANTITIES * LANES
# Threads per quantity of the block that adds the rows.
ROW_LANES = 4 if cuda_simulated() else 32
ROW_THREADS = QUANTITIES * ROW_LANES
CHAINS = 4


@cuda.jit(device=True)
def gather(part, first, step, count, q):
    """The sum, or the largest, of `count` values of quantity q; `count` is a multiple of CHAINS."""
    a, b, c, d = part[first], part[first + step], part[first + 2 * step], part[first + 3 * step]
    at = first + int32(CHAINS) * step
    for _ in range(count // CHAINS - 1):
        e, f, g, h = part[at], part[at + step], part[at + 2 * step], part[at + 3 * step]
        if q == FASTEST:
            a, b, c, d = max(a, e), max(b, f), max(c, g), max(d, h)
        else:
            a, b, c, d = a + e, b + f, c + g, d + h
        at += int32(CHAINS) * step
    if q == FASTEST:
        return max(a, b, c, d)
    return (a + b) + (c + d)


@cuda.jit(**LIMITS)
def sum_blocks(vx, vy, vz, mass, heat, energy, potential, accounts, scratch):
    part = cuda.shared.array(SHARED, float64)
    few = cuda.shared.array(FEW, float64)
    t = int32(cuda.threadIdx.x)
    own = cuda.local.array(QUANTITIES, float64)  # registers: every index is known to the compiler
    for q in range(QUANTITIES):
        own[q] = float64(0.0)
    for p in range(cuda.grid(1), mass.shape[0], cuda.gridsize(1)):
        m = float64(mass[u(p)])
        x, y, z = float64(vx[u(p)]), float64(vy[u(p)]), float64(vz[u(p)])
        square = x * x + y * y + z * z
        speed = math.sqrt(square)
        own[0] += float64(0.5) * m * square
        own[1] += float64(0.5) * m * float64(potential[u(p)])
        own[2] += float64(heat[u(p)])
        own[3] += float64(energy[u(p)])
        own[4] += m
        own[5] += m * x
        own[6] += m * y
        own[7] += m * z
        own[8] += m * speed
        own[FASTEST] = max(own[FASTEST], speed)
        for row in range(ROWS):
            own[FASTEST + 1 + row] += float64(accounts[u(row), u(p)])
    at = t % int32(WIDTH)
    for half in range(int32(cuda.blockDim.x) // int32(WIDTH) - 1, -1, -1):
        if t // int32(WIDTH) == half:
            for q in range(QUANTITIES):
                part[q * PITCH + at] = own[q]
        cuda.syncthreads()
        if half > 0 and t < WIDTH:
            for q in range(QUANTITIES):
                other = part[q * PITCH + at]
                own[q] = max(own[q], other) if q == FASTEST else own[q] + other
    if t < FEW:
        q, lane = t // int32(LANES), t % int32(LANES)
        few[t] = gather(part, q * int32(PITCH) + lane, int32(LANES), WIDTH // LANES, q)
    cuda.syncthreads()
    if t < QUANTITIES:
        total = few[t * int32(LANES)]
        for lane in range(1, LANES):
            value = few[t * int32(LANES) + int32(lane)]
            total = max(total, value) if t == FASTEST else total + value
        scratch[cuda.blockIdx.x, t] = total


@cuda.jit
def add_blocks(scratch, blocks, sums):
    part = cuda.shared.array(ROW_THREADS, float64)
    t = int32(cuda.threadIdx.x)
    q, lane = t % int32(QUANTITIES), t // int32(QUANTITIES)
    total = float64(0.0)
    for b in range(lane, blocks, ROW_LANES):
        value = scratch[b, q]
        total = max(total, value) if q == FASTEST else total + value
    part[t] = total
    cuda.syncthreads()
    if t < QUANTITIES:
        sums[t] = gather(part, t, int32(QUANTITIES), ROW_LANES, t)


def run(velocity, mass, heat, energy, potential, accounts, scratch, sums):
    stream = stream_of(velocity)
    columns = [device_array(a) for a in (*velocity, mass, heat, energy, potential, accounts)]
    rows = device_array(scratch)
    n = mass.shape[0]
    blocks = min(TALLY_BLOCKS, blocks_for(n, WIDTH))
    sum_blocks[blocks, 2 * WIDTH if n > MANY else WIDTH, stream](*columns, rows)
    add_blocks[1, ROW_THREADS, stream](rows, blocks, device_array(sums))
