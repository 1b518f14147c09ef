"""Parity cases of `review`: the same oscillators, unless two are closer than rounding can tell apart."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Case:
    """A spectrum."""

    spectral: SpectralCase

    def __str__(self) -> str:
        return str(self.spectral)


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    return Case(draw_spectrum(rng, small=small, backend=backend))


def reference(case: Case) -> dict[str, np.ndarray]:
    return compute(case, "reference")


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    s = case.spectral
    spectrum = arranged(s, backend)
    oscillators, bank = on_device(s.oscillators, backend), on_device(s.bank, backend)
    tune_carriers(oscillators, bank, spectrum, algorithm="brute", backend=backend)
    review_carriers(oscillators, bank, spectrum, s.law, backend=backend)
    return {"score": to_numpy(spectrum.score), "found": to_numpy(spectrum.found)}


def scores_at(case: Case, row: int, turn: int, place: int) -> float:
    """The exact score of an oscillator for a reviewed carrier."""
    s = case.spectral
    k = int(reviewed(s.bank)[turn])
    o, c = s.oscillators, carriers(s.bank)[k]
    heard = tuning(
        o.frequency[place : place + 1], s.bank.real[FREQUENCY, k : k + 1], s.bank.real[WIDTH, k : k + 1]
    )
    weight = float(heard[0, 0] * amplitudes(o.energy[place : place + 1])[0])
    agreement = float(np.cos(float(o.phase[place]) - np.angle(c)))
    if row == ALLY and o.uid[place] in s.bank.whole[ANCHOR_UID:, k]:
        return 0.0
    return weight * (1.0 - agreement) if row == OFFENDER else weight * agreement


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Scores to rounding; another place only if its score is as good. At the floor of the weights either may be right."""
    s = case.spectral
    eps = float(np.finfo(s.oscillators.phase.dtype).eps)
    allowed = ROUNDING * eps * float(np.sqrt(max(s.oscillators.energy.max(initial=0.0), 1.0)))
    best = compute(case, "reference")["score"]
    above = best > 2.0 * s.law.weight_floor * (1.0 + 1e-4)
    if name == "score":
        return float((np.abs(value - expected) * above).max()), allowed
    off = 0.0
    for row, turn in zip(*np.nonzero(above & (value != expected)), strict=True):
        place = int(value[row, turn])
        off = max(off, np.inf if place < 0 else best[row, turn] - scores_at(case, row, turn, place))
    return float(off), allowed
