"""ψ, the stress of training: one smoothed number out of loss, gradients, updates and activations."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from stnb._core.errors import InvalidValue, NonFiniteValue
from stnb._core.numbers import finite
from stnb.psi.components import COMPONENTS
from stnb.psi.config import PsiConfig

__all__ = ["PsiConfig", "PsiEvent", "PsiMeter", "PsiReading"]


@dataclasses.dataclass(frozen=True)
class PsiReading:
    """ψ after one step.

    Attributes:
        total: Σ weight·smoothed value over the active components; 0 while the meter is off.
        breakdown: the smoothed values by component, without their weights.
        step: number of the update, from 0 on.
    """

    total: float
    breakdown: dict[str, float]
    step: int

    def as_dict(self) -> dict[str, Any]:
        """Every attribute by name."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class PsiEvent:
    """A component's smoothed value went through its threshold, upwards or downwards."""

    component: str
    value: float
    threshold: float
    up: bool
    step: int

    def as_dict(self) -> dict[str, Any]:
        """Every attribute by name."""
        return dataclasses.asdict(self)


class PsiMeter:
    """e ← α·raw + (1 − α)·e for every active component, from its first raw value on; ψ = Σ w·e.

    raw is |loss|, ln(1 + ‖gradient‖), and the other inputs as they are. The weights are a convention of this project;
    ψ says that training is restless, not why, and it has no unit.

    >>> meter = PsiMeter(PsiConfig(enabled=True, components={"loss"}, ema_alpha=0.5))
    >>> [meter.update(loss=loss)[0].total for loss in (1.0, 3.0)]
    [1.0, 2.0]
    """

    def __init__(self, config: PsiConfig) -> None:
        if not isinstance(config, PsiConfig):
            raise TypeError(f"config is of type {type(config).__name__}; give a PsiConfig.")
        self.config = config
        self._active = tuple(name for name in COMPONENTS if name in frozenset(config.components))
        self._smoothed: dict[str, float] = {}
        self._total = 0.0
        self._step = 0

    def update(
        self,
        *,
        loss: float = 0.0,
        grad_l2: float = 0.0,
        update_ratio: float = 0.0,
        act_drift: float = 0.0,
        attn_entropy: float = 0.0,
        band_energy: float = 0.0,
    ) -> tuple[PsiReading, list[PsiEvent]]:
        """One step. Steps that are not sampled, and all of them while the meter is off, repeat what is known.

        An event is a smoothed value that was on its threshold or below and is above it now, or the mirror image; the
        first value has nothing to come from.

        Raises:
            NonFiniteValue: for NaN and infinities; nothing has changed then.
            InvalidValue: for a negative norm.
        """
        norm = finite("grad_l2", grad_l2)
        if norm < 0:
            raise InvalidValue(f"grad_l2 = {norm!r} is negative; give the norm of the gradient.")
        raw = {
            "loss": abs(finite("loss", loss)),
            "grad_norm": math.log1p(norm),
            "update_ratio": finite("update_ratio", update_ratio),
            "act_drift": finite("act_drift", act_drift),
            "attn_entropy": finite("attn_entropy", attn_entropy),
            "band_energy": finite("band_energy", band_energy),
        }
        events = self._measure(raw) if self._is_sampled() else []
        reading = PsiReading(self._total, dict(self._smoothed), self._step)
        self._step += 1
        return reading, events

    def _is_sampled(self) -> bool:
        return self.config.enabled and self._step % self.config.sample_rate == 0

    def _measure(self, raw: dict[str, float]) -> list[PsiEvent]:
        before, alpha = self._smoothed, self.config.ema_alpha
        after = {
            name: alpha * raw[name] + (1.0 - alpha) * before[name] if name in before else raw[name]
            for name in self._active
        }
        total = sum(self.config.weights.get(name, 0.0) * value for name, value in after.items())
        if not math.isfinite(total):
            raise NonFiniteValue(f"ψ = {total!r} exceeds float64; give smaller values or smaller weights.")
        self._smoothed, self._total = after, total
        return [
            self._event(name, before, after) for name in self._active if self._crossed(name, before, after)
        ]

    def _crossed(self, name: str, before: dict[str, float], after: dict[str, float]) -> bool:
        if name not in self.config.thresholds or name not in before:
            return False
        limit = self.config.thresholds[name]
        return before[name] <= limit < after[name] or before[name] >= limit > after[name]

    def _event(self, name: str, before: dict[str, float], after: dict[str, float]) -> PsiEvent:
        up = after[name] > before[name]
        return PsiEvent(name, after[name], self.config.thresholds[name], up, self._step)
