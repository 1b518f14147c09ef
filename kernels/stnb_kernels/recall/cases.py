"""Parity cases of `recall`: anchors that carriers share, with scores of either sign.

A contribution before rounding to 2⁻⁴⁰ is off by some 10⁻¹⁵, so it may round to the neighbouring unit: at most one unit
a contribution, of which there are 9 a carrier. Besides, what is stored rounds once, and phases once more modulo 2π.
"""

from __future__ import annotations

import numpy as np

from stnb_kernels.bank import ANCHORS, COUNT
from stnb_kernels.carrier_cases import (
    CarrierCase,
    apart,
    columns_of,
    draw_carriers,
    epsilon,
    mismatch,
    placed,
)
from stnb_kernels.law import CarrierLaw
from stnb_kernels.parity import to_numpy
from stnb_kernels.recall import FIXED, recall_anchors


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> CarrierCase:
    law = CarrierLaw(
        dt=float(rng.choice([0.01, 0.1, 2.0])), feed_chance=float(rng.choice([0.0, 0.02, 0.5, 1.0]))
    )
    return draw_carriers(rng, small=small, backend=backend, law=law)


def reference(case: CarrierCase) -> dict[str, np.ndarray]:
    return compute(case, "reference")


def compute(case: CarrierCase, backend: str) -> dict[str, np.ndarray]:
    oscillators, bank, spectrum = placed(case, backend)
    recall_anchors(oscillators, bank, spectrum, case.law, seed=case.seed, backend=backend)
    resting = np.concatenate([to_numpy(a).ravel() for a in (spectrum.gain, spectrum.fed)])
    changed = {"phase": oscillators.phase, "energy": oscillators.energy, "books": spectrum.books}
    return {name: to_numpy(a) for name, a in changed.items()} | {"resting": resting} | columns_of(bank)


def error(case: CarrierCase, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    units = (ANCHORS + 1) * int(case.bank.counts[COUNT]) / FIXED
    if name == "phase":
        return float(apart(value, expected).max(initial=0.0)), units + 2 * np.pi * 2 * epsilon(case)
    if name == "energy":
        scale = float(np.abs(expected).max(initial=1.0))
        return float(np.abs(value - expected).max(initial=0.0)), units + scale * epsilon(case)
    if name == "books":
        return float(np.abs(value - expected).max()), units
    return mismatch(case, name, value, expected) if value.dtype.kind in "iu" else _moved(value, expected)


def _moved(value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """The bank must stay as it was."""
    return float(np.abs(value - expected).max(initial=0.0)), 0.0
