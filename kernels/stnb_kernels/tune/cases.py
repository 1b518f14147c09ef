"""Parity cases of `tune`: the sums, and for moments the bound that they promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.bank import COUNT, WIDTH
from stnb_kernels.parity import to_numpy
from stnb_kernels.spectral_cases import SpectralCase, arranged, draw_spectrum, on_device
from stnb_kernels.spectrum import CHUNK, moment_bound, shift_bound
from stnb_kernels.tune import tune_carriers
from stnb_kernels.tune.reference import amplitudes

if TYPE_CHECKING:
    from jaxtyping import Float

# Per Σ A: T is off by the rounding of (ω − Ω)/σ, 2·ε·|u|·|u|e^{−u²} < ε, and of the exponential and the phasor, 3ε
# together. Chains of up to 64 additions of one sign round by 4·√64·ε/2 = 16ε with all but certainty.
ROUNDING = 24.0
# (ω − Ω) T ≤ 0.43σ, with the same relative errors; ω − ω_p rounds to ε|ω|, which adds a term of its own.


draw = draw_spectrum


def reference(case: SpectralCase) -> dict[str, np.ndarray]:
    return compute(case, "reference")


def compute(case: SpectralCase, backend: str) -> dict[str, np.ndarray]:
    spectrum = arranged(case, backend)
    oscillators, bank = on_device(case.oscillators, backend), on_device(case.bank, backend)
    tune_carriers(oscillators, bank, spectrum, algorithm=case.algorithm, backend=backend)
    n, m = len(case.oscillators.phase), int(case.bank.counts[COUNT])
    sums = to_numpy(spectrum.sums)
    return {
        "sums": sums[:3, :m],
        "shift": sums[3:, :m],
        "beyond": sums[:, m:],
        "phasor": to_numpy(spectrum.phasor)[:, :n],
    }


def bounds(case: SpectralCase) -> dict[str, Float[np.ndarray, " m"]]:
    """What the expansion may miss, per carrier; zero for brute sums."""
    m = int(case.bank.counts[COUNT])
    width = case.bank.real[WIDTH, :m].astype(np.float64)
    if case.algorithm == "brute" or len(case.oscillators.phase) == 0:
        return {"sums": np.zeros(m), "shift": np.zeros(m)}
    spectrum = arranged(case, "reference")
    starts = np.arange(0, len(case.oscillators.phase), CHUNK)
    weight = np.add.reduceat(amplitudes(case.oscillators.energy), starts)
    ends = np.append(starts[1:], len(case.oscillators.phase)) - 1
    values, centre = (
        case.oscillators.frequency.astype(np.float64),
        spectrum.centre[: len(starts)].astype(np.float64),
    )
    reach = np.maximum(values[ends] - centre, centre - values[starts])
    narrow = spectrum.wide[: len(starts)] == 0
    reach, weight = reach[narrow], weight[narrow]
    per_chunk = {"sums": moment_bound, "shift": shift_bound}
    return {
        name: (bound(reach[None], width[:, None], spectrum.order) * weight[None]).sum(axis=1)
        for name, bound in per_chunk.items()
    }


def error(case: SpectralCase, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """The error per Σ A beyond what the expansion may miss, in units of rounding."""
    if name == "beyond":
        return float(np.abs(value).max(initial=0.0)), 0.0
    eps = float(np.finfo(case.oscillators.phase.dtype).eps)
    total = max(float(amplitudes(case.oscillators.energy).sum()), 1e-300)
    off = np.abs(value.astype(np.float64) - expected)
    if name == "phasor":
        return float((off / np.maximum(np.abs(expected).max(initial=1.0), 1.0)).max(initial=0.0)), 4 * eps
    missed = bounds(case)[name]
    if name == "shift":
        m = int(case.bank.counts[COUNT])
        widest = case.bank.real[WIDTH, :m].astype(np.float64)
        largest = float(np.abs(case.oscillators.frequency).max(initial=0.0))
        off = np.maximum(off - missed, 0.0) / (widest + largest)
    else:
        off = np.maximum(off - missed, 0.0)
    return float((off / total).max(initial=0.0)), ROUNDING * eps
