"""Review: which oscillator disturbs a carrier the most, and which supports it the most.

With the carrier's phase ψ_k = arg C_k and the weight w_ik = T_ik A_i, among the oscillators with w above a floor

    offender = argmax_i w_ik (1 − cos(θ_i − ψ_k))        the stress of the phases, its share of the potential
    ally     = argmax_i w_ik cos(θ_i − ψ_k)              among those that are no anchor of k yet

with the phasors that `tune` wrote in this step; the first in order of frequency where several are equal, with a
positive score or none. A step looks at `REVIEWED` carriers in turn: number w of step s is carrier (s·REVIEWED + w) mod M.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stnb_kernels.bank import require_spectral
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from stnb_kernels.bank import Bank, Oscillators
    from stnb_kernels.law import CarrierLaw
    from stnb_kernels.spectrum import Spectrum

__all__ = ["ALLY", "OFFENDER", "OP", "review_carriers"]

OP = Op("review", ("triton", "cpu", "torch", "reference"))

OFFENDER, ALLY = 0, 1


def review_carriers(
    oscillators: Oscillators, bank: Bank, spectrum: Spectrum, law: CarrierLaw, *, backend: str | None = None
) -> None:
    """Write `spectrum.score` and `spectrum.found`, row 0 the offenders and row 1 the allies.

    Args:
        oscillators: Their places are what is found.
        bank: The carriers; `counts` names the step.
        spectrum: Receives what is found; −1 with score 0 for none.
        law: Uses the weight floor.
        backend: Force a back end.
    """
    require_spectral(oscillators, bank)
    OP.run(oscillators.phase, oscillators, bank, spectrum, law, backend=backend)
