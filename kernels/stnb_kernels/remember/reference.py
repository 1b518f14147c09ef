"""The definition, carrier by carrier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.angles import wrap
from stnb_kernels.bank import (
    ANCHOR_PHASE,
    ANCHOR_SCORE,
    ANCHOR_UID,
    ANCHORS,
    CRYSTALLIZED,
    EMPTY,
    FREQUENCY,
    IDENTITY,
    STATE,
    STEP,
    WIDTH,
)
from stnb_kernels.recall.reference import chances
from stnb_kernels.remember import ANCHOR_STREAM
from stnb_kernels.review import ALLY
from stnb_kernels.review.reference import reviewed
from stnb_kernels.swing.reference import carriers
from stnb_kernels.tune.reference import amplitudes, tuning

if TYPE_CHECKING:
    from stnb_kernels.bank import Bank, Oscillators
    from stnb_kernels.law import CarrierLaw
    from stnb_kernels.spectrum import Spectrum

__all__ = ["run"]


def run(oscillators: Oscillators, bank: Bank, spectrum: Spectrum, law: CarrierLaw, seed: int) -> None:
    n, step = len(oscillators.phase), int(bank.counts[STEP])
    if n == 0:
        return
    amplitude, phase = amplitudes(oscillators.energy), oscillators.phase.astype(np.float64)
    turns = {int(k): turn for turn, k in enumerate(reviewed(bank))}
    gain = -np.expm1(-law.anchor_rate * law.dt)
    for k, c in enumerate(carriers(bank)):
        if bank.whole[STATE, k] == CRYSTALLIZED or c == 0:
            continue
        uids = bank.whole[ANCHOR_UID : ANCHOR_UID + ANCHORS, k]
        offsets = bank.real[ANCHOR_PHASE : ANCHOR_PHASE + ANCHORS, k]
        scores = bank.real[ANCHOR_SCORE : ANCHOR_SCORE + ANCHORS, k]
        heard = tuning(oscillators.frequency, bank.real[FREQUENCY, k : k + 1], bank.real[WIDTH, k : k + 1])[0]
        support = heard * amplitude * np.cos(phase - np.angle(c))
        offset = wrap(phase - np.angle(c))

        for j in np.flatnonzero(uids >= 0):
            i = oscillators.where[uids[j]]
            scores[j] += gain * (support[i] - scores[j])
            offsets[j] = wrap(offsets[j] + gain * wrap(offset[i] - float(offsets[j])))

        if k not in turns:
            continue
        place = int(spectrum.found[ALLY, turns[k]])
        lucky, who = chances(int(bank.whole[IDENTITY, k]), seed, ANCHOR_STREAM, step)
        chance = lucky < law.anchor_chance
        if chance:
            place = min(int(who * n), n - 1)
        if place < 0 or oscillators.uid[place] in uids:
            continue
        empty = np.flatnonzero(uids == EMPTY)
        slot = int(empty[0]) if len(empty) else int(scores.argmin())
        if len(empty) or chance or support[place] > scores[slot]:
            uids[slot], offsets[slot], scores[slot] = oscillators.uid[place], offset[place], support[place]
