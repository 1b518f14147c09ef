"""What happened once, at a step: events of a Timeline, in order, and the few of a window that are shown."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from operator import index

__all__ = ["KIND_LENGTH", "LABEL_LENGTH", "Happenings"]

LABEL_LENGTH = 80
KIND_LENGTH = 24
_MOST_SHOWN = 100
_MOST_KEPT = 100_000


class Happenings:
    """Events by step; above 100,000 the oldest are forgotten and counted."""

    def __init__(self) -> None:
        self._events: list[tuple[int, str, int]] = []
        self.kinds: list[str] = []
        self.forgotten = 0

    def __len__(self) -> int:
        return len(self._events)

    def add(self, step: int, label: str, kind: str) -> None:
        """One event; a label of more than 80 characters is cut."""
        step = index(step)
        if step < 0:
            raise ValueError(f"an event is at step {step}; steps are 0 or more")
        for what, text in (("label", label), ("kind", kind)):
            if not isinstance(text, str):
                raise TypeError(f"the {what} of an event is {text!r}; give a string")
        kind = _cut(kind, KIND_LENGTH)
        if kind not in self.kinds:
            self.kinds.append(kind)
        insort(self._events, (step, _cut(label, LABEL_LENGTH), self.kinds.index(kind)))
        if len(self._events) > _MOST_KEPT:
            del self._events[0]
            self.forgotten += 1

    def between(self, first: float, last: float) -> tuple[list[tuple[int, str, int]], int]:
        """At most 100 events of a window, evenly picked, and how many there are."""
        begin = bisect_left(self._events, first, key=_step)
        end = bisect_right(self._events, last, key=_step)
        total = end - begin
        if total <= _MOST_SHOWN:
            return self._events[begin:end], total
        return [self._events[begin + at * total // _MOST_SHOWN] for at in range(_MOST_SHOWN)], total


def _step(event: tuple[int, str, int]) -> int:
    return event[0]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
