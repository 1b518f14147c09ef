"""Numba-CUDA: one anchor per thread follows its oscillator, then one thread per carrier takes a better one."""

from __future__ import annotations

import math

import numpy as np
from numba import cuda, float64, int32

from stnb_kernels.bank import (
    ANCHOR_PHASE,
    ANCHOR_SCORE,
    ANCHOR_UID,
    ANCHORS,
    COUNT,
    CRYSTALLIZED,
    FREQUENCY,
    IDENTITY,
    IMAG,
    REAL,
    STATE,
    STEP,
    WIDTH,
)
from stnb_kernels.launch import blocks_for, device_array, stream_of
from stnb_kernels.recall.cuda import amplitude, chances
from stnb_kernels.remember import ANCHOR_STREAM
from stnb_kernels.review import ALLY
from stnb_kernels.spectrum import REVIEWED

TURN = 2.0 * math.pi
# A carrier's threads lie in one block: one for each anchor, one for the oscillator that may become an anchor.
LANES = 16
CARRIERS = 2
THREADS = CARRIERS * LANES


@cuda.jit(device=True)
def wrap(angle):
    """The angle in [−π, π)."""
    return angle - TURN * math.floor((angle + math.pi) / TURN)


@cuda.jit(device=True)
def heard(frequency, energy, phase, centre, width, angle, i):
    """T·A·cos(θ − ψ) of an oscillator, and θ − ψ."""
    u = (float64(frequency[i]) - centre) / width
    away = float64(phase[i]) - angle
    return math.exp(-u * u) * amplitude(energy[i]) * math.cos(away), wrap(away)


@cuda.jit(device=True)
def slot_for(real, whole, k, uid):
    """The first empty slot or else that of the weakest anchor; −1 if the oscillator is an anchor already."""
    weakest, empty = int32(0), int32(-1)
    known = False
    for j in range(ANCHORS):
        if whole[ANCHOR_UID + j, k] == uid:
            known = True
        if whole[ANCHOR_UID + j, k] < 0 and empty < 0:
            empty = int32(j)
        if real[ANCHOR_SCORE + j, k] < real[ANCHOR_SCORE + weakest, k]:
            weakest = int32(j)
    if known:
        return int32(-1), False
    if empty >= 0:
        return empty, True
    return weakest, False


@cuda.jit
def remember(phase, frequency, energy, uids, where, real, whole, counts, found, k0, k1, gain, odds):
    at = int32(cuda.grid(1))
    k, j = at // int32(LANES), at % int32(LANES)
    m, n = counts[COUNT], int32(phase.shape[0])
    i, chance, active = int32(-1), False, False
    support, offset = float64(0.0), float64(0.0)
    if k < m and j <= ANCHORS:
        re, im = float64(real[REAL, k]), float64(real[IMAG, k])
        active = whole[STATE, k] != CRYSTALLIZED and (re != 0.0 or im != 0.0)
    if active:
        if j < ANCHORS:
            uid = whole[ANCHOR_UID + j, k]
            if uid >= 0:
                i = where[uid]
        else:
            turn = k - counts[STEP] % m * int32(REVIEWED) % m
            if turn < 0:
                turn += m
            if turn < REVIEWED:
                i = found[ALLY, turn]
                lucky, who = chances(whole[IDENTITY, k], ANCHOR_STREAM, counts[STEP], k0, k1)
                chance = lucky < odds
                if chance:
                    i = min(int32(who * float64(n)), n - int32(1))
    if i >= 0:
        centre, width = float64(real[FREQUENCY, k]), float64(real[WIDTH, k])
        support, offset = heard(frequency, energy, phase, centre, width, math.atan2(im, re), i)
        if j < ANCHORS:
            score, old = float64(real[ANCHOR_SCORE + j, k]), float64(real[ANCHOR_PHASE + j, k])
            real[ANCHOR_SCORE + j, k] = score + gain * (support - score)
            real[ANCHOR_PHASE + j, k] = wrap(old + gain * wrap(offset - old))
    cuda.syncthreads()
    if i >= 0 and j == ANCHORS:
        slot, empty = slot_for(real, whole, k, uids[i])
        if slot >= 0 and (empty or chance or support > float64(real[ANCHOR_SCORE + slot, k])):
            whole[ANCHOR_UID + slot, k] = uids[i]
            real[ANCHOR_PHASE + slot, k] = offset
            real[ANCHOR_SCORE + slot, k] = support


def run(oscillators, bank, spectrum, law, seed):
    if bank.capacity == 0 or oscillators.phase.shape[0] == 0:
        return
    columns = oscillators.phase, oscillators.frequency, oscillators.energy, oscillators.uid, oscillators.where
    arrays = [device_array(a) for a in (*columns, bank.real, bank.whole, bank.counts, spectrum.found)]
    key = np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)
    rates = -math.expm1(-law.anchor_rate * law.dt), float(law.anchor_chance)
    grid = blocks_for(bank.capacity, CARRIERS)
    remember[grid, THREADS, stream_of(oscillators.phase)](*arrays, *key, *rates)
