"""A resonance in words: how much energy it carries, and in which of its layers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from stnb._core.numbers import finite
from stnb.chrono.narrate.bands import BANDS, dominant, shares_in_words
from stnb.chrono.narrate.helpers import NEGLIGIBLE, decimals, nonnegative, percentages
from stnb.chrono.narrate.narrative import ResonanceNarrative

__all__ = ["describe_resonance", "narrate_resonance"]


def describe_resonance(resonance: Any) -> str:
    """The total energy of a resonance and the layer that has most of it.

    Args:
        resonance: Whatever has `energies()` with homotopy, functor, recursive, projection and infinity, each ≥ 0.
    """
    return narrate_resonance(resonance).summary


def narrate_resonance(resonance: Any) -> ResonanceNarrative:
    """The same, and the share of each layer; the shares add up to 100.0, or are all 0.0 where there is no energy."""
    energies = _energies(resonance)
    total = finite("the total energy of the resonance", sum(energies))
    if total <= NEGLIGIBLE:
        summary = f"The resonance is quiescent: its total energy, {decimals(total)}, is negligible."
        return ResonanceNarrative(summary, shares_in_words([0.0] * len(BANDS)))
    ratios = _ratios(energies)
    first = dominant(energies)
    summary = (
        f"The resonance carries a total energy of {decimals(total)}; its largest share, "
        f"{percentages(ratios)[first]}, lies {BANDS[first].place}, at {decimals(energies[first])}."
    )
    return ResonanceNarrative(summary, shares_in_words(ratios))


def _energies(resonance: Any) -> list[float]:
    if not callable(getattr(resonance, "energies", None)):
        raise TypeError(
            f"resonance is of type {type(resonance).__name__} and has no energies(); give what resonate() returns."
        )
    named = resonance.energies()
    missing = [band.name for band in BANDS if not isinstance(named, Mapping) or band.name not in named]
    if missing:
        raise TypeError(f"resonance.energies() has no {missing[0]}; give what resonate() returns.")
    return [nonnegative(f"resonance.energies()[{band.name!r}]", named[band.name]) for band in BANDS]


def _ratios(energies: list[float]) -> list[float]:
    """Shares of the whole; dividing by the largest first keeps the sum finite."""
    largest = max(energies)
    relative = [energy / largest for energy in energies]
    whole = math.fsum(relative)
    return [value / whole for value in relative]
