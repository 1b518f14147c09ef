"""Tune: what every carrier hears of all oscillators.

With A_i = √max(E_i, 10⁻⁸) and the tuning T_ik = exp(−((ω_i − Ω_k)/σ_k)²), for each carrier k that exists

    sums[0] + i·sums[1] = Σ_i T_ik A_i e^{iθ_i}        the drive
    sums[2] = S_k = Σ_i T_ik A_i                        the support of its gate
    sums[3] = Σ_i T_ik A_i (ω_i − Ω_k)                  how far off centre it lies

and 0 in the columns of carriers that do not exist. |drive|/S is the gate's order parameter. The phasors A cos θ,
A sin θ and A of the oscillators are written too; `review` and `swing` use them.

`brute` takes one exponential a pair. `moments` sums chunks of oscillators by a few moments each, O(N + chunks·M), with
the error bound of `stnb_kernels.spectrum`; the oscillators must be sorted by frequency for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stnb._core.errors import InputError, nearest
from stnb_kernels.bank import require_spectral
from stnb_kernels.registry import Op
from stnb_kernels.spectrum import ALGORITHMS

if TYPE_CHECKING:
    from stnb_kernels.bank import Bank, Oscillators
    from stnb_kernels.spectrum import Spectrum

__all__ = ["OP", "chosen", "tune_carriers"]

OP = Op("tune", ("triton", "cpu", "torch", "reference"))


def chosen(spectrum: Spectrum, algorithm: str | None) -> str:
    """The algorithm that is meant."""
    if algorithm is None:
        return spectrum.algorithm
    if algorithm not in ALGORITHMS:
        raise InputError(f"unknown algorithm {algorithm!r}: {nearest(algorithm, ALGORITHMS)}")
    return algorithm


def tune_carriers(
    oscillators: Oscillators,
    bank: Bank,
    spectrum: Spectrum,
    *,
    algorithm: str | None = None,
    backend: str | None = None,
) -> None:
    """Write `spectrum.sums` and `spectrum.phasor`.

    Args:
        oscillators: Sorted by frequency.
        bank: The carriers.
        spectrum: Arranged for these frequencies; receives the sums.
        algorithm: Force "brute" or "moments"; None takes the faster for these sizes.
        backend: Force a back end.
    """
    require_spectral(oscillators, bank)
    OP.run(oscillators.phase, oscillators, bank, spectrum, chosen(spectrum, algorithm), backend=backend)
