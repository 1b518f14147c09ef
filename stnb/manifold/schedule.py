"""Injections that a run makes by itself: when, what and how much, from the seed and the step alone.

    session.schedule = Schedule(every=50, size=(40, 80), pattern="cycle")

With `every=(low, high)` injection k = 1, 2, … comes after step ⌊k(low + high)/2⌋ + j, where j is drawn uniformly from
0 … ⌊(high − low)/2⌋. Two in a row are then low to high steps apart, most often by the mean, and no sum over earlier
ones is needed: any step can be asked at any time, so a run that was cut and resumed injects what it would have
injected otherwise.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from stnb_kernels import fill_random

from stnb._core.config import Config, quantity
from stnb._core.errors import ConfigError
from stnb.manifold.generator import PATTERNS

__all__ = ["CapacityWarning", "Injection", "Schedule"]

STREAM = 64
"""Of `stnb_kernels.random`; those below belong to what happens inside a step."""


class CapacityWarning(UserWarning):
    """A scheduled injection found no room and was left out."""


class Injection(NamedTuple):
    """What to add after a step."""

    pattern: str
    size: int


@dataclass(frozen=True)
class Schedule(Config):
    """When a session injects particles by itself, and which.

    One number stands for a range of that number alone. The pattern "cycle" takes one of `PATTERNS` after the other,
    "random" draws one of them each time, and any other name stays the same.
    """

    every: tuple[int, int] = quantity((50, 50), unit="steps", low=1, help="shortest and longest wait")
    size: tuple[int, int] = quantity((30, 100), low=1, help="fewest and most particles at a time")
    pattern: str = quantity("cycle", choices=("cycle", *PATTERNS), help="how they are placed")

    def __post_init__(self) -> None:
        for name in ("every", "size"):
            value = getattr(self, name)
            if isinstance(value, int) and not isinstance(value, bool):
                object.__setattr__(self, name, (value, value))
        super().__post_init__()

    def check(self) -> None:
        """Ranges run from low to high."""
        for name in ("every", "size"):
            low, high = getattr(self, name)
            if low > high:
                raise ConfigError(f"Schedule.{name} = {(low, high)} runs backwards; write {(high, low)}.")

    def at(self, step: int, *, seed: int) -> Injection | None:
        """What a run with this seed injects once it has taken `step` steps."""
        low, high = self.every
        number = (2 * step + 1) // (low + high)
        earliest, late = number * (low + high) // 2, (high - low) // 2
        if number < 1 or step > earliest + late:
            return None
        when, how_many, which = _draw(seed, number)
        if step != earliest + _whole(when, 0, late):
            return None
        if self.pattern == "cycle":
            pattern = PATTERNS[(number - 1) % len(PATTERNS)]
        elif self.pattern == "random":
            pattern = PATTERNS[_whole(which, 0, len(PATTERNS) - 1)]
        else:
            pattern = self.pattern
        return Injection(pattern, _whole(how_many, *self.size))


@functools.lru_cache(maxsize=256)
def _draw(seed: int, number: int) -> tuple[float, float, float]:
    """Three numbers of [0, 1) that belong to an injection."""
    drawn = np.empty(3)
    fill_random(drawn, seed=seed, stream=STREAM, step=number, backend="reference")
    return (float(drawn[0]), float(drawn[1]), float(drawn[2]))


def _whole(u: float, low: int, high: int) -> int:
    """A whole number from low to high for u in [0, 1)."""
    return low + int(u * (high - low + 1))
