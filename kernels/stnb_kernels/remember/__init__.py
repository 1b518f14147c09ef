"""Remember: a carrier's anchors follow the oscillators that support it.

For every anchor j of a carrier that is not crystallized, with the weight w = T·A of its oscillator i, the carrier's
phase ψ and g = 1 − e^{−rate·dt},

    s_j ← s_j + g (w cos(θ_i − ψ) − s_j),        φ_j ← φ_j + g·wrap(θ_i − ψ − φ_j).

A carrier whose turn it was in `review` then takes its ally with s = w cos(θ − ψ): into the first empty slot, or in the
place of the weakest anchor (the first of equals) if that is weaker. With the probability `anchor_chance` it takes an
oscillator drawn at random instead, in the place of the weakest whatever its score, unless it is an anchor already. A
crystallized carrier's memory never changes, and a carrier of amplitude 0 has no phase to compare with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stnb_kernels.bank import require_spectral
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from stnb_kernels.bank import Bank, Oscillators
    from stnb_kernels.law import CarrierLaw
    from stnb_kernels.spectrum import Spectrum

__all__ = ["ANCHOR_STREAM", "OP", "remember_anchors"]

OP = Op("remember", ("cuda", "cpu", "torch", "reference"))

ANCHOR_STREAM = 19
"""Stream of the random numbers that choose random anchors."""


def remember_anchors(
    oscillators: Oscillators,
    bank: Bank,
    spectrum: Spectrum,
    law: CarrierLaw,
    *,
    seed: int,
    backend: str | None = None,
) -> None:
    """Refresh the anchors in place.

    Args:
        oscillators: Whom the anchors name, by uid.
        bank: The carriers.
        spectrum: Holds the allies that `review` found in this step.
        law: Uses dt, anchor_rate and anchor_chance.
        seed: The run's seed.
        backend: Force a back end.
    """
    require_spectral(oscillators, bank)
    OP.run(oscillators.phase, oscillators, bank, spectrum, law, seed, backend=backend)
