"""What the maintainer tolerates, and how strongly it answers."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from stnb._core.errors import InvalidValue, nearest
from stnb._core.numbers import finite, positive, whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

__all__ = ["MaintainerConfig"]


@dataclasses.dataclass(frozen=True, init=False)
class MaintainerConfig:
    """Thresholds of the maintainer; the defaults are a convention of this project.

    Attributes:
        jitter_threshold: J > 0, the mean |curvature drift| that is tolerated.
        growth_threshold: Γ > 0, the growth of energy per unit of time that is tolerated.
        harmonic_threshold: Γ_h > 0, the tolerated share |X_k|/n of the mean energy that one frequency may carry. A sine
            counts with half its amplitude, and no share exceeds 1.
        energy_floor: from 0 on; a mean energy up to it is dormant.
        clamp_min: lower end of the band of recommended scales, above 0.
        clamp_max: its upper end.
        pressure_step: the pressure that is suggested at the threshold is twice this, at most 1.
        window: how many of the latest frames are judged, at least 1.

    >>> MaintainerConfig(jitter_threshold=0.25).replace(clamp_max=2.8).clamp_max
    2.8
    """

    jitter_threshold: float
    growth_threshold: float
    energy_floor: float
    clamp_min: float
    clamp_max: float
    pressure_step: float
    window: int
    harmonic_threshold: float

    def __init__(
        self,
        jitter_threshold: float = 0.35,
        growth_threshold: float = 0.05,
        energy_floor: float = 1e-3,
        clamp_min: float = 2.0,
        clamp_max: float = 3.0,
        pressure_step: float = 0.12,
        window: int = 32,
        harmonic_threshold: float = 0.25,
        **unknown: Any,
    ) -> None:
        _refuse_unknown(unknown)
        low, high = positive("clamp_min", clamp_min), positive("clamp_max", clamp_max)
        if low > high:
            raise InvalidValue(
                f"clamp_min = {low!r} is above clamp_max = {high!r}; give the lower end as clamp_min."
            )
        settled = {
            "jitter_threshold": positive("jitter_threshold", jitter_threshold),
            "growth_threshold": positive("growth_threshold", growth_threshold),
            "energy_floor": _from_zero("energy_floor", energy_floor),
            "clamp_min": low,
            "clamp_max": high,
            "pressure_step": positive("pressure_step", pressure_step),
            "window": whole("window", window, low=1),
            "harmonic_threshold": positive("harmonic_threshold", harmonic_threshold),
        }
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    def replace(self, **subset: Any) -> Self:
        """The same settings with some changed, checked as a whole."""
        _refuse_unknown(subset)
        return type(self)(**(self.as_dict() | subset))

    def as_dict(self) -> dict[str, Any]:
        """Every setting by name, as plain numbers."""
        return {name: getattr(self, name) for name in _names()}


def _names() -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(MaintainerConfig))


def _refuse_unknown(given: Iterable[str]) -> None:
    known = _names()
    unknown = next((name for name in given if name not in known), None)
    if unknown is not None:
        raise TypeError(f"{unknown!r} is no setting of the maintainer; {nearest(unknown, known)}")


def _from_zero(label: str, value: Any) -> float:
    number = finite(label, value)
    if number < 0:
        raise InvalidValue(f"{label} = {number!r} is negative; give a number from 0 on.")
    return number
