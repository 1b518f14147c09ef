"""Numba: the sums of one carrier after the other, then each oscillator that received something."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

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
from stnb_kernels.random.cpu import block
from stnb_kernels.recall import FEED_STREAM, FIXED, LEAST_WEIGHT

TURN = 2.0 * math.pi


@njit
def chances(identity, stream, step, k0, k1):
    """Two uniforms of a carrier at a step."""
    w = block(np.uint64(identity), np.uint64(stream), np.uint64(step), k0, k1)
    return np.float64(w[0] >> np.uint64(8)) * 2.0**-24, np.float64(w[1] >> np.uint64(8)) * 2.0**-24


@njit
def amplitude(energy):
    """A = √max(E, 10⁻⁸)."""
    return math.sqrt(max(np.float64(energy), SMALLEST_ENERGY))


@njit
def units(x):
    """In units of the integer sums."""
    return np.int64(np.rint(x * FIXED))


@njit
def weigh(energy, where, real, whole, k):
    """Σ s and Σ s A of a carrier's anchors."""
    weight = joules = 0.0
    for j in range(ANCHORS):
        uid, score = whole[ANCHOR_UID + j, k], np.float64(real[ANCHOR_SCORE + j, k])
        if uid >= 0 and score > 0.0:
            weight += score
            joules += score * amplitude(energy[where[uid]])
    return weight, joules


@njit
def give(phase, energy, where, real, whole, k, lucky, gain, pull, feed):
    """Add what carrier k does to the sums; return the energy."""
    weight, joules = weigh(energy, where, real, whole, k)
    if weight <= LEAST_WEIGHT or (real[REAL, k] == 0.0 and real[IMAG, k] == 0.0):
        return 0
    mean, total = joules / weight, 0
    angle = math.atan2(np.float64(real[IMAG, k]), np.float64(real[REAL, k]))
    for j in range(ANCHORS):
        uid, score = whole[ANCHOR_UID + j, k], np.float64(real[ANCHOR_SCORE + j, k])
        if uid >= 0 and score > 0.0:
            i = where[uid]
            away = angle + np.float64(real[ANCHOR_PHASE + j, k]) - np.float64(phase[i])
            share = units(feed * mean * score / weight / (1.0 + amplitude(energy[i])))
            gain[0, i] += units(pull * score * math.sin(away))
            gain[1, i] += share
            total += share
    if lucky >= 0:
        share = units(feed * mean / 4.0)
        gain[1, lucky] += share
        total += share
    return total


@njit
def take(phase, energy, gain, i, limit):
    """Let an oscillator have what the sums hold for it."""
    if gain[0, i] != 0:
        angle = np.float64(phase[i]) + np.float64(gain[0, i]) / FIXED
        phase[i] = angle - TURN * math.floor(angle / TURN)
        if not 0.0 <= phase[i] < limit:
            phase[i] = 0.0
    if gain[1, i] != 0:
        energy[i] = np.float64(energy[i]) + np.float64(gain[1, i]) / FIXED
    gain[0, i] = gain[1, i] = 0


@njit
def chosen(identity, step, k0, k1, chance, n):
    """The oscillator that a carrier feeds besides, −1 for none."""
    lucky, who = chances(identity, FEED_STREAM, step, k0, k1)
    return min(np.int64(who * n), n - 1) if lucky < chance else -1


@njit(cache=True, error_model="numpy")
def recall(phase, energy, where, real, whole, counts, gain, books, k0, k1, pull, feed, chance, limit):
    n, m, total = phase.shape[0], counts[COUNT], 0
    for k in range(m):
        if whole[STATE, k] == CRYSTALLIZED:
            lucky = chosen(whole[IDENTITY, k], counts[STEP], k0, k1, chance, n)
            total += give(phase, energy, where, real, whole, k, lucky, gain, pull, feed)
    for k in range(m):
        if whole[STATE, k] == CRYSTALLIZED:
            for j in range(ANCHORS):
                if whole[ANCHOR_UID + j, k] >= 0:
                    take(phase, energy, gain, where[whole[ANCHOR_UID + j, k]], limit)
            lucky = chosen(whole[IDENTITY, k], counts[STEP], k0, k1, chance, n)
            if lucky >= 0:
                take(phase, energy, gain, lucky, limit)
    books[0] += np.float64(total) / FIXED


def run(oscillators, bank, spectrum, law, seed):
    phase, energy, where = oscillators.phase, oscillators.energy, oscillators.where
    key = np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)
    rates = law.dt * law.pull_phase, law.dt * law.feed_energy, float(law.feed_chance)
    arrays = phase, energy, where, bank.real, bank.whole, bank.counts, spectrum.gain, spectrum.books
    recall(*arrays, *key, *rates, phase.dtype.type(TURN))
