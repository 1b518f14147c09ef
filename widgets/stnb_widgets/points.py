"""What an Atlas is given: one `Points` per moment, one `Slider` per parameter that people may change."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

__all__ = ["Points", "Slider"]


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Particles at one moment.

    Attributes:
        step: number of the step, >= 0.
        time: time of the simulation, in the units of the session.
        positions: (n, 3) real numbers; rows with NaN or infinities are counted as lost and not drawn.
        attributes: one (n,) array of real numbers per name; NaN is drawn in grey.
        status: one short line shown beside the step.
    """

    step: int
    time: float
    positions: ArrayLike
    attributes: Mapping[str, ArrayLike] = field(default_factory=dict)
    status: str = ""

    def __post_init__(self) -> None:
        positions = _real(self.positions, "positions")
        if positions.ndim != 2 or positions.shape[1] != 3:
            raise ValueError(
                f"positions has shape {positions.shape}; one row of x, y, z per particle is needed: "
                f"pass an array of shape (n, 3)"
            )
        if self.step < 0:
            raise ValueError(f"step is {self.step}; pass the number of steps done so far, 0 or more")
        columns = {name: _real(values, f"attribute {name!r}") for name, values in self.attributes.items()}
        for name, values in columns.items():
            if values.shape != (len(positions),):
                raise ValueError(
                    f"attribute {name!r} has shape {values.shape}, positions has {positions.shape}; "
                    f"pass one number per particle: shape ({len(positions)},)"
                )
        object.__setattr__(self, "positions", positions)
        object.__setattr__(self, "attributes", columns)

    def __len__(self) -> int:
        return len(np.asarray(self.positions))


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


def _real(values: ArrayLike, what: str) -> np.ndarray:
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{what} has dtype {array.dtype}; real numbers are needed: "
            f"pass a NumPy array of floats (of a torch tensor: tensor.cpu().numpy())"
        )
    return array
