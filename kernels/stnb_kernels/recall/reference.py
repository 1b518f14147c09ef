"""The definition, carrier by carrier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.bank import (
    ANCHOR_PHASE,
    ANCHOR_SCORE,
    ANCHOR_UID,
    ANCHORS,
    CRYSTALLIZED,
    IDENTITY,
    STATE,
    STEP,
)
from stnb_kernels.random.reference import words
from stnb_kernels.recall import FEED_STREAM, FIXED, LEAST_WEIGHT
from stnb_kernels.swing.reference import carriers, turned
from stnb_kernels.tune.reference import amplitudes

if TYPE_CHECKING:
    from stnb_kernels.bank import Bank, Oscillators
    from stnb_kernels.law import CarrierLaw
    from stnb_kernels.spectrum import Spectrum

__all__ = ["chances", "run"]


def chances(identity: int, seed: int, stream: int, step: int) -> tuple[float, float]:
    """Two uniforms of a carrier at a step."""
    w = words(identity + 1, seed, stream, step)[identity]
    return float(w[0] >> np.uint64(8)) * 2.0**-24, float(w[1] >> np.uint64(8)) * 2.0**-24


def run(oscillators: Oscillators, bank: Bank, spectrum: Spectrum, law: CarrierLaw, seed: int) -> None:
    n = len(oscillators.phase)
    amplitude, phase = amplitudes(oscillators.energy), oscillators.phase.astype(np.float64)
    turn, joules = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for k, c in enumerate(carriers(bank)):
        if bank.whole[STATE, k] != CRYSTALLIZED or c == 0:
            continue
        uid = bank.whole[ANCHOR_UID : ANCHOR_UID + ANCHORS, k]
        score = bank.real[ANCHOR_SCORE : ANCHOR_SCORE + ANCHORS, k].astype(np.float64)
        held = (uid >= 0) & (score > 0)
        whole = float(score[held].sum())
        if whole <= LEAST_WEIGHT:
            continue
        places, score = oscillators.where[uid[held]], score[held]
        offset = bank.real[ANCHOR_PHASE : ANCHOR_PHASE + ANCHORS, k].astype(np.float64)[held]
        mean = float((score * amplitude[places]).sum() / whole)
        pull = law.dt * law.pull_phase * score * np.sin(np.angle(c) + offset - phase[places])
        feed = law.dt * law.feed_energy * mean * score / whole / (1.0 + amplitude[places])
        np.add.at(turn, places, np.rint(pull * FIXED).astype(np.int64))
        np.add.at(joules, places, np.rint(feed * FIXED).astype(np.int64))
        lucky, who = chances(int(bank.whole[IDENTITY, k]), seed, FEED_STREAM, int(bank.counts[STEP]))
        if lucky < law.feed_chance:
            joules[min(int(who * n), n - 1)] += round(law.dt * law.feed_energy * mean / 4.0 * FIXED)
    moved, fed = turn != 0, joules != 0
    real = oscillators.phase.dtype
    oscillators.phase[moved] = turned(phase[moved] + turn[moved] / FIXED, real)
    oscillators.energy[fed] = oscillators.energy[fed].astype(np.float64) + joules[fed] / FIXED
    spectrum.books[0] += joules.sum() / FIXED
