"""A number that people may change: its name, range and unit."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

__all__ = ["Slider"]


@dataclass(frozen=True, slots=True)
class Slider:
    """A number that people may set between `low` and `high`; `log` spaces the track by ratios."""

    name: str
    label: str = ""
    value: float = 0.0
    low: float = 0.0
    high: float = 1.0
    unit: str = ""
    log: bool = False

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a slider has an empty name; name the parameter that it sets")
        numbers = (self.value, self.low, self.high)
        if not all(isfinite(number) for number in numbers) or not self.low < self.high:
            raise ValueError(
                f"slider {self.name!r} runs from {self.low} to {self.high} with value {self.value}; "
                f"all three must be finite and low < high"
            )
        if not self.low <= self.value <= self.high:
            raise ValueError(
                f"slider {self.name!r} has value {self.value} outside {self.low} ... {self.high}; "
                f"widen the range or change the value"
            )
        if self.log and self.low <= 0:
            raise ValueError(
                f"slider {self.name!r} is logarithmic but starts at {self.low}; "
                f"ratios need low > 0: pass one, or log=False"
            )
