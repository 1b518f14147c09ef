"""Parity cases of `evolve`: carriers near the thresholds of the state machine, but not on them.

The reals are off by fewer than 160 roundings of numbers of the size of 1: 2e-5 in float32 and 4e-14 in float64.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.bank import CONFLICT, COUNT, CRYSTALLIZED, IMAG, REAL, STATE
from stnb_kernels.carrier_cases import (
    MARGIN,
    CarrierCase,
    columns_of,
    copied,
    draw_carriers,
    mismatch,
    placed,
)
from stnb_kernels.evolve import evolve_carriers
from stnb_kernels.law import CarrierLaw

if TYPE_CHECKING:
    from jaxtyping import Bool, Int64

error = mismatch
LEAST_SUPPORT = 0.01


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> CarrierCase:
    law = CarrierLaw(
        dt=float(rng.choice([0.01, 0.1])),
        temperature=float(rng.choice([0.0, 0.01])),
        repulsion=float(rng.choice([0.0, 0.05])),
        damping=float(rng.choice([0.0, 0.15])),
    )
    case = draw_carriers(rng, small=small, backend=backend, law=law)
    columns = np.arange(int(case.bank.counts[COUNT]))
    fill(rng, case, columns)
    while (bad := undecided(case)).any():
        fill(rng, case, columns[bad])
    return case


def fill(rng: np.random.Generator, case: CarrierCase, columns: Int64[np.ndarray, " some"]) -> None:
    """Sums and amplitudes of some carriers: silent gates, gates in full order, conflicts close to every threshold."""
    law, m = case.law, len(columns)
    support = rng.choice(
        [0.0, LEAST_SUPPORT, 1.0, law.crystal_support - 3 * MARGIN, law.crystal_support + 3 * MARGIN], m
    )
    support = np.where(rng.random(m) < 0.5, rng.exponential(10, m) + LEAST_SUPPORT, support)
    order = np.where(rng.random(m) < 0.2, 1.0, rng.uniform(0, 1, m))
    angle = rng.uniform(-np.pi, np.pi, m)
    drive = order * support
    shift = rng.uniform(-0.5, 0.5, m) * support
    case.spectrum.sums[:, columns] = drive * np.cos(angle), drive * np.sin(angle), support, shift
    near = np.array([1 - law.stable_order, 1 - law.crystal_order, law.crystal_conflict])
    goal = rng.choice(near, m) + rng.choice([-3, 3], m) * MARGIN
    learn = -np.expm1(-law.conflict_rate * law.dt) * (support > law.support_floor)
    before = np.clip((goal - learn * (1 - order)) / (1 - learn), 0, 1)
    case.bank.real[CONFLICT, columns] = np.where(rng.random(m) < 0.7, before, rng.uniform(0, 1, m))
    size = rng.choice([0.0, 0.05, 0.5, 1.0], m)
    case.bank.real[REAL, columns], case.bank.real[IMAG, columns] = size * np.cos(angle), size * np.sin(angle)


def undecided(case: CarrierCase) -> Bool[np.ndarray, " m"]:
    """Carriers of which a decision is closer than the margin."""
    law, m = case.law, int(case.bank.counts[COUNT])
    oscillators, bank, spectrum = copied(case)
    evolve_carriers(oscillators, bank, spectrum, law, seed=case.seed, backend="reference")
    real = bank.real[:, :m].astype(np.float64)
    size, conflict, support = np.hypot(real[REAL], real[IMAG]), real[CONFLICT], spectrum.sums[2, :m]
    close = np.abs(size - law.prune_amplitude) < MARGIN
    close |= np.abs(support - law.crystal_support) < MARGIN
    for threshold in (1 - law.stable_order, 1 - law.crystal_order, law.crystal_conflict):
        close |= np.abs(conflict - threshold) < MARGIN
    return close & (case.bank.whole[STATE, :m] != CRYSTALLIZED)


def reference(case: CarrierCase) -> dict[str, np.ndarray]:
    return compute(case, "reference")


def compute(case: CarrierCase, backend: str) -> dict[str, np.ndarray]:
    oscillators, bank, spectrum = placed(case, backend)
    evolve_carriers(oscillators, bank, spectrum, case.law, seed=case.seed, backend=backend)
    return columns_of(bank)
