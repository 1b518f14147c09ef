"""Wishes of a launch in the words of SpiralK: lines `soft(field, value, weight, condition);`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from stnb._core.errors import InvalidValue
from stnb._core.numbers import finite
from stnb.planner.inputs import RankKind, rank_kind

if TYPE_CHECKING:
    from stnb.planner.choice import Choice

__all__ = ["decimal", "one_expression", "wishes"]

FIELDS = {
    "u2": "use_2ce",
    "wg": "wg",
    "kl": "kl",
    "ch": "ch",
    "mk": "mk",
    "mkd": "mkd",
    "tile": "tile",
    "ctile": "ctile",
    "tile_cols": "fft_tile",
    "radix": "fft_radix",
    "segments": "fft_segments",
}
OPTIONAL = frozenset({"tile", "ctile", "tile_cols", "radix", "segments"})
EXPRESSION = re.compile(r"[\w\s.,()+\-*/%<>=!&|]+", re.ASCII)


def wishes(kind: str, choice: Choice, weight: float, cond: str) -> str:
    """One line a field that is set."""
    sort, strength, condition = rank_kind(kind), decimal("weight", weight), one_expression("cond", cond)
    lines = []
    for field, name in FIELDS.items():
        value = choice[name]
        unset = field in OPTIONAL and value == 0
        if unset or (field == "ctile" and sort is RankKind.TopK):
            continue
        shown = str(value).lower() if isinstance(value, bool) else value
        lines.append(f"soft({field}, {shown}, {strength}, {condition});\n")
    return "".join(lines)


def decimal(label: str, value: float) -> str:
    """A finite number in digits alone, without an exponent; it reads back as the same float.

    >>> decimal("weight", 1e-7)
    '0.0000001'
    """
    return format(Decimal(repr(finite(label, value))), "f")


def one_expression(label: str, text: str) -> str:
    """Text that can stand as one argument: names, numbers and operators within balanced parentheses."""
    if not isinstance(text, str):
        raise TypeError(
            f"{label} = {text!r} is of type {type(text).__name__}; give text such as 'c >= 1024'."
        )
    words = " ".join(text.split())
    if not (EXPRESSION.fullmatch(words) and _closed(words)):
        raise InvalidValue(
            f"{label} = {text!r} is no single expression; give one such as 'c >= 1024' or 'true'."
        )
    return words


def _closed(text: str) -> bool:
    """Whether every parenthesis is closed in turn, and no comma stands outside of them."""
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0 or (letter == "," and depth == 0):
            return False
    return depth == 0
