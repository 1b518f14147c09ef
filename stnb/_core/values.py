"""Turning what people pass into exactly the type that a setting declares, or refusing it in words."""

from __future__ import annotations

import math
import types
import typing
from typing import Any

import numpy as np

from stnb._core.errors import ConfigError, nearest

__all__ = ["coerce", "jsonable"]

NAMES = {int: "a whole number", float: "a number", bool: "True or False", str: "a string"}


def coerce(label: str, value: Any, kind: Any) -> Any:
    """`value` as a `kind`: NumPy scalars become Python ones, ints become floats, lists become tuples.

    Nothing is rounded and nothing is parsed: 3.0 is no int, "3" is no number, True is no int.
    """
    if isinstance(value, np.generic):
        value = value.item()
    origin = typing.get_origin(kind)
    if kind is Any:
        return value
    if origin in (typing.Union, types.UnionType):
        return _coerce_union(label, value, typing.get_args(kind))
    if origin is typing.Literal:
        return _coerce_literal(label, value, typing.get_args(kind))
    if kind is tuple or origin is tuple:
        return _coerce_tuple(label, value, typing.get_args(kind))
    if kind is float:
        return _coerce_float(label, value)
    accepted = isinstance(value, origin or kind) and not (kind is int and isinstance(value, bool))
    if not accepted:
        raise _wrong_type(label, value, NAMES.get(kind, getattr(kind, "__name__", str(kind))))
    return value


def jsonable(value: Any) -> Any:
    """Tuples as lists, nested configs as dicts, everything else as it is."""
    if isinstance(value, tuple):
        return [jsonable(item) for item in value]
    if hasattr(value, "to_dict"):
        return value.to_dict()
    return value


def _coerce_float(label: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong_type(label, value, NAMES[float])
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ConfigError(f"{label} = {value!r} is not finite; give a finite number.")
    return number


def _coerce_union(label: str, value: Any, kinds: tuple[Any, ...]) -> Any:
    if value is None and type(None) in kinds:
        return None
    candidates = [kind for kind in kinds if kind is not type(None)]
    exact = [kind for kind in candidates if type(value) is kind]
    problem: ConfigError | None = None
    for kind in exact or candidates:
        try:
            return coerce(label, value, kind)
        except ConfigError as error:
            problem = problem or error
    raise problem or _wrong_type(label, value, "None")


def _coerce_literal(label: str, value: Any, choices: tuple[Any, ...]) -> Any:
    if not any(value == choice and type(value) is type(choice) for choice in choices):
        hint = nearest(str(value), [str(choice) for choice in choices])
        raise ConfigError(f"{label} = {value!r} is not one of the choices; {hint}")
    return value


def _coerce_tuple(label: str, value: Any, kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, (tuple, list)):
        raise _wrong_type(label, value, "a tuple")
    if not kinds:
        return tuple(value)
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise ConfigError(f"{label} = {value!r} has {len(value)} elements; give {len(kinds)}.")
    paired = zip(value, kinds, strict=True)
    return tuple(coerce(f"{label}[{i}]", item, kind) for i, (item, kind) in enumerate(paired))


def _wrong_type(label: str, value: Any, wanted: str) -> ConfigError:
    return ConfigError(f"{label} = {value!r} is of type {type(value).__name__}; give {wanted}.")
