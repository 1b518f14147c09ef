"""The definition, one carrier after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.bank import COUNT, EMPTY, REFUSED, SPAWNED, STEP
from stnb_kernels.breed.reference import found
from stnb_kernels.tune.reference import tuning

if TYPE_CHECKING:
    from stnb_kernels.bank import Bank, Oscillators
    from stnb_kernels.law import CarrierLaw
    from stnb_kernels.spectrum import Spectrum

__all__ = ["run"]


def run(oscillators: Oscillators, bank: Bank, spectrum: Spectrum, law: CarrierLaw, rounds: int) -> None:
    n = len(oscillators.phase)
    coverage = spectrum.coverage[:n]
    for _ in range(rounds):
        alone = np.flatnonzero(coverage < law.covered)
        if len(alone) == 0:
            break
        if int(bank.counts[COUNT]) == bank.capacity:
            bank.counts[REFUSED] += 1
            break
        place = int(alone[oscillators.energy[alone].argmax()])
        found(bank, oscillators, place, size=1.0, width=law.width, parent=EMPTY)
        bank.counts[SPAWNED] += 1
        centre, width = oscillators.frequency[place : place + 1], np.array([law.width])
        coverage += tuning(oscillators.frequency, centre, width)[0].astype(coverage.dtype)
    bank.counts[STEP] += 1
