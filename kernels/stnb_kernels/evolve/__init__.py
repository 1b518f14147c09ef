"""Evolve: one step of the carriers themselves, from the sums that `tune` wrote.

Everything follows one potential, in which the gates T_ik are held still, S_k = Σ_i T_ik A_i + s₀, and a carrier's
losses ℓ_k = λ + starvation weigh against the rate γ_k at which it follows its gate:

    U(θ, C) = Σ_k b_k ( ½ S_k (1 + ℓ_k/γ_k) |C_k|² − Σ_i T_ik Re(z_i C_k*) ),      z_i = A_i e^{iθ_i}.

Phases descend it with mobility K (see `stnb_kernels.swing`), carriers with mobility γ_k/(b_k S_k), in the frame that
turns with Ω_k:

    Ċ_k = iΩ_k C_k + γ_k F_k − (γ_k + ℓ_k) C_k + noise,      F_k = Σ_i T_ik z_i / S_k.

So a carrier remembers the order of its gate: |C| lies in [0, 1] without noise, a volatile one forgets fast, a stable
one slowly, and a crystallized one (γ = ℓ = 0) turns on for ever. The step is exact for constant F and Γ = γ + ℓ:

    C ← e^{iΩdt} ( e^{−Γdt} C + γ (1 − e^{−Γdt})/Γ · F ) + √(τ γ (1 − e^{−2Γdt}) / (b max(S, 1) Γ)) · ξ

Then, with r = |Σ_i T_ik z_i| / Σ_i T_ik A_i and not in an empty gate,

    conflict ← conflict + (1 − e^{−α dt}) (1 − r − conflict)
    Ω ← Ω + (1 − e^{−ρ dt}) ΣTA(ω − Ω)/ΣTA + dt·repulsion·Σ_j (Ω_k − Ω_j) exp(−((Ω_k − Ω_j)/max(σ_k + σ_j, 10⁻³))²)

from the Ω at the beginning of the step; crystallized ones keep theirs. Starvation is `hunger·max(0, 1 − r²/upkeep)`.
The state machine counts steps in a row: a volatile carrier in order (1 − conflict ≥ `stable_order`) for
`stable_after` steps becomes stable; a stable one in better order, with little conflict and enough support, for
`crystal_after` steps crystallizes. Nothing is ever demoted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stnb_kernels.bank import require_spectral
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from stnb_kernels.bank import Bank, Oscillators
    from stnb_kernels.law import CarrierLaw
    from stnb_kernels.spectrum import Spectrum

__all__ = ["CARRIER_STREAM", "OP", "evolve_carriers"]

OP = Op("evolve", ("cuda", "cpu", "torch", "reference"))

CARRIER_STREAM = 17
"""Stream of the random numbers of carriers."""


def evolve_carriers(
    oscillators: Oscillators,
    bank: Bank,
    spectrum: Spectrum,
    law: CarrierLaw,
    *,
    seed: int,
    backend: str | None = None,
) -> None:
    """Advance the carriers in place.

    Args:
        oscillators: Only checked; what they contribute is in the sums.
        bank: The carriers.
        spectrum: Holds the sums of this step.
        law: The constants.
        seed: The run's seed.
        backend: Force a back end.
    """
    require_spectral(oscillators, bank)
    OP.run(bank.real, bank, spectrum, law, seed, backend=backend)
