"""When all layers are read: every so many steps, or as often as a budget of time allows."""

from __future__ import annotations

import math
import statistics
from collections import deque

__all__ = ["LONGEST", "Cadence"]

LONGEST = 1000
"""At most so many steps lie between two readings, also where a reading costs more than the budget earns meanwhile."""
AFTERMATH = 2.0
"""A reading costs about twice what it takes: its data push those of the steps around it out of the caches."""
REMEMBERED = 31
LEFT_AT_LEAST = 0.1


class Cadence:
    """Steps count from 0, and steps 0 and 1 are always read.

    With `every` the steps that it divides are read: the same ones in every run. Otherwise the next reading comes after
    ⌈2c/(b·s − a)⌉ steps, at most 1000, where c is what a reading takes, s how long a step takes, a what the watch takes
    on any step (medians of the latest measurements), and b the budget; a is never taken to be more than nine tenths of
    b·s.
    """

    def __init__(self, every: int | None, budget: float) -> None:
        self.every = every
        self.budget = budget
        self._next = 0
        self._readings: deque[float] = deque(maxlen=5)
        self._light: deque[float] = deque(maxlen=REMEMBERED)
        self._seconds: deque[float] = deque(maxlen=REMEMBERED)

    def is_due(self, step: int) -> bool:
        """Whether this step is read."""
        if self.every is None:
            return step >= self._next
        return step < 2 or step % self.every == 0

    def note(self, step: int, *, cost: float, seconds: float) -> None:
        """A step is over: `cost` seconds of its `seconds` were the watch's. Steps are noted in their order."""
        read = self.is_due(step)
        (self._readings if read else self._light).append(cost)
        self._seconds.append(max(seconds - cost, 0.0))
        if self.every is None and read:
            self._next = step + (1 if step < 1 else self.gap())

    def gap(self) -> int:
        """Steps from a reading to the next, as the budget has it now."""
        earned = self.budget * statistics.median(self._seconds)
        light = statistics.median(self._light) if self._light else 0.0
        left = max(earned - light, LEFT_AT_LEAST * earned)
        cost = AFTERMATH * statistics.median_low(self._readings)
        return LONGEST if left <= 0 else min(max(math.ceil(cost / left), 1), LONGEST)
