"""What the toolkit offers, found by importing it: its rooms, their public names, and where each is described."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ROOTS", "House", "Name", "Room", "every_room", "members"]

ROOTS = ("stnb", "stnb_kernels", "stnb_widgets")
DEEPEST = 3
APPLICATIONS = ("stnb.cli",)


@dataclass(frozen=True)
class Name:
    """A public name of a room, and what it stands for."""

    room: str
    name: str
    thing: Any

    @property
    def full(self) -> str:
        """With its room."""
        return f"{self.room}.{self.name}"

    @property
    def kind(self) -> str:
        """What it is, in one word."""
        if inspect.ismodule(self.thing):
            return "module"
        if inspect.isclass(self.thing):
            return "exception" if issubclass(self.thing, BaseException) else "class"
        return "function" if callable(self.thing) else "value"

    @property
    def address(self) -> str:
        """Where it is described: file and anchor."""
        return _file(self.thing.__name__) if self.kind == "module" else f"{_file(self.room)}#{self.name}"


@dataclass(frozen=True)
class Room:
    """A package with public names."""

    name: str
    module: Any
    names: tuple[Name, ...]

    @property
    def file(self) -> str:
        """File name of its page."""
        return _file(self.name)


class House:
    """All rooms. A name that several of them offer is described in the shallowest one, the house's door excepted.

    Args:
        rooms: which rooms; all of them when None.

    Attributes:
        rooms: those that describe something, and the roots.
        complete: whether nothing was left out.
    """

    def __init__(self, rooms: Iterable[str] | None = None) -> None:
        self.complete = rooms is None
        self.rooms = [_room(name) for name in (every_room() if rooms is None else rooms)]
        self._things: dict[int, Name] = {}
        self._values: dict[str, Name] = {}
        for room in sorted(self.rooms, key=lambda room: (room.name in ROOTS[:1], room.name.count("."))):
            for name in sorted(room.names, key=_is_alias):
                self._values.setdefault(name.full, name)
                if name.kind not in {"value", "module"}:
                    self._things.setdefault(id(name.thing), name)
        self.rooms = [room for room in self.rooms if room.name in ROOTS or self.own(room)]
        self._files = {room.name: room.file for room in self.rooms}

    def home(self, name: Name) -> Name:
        """The room and name under which a thing is described."""
        return self._things.get(id(name.thing), name)

    def own(self, room: Room) -> list[Name]:
        """The names that this room's page describes."""
        return [name for name in room.names if name.kind != "module" and self.home(name) == name]

    def address(self, path: str) -> str | None:
        """Where `stnb.geometry`, `stnb.Tensor` or `stnb.Tensor.apply` is described; None where it is not."""
        if path in self._files:
            return self._files[path]
        if path in self._values:
            return self._address_of(self._values[path])
        owner, _, member = path.rpartition(".")
        if owner not in self._values:
            return None
        home = self.home(self._values[owner])
        if home.kind == "module":
            known = self._things.get(id(getattr(home.thing, member, None)))
            return known and self._address_of(known)
        anchor = f".{member}" if member in members(home.thing) else ""
        return f"{home.address}{anchor}" if anchor or _has_field(home.thing, member) else None

    def _address_of(self, name: Name) -> str | None:
        home = self.home(name)
        if home.kind != "module":
            return home.address if home.room in self._files else None
        return self._files.get(home.thing.__name__)


def members(thing: Any) -> dict[str, Any]:
    """Public methods and properties of a class that say what they do, as they stand in it, by name.

    Those of its bases in these packages count too.
    """
    if not inspect.isclass(thing) or issubclass(thing, BaseException):
        return {}
    found: dict[str, Any] = {}
    for base in thing.__mro__:
        if base.__module__.partition(".")[0] in ROOTS:
            for name, member in vars(base).items():
                if not name.startswith("_") and _is_member(member):
                    found.setdefault(name, member)
    return found


def _is_member(member: Any) -> bool:
    known = isinstance(member, (property, classmethod, staticmethod, cached_property))
    return (known or inspect.isfunction(member)) and bool(inspect.getdoc(member))


def every_room() -> list[str]:
    """Names of all packages with public names, roots first; what only renames a root is left out."""
    return [name for root in ROOTS for name in (root, *_inside(root))]


def _inside(root: str) -> Iterator[str]:
    if root != ROOTS[0]:
        return
    for found in pkgutil.walk_packages(importlib.import_module(root).__path__, f"{root}."):
        path = found.name.split(".")
        hidden = any(part.startswith("_") for part in path) or found.name in APPLICATIONS
        if not found.ispkg or hidden or len(path) > DEEPEST:
            continue
        if getattr(importlib.import_module(found.name), "__all__", None):
            yield found.name


def _room(name: str) -> Room:
    module = importlib.import_module(name)
    offered = [public for public in module.__all__ if not public.startswith("__")]
    return Room(name, module, tuple(Name(name, public, getattr(module, public)) for public in offered))


def _is_alias(name: Name) -> bool:
    """Whether the thing calls itself otherwise."""
    return name.kind not in {"module", "value"} and getattr(name.thing, "__name__", name.name) != name.name


def _file(room: str) -> str:
    return f"{room}.html"


def _has_field(thing: Any, name: str) -> bool:
    """Whether instances of a class carry this attribute."""
    fields = {*getattr(thing, "__annotations__", ()), *getattr(thing, "__dataclass_fields__", ())}
    return not name.startswith("_") and (name in fields or hasattr(thing, name))
