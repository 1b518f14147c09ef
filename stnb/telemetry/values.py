"""What the hub lets in, and how it keeps things from changing behind its back."""

from __future__ import annotations

import copy
import dataclasses
import enum
from typing import Any

__all__ = ["keepsake"]

PLAIN = (type(None), bool, int, float, complex, str, bytes, enum.Enum, range)


def keepsake(value: Any) -> Any:
    """The value itself where nothing can change it, otherwise a deep copy.

    Numbers, strings, tuples and frozen dataclasses of such are shared; lists, dicts and arrays are copied.
    """
    return value if _is_settled(value) else copy.deepcopy(value)


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
