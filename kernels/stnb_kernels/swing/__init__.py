"""Swing: every oscillator turns by its own frequency and is pulled by the carriers that hear it.

With b_k = 1 + boost for a crystallized carrier and 1 for the others,

    θ_i ← θ_i + dt·(ω_i + K·A_i·Im(e^{−iθ_i} Σ_k b_k T_ik C_k)) + √(2τ·dt)·ξ_i        modulo 2π, in [0, 2π)
    coverage_i = Σ_k T_ik

The pull is −K·∂U/∂θ_i of the potential U of `stnb_kernels.evolve`. It needs no trigonometry: with the phasor z_i that
`tune` wrote in this step it is Im(z_i* Σ_k b_k T_ik C_k). ξ_i is the standard normal number at index i of its stream
and the step, made of 24-bit uniforms as in `stnb_kernels.random`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stnb_kernels.arrays import require
from stnb_kernels.bank import require_spectral
from stnb_kernels.registry import Op
from stnb_kernels.tune import chosen

if TYPE_CHECKING:
    from stnb_kernels.bank import Bank, Oscillators
    from stnb_kernels.law import CarrierLaw
    from stnb_kernels.spectrum import Spectrum

__all__ = ["OP", "PHASE_STREAM", "swing_oscillators"]

OP = Op("swing", ("triton", "cpu", "torch", "reference"))

PHASE_STREAM = 16
"""Stream of the random numbers of phases."""


def swing_oscillators(
    oscillators: Oscillators,
    bank: Bank,
    spectrum: Spectrum,
    law: CarrierLaw,
    *,
    seed: int,
    algorithm: str | None = None,
    backend: str | None = None,
) -> None:
    """Advance the phases in place and write `spectrum.coverage`.

    Args:
        oscillators: Sorted by frequency.
        bank: The carriers; `counts` names the step.
        spectrum: Arranged for these frequencies.
        law: Uses dt, coupling, boost and temperature.
        seed: The run's seed.
        algorithm: Force "brute" or "moments"; None takes the faster for these sizes.
        backend: Force a back end.
    """
    n = require_spectral(oscillators, bank)
    coverage = spectrum.coverage[:n]
    require("spectrum.coverage", coverage, (n,), (str(oscillators.phase.dtype).removeprefix("torch."),))
    args = (oscillators, bank, spectrum, law, seed, chosen(spectrum, algorithm))
    OP.run(oscillators.phase, *args, backend=backend)
