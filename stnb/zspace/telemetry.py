"""Uncertainty records of models in Z-space, kept in the hub of the process for whoever wants to plot them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from stnb._core.errors import InvalidValue, NonFiniteValue
from stnb.telemetry import hub

__all__ = ["history", "log_uq"]


def log_uq(payload: str | Mapping[str, Any]) -> dict[str, Any]:
    """Keep a record of uncertainty, given as a mapping or as the JSON text of an object, and return it.

    The record is what JSON makes of the payload: string keys, lists, plain numbers. NumPy and torch values become
    numbers or lists. The hub keeps the latest 256.

    Raises:
        InvalidValue: for text that is not JSON, JSON that is not an object, or a mapping that JSON cannot hold.
        NonFiniteValue: for NaN and infinities, which JSON does not know; write null (None) instead.
        TypeError: for anything but a string or a mapping.
    """
    record = _parsed(payload if isinstance(payload, str) else _written(payload))
    hub.push_uq(record)
    return record


def history() -> list[dict[str, Any]]:
    """The kept records, oldest first, as copies."""
    return hub.uq()


def _written(payload: Any) -> str:
    if not isinstance(payload, Mapping):
        raise TypeError(
            f"payload is of type {type(payload).__name__}; give a mapping, or the JSON text of an object."
        )
    try:
        return json.dumps(dict(payload), default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidValue(f"the payload cannot be written as JSON: {error}") from error


def _parsed(text: str) -> dict[str, Any]:
    try:
        record = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except (json.JSONDecodeError, RecursionError) as error:
        raise InvalidValue(f"the payload is not valid JSON: {error}. Give the text of one object.") from error
    if not isinstance(record, dict):
        raise InvalidValue(
            f"the payload is a JSON {type(record).__name__}; give an object, such as '{{\"picp\": 0.9}}'."
        )
    return record


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(
        f"a value of type {type(value).__name__} has no place in JSON; give numbers, text, lists or dicts."
    )


def _refuse_constant(name: str) -> NoReturn:
    raise NonFiniteValue(
        f"the payload holds {name}, which is no JSON; write null (None) for an unknown number."
    )


def _finite(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise NonFiniteValue(f"the payload holds {digits}, which no float can hold; scale it.")
    return value
