"""How deep a roundtable splits a gradient, and towards which band it leans: two numbers that settings follow from."""

from __future__ import annotations

from typing import Any, NamedTuple

from stnb._core.errors import DataLength
from stnb._core.numbers import whole

__all__ = ["Depth", "clamp", "depth_of"]

NAMES = ("top_k", "mid_k", "bottom_k")


class Depth(NamedTuple):
    """D = k_A + k_H + k_B, the entries a schedule ranks; focus = 1.4 k_A + k_H + 0.6 k_B; middle = k_H."""

    total: int
    focus: float
    middle: int


def depth_of(schedule: Any) -> Depth:
    """The depth of a schedule, known by its `top_k`, `mid_k`, `bottom_k`, or of those three numbers."""
    try:
        given = (
            tuple(schedule)
            if isinstance(schedule, (tuple, list))
            else tuple(getattr(schedule, name) for name in NAMES)
        )
        if len(given) != len(NAMES):
            raise DataLength(f"schedule has {len(given)} entries; give three: {', '.join(NAMES)}.")
    except AttributeError:
        raise TypeError(
            f"schedule is of type {type(schedule).__name__}; give what has {', '.join(NAMES)}, or these three numbers."
        ) from None
    above, here, beneath = (whole(name, k) for name, k in zip(NAMES, given, strict=True))
    return Depth(above + here + beneath, 1.4 * above + here + 0.6 * beneath, here)


def clamp(value: float, low: float, high: float) -> float:
    """The value, or the nearer end."""
    return min(max(value, low), high)
