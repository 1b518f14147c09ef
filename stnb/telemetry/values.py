"""What the hub lets in, and how it keeps things from changing behind its back."""

from __future__ import annotations

import copy
import dataclasses
import enum
from collections.abc import Mapping
from typing import Any

__all__ = ["keepsake", "plain"]

PLAIN = (type(None), bool, int, float, complex, str, bytes, enum.Enum, range)


def keepsake(value: Any) -> Any:
    """The value itself where nothing can change it, otherwise a deep copy.

    Numbers, strings, tuples and frozen dataclasses of such are shared; lists, dicts and arrays are copied.
    """
    return value if _is_settled(value) else copy.deepcopy(value)


def plain(label: str, value: Any) -> Any:
    """A record in plain values: through its own `as_dict`, else field by field."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if callable(getattr(value, "as_dict", None)):
        return plain(label, value.as_dict())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = (field.name for field in dataclasses.fields(value))
        return {name: plain(f"{label}.{name}", getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): plain(f"{label}[{key!r}]", item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(f"{label}[{index}]", item) for index, item in enumerate(value)]
    as_list = getattr(value, "tolist", None)
    if callable(as_list):
        return plain(label, as_list())
    raise TypeError(
        f"{label} is of type {type(value).__name__}, which JSON cannot hold; give it an as_dict()."
    )


def _is_settled(value: Any) -> bool:
    if isinstance(value, PLAIN):
        return True
    if isinstance(value, (tuple, frozenset)) and not hasattr(value, "__dict__"):
        return all(_is_settled(item) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        frozen: bool = getattr(type(value), "__dataclass_params__").frozen  # noqa: B009
        fields = (getattr(value, field.name) for field in dataclasses.fields(value))
        return frozen and all(_is_settled(field) for field in fields)
    return False
