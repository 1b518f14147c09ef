"""The definition: every pair of a reviewed carrier, in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.bank import ANCHOR_UID, COUNT, EMPTY, FREQUENCY, STEP, WIDTH
from stnb_kernels.review import ALLY, OFFENDER
from stnb_kernels.spectrum import REVIEWED
from stnb_kernels.swing.reference import carriers
from stnb_kernels.tune.reference import tuning

if TYPE_CHECKING:
    from jaxtyping import Int64

    from stnb_kernels.bank import Bank, Oscillators
    from stnb_kernels.law import CarrierLaw
    from stnb_kernels.spectrum import Spectrum

__all__ = ["reviewed", "run"]


def reviewed(bank: Bank) -> Int64[np.ndarray, " turns"]:
    """The carriers whose turn it is."""
    count = int(bank.counts[COUNT])
    turns = np.arange(min(REVIEWED, count))
    return (int(bank.counts[STEP]) * REVIEWED + turns) % max(count, 1)


def run(oscillators: Oscillators, bank: Bank, spectrum: Spectrum, law: CarrierLaw) -> None:
    spectrum.score[:] = 0
    spectrum.found[:] = EMPTY
    if len(oscillators.phase) == 0:
        return
    re, im, amplitude = spectrum.phasor[:, : len(oscillators.phase)].astype(np.float64)
    for turn, k in enumerate(reviewed(bank)):
        c = carriers(bank)[k]
        if c == 0:
            continue
        heard = tuning(oscillators.frequency, bank.real[FREQUENCY, k : k + 1], bank.real[WIDTH, k : k + 1])[0]
        weight = heard * amplitude
        support = heard * (re * np.real(c) + im * np.imag(c)) / abs(c)
        loud = weight > law.weight_floor
        known = np.isin(oscillators.uid, bank.whole[ANCHOR_UID:, k])
        scores = {
            OFFENDER: np.where(loud, weight - support, 0.0),
            ALLY: np.where(loud & ~known, support, 0.0),
        }
        for row, score in scores.items():
            best = int(score.argmax())
            if score[best] > 0:
                spectrum.score[row, turn] = score[best]
                spectrum.found[row, turn] = best
