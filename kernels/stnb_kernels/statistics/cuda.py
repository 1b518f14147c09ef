"""Numba-CUDA: each block describes a fixed part of the column in two passes, one block merges the parts.

In a block every thread lays its sums in shared memory, a few threads add up equal shares of them, and every thread
adds what those found: an order that depends on nothing but the number of threads. The second pass finds its part of
the column in the cache.
"""

from __future__ import annotations

import math

from numba import cuda, float64, int32

from stnb_kernels.launch import THREADS, blocks_for, device_array, stream_of
from stnb_kernels.statistics import STATISTICS_BLOCKS

LANES = 16
SHARE = THREADS // LANES
TWO_SUMS, TWO_LANES = 2 * THREADS, 2 * LANES


@cuda.jit(device=True)
def add_shares(part, few, t, lanes):
    """Thread t < lanes adds every LANES-th value of its row; afterwards all may read `few`."""
    cuda.syncthreads()
    if t < lanes:
        at = t // int32(LANES) * int32(THREADS) + t % int32(LANES)
        total = float64(0.0)
        for _ in range(SHARE):
            total += part[at]
            at += int32(LANES)
        few[t] = total
    cuda.syncthreads()


@cuda.jit(device=True)
def total_of(few, row):
    """The sum over the threads of a block, the same in each."""
    total = float64(0.0)
    for lane in range(LANES):
        total += few[row * int32(LANES) + int32(lane)]
    return total


@cuda.jit
def describe_parts(values, size, scratch):
    part = cuda.shared.array(TWO_SUMS, float64)
    few = cuda.shared.array(TWO_LANES, float64)
    again = cuda.shared.array(LANES, float64)
    t = int32(cuda.threadIdx.x)
    b = cuda.blockIdx.x
    first = b * size
    last = min(values.shape[0], first + size)
    magnitude = total = square = float64(0.0)
    for p in range(first + t, last, THREADS):
        x = float64(values[p])
        magnitude += abs(x)
        total += x
    part[t] = magnitude
    part[t + int32(THREADS)] = total
    add_shares(part, few, t, int32(TWO_LANES))
    total = total_of(few, int32(1))
    mean = total / float64(last - first)
    for p in range(first + t, last, THREADS):
        apart = float64(values[p]) - mean
        square += apart * apart
    part[t] = square
    add_shares(part, again, t, int32(LANES))
    if t == 0:
        scratch[b, 0] = total_of(few, int32(0))
        scratch[b, 1] = total
        scratch[b, 2] = total_of(again, int32(0))


@cuda.jit
def merge_parts(scratch, n, size, parts, stats):
    part = cuda.shared.array(TWO_SUMS, float64)
    few = cuda.shared.array(TWO_LANES, float64)
    again = cuda.shared.array(LANES, float64)
    t = int32(cuda.threadIdx.x)
    magnitude = total = square = float64(0.0)
    for b in range(t, parts, THREADS):
        magnitude += scratch[b, 0]
        total += scratch[b, 1]
    part[t] = magnitude
    part[t + int32(THREADS)] = total
    add_shares(part, few, t, int32(TWO_LANES))
    count = float64(max(n, 1))
    mean = total_of(few, int32(1)) / count
    for b in range(t, parts, THREADS):
        held = float64(min(n, (b + 1) * size) - b * size)
        apart = scratch[b, 1] / held - mean
        square += scratch[b, 2] + held * apart * apart
    part[t] = square
    add_shares(part, again, t, int32(LANES))
    if t == 0:
        stats[0] = total_of(few, int32(0)) / count
        stats[1] = mean
        stats[2] = math.sqrt(total_of(again, int32(0)) / count)
        stats[3] = float64(n)


def run(values, scratch, stats):
    n = values.shape[0]
    stream = stream_of(values)
    rows = device_array(scratch)
    size = -(-n // min(STATISTICS_BLOCKS, blocks_for(n))) if n else 1
    parts = -(-n // size)
    if parts:
        describe_parts[parts, THREADS, stream](device_array(values), size, rows)
    merge_parts[1, THREADS, stream](rows, n, size, parts, device_array(stats))
