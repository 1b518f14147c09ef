"""Claims of a notebook: one tidy line when true, an error when false."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from stnb._core.errors import CheckError, InputError

__all__ = ["Record", "check"]


class Record(NamedTuple):
    """One claim as it turned out."""

    name: str
    value: Any
    claim: str
    passed: bool


class Check:
    """`check(name, value, below=…)` prints and remembers; `check.records()` lists what was claimed."""

    def __init__(self) -> None:
        self._records: list[Record] = []

    def __call__(
        self,
        name: str,
        value: Any,
        *,
        below: float | None = None,
        above: float | None = None,
        equals: Any = None,
        within: float | None = None,
        unit: str = "",
    ) -> Any:
        """State a fact with its bound, and return the value.

        `below` and `above` are strict. `equals` is exact unless `within` gives an absolute tolerance.
        Prints a line such as `✓ energy drift      3.1e-08  < 1e-03`.

        Raises:
            CheckError: when the claim is false or the value is NaN.
            InputError: when no bound was given, or the bounds are such that nothing could break them.
        """
        plain = _plain(name, value)
        _refuse_empty_claims(name, below=below, above=above, equals=equals, within=within)
        tests: list[tuple[bool, str]] = []
        if above is not None:
            tests.append((_ordered(name, plain) > above, f"> {_short(above)}"))
        if below is not None:
            tests.append((_ordered(name, plain) < below, f"< {_short(below)}"))
        if within is not None:
            distance = abs(_ordered(name, plain) - _ordered(name, _plain(name, equals)))
            tests.append((distance <= within, f"= {_short(equals)} ± {_short(within)}"))
        elif equals is not None:
            tests.append((bool(plain == _plain(name, equals)), f"= {_short(equals)}"))
        claim = " and ".join(text for _, text in tests)
        passed = all(held for held, _ in tests)
        self._records.append(Record(name, plain, claim, passed))
        shown = f"{_short(plain)} {unit}".rstrip()
        line = f"{'✓' if passed else '✗'} {name:<18}  {shown}  {claim}"
        if not passed:
            raise CheckError(
                f"{line} is false: the value is {plain!r}. Look at what changed before this line."
            )
        print(line)
        return value

    def records(self) -> tuple[Record, ...]:
        """Every claim of this process, in order, also those that failed."""
        return tuple(self._records)

    def clear(self) -> None:
        """Forget every claim."""
        self._records.clear()


check = Check()


def _plain(name: str, value: Any) -> Any:
    """One Python number, truth value or string; arrays of more than one element are refused."""
    if hasattr(value, "item") and hasattr(value, "shape"):
        if math.prod(value.shape) != 1:
            raise InputError(
                f"check {name!r} got an array of shape {tuple(value.shape)}; a check is about one number: "
                "pass its maximum, mean or norm."
            )
        return value.item()
    return value


def _ordered(name: str, value: Any) -> float:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float)):
        raise InputError(
            f"check {name!r} compares {value!r} with a bound; give a number, or use equals= alone."
        )
    return value


def _refuse_empty_claims(name: str, *, below: Any, above: Any, equals: Any, within: Any) -> None:
    if within is not None and equals is None:
        raise InputError(f"check {name!r} has within={within!r} but nothing to be near; give equals= too.")
    if below is None and above is None and equals is None:
        raise InputError(f"check {name!r} has no bound, so it cannot fail; give below=, above= or equals=.")
    for label, bound in (("below", below), ("above", above), ("within", within)):
        if bound is None:
            continue
        if (
            isinstance(bound, bool)
            or not isinstance(bound, (int, float, np.number))
            or not math.isfinite(bound)
        ):
            raise InputError(f"check {name!r} has {label}={bound!r}; give a finite number.")
    if within is not None and within < 0:
        raise InputError(f"check {name!r} has within={within!r}; a tolerance is not negative.")


def _short(value: Any) -> str:
    """Four digits, exponents outside [1e-2, 1e6); everything but floats in full."""
    if isinstance(value, (bool, np.bool_, str)) or not isinstance(value, (float, np.floating)):
        return str(value)
    if value == 0 or 1e-2 <= abs(value) < 1e6 or not math.isfinite(value):
        return f"{value:.4g}"
    return f"{value:.1e}".replace(".0e", "e")
