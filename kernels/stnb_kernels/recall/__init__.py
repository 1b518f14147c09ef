"""Recall: crystallized carriers act back on the oscillators that they remember.

With the anchors j of carrier k (oscillator i_j, phase offset φ_j, score s_j > 0), W = Σ_j s_j, ā = Σ_j s_j A_j / W,

    θ_i += dt·pull·Σ s_j sin(ψ_k + φ_j − θ_i)
    E_i += dt·feed·Σ ā (s_j/W) / (1 + A_i)

over all anchors that name i; a carrier of amplitude 0 has no phase and does nothing. With the probability `feed_chance`
a carrier adds dt·feed·ā/4 to the energy of one oscillator drawn at random. Quiet oscillators gain most. This energy
comes from outside; `spectrum.books` adds it up.

The contributions are rounded to 2⁻⁴⁰ and added as integers, so that their order does not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stnb_kernels.bank import require_spectral
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from stnb_kernels.bank import Bank, Oscillators
    from stnb_kernels.law import CarrierLaw
    from stnb_kernels.spectrum import Spectrum

__all__ = ["FEED_STREAM", "FIXED", "OP", "recall_anchors"]

OP = Op("recall", ("cuda", "cpu", "torch", "reference"))

FEED_STREAM = 18
"""Stream of the random numbers that choose whom to feed."""

FIXED = 2.0**40
"""Units of the integer sums."""

LEAST_WEIGHT = 1e-8


def recall_anchors(
    oscillators: Oscillators,
    bank: Bank,
    spectrum: Spectrum,
    law: CarrierLaw,
    *,
    seed: int,
    backend: str | None = None,
) -> None:
    """Pull and feed the anchors in place.

    Args:
        oscillators: Phases and energies change.
        bank: The carriers.
        spectrum: Lends `gain`, which is and stays zero, and keeps the books.
        law: Uses dt, pull_phase, feed_energy and feed_chance.
        seed: The run's seed.
        backend: Force a back end.
    """
    require_spectral(oscillators, bank)
    OP.run(oscillators.phase, oscillators, bank, spectrum, law, seed, backend=backend)
