"""Parity cases of `review`: the same oscillators, unless two are closer than rounding can tell apart."""

from __future__ import annotations

import numpy as np

from stnb_kernels.bank import ANCHOR_UID, FREQUENCY, WIDTH
from stnb_kernels.parity import to_numpy
from stnb_kernels.review import ALLY, OFFENDER, review_carriers
from stnb_kernels.review.reference import reviewed
from stnb_kernels.spectral_cases import SpectralCase, arranged, draw_spectrum, on_device
from stnb_kernels.swing.reference import carriers
from stnb_kernels.tune import tune_carriers
from stnb_kernels.tune.reference import amplitudes, tuning

# A score is a product of three factors of at most A ≤ 5, each off by a few ε.
ROUNDING = 32.0


draw = draw_spectrum


def reference(case: SpectralCase) -> dict[str, np.ndarray]:
    return compute(case, "reference")


def compute(case: SpectralCase, backend: str) -> dict[str, np.ndarray]:
    spectrum = arranged(case, backend)
    oscillators, bank = on_device(case.oscillators, backend), on_device(case.bank, backend)
    tune_carriers(oscillators, bank, spectrum, algorithm="brute", backend=backend)
    review_carriers(oscillators, bank, spectrum, case.law, backend=backend)
    return {"score": to_numpy(spectrum.score), "found": to_numpy(spectrum.found)}


def scores_at(case: SpectralCase, row: int, turn: int, place: int) -> float:
    """The exact score of an oscillator for a reviewed carrier."""
    k = int(reviewed(case.bank)[turn])
    o, c = case.oscillators, carriers(case.bank)[k]
    heard = tuning(
        o.frequency[place : place + 1], case.bank.real[FREQUENCY, k : k + 1], case.bank.real[WIDTH, k : k + 1]
    )
    weight = float(heard[0, 0] * amplitudes(o.energy[place : place + 1])[0])
    agreement = float(np.cos(float(o.phase[place]) - np.angle(c)))
    if row == ALLY and o.uid[place] in case.bank.whole[ANCHOR_UID:, k]:
        return 0.0
    return weight * (1.0 - agreement) if row == OFFENDER else weight * agreement


def error(case: SpectralCase, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Scores to rounding; another place only if its score is as good. At the floor of the weights either may be right."""
    eps = float(np.finfo(case.oscillators.phase.dtype).eps)
    allowed = ROUNDING * eps * float(np.sqrt(max(case.oscillators.energy.max(initial=0.0), 1.0)))
    best = compute(case, "reference")["score"]
    above = best > 2.0 * case.law.weight_floor * (1.0 + 1e-4)
    if name == "score":
        return float((np.abs(value - expected) * above).max()), allowed
    off = 0.0
    for row, turn in zip(*np.nonzero(above & (value != expected)), strict=True):
        place = int(value[row, turn])
        off = max(off, np.inf if place < 0 else best[row, turn] - scores_at(case, row, turn, place))
    return float(off), allowed
