"""What people look at in a Timeline: which steps, which channels, along which axes; and the channels there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from stnb_widgets.timeline.axis import SCALES

__all__ = ["MOST_CHANNELS", "Channels", "Sight"]

MOST_CHANNELS = 64
_SHOWN_AT_FIRST = 8
_WIDTHS = (16, 8192)


@dataclass(frozen=True, slots=True)
class Channels:
    """Units by name, and the lanes that some channels share."""

    units: dict[str, str]
    groups: dict[str, tuple[str, ...]]
    names: tuple[str, ...] = field(init=False)
    places: dict[str, int] = field(init=False)
    lanes: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.units) <= MOST_CHANNELS:
            raise ValueError(f"channels names {len(self.units)}; a Timeline has 1 to {MOST_CHANNELS}")
        names = tuple(self.units)
        if not all(isinstance(name, str) and name for name in names):
            raise ValueError(f"channels are named {names!r}; every name must be a string that is not empty")
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "places", {name: at for at, name in enumerate(names)})
        lanes = {name: name for name in names}
        grouped = [name for members in self.groups.values() for name in members]
        self.check(grouped)
        if len(set(grouped)) < len(grouped):
            twice = next(name for name in grouped if grouped.count(name) > 1)
            raise ValueError(f"channel {twice!r} is in groups more than once; each belongs to one at most")
        for group, members in self.groups.items():
            lanes.update(dict.fromkeys(members, f"group {group}"))
        object.__setattr__(self, "lanes", lanes)

    def check(self, names: Sequence[str]) -> None:
        """Refuse names that no channel has."""
        unknown = [name for name in names if name not in self.units]
        if unknown:
            raise KeyError(
                f"no channel is named {unknown[0]!r}; this Timeline has {sorted(self.units)}: use those"
            )

    def mates(self, name: str) -> tuple[str, ...]:
        """The channels that share the axis of this one."""
        self.check([name])
        return tuple(other for other in self.names if self.lanes[other] == self.lanes[name])


@dataclass(frozen=True, slots=True)
class Sight:
    """The window (None: follow the newest step), how much of the past is followed (None: all), what is shown."""

    window: tuple[float, float] | None
    span: float | None
    shown: tuple[str, ...]
    scales: dict[str, str]
    width: int = 1000

    @classmethod
    def first(cls, channels: Channels, scales: Mapping[str, str]) -> Sight:
        """Everything that happened, of the first eight channels."""
        sight = cls(None, None, channels.names[:_SHOWN_AT_FIRST], dict.fromkeys(channels.names, "linear"))
        for name, scale in scales.items():
            sight = sight.scaled(channels, name, scale)
        return sight

    def ends(self, extent: tuple[float, float]) -> tuple[float, float]:
        """First and last step of the window, given those of the run."""
        if self.window is not None:
            return self.window
        return (extent[0] if self.span is None else extent[1] - self.span, extent[1])

    def scaled(self, channels: Channels, name: str, scale: str) -> Sight:
        """The same with another axis for a channel and for those that share it."""
        if scale not in SCALES:
            raise ValueError(f"scale of {name!r} is {scale!r}; choose one of {', '.join(SCALES)}")
        return replace(self, scales={**self.scales, **dict.fromkeys(channels.mates(name), scale)})

    def showing(self, channels: Channels, names: Sequence[str]) -> Sight:
        """The same with these channels, in the order that the Timeline has them."""
        if isinstance(names, str) or not isinstance(names, Sequence):
            raise TypeError(f"channels to show are {names!r}; give a list of names")
        channels.check(names)
        if not names:
            raise ValueError("no channel is left to show; name at least one")
        return replace(self, shown=tuple(name for name in channels.names if name in set(names)))

    def within(self, first: float, last: float) -> Sight:
        """The same on a window of steps."""
        if not (isfinite(first) and isfinite(last) and first < last):
            raise ValueError(
                f"the window runs from {first} to {last}; two finite steps are needed, first < last"
            )
        return replace(self, window=(float(first), float(last)), span=None)

    def following(self, span: float | None) -> Sight:
        """The same on the newest `span` steps, or on everything."""
        if span is not None and not (isfinite(span) and span > 0):
            raise ValueError(f"span is {span}; give the steps to follow, more than 0, or None for all")
        return replace(self, window=None, span=None if span is None else float(span))

    def wished(self, wish: Any) -> Sight:
        """What a browser asks for: {"first", "last", "span", "width"}; first and last null: follow."""
        if not isinstance(wish, Mapping):
            raise TypeError(f"a window is {wish!r}; give first, last, span and width")
        first, last, span, width = (_number(wish, name) for name in ("first", "last", "span", "width"))
        sight = self.following(span) if first is None or last is None else self.within(first, last)
        if width is not None:
            sight = replace(sight, width=int(min(max(width, _WIDTHS[0]), _WIDTHS[1])))
        return sight

    def state(self) -> dict[str, Any]:
        """As the browser is told."""
        return {
            "window": None if self.window is None else list(self.window),
            "span": self.span,
            "shown": list(self.shown),
            "scales": dict(self.scales),
        }


def _number(wish: Mapping[str, Any], name: str) -> float | None:
    value = wish.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise TypeError(f"{name} of a window is {value!r}; a finite number or null is needed")
    return float(value)
