"""Parity cases of `spawn`: oscillators of equal energy, nobody heard, everybody heard, full banks.

T is off by a few roundings, so the coverage is off by fewer than 160 of them with a few gates: 2e-5 in float32 and
4e-14 in float64. No coverage comes closer to the threshold than that, in any round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.carrier_cases import (
    MARGIN,
    CarrierCase,
    columns_of,
    copied,
    draw_carriers,
    mismatch,
    placed,
)
from stnb_kernels.law import CarrierLaw
from stnb_kernels.parity import to_numpy
from stnb_kernels.spawn import spawn_carriers

if TYPE_CHECKING:
    from jaxtyping import Bool


@dataclass(frozen=True)
class Case:
    """Carriers, and how many more may come."""

    carriers: CarrierCase
    rounds: int

    def __str__(self) -> str:
        return f"{self.carriers}, {self.rounds} rounds"


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    law = CarrierLaw(width=float(rng.choice([0.02, 0.35])))
    case = Case(draw_carriers(rng, small=small, backend=backend, law=law), int(rng.choice([0, 1, 4, 6])))
    n = len(case.carriers.oscillators.phase)
    coverage = case.carriers.spectrum.coverage
    share = rng.choice([0.0, 0.1, 1.0])
    coverage[:n] = np.where(rng.random(n) < share, rng.uniform(0, 0.09, n), rng.uniform(0.11, 3, n))
    while (bad := undecided(case)).any():
        coverage[:n][bad] = 1.0
    return case


def undecided(case: Case) -> Bool[np.ndarray, " n"]:
    """Oscillators whose coverage comes close to the threshold in some round."""
    oscillators, bank, spectrum = copied(case.carriers)
    law, n = case.carriers.law, len(oscillators.phase)
    close = np.abs(spectrum.coverage[:n] - law.covered) < MARGIN
    for _ in range(case.rounds):
        spawn_carriers(oscillators, bank, spectrum, law, rounds=1, backend="reference")
        close |= np.abs(spectrum.coverage[:n] - law.covered) < MARGIN
    return close


def reference(case: Case) -> dict[str, np.ndarray]:
    return compute(case, "reference")


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    oscillators, bank, spectrum = placed(case.carriers, backend)
    n = len(case.carriers.oscillators.phase)
    spawn_carriers(oscillators, bank, spectrum, case.carriers.law, rounds=case.rounds, backend=backend)
    resting = to_numpy(spectrum.ticket)[:1]
    return {"coverage": to_numpy(spectrum.coverage)[:n], "resting": resting} | columns_of(bank)


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    return mismatch(case.carriers, name, value, expected)
