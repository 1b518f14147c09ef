"""Single numbers as people pass them: Python's, NumPy's, an array of one element; or refused in words."""

from __future__ import annotations

import math
import numbers
import operator
from typing import Any

from stnb._core.errors import InvalidValue, NonFiniteValue

__all__ = ["finite", "positive", "real", "whole"]


def real(label: str, value: Any) -> float:
    """A Python float, NaN and infinities included; what is too large for one is infinite.

    Raises:
        TypeError: for text, truth values and everything else that is no number.
    """
    if type(value) is float:
        return value
    if hasattr(value, "item") and getattr(value, "shape", None) in ((), (1,)):
        value = value.item()
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf  # pyright: ignore[reportOperatorIssue]
    raise TypeError(f"{label} = {value!r} is of type {type(value).__name__}; give a number.")


def finite(label: str, value: Any) -> float:
    """The same, and neither NaN nor infinite."""
    number = real(label, value)
    if not math.isfinite(number):
        raise NonFiniteValue(f"{label} = {number!r} is not finite; give a finite number.")
    return number


def positive(label: str, value: Any, error: type[ValueError] = InvalidValue) -> float:
    """A finite number above 0, or a refusal of the given kind."""
    number = real(label, value)
    if not (math.isfinite(number) and number > 0):
        raise error(f"{label} = {number!r} is not a finite number above 0; give one, such as 0.5.")
    return number


def whole(label: str, value: Any, *, low: int | None = 0, error: type[ValueError] = InvalidValue) -> int:
    """A Python int that is `low` or more; 3.0 and True are no whole numbers here."""
    if isinstance(value, bool):
        raise TypeError(f"{label} = {value!r} is of type bool; give a whole number.")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(
            f"{label} = {value!r} is of type {type(value).__name__}; give a whole number."
        ) from None
    if low is not None and number < low:
        raise error(f"{label} = {number} is below {low}; give a whole number from {low} on.")
    return number
