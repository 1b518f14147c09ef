"""The unison script: a launch as a block of lines that people read, and back again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from stnb._core.errors import InvalidValue, nearest
from stnb.planner.inputs import rank_kind

if TYPE_CHECKING:
    from stnb.planner.choice import Choice

__all__ = ["DETAILS", "MERGES", "read", "write"]

MERGES = ("bitonic", "shared", "warp")
DETAILS = ("auto", "heap", "kway", "bitonic", "warp_heap", "warp_bitonic")
NUMBERS = {
    "workgroup": "wg",
    "lanes": "kl",
    "channel_stride": "ch",
    "tile": "tile",
    "compaction_tile": "ctile",
    "fft_tile": "fft_tile",
    "fft_radix": "fft_radix",
    "fft_segments": "fft_segments",
}
FLAGS = {"two_stage": "use_2ce", "subgroup": "subgroup"}
NEEDED = ("workgroup", "lanes", "merge", "two_stage")
UNSET = {"ch": 0, "tile": 0, "ctile": 0, "subgroup": True}
HEADER = re.compile(r"unison\s+(\w+)\s*\{")
NUMBER = re.compile(r"[0-9]{1,18}")


def write(kind: str, choice: Choice) -> str:
    """The script of a choice. Numbers that are 0 have no line, and neither has the usual `subgroup true`."""
    lines = [
        ("workgroup", choice.wg),
        ("lanes", choice.kl),
        ("channel_stride", choice.ch or None),
        ("merge", f"{choice.merge_kind} {choice.merge_detail}"),
        ("tile", choice.tile or None),
        ("compaction_tile", choice.ctile or None),
        ("two_stage", _word(choice.use_2ce)),
        ("fft_tile", choice.fft_tile or None),
        ("fft_radix", choice.fft_radix or None),
        ("fft_segments", choice.fft_segments or None),
        ("subgroup", None if choice.subgroup else "false"),
    ]
    body = "".join(f"  {name} {value}\n" for name, value in lines if value is not None)
    return f"unison {rank_kind(kind).value} {{\n{body}}}\n"


def read(text: str) -> dict[str, Any]:
    """The fields of a choice by name, from the lines of a script in any order.

    Raises:
        InvalidValue: with the number of the line that is wrong, or the name of the one that is missing.
    """
    if not isinstance(text, str):
        raise TypeError(f"text = {text!r} is of type {type(text).__name__}; give a script.")
    numbered = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    _check_frame(numbered)
    fields, seen = dict(UNSET), set()
    for number, line in numbered[1:-1]:
        name, _, rest = line.partition(" ")
        if name in seen:
            raise InvalidValue(f"line {number}: {name!r} is there twice; keep one.")
        seen.add(name)
        fields |= _entry(number, name, rest.strip())
    missing = [name for name in NEEDED if name not in seen]
    if missing:
        raise InvalidValue(f"the script has no line {missing[0]!r}; add it before the closing brace.")
    return fields


def _check_frame(numbered: list[tuple[int, str]]) -> None:
    if not numbered:
        raise InvalidValue("the script is empty; begin with a line such as 'unison topk {'.")
    number, line = numbered[0]
    header = HEADER.fullmatch(line)
    if header is None:
        raise InvalidValue(f"line {number}: {line!r} is no beginning; write one such as 'unison topk {{'.")
    rank_kind(header[1])
    number, line = numbered[-1]
    if line != "}":
        raise InvalidValue(f"line {number}: {line!r} ends the script; close it with '}}'.")


def _entry(number: int, name: str, rest: str) -> dict[str, Any]:
    if name in NUMBERS:
        if not NUMBER.fullmatch(rest):
            raise InvalidValue(
                f"line {number}: {name} {rest!r} is no whole number; write one such as '{name} 64'."
            )
        return {NUMBERS[name]: int(rest)}
    if name in FLAGS:
        if rest not in {"true", "false"}:
            raise InvalidValue(f"line {number}: {name} {rest!r} is neither 'true' nor 'false'.")
        return {FLAGS[name]: rest == "true"}
    if name == "merge":
        return _merge(number, rest)
    raise InvalidValue(f"line {number}: {name!r} is unknown; {nearest(name, [*NUMBERS, *FLAGS, 'merge'])}")


def _merge(number: int, rest: str) -> dict[str, int]:
    words = rest.split()
    if len(words) != 2:
        raise InvalidValue(
            f"line {number}: merge {rest!r}; write a strategy and its detail, 'merge shared heap'."
        )
    codes = {}
    for field, word, known in zip(("mk", "mkd"), words, (MERGES, DETAILS), strict=True):
        if word not in known:
            raise InvalidValue(f"line {number}: {word!r} is unknown; {nearest(word, known)}")
        codes[field] = known.index(word)
    return codes


def _word(value: bool) -> str:  # noqa: FBT001
    return "true" if value else "false"
