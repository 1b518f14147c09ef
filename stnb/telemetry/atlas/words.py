"""Words, numbers and weights as atlases take them."""

from __future__ import annotations

from typing import Any

from stnb._core.errors import EmptyInput, NonPositiveWeight
from stnb._core.numbers import finite

__all__ = ["known", "label", "support", "trimmed"]


def trimmed(name: str, value: Any) -> str | None:
    """A text without the blanks around it; None where nothing is left."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError(f"{name} = {value!r} is of type {type(value).__name__}; give a string or None.")
    return value.strip() or None


def label(name: str, value: Any) -> str:
    """A text that says something."""
    text = trimmed(name, value)
    if text is None:
        raise EmptyInput(f"{name} = {value!r} says nothing; give a word, such as 'timeline.energy'.")
    return text


def known(name: str, value: Any) -> float | None:
    """A finite number, or None."""
    return None if value is None else finite(name, value)


def support(name: str, value: Any) -> float:
    """A finite weight from 0 on."""
    weight = finite(name, value)
    if weight < 0:
        raise NonPositiveWeight(f"{name} = {weight!r} is below 0; give a weight from 0 on.")
    return weight
