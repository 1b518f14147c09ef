"""Breed: carriers split, merge and vanish; those that remain move up.

**Split.** A carrier that was reviewed, has an offender, is not crystallized, whose conflict is above
`split_conflict` and whose gate can still be narrowed, asks for a child at the offender's frequency ω_o. Requests are
served in the order of their scores, of equal ones the lower carrier first. A request is dropped if another carrier in
order (1 − conflict ≥ `stable_order`) lies within half its own width of ω_o; it is refused, and nothing changes, where
no column is free. Otherwise the child is `½·e^{iθ_o}` at ω_o, volatile, with the offender as its first anchor; both
gates are narrowed and the parent's conflict starts again from 0.

**Merge.** Two carriers closer than `merge_distance` of the narrower width, and with cos(ψ − ψ') above
`merge_coherence`, are one. Carriers rank by state, then |C|, then age. Each carrier that is not crystallized looks for
the highest in rank that it could merge with; if that one has none itself, it takes the carrier in. A crystallized
carrier does not change by it. Another becomes the mean, weighted by |C|, of all that merge, and keeps the eight best of
their anchors, each where its phase was.

**Prune.** A volatile carrier that was quiet for `prune_after` steps is removed, unless it has just taken others in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stnb_kernels.bank import require_spectral
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from stnb_kernels.bank import Bank, Oscillators
    from stnb_kernels.law import CarrierLaw
    from stnb_kernels.spectrum import Spectrum

__all__ = ["CHILD", "OP", "breed_carriers", "numbers"]

OP = Op("breed", ("cuda", "cpu", "torch", "reference"))

CHILD = 0.5
"""Amplitude of a child."""


def numbers(law: CarrierLaw) -> tuple[float, ...]:
    """The thresholds as the kernels take them, all but that of the conflict."""
    limits = (law.narrowing, law.width_min, law.stable_order, law.merge_distance, law.merge_coherence)
    return tuple(float(v) for v in limits)


def breed_carriers(
    oscillators: Oscillators, bank: Bank, spectrum: Spectrum, law: CarrierLaw, *, backend: str | None = None
) -> None:
    """Split, merge and prune in place.

    Args:
        oscillators: Where offenders are.
        bank: The carriers.
        spectrum: Holds what `review` found in this step.
        law: The thresholds.
        backend: Force a back end.
    """
    require_spectral(oscillators, bank)
    OP.run(oscillators.phase, oscillators, bank, spectrum, law, backend=backend)
