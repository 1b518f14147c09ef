"""Numba-CUDA: one carrier per thread, computed in float64. Only repulsion looks at other carriers, as they were."""

from __future__ import annotations

import math

import numpy as np
from numba import cuda, float64, int32

from stnb_kernels.bank import (
    AGE,
    CONFLICT,
    COUNT,
    FREQUENCY,
    IDENTITY,
    IMAG,
    ORDER,
    QUIET,
    REAL,
    STATE,
    STEP,
    SUPPORT,
    WIDTH,
)
from stnb_kernels.evolve import CARRIER_STREAM, motion
from stnb_kernels.launch import blocks_for, device_array, stream_of
from stnb_kernels.random.cuda import block, normal_pair64

advance = cuda.jit(motion.advance, device=True)
mature = cuda.jit(motion.mature, device=True)
LEAST_REACH = motion.LEAST_REACH
STREAM = np.uint64(CARRIER_STREAM)
# Few enough that a bank of the usual size has a multiprocessor's units to itself.
THREADS = 32


@cuda.jit(device=True)
def noise_of(identity, step, k0, k1):
    """Two standard normals."""
    w0, w1, _, _ = block(np.uint64(identity), STREAM, np.uint64(step), k0, k1)
    unit = float64(2.0**-24)
    return normal_pair64(float64(w0 >> np.uint64(8)) * unit, float64(w1 >> np.uint64(8)) * unit)


@cuda.jit(device=True)
def repelled(seen, m, k):
    """Σ_j (Ω_k − Ω_j) exp(−((Ω_k − Ω_j)/max(σ_k + σ_j, 10⁻³))²)."""
    total, own, width = float64(0.0), float64(seen[0, k]), float64(seen[1, k])
    for j in range(m):
        apart = own - float64(seen[0, j])
        u = apart / max(width + float64(seen[1, j]), LEAST_REACH)
        total += apart * math.exp(-u * u)
    return total


@cuda.jit
def remember_frequencies(real, counts, seen):
    k = int32(cuda.grid(1))
    if k < counts[COUNT]:
        seen[0, k] = real[FREQUENCY, k]
        seen[1, k] = real[WIDTH, k]


@cuda.jit
def evolve(real, whole, counts, sums, seen, k0, k1, rates, after):
    k = int32(cuda.grid(1))
    m = counts[COUNT]
    if k >= m:
        return
    push, noise = float64(0.0), (float64(0.0), float64(0.0))
    if rates[11] != 0.0:
        push = rates[11] * repelled(seen, m, k)
    if rates[7] > 0.0:
        noise = noise_of(whole[IDENTITY, k], counts[STEP], k0, k1)
    heard = float64(sums[0, k]), float64(sums[1, k]), float64(sums[2, k]), float64(sums[3, k])
    re, im, conflict, order, frequency, width = advance(
        float64(real[REAL, k]),
        float64(real[IMAG, k]),
        float64(real[CONFLICT, k]),
        float64(real[FREQUENCY, k]),
        float64(real[WIDTH, k]),
        whole[STATE, k],
        heard,
        noise,
        push,
        rates,
    )
    real[REAL, k] = re
    real[IMAG, k] = im
    real[CONFLICT, k] = conflict
    real[ORDER, k] = order
    real[SUPPORT, k] = sums[2, k]
    real[FREQUENCY, k] = frequency
    real[WIDTH, k] = width
    whole[STATE, k], whole[AGE, k], whole[QUIET, k] = mature(
        whole[STATE, k],
        whole[AGE, k],
        whole[QUIET, k],
        float64(real[REAL, k]),
        float64(real[IMAG, k]),
        float64(real[CONFLICT, k]),
        heard[2],
        rates,
        after,
    )


def run(bank, spectrum, law, seed):
    stream, capacity = stream_of(bank.real), bank.capacity
    if capacity == 0:
        return
    real, whole, counts = (device_array(a) for a in (bank.real, bank.whole, bank.counts))
    sums, seen = device_array(spectrum.sums), device_array(spectrum.seen)
    grid = blocks_for(capacity, THREADS)
    if law.repulsion != 0:
        remember_frequencies[grid, THREADS, stream](real, counts, seen)
    key = np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)
    evolve[grid, THREADS, stream](real, whole, counts, sums, seen, *key, *motion.numbers(law))
