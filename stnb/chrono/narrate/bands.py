"""The five bands of a resonance: what they are called and what share of the energy is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stnb.chrono.narrate.helpers import percentages

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BANDS", "Band", "dominant", "shares_in_words"]


class Band(NamedTuple):
    """A layer of a resonance, by its short name, its title in a list and its place in a sentence."""

    name: str
    title: str
    place: str


BANDS = (
    Band("homotopy", "Above (homotopy flow)", "above, in the homotopy flow"),
    Band("functor", "Here (functor linearisation)", "here, in the functor linearisation"),
    Band("recursive", "Beneath (recursive objective)", "beneath, in the recursive objective"),
    Band("projection", "∞ projection", "in the ∞ projection"),
    Band("infinity", "∞ tower", "in the ∞ tower"),
)


def dominant(values: Sequence[float]) -> int:
    """Where the largest value stands; the first of equal ones."""
    return max(range(len(values)), key=values.__getitem__)


def shares_in_words(ratios: Sequence[float]) -> list[str]:
    """A line for each band; the percentages add up to 100.0 where the ratios add up to 1."""
    return [
        f"{band.title}: {share} of the energy" for band, share in zip(BANDS, percentages(ratios), strict=True)
    ]
