"""Settings of the collapse drive: when it damps training, when it lets it bloom, and how strongly."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from stnb._core.errors import InvalidValue
from stnb._core.numbers import finite, positive, whole
from stnb.psi.schedule import clamp, depth_of

if TYPE_CHECKING:
    from typing import Self

__all__ = ["CollapseConfig"]


@dataclass(frozen=True)
class CollapseConfig:
    """Thresholds on ψ and what happens beyond them; all numbers are conventions of this project.

    A drive needs a ψ to follow: whoever enables it enables the `PsiMeter` too.

    Attributes:
        enabled: whether the drive commands anything.
        hi: ψ from which on training collapses.
        lo: ψ down to which it blooms, below `hi`.
        hysteresis: by how much ψ has to return before another command can follow, from 0 on.
        warmup_steps: steps of the meter without commands.
        cooldown_steps: updates without commands after one.
        collapse_scale: factor of the gradients in a collapse, in [0, 1].
        collapse_max_norm: norm to which they are cut then, above 0.
        collapse_lr_decay: part that the learning rates lose then, in [0, 1]; they keep a tenth at least.
        bloom_lr_mul: factor of the learning rates in a bloom, above 0; up to 1 it does nothing.
    """

    enabled: bool = False
    hi: float = 2.0
    lo: float = 0.3
    hysteresis: float = 0.1
    warmup_steps: int = 50
    cooldown_steps: int = 10
    collapse_scale: float = 0.2
    collapse_max_norm: float = 1.0
    collapse_lr_decay: float = 0.1
    bloom_lr_mul: float = 1.2

    def __post_init__(self) -> None:
        if not isinstance(self.enabled, bool):
            raise TypeError(
                f"enabled = {self.enabled!r} is of type {type(self.enabled).__name__}; give a bool."
            )
        hi, lo = finite("hi", self.hi), finite("lo", self.lo)
        if lo >= hi:
            raise InvalidValue(f"lo = {lo!r} is not below hi = {hi!r}; give lo < hi, such as 0.3 and 2.0.")
        settled = {
            "hi": hi,
            "lo": lo,
            "hysteresis": _between("hysteresis", self.hysteresis, math.inf),
            "warmup_steps": whole("warmup_steps", self.warmup_steps),
            "cooldown_steps": whole("cooldown_steps", self.cooldown_steps),
            "collapse_scale": _between("collapse_scale", self.collapse_scale, 1.0),
            "collapse_max_norm": positive("collapse_max_norm", self.collapse_max_norm),
            "collapse_lr_decay": _between("collapse_lr_decay", self.collapse_lr_decay, 1.0),
            "bloom_lr_mul": positive("bloom_lr_mul", self.bloom_lr_mul),
        }
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_schedule(cls, schedule: Any) -> Self:
        """Settings for a roundtable of depth D = k_A + k_H + k_B ≥ 1 that leans by φ = 1.4 k_A + k_H + 0.6 k_B.

        hi              1.4 + 0.6 ln(1 + D)  in [1.8, 4.5]    warmup_steps    2D         in [20, 240]
        lo              0.18 + 0.4/√D        in [0.2, 0.6]    cooldown_steps  D/8        in [2, 12], rounded
        hysteresis      0.08 + 0.02 ln(1 + D)                 bloom_lr_mul    1.05 + φ/D in [1.05, 1.6]
        collapse_scale  0.18 + 0.9/√D        in [0.1, 0.4]    collapse_lr_decay 0.12, collapse_max_norm 1
        """
        depth, focus, _ = depth_of(schedule)
        d = max(depth, 1)
        return cls(
            enabled=True,
            hi=clamp(1.4 + 0.6 * math.log1p(d), 1.8, 4.5),
            lo=clamp(0.18 + 0.4 / math.sqrt(d), 0.2, 0.6),
            hysteresis=0.08 + 0.02 * math.log1p(d),
            warmup_steps=min(max(2 * d, 20), 240),
            cooldown_steps=min(max(math.floor(d / 8 + 0.5), 2), 12),
            collapse_scale=clamp(0.18 + 0.9 / math.sqrt(d), 0.1, 0.4),
            collapse_max_norm=1.0,
            collapse_lr_decay=0.12,
            bloom_lr_mul=clamp(1.05 + focus / d, 1.05, 1.6),
        )

    def replace(self, **changes: Any) -> Self:
        """The same settings with some changed."""
        return replace(self, **changes)

    def as_dict(self) -> dict[str, Any]:
        """Every setting by name."""
        return asdict(self)


def _between(label: str, value: Any, high: float) -> float:
    number = finite(label, value)
    if not 0.0 <= number <= high:
        allowed = "a number from 0 on" if high == math.inf else f"a number from 0 to {high:g}"
        raise InvalidValue(f"{label} = {number!r} is out of range; give {allowed}.")
    return number
