"""Parity cases of `remember`: allies found or not, known or new, better or worse than the weakest anchor.

The reals are off by fewer than 160 roundings of numbers of the size of 1: 2e-5 in float32 and 4e-14 in float64. Where
scores move, the two weakest and the ally's keep their distance, and no offset lies opposite its anchor's.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stnb_kernels.bank import (
    ANCHOR_PHASE,
    ANCHOR_SCORE,
    ANCHOR_UID,
    ANCHORS,
    COUNT,
    FREQUENCY,
    WIDTH,
)
from stnb_kernels.carrier_cases import (
    MARGIN,
    CarrierCase,
    apart,
    columns_of,
    copied,
    draw_anchors,
    draw_carriers,
    mismatch,
    placed,
)
from stnb_kernels.law import CarrierLaw
from stnb_kernels.remember import remember_anchors
from stnb_kernels.review import ALLY
from stnb_kernels.review.reference import reviewed
from stnb_kernels.swing.reference import carriers
from stnb_kernels.tune.reference import amplitudes, tuning

error = mismatch


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> CarrierCase:
    law = CarrierLaw(
        dt=float(rng.choice([0.01, 0.1])),
        anchor_rate=float(rng.choice([0.0, 1.0])),
        anchor_chance=float(rng.choice([0.0, 0.5, 1.0])),
    )
    case = draw_carriers(rng, small=small, backend=backend, law=law)
    n, m = len(case.oscillators.phase), int(case.bank.counts[COUNT])
    case.spectrum.found[:] = rng.integers(-1, max(n, 1), case.spectrum.found.shape) if n else -1
    while n and (bad := [k for k in range(m) if undecided(case, k)]):
        for k in bad:
            draw_anchors(rng, case.bank, k, n)
            case.spectrum.found[:] = np.where(
                rng.random(8) < 0.9, case.spectrum.found, rng.integers(-1, n, 8)
            )
    return case


def undecided(case: CarrierCase, k: int) -> bool:
    """Whether a decision about this carrier is closer than the margin."""
    o, still = case.oscillators, case.law.anchor_rate == 0
    c = carriers(case.bank)[k]
    if c == 0:
        return False
    uids = case.bank.whole[ANCHOR_UID:, k]
    held = uids >= 0
    angle = np.angle(c)
    offset = (
        o.phase[o.where[uids[held]]] - angle - case.bank.real[ANCHOR_PHASE : ANCHOR_PHASE + ANCHORS, k][held]
    )
    if not still and (apart(offset, np.pi) < MARGIN).any():
        return True
    turns = list(reviewed(case.bank))
    if k not in turns or not held.all():
        return False
    place = int(case.spectrum.found[ALLY, turns.index(k)])
    calm = replace(case, law=replace(case.law, anchor_chance=0.0))
    oscillators, bank, spectrum = copied(calm)
    spectrum.found[:] = -1
    remember_anchors(oscillators, bank, spectrum, calm.law, seed=0, backend="reference")
    scores = np.sort(bank.real[ANCHOR_SCORE : ANCHOR_SCORE + ANCHORS, k].astype(np.float64))
    gate = case.bank.real[[FREQUENCY, WIDTH], k : k + 1]
    heard = tuning(o.frequency[place : place + 1], *gate)[0] * amplitudes(o.energy[place : place + 1])
    support = (heard * np.cos(o.phase[place] - angle)).sum()
    if place >= 0 and abs(support - scores[0]) < MARGIN:
        return True
    return not still and scores[1] - scores[0] < MARGIN


def reference(case: CarrierCase) -> dict[str, np.ndarray]:
    return compute(case, "reference")


def compute(case: CarrierCase, backend: str) -> dict[str, np.ndarray]:
    oscillators, bank, spectrum = placed(case, backend)
    remember_anchors(oscillators, bank, spectrum, case.law, seed=case.seed, backend=backend)
    return columns_of(bank)
