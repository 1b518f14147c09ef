"""Records that answer both to attributes and to keys: `plan.choice.tile` and `plan["choice"]["tile"]`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from stnb._core.errors import UnknownNameError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Record"]


class Record(Mapping[str, Any]):
    """A read-only mapping of the fields of a dataclass; the base of frozen ones.

    Keys are the names of the fields. `ALIASES` names attributes that are found by another key as well, without being
    listed.
    """

    ALIASES: ClassVar[Mapping[str, str]] = {}

    def __getitem__(self, key: str) -> Any:
        names = _names(self)
        if key in names:
            return getattr(self, key)
        if isinstance(key, str) and key in self.ALIASES:
            return getattr(self, self.ALIASES[key])
        raise UnknownNameError(f"key {key!r} is unknown; {nearest(str(key), [*names, *self.ALIASES])}")

    def __iter__(self) -> Iterator[str]:
        return iter(_names(self))

    def __len__(self) -> int:
        return len(_names(self))


def _names(record: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(record))
