"""Numba-CUDA: one anchor per thread adds to integer sums, then whoever takes a sum first clears it and applies it.

Integers add up to the same in any order. `LANES` threads serve a carrier: one for each anchor, one for the oscillator
that is fed by chance. One block does both for a bank of the usual size, two launches for a larger one.
"""

from __future__ import annotations

import math

import numpy as np
from numba import cuda, float64, int32, int64

from stnb_kernels.bank import (
    ANCHOR_PHASE,
    ANCHOR_SCORE,
    ANCHOR_UID,
    ANCHORS,
    COUNT,
    CRYSTALLIZED,
    IDENTITY,
    IMAG,
    REAL,
    SMALLEST_ENERGY,
    STATE,
    STEP,
)
from stnb_kernels.languages import cuda_simulated
from stnb_kernels.launch import blocks_for, device_array, stream_of
from stnb_kernels.random.cuda import block
from stnb_kernels.recall import FEED_STREAM, FIXED, LEAST_WEIGHT

TURN = 2.0 * math.pi
LANES = 16
THREADS = 32
MOST = 32 if cuda_simulated() else 1024
"""Threads of a block that does both."""


@cuda.jit(device=True)
def chances(identity, stream, step, k0, k1):
    """Two uniforms of a carrier at a step."""
    w0, w1, _, _ = block(np.uint64(identity), np.uint64(stream), np.uint64(step), k0, k1)
    unit = float64(2.0**-24)
    return float64(w0 >> np.uint64(8)) * unit, float64(w1 >> np.uint64(8)) * unit


@cuda.jit(device=True)
def amplitude(energy):
    """A = √max(E, 10⁻⁸)."""
    return math.sqrt(max(float64(energy), float64(SMALLEST_ENERGY)))


@cuda.jit(device=True)
def units(x):
    """In units of the integer sums, ties to even."""
    return int64(round(x * float64(FIXED)))


@cuda.jit(device=True)
def chosen(identity, step, k0, k1, chance, n):
    """The oscillator that a carrier feeds besides, −1 for none."""
    lucky, who = chances(identity, FEED_STREAM, step, k0, k1)
    if lucky < chance:
        return min(int32(who * float64(n)), int32(n - 1))
    return int32(-1)


@cuda.jit(device=True)
def place_of(at, n, where, real, whole, counts, k0, k1, chance):
    """The carrier of a thread, and whom the thread pulls or feeds: an anchor, or one drawn at random; −1 for nobody."""
    k, j = at // int32(LANES), at % int32(LANES)
    i = int32(-1)
    if (
        k < counts[COUNT]
        and j <= ANCHORS
        and whole[STATE, k] == CRYSTALLIZED
        and (real[REAL, k] != 0.0 or real[IMAG, k] != 0.0)
    ):
        if j == ANCHORS:
            i = chosen(whole[IDENTITY, k], counts[STEP], k0, k1, chance, n)
        else:
            uid = whole[ANCHOR_UID + j, k]
            if uid >= 0 and real[ANCHOR_SCORE + j, k] > 0.0:
                i = where[uid]
    return k, j, i


@cuda.jit(device=True)
def give(k, j, i, phase, energy, real, gain, fed, pull, feed):
    """Add what a carrier does to an oscillator to the sums; all threads call."""
    scores = cuda.shared.array(MOST, float64)
    joules = cuda.shared.array(MOST, float64)
    t = int32(cuda.threadIdx.x)
    score, size = float64(0.0), float64(0.0)
    if i >= 0 and j < ANCHORS:
        score, size = float64(real[ANCHOR_SCORE + j, k]), amplitude(energy[i])
    scores[t] = score
    joules[t] = score * size
    cuda.syncthreads()
    if i < 0:
        return
    weight, mean = float64(0.0), float64(0.0)
    for lane in range(t - j, t - j + ANCHORS):
        weight += scores[lane]
        mean += joules[lane]
    if weight <= LEAST_WEIGHT:
        return
    mean /= weight
    if j < ANCHORS:
        angle = math.atan2(float64(real[IMAG, k]), float64(real[REAL, k]))
        away = angle + float64(real[ANCHOR_PHASE + j, k]) - float64(phase[i])
        cuda.atomic.add(gain, (0, i), units(pull * score * math.sin(away)))
        share = units(feed * mean * score / weight / (1.0 + size))
    else:
        share = units(feed * mean / 4.0)
    cuda.atomic.add(gain, (1, i), share)
    cuda.atomic.add(fed, 0, share)


@cuda.jit(device=True)
def take(i, phase, energy, gain, limit):
    """Let an oscillator have what the sums hold for it, once."""
    turn = cuda.atomic.exch(gain, (0, i), int64(0))
    share = cuda.atomic.exch(gain, (1, i), int64(0))
    if turn != 0:
        angle = float64(phase[i]) + float64(turn) / float64(FIXED)
        phase[i] = angle - TURN * math.floor(angle / TURN)
        if not (phase[i] >= 0.0 and phase[i] < limit):
            phase[i] = 0.0
    if share != 0:
        energy[i] = float64(energy[i]) + float64(share) / float64(FIXED)


@cuda.jit(device=True)
def enter(fed, books):
    """Enter the energy into the books."""
    books[0] += float64(cuda.atomic.exch(fed, 0, int64(0))) / float64(FIXED)


@cuda.jit
def recall(phase, energy, where, real, whole, counts, gain, fed, books, k0, k1, pull, feed, chance, limit):
    at = int32(cuda.grid(1))
    k, j, i = place_of(at, phase.shape[0], where, real, whole, counts, k0, k1, chance)
    give(k, j, i, phase, energy, real, gain, fed, pull, feed)
    cuda.syncthreads()
    if at == 0:
        enter(fed, books)
    if i >= 0:
        take(i, phase, energy, gain, limit)


@cuda.jit
def give_all(phase, energy, where, real, whole, counts, gain, fed, k0, k1, pull, feed, chance):
    at = int32(cuda.grid(1))
    k, j, i = place_of(at, phase.shape[0], where, real, whole, counts, k0, k1, chance)
    give(k, j, i, phase, energy, real, gain, fed, pull, feed)


@cuda.jit
def take_all(phase, energy, where, real, whole, counts, gain, fed, books, k0, k1, chance, limit):
    at = int32(cuda.grid(1))
    _, _, i = place_of(at, phase.shape[0], where, real, whole, counts, k0, k1, chance)
    if at == 0:
        enter(fed, books)
    if i >= 0:
        take(i, phase, energy, gain, limit)


def run(oscillators, bank, spectrum, law, seed):
    if bank.capacity == 0 or oscillators.phase.shape[0] == 0:
        return
    stream = stream_of(oscillators.phase)
    columns = oscillators.phase, oscillators.energy, oscillators.where
    arrays = [device_array(a) for a in (*columns, bank.real, bank.whole, bank.counts)]
    gain, fed, books = (device_array(a) for a in (spectrum.gain, spectrum.fed, spectrum.books))
    key = np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)
    pull, feed, chance = law.dt * law.pull_phase, law.dt * law.feed_energy, float(law.feed_chance)
    limit, threads = arrays[0].dtype.type(TURN), bank.capacity * LANES
    if threads <= MOST:
        recall[1, threads, stream](*arrays, gain, fed, books, *key, pull, feed, chance, limit)
        return
    grid = blocks_for(threads, THREADS)
    give_all[grid, THREADS, stream](*arrays, gain, fed, *key, pull, feed, chance)
    take_all[grid, THREADS, stream](*arrays, gain, fed, books, *key, chance, limit)
