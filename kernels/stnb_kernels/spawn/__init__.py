"""Spawn: oscillators that no carrier hears get one, the strongest first; then the step is over.

In each of a few rounds: among the oscillators whose coverage Σ_k T_ik is below `covered`, the one with the most energy
(the first in order of frequency where several are equal) founds a carrier `e^{iθ}` at its own frequency, of the usual
width, volatile, with itself as its first anchor. Its gate counts in the coverage of the next round, so that neighbours
do not found a second one. Where no column is free the request is refused and nothing changes but that count.

At the end `counts[STEP]` rises by one: this op closes a step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stnb._core.errors import InputError
from stnb_kernels.bank import require_spectral
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from stnb_kernels.bank import Bank, Oscillators
    from stnb_kernels.law import CarrierLaw
    from stnb_kernels.spectrum import Spectrum

__all__ = ["OP", "ROUNDS", "spawn_carriers"]

OP = Op("spawn", ("cuda", "cpu", "torch", "reference"))

ROUNDS = 4
"""Carriers that one step may found."""


def spawn_carriers(
    oscillators: Oscillators,
    bank: Bank,
    spectrum: Spectrum,
    law: CarrierLaw,
    *,
    rounds: int = ROUNDS,
    backend: str | None = None,
) -> None:
    """Found carriers in place and close the step.

    Args:
        oscillators: Who may found one.
        bank: The carriers.
        spectrum: Holds the coverage that `swing` wrote; it rises by the new gates.
        law: Uses covered and width.
        rounds: The most carriers to found.
        backend: Force a back end.
    """
    require_spectral(oscillators, bank)
    if rounds < 0:
        raise InputError(f"rounds must be 0 or more, got {rounds}")
    OP.run(oscillators.phase, oscillators, bank, spectrum, law, rounds, backend=backend)
