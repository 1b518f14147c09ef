"""Numba: one carrier after the other."""

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
    FREQUENCY,
    IDENTITY,
    IMAG,
    REAL,
    STATE,
    STEP,
    WIDTH,
)
from stnb_kernels.recall.cpu import amplitude, chances
from stnb_kernels.remember import ANCHOR_STREAM
from stnb_kernels.review import ALLY
from stnb_kernels.spectrum import REVIEWED

TURN = 2.0 * math.pi


@njit
def wrap(angle):
    """The angle in [−π, π)."""
    return angle - TURN * math.floor((angle + math.pi) / TURN)


@njit(error_model="numpy")
def heard(frequency, energy, phase, centre, width, angle, i):
    """T·A·cos(θ − ψ) of an oscillator, and θ − ψ."""
    u = (np.float64(frequency[i]) - centre) / width
    away = np.float64(phase[i]) - angle
    return math.exp(-u * u) * amplitude(energy[i]) * math.cos(away), wrap(away)


@njit(error_model="numpy")
def refresh(phase, frequency, energy, where, real, whole, k, angle, gain):
    """Let the anchors of a carrier follow their oscillators."""
    centre, width = np.float64(real[FREQUENCY, k]), np.float64(real[WIDTH, k])
    for j in range(ANCHORS):
        uid = whole[ANCHOR_UID + j, k]
        if uid < 0:
            continue
        support, offset = heard(frequency, energy, phase, centre, width, angle, where[uid])
        score, old = np.float64(real[ANCHOR_SCORE + j, k]), np.float64(real[ANCHOR_PHASE + j, k])
        real[ANCHOR_SCORE + j, k] = score + gain * (support - score)
        real[ANCHOR_PHASE + j, k] = wrap(old + gain * wrap(offset - old))


@njit
def slot_for(real, whole, k, uid):
    """The first empty slot or else that of the weakest anchor; −1 if the oscillator is an anchor already."""
    weakest, empty = 0, -1
    for j in range(ANCHORS):
        if whole[ANCHOR_UID + j, k] == uid:
            return -1, False
        if whole[ANCHOR_UID + j, k] < 0 and empty < 0:
            empty = j
        if real[ANCHOR_SCORE + j, k] < real[ANCHOR_SCORE + weakest, k]:
            weakest = j
    return (empty, True) if empty >= 0 else (weakest, False)


@njit(error_model="numpy")
def learn(phase, frequency, energy, uids, real, whole, k, angle, place, chance):
    """Take an oscillator as an anchor if there is room for it or it is better."""
    slot, empty = slot_for(real, whole, k, uids[place])
    if slot < 0:
        return
    centre, width = np.float64(real[FREQUENCY, k]), np.float64(real[WIDTH, k])
    support, offset = heard(frequency, energy, phase, centre, width, angle, place)
    if empty or chance or support > real[ANCHOR_SCORE + slot, k]:
        whole[ANCHOR_UID + slot, k] = uids[place]
        real[ANCHOR_PHASE + slot, k] = offset
        real[ANCHOR_SCORE + slot, k] = support


@njit(cache=True, error_model="numpy")
def remember(phase, frequency, energy, uids, where, real, whole, counts, found, k0, k1, gain, odds):
    n, m, step = phase.shape[0], counts[COUNT], counts[STEP]
    if n == 0 or m == 0:
        return
    first = (np.int64(step) * REVIEWED) % m
    for k in range(m):
        re, im = np.float64(real[REAL, k]), np.float64(real[IMAG, k])
        if whole[STATE, k] == CRYSTALLIZED or (re == 0.0 and im == 0.0):
            continue
        angle = math.atan2(im, re)
        refresh(phase, frequency, energy, where, real, whole, k, angle, gain)
        turn = (k - first) % m
        if turn >= REVIEWED:
            continue
        place = np.int64(found[ALLY, turn])
        lucky, who = chances(whole[IDENTITY, k], ANCHOR_STREAM, step, k0, k1)
        if lucky < odds:
            place = min(np.int64(who * n), n - 1)
        if place >= 0:
            learn(phase, frequency, energy, uids, real, whole, k, angle, place, lucky < odds)


def run(oscillators, bank, spectrum, law, seed):
    columns = oscillators.phase, oscillators.frequency, oscillators.energy, oscillators.uid, oscillators.where
    key = np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)
    rates = -math.expm1(-law.anchor_rate * law.dt), float(law.anchor_chance)
    remember(*columns, bank.real, bank.whole, bank.counts, spectrum.found, *key, *rates)
