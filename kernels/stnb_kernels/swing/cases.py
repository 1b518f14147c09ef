"""Parity cases of `swing`: phases modulo 2π, and the coverage."""

from __future__ import annotations

import numpy as np

from stnb_kernels.bank import COUNT, IMAG, REAL
from stnb_kernels.parity import to_numpy
from stnb_kernels.spectral_cases import SpectralCase, arranged, draw_spectrum, on_device
from stnb_kernels.spectrum import TOLERANCE
from stnb_kernels.swing import swing_oscillators
from stnb_kernels.tune import tune_carriers

# An angle up to 2π + ω·dt is rounded a few times; a term of the field is off by 4ε as in `tune`, and by the bound of
# the expansion, below TOLERANCE a carrier.
ROUNDING = 8.0


draw = draw_spectrum


def reference(case: SpectralCase) -> dict[str, np.ndarray]:
    return compute(case, "reference")


def compute(case: SpectralCase, backend: str) -> dict[str, np.ndarray]:
    spectrum = arranged(case, backend)
    oscillators, bank = on_device(case.oscillators, backend), on_device(case.bank, backend)
    tune_carriers(oscillators, bank, spectrum, algorithm="brute", backend=backend)
    swing_oscillators(
        oscillators, bank, spectrum, case.law, seed=case.seed, algorithm=case.algorithm, backend=backend
    )
    n = len(case.oscillators.phase)
    return {"phase": to_numpy(oscillators.phase), "coverage": to_numpy(spectrum.coverage)[:n]}


def error(case: SpectralCase, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    m, real = int(case.bank.counts[COUNT]), case.oscillators.phase.dtype
    eps = float(np.finfo(real).eps)
    each = ROUNDING * eps + (TOLERANCE if case.algorithm == "moments" else 0.0)
    if name == "coverage":
        added = eps * m**1.5  # m terms of at most 1, in another order: √m roundings of m·ε/2, twice
        return float(np.abs(value - expected).max(initial=0.0)), max(m, 1) * each + added
    if not ((value >= 0) & (value < real.type(2 * np.pi))).all():
        return np.inf, 0.0
    away = np.abs(value.astype(np.float64) - expected)
    away = np.minimum(away, 2 * np.pi - away)
    pull = float(np.hypot(case.bank.real[REAL, :m], case.bank.real[IMAG, :m]).sum(dtype=np.float64)) * (
        1 + case.law.boost
    )
    loudest = float(np.sqrt(case.oscillators.energy.max(initial=1.0)))
    turned = 2 * np.pi + case.law.dt * float(np.abs(case.oscillators.frequency).max(initial=0.0))
    force = case.law.dt * case.law.coupling * loudest * pull
    return float(away.max(initial=0.0)), 3 * eps * (turned + force) + force * each
