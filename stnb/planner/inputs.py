"""What people pass to the planner: kinds of rank plans, flags and powers of two, each in one form or refused."""

from __future__ import annotations

import enum

from stnb._core.errors import InvalidValue, nearest
from stnb._core.numbers import whole

__all__ = ["RankKind", "flag", "power_of_two", "rank_kind"]


class RankKind(enum.StrEnum):
    """Which k entries of a row a plan is for: the largest, those in the middle, or the smallest."""

    TopK = "topk"
    MidK = "midk"
    BottomK = "bottomk"


SPELLINGS = {spelling: kind for kind in RankKind for spelling in (kind.value, kind.value.removesuffix("k"))}


def rank_kind(kind: str) -> RankKind:
    """A kind from its name, "topk" or "top" and so on, in any case.

    Raises:
        InvalidValue: for another name.

    >>> rank_kind("Bottom").value
    'bottomk'
    """
    if not isinstance(kind, str):
        raise TypeError(f"kind = {kind!r} is of type {type(kind).__name__}; give a name such as 'topk'.")
    found = SPELLINGS.get(kind.strip().lower())
    if found is None:
        raise InvalidValue(f"kind = {kind!r} is unknown; {nearest(kind.strip().lower(), SPELLINGS)}")
    return found


def flag(label: str, value: object) -> bool:
    """True or False as they are; numbers and words are refused."""
    if not isinstance(value, bool):
        raise TypeError(f"{label} = {value!r} is of type {type(value).__name__}; give True or False.")
    return value


def power_of_two(label: str, value: int, *, high: int) -> int:
    """A power of two from 2 to `high`."""
    number = whole(label, value)
    if not (2 <= number <= high and number & (number - 1) == 0):
        raise InvalidValue(f"{label} = {number} must be a power of two from 2 to {high}.")
    return number
