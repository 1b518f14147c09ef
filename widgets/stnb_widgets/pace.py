"""How much may leave for the browser, and how often: plain numbers per host, and the clock work for them."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

__all__ = ["BUDGETS", "Budget", "Pacer", "Window", "host_budget"]


@dataclass(frozen=True, slots=True)
class Budget:
    """Bytes per second, frames per second, and the least milliseconds between two intents of the browser."""

    bytes_per_s: float
    frames_per_s: float
    intent_ms: int

    @property
    def frame_bytes(self) -> int:
        """A fifth of a second's bytes: five whole frames per second are the least worth watching."""
        return int(self.bytes_per_s / 5)


BUDGETS = {
    "local": Budget(48e6, 60, 16),
    "vscode": Budget(20e6, 60, 16),
    "hosted": Budget(8e6, 30, 100),
    "colab": Budget(1.28e6, 5, 100),
}
UNHEARD = Budget(8e6, 10, 100)
_SAME_AS = {"binder": "hosted", "hub": "hosted", "jupyterhub": "hosted", "lab": "local"}


def host_budget() -> tuple[str, Budget]:
    """The host named by STNB_HOST, or else the one that the environment gives away."""
    name = os.environ.get("STNB_HOST", "").strip().lower()
    name = _SAME_AS.get(name, name)
    if name and name not in BUDGETS:
        known = ", ".join([*BUDGETS, *_SAME_AS])
        raise ValueError(f"STNB_HOST is {name!r}; known hosts are {known}: set one of them or unset it")
    if not name:
        name = _guess_host()
    return name, BUDGETS[name]


def _guess_host() -> str:
    if "google.colab" in sys.modules:
        return "colab"
    if "BINDER_SERVICE_HOST" in os.environ or "JUPYTERHUB_USER" in os.environ:
        return "hosted"
    return "vscode" if "VSCODE_PID" in os.environ else "local"


class Pacer:
    """Lets a frame go when the previous one has been paid for: `next = max(next, now) + cost`."""

    def __init__(self) -> None:
        self._next = float("-inf")

    def ready(self, now: float) -> bool:
        """True when the budget has room."""
        return now >= self._next

    def spend(self, now: float, size: int, budget: Budget) -> None:
        """Book one frame of `size` bytes sent at `now`."""
        cost = max(size / budget.bytes_per_s, 1 / budget.frames_per_s)
        self._next = max(self._next, now) + cost


class Window:
    """How many frames may be unacknowledged: +1/w per quick answer, halved by a slow one, 1 ... 4."""

    START, LEAST, MOST = 2.0, 1.0, 4.0
    SLOW_FACTOR, SLOW_FLOOR_S = 4.0, 0.1

    def __init__(self) -> None:
        self._size = self.START
        self._best = float("inf")
        self.round_trip = float("nan")

    @property
    def size(self) -> int:
        """Whole frames that may be in flight."""
        return int(self._size)

    def answered(self, round_trip: float) -> None:
        """Learn from one acknowledgement that took `round_trip` seconds."""
        self.round_trip = round_trip
        self._best = min(self._best * 1.01, round_trip)
        if round_trip > max(self.SLOW_FLOOR_S, self.SLOW_FACTOR * self._best):
            self._size = max(self.LEAST, self._size / 2)
        else:
            self._size = min(self.MOST, self._size + 1 / self._size)
