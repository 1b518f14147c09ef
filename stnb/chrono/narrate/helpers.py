"""Numbers in words: how they are read from a record and how they are written in a sentence."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from stnb._core.errors import InvalidValue
from stnb._core.numbers import finite, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "NEGLIGIBLE",
    "amount",
    "count",
    "counted",
    "decimals",
    "one_line",
    "percentages",
    "quantity",
    "signed",
]

NEGLIGIBLE = 2.0**-23
"""Energies up to the spacing of float32 at 1 count as none, as they do in the ratios of a frame."""
HUGE = 1e12  # from about here on, a float64 has no three decimals left to tell
TENTHS = 1000  # of a percent in a whole
UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def decimals(value: float) -> str:
    """Three decimals, and never "-0.000"; from 1e12 on three of the mantissa.

    >>> decimals(1.33186), decimals(-0.0001), decimals(2.5e20)
    ('1.332', '0.000', '2.500e+20')
    """
    return f"{value:z.3f}" if abs(value) < HUGE else f"{value:.3e}"


def signed(value: float) -> str:
    """The same with its sign, whichever it is.

    >>> signed(0.0125), signed(-2.0), signed(-0.0)
    ('+0.013', '-2.000', '+0.000')
    """
    text = decimals(value)
    return text if text.startswith("-") else f"+{text}"


def percentages(ratios: Sequence[float]) -> list[str]:
    """Each ratio with one decimal of a percent, so that what adds up to 1 adds up to 100.0.

    Largest remainder: all are rounded down to tenths, and the tenths that the sum still lacks go to the largest
    remainders, the first of equal ones. No percentage is off by 0.1 or more.

    >>> percentages([1 / 3, 1 / 3, 1 / 3])
    ['33.4%', '33.3%', '33.3%']
    """
    exact = [TENTHS * ratio for ratio in ratios]
    tenths = [math.floor(value) for value in exact]
    lacking = round(math.fsum(exact)) - sum(tenths)
    by_remainder = sorted(range(len(exact)), key=lambda i: tenths[i] - exact[i])
    for index in by_remainder[:lacking]:
        tenths[index] += 1
    return [f"{value // 10}.{value % 10}%" for value in tenths]


def counted(number: int, noun: str) -> str:
    """A number and its noun, which takes an s unless there is one.

    >>> counted(1, "frame"), counted(12, "frame")
    ('1 frame', '12 frames')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def one_line(text: Any, label: str) -> str:
    r"""Words on one line, single spaces between them; what cannot be shown is spelt out.

    That is control characters, halves of surrogate pairs, and marks that turn the direction of what follows.

    >>> one_line("  two\n lines\x07 ", "a note")
    'two lines\\x07'
    """
    if not isinstance(text, str):
        raise TypeError(f"{label} is of type {type(text).__name__}; give a str.")
    return UNSHOWABLE.sub(_spelt_out, " ".join(text.split()))


def quantity(record: Any, name: str, label: str) -> float:
    """A finite number that a record has under this name."""
    if not hasattr(record, name):
        raise TypeError(f"{label} is of type {type(record).__name__} and has no {name}.")
    return finite(f"{label}.{name}", getattr(record, name))


def amount(record: Any, name: str, label: str) -> float:
    """The same, where less than nothing makes no sense."""
    return nonnegative(f"{label}.{name}", quantity(record, name, label))


def count(record: Any, name: str, label: str) -> int:
    """A whole number from 0 on that a record has under this name."""
    if not hasattr(record, name):
        raise TypeError(f"{label} is of type {type(record).__name__} and has no {name}.")
    return whole(f"{label}.{name}", getattr(record, name))


def nonnegative(label: str, value: Any) -> float:
    """A finite number from 0 on."""
    number = finite(label, value)
    if number < 0:
        raise InvalidValue(f"{label} = {number!r} is negative; give 0 or more.")
    return number


def _spelt_out(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
