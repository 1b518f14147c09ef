"""Parity cases of `breed`: crowded banks, requests of equal score, carriers of equal size, silent and faded ones.

Frequencies, widths and conflicts are compared as they are stored, in float64 on every back end. |C| and the cosine of
two phases are computed and keep a distance, unless they are equal because the numbers are. Means are off by fewer than
160 roundings: 2e-5 in float32 and 4e-14 in float64.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.bank import CONFLICT, COUNT, FREQUENCY, IMAG, REAL, WIDTH
from stnb_kernels.breed import breed_carriers
from stnb_kernels.carrier_cases import (
    MARGIN,
    CarrierCase,
    columns_of,
    draw_carriers,
    mismatch,
    placed,
)
from stnb_kernels.law import CarrierLaw
from stnb_kernels.swing.reference import carriers

if TYPE_CHECKING:
    from jaxtyping import Bool

error = mismatch


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> CarrierCase:
    law = CarrierLaw(merge_distance=float(rng.choice([0.0, 0.05, 0.25])))
    case = draw_carriers(rng, small=small, backend=backend, law=law)
    n, m = len(case.oscillators.phase), int(case.bank.counts[COUNT])
    found, score = case.spectrum.found, case.spectrum.score
    found[:] = rng.integers(-1, n, found.shape) if n else -1
    score[:] = rng.choice([0.25, 0.5, 1.0], score.shape)
    if rng.random() < 0.7:  # everybody is in conflict and hardly anybody in the way
        case.bank.real[CONFLICT, :m] = rng.uniform(0.36, 1, m) if rng.integers(2) else 0.5
        case.bank.real[WIDTH, :m] = rng.uniform(law.width_min, 5 * law.width_min, m)
    while (bad := undecided(case)).any():
        size, angle = rng.exponential(0.5, bad.sum()), rng.uniform(-np.pi, np.pi, bad.sum())
        case.bank.real[REAL, :m][bad], case.bank.real[IMAG, :m][bad] = (
            size * np.cos(angle),
            size * np.sin(angle),
        )
    return case


def undecided(case: CarrierCase) -> Bool[np.ndarray, " m"]:
    """Carriers of almost the same size as another's but not the same number, or at just the angle that decides."""
    m = int(case.bank.counts[COUNT])
    c, size = carriers(case.bank), np.abs(carriers(case.bank))
    frequency, width = case.bank.real[[FREQUENCY, WIDTH], :m].astype(np.float64)
    near = np.abs(frequency[:, None] - frequency[None]) < case.law.merge_distance * np.minimum(
        width[:, None], width[None]
    )
    agreement = (c[:, None] * c[None].conj()).real - case.law.merge_coherence * size[:, None] * size[None]
    awkward = near & (np.abs(agreement) < MARGIN * size[:, None] * size[None])
    awkward |= (np.abs(size[:, None] - size[None]) < MARGIN * 1e-3) & (c[:, None] != c[None])
    awkward &= ~np.eye(m, dtype=bool)
    return np.triu(awkward).any(axis=1)


def reference(case: CarrierCase) -> dict[str, np.ndarray]:
    return compute(case, "reference")


def compute(case: CarrierCase, backend: str) -> dict[str, np.ndarray]:
    oscillators, bank, spectrum = placed(case, backend)
    breed_carriers(oscillators, bank, spectrum, case.law, backend=backend)
    return columns_of(bank)
