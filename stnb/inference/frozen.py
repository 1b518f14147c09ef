"""Mappings that records may hold: read-only, yet dictionaries to `json`, `==`, `pickle` and `copy`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

__all__ = ["Frozen", "plain"]

Value = TypeVar("Value")


class Frozen(dict[str, Value]):
    """A dictionary that refuses to change; `dict(frozen)` is one that may."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a record does not change; take dict(...) of its mapping and change that.")

    __setitem__ = __delitem__ = __ior__ = _refuse  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]
    clear = pop = popitem = setdefault = update = _refuse  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]

    def __hash__(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


def plain(value: Any) -> Any:
    """What `json` can write: mappings as dictionaries, tuples as lists, all the way down."""
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(entry) for entry in value]
    return value
