"""What ψ is made of and how it is smoothed: by hand, from a roundtable, or from the environment."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from stnb._core.errors import ConfigError
from stnb._core.numbers import finite, whole
from stnb.psi.components import DEFAULTS, component, parse_list
from stnb.psi.schedule import clamp, depth_of

if TYPE_CHECKING:
    from typing import Self

__all__ = ["PsiConfig"]

ALPHA, RATE = 0.2, 1
WEIGHTS = {"loss": 1.0, "grad_norm": 0.3, "update_ratio": 0.4, "act_drift": 0.2}
SWITCH, PARTS, SMOOTHING, EVERY = (
    "SPIRAL_PSI",
    "SPIRAL_PSI_COMPONENTS",
    "SPIRAL_PSI_ALPHA",
    "SPIRAL_PSI_SAMPLE_RATE",
)
ON, OFF = frozenset({"1", "true", "on"}), frozenset({"", "0", "false", "off"})


@dataclass(frozen=True)
class PsiConfig:
    """Settings of a `PsiMeter`. What is left out, or is 0 or empty, is chosen; all numbers are conventions.

    Attributes:
        enabled: whether the meter measures.
        components: names or aliases, as a collection or as a list in a string; loss, grad_norm, update_ratio and
            act_drift if it is empty.
        weights: by component; 1, 0.3, 0.4 and 0.2 for these four if there are none. A component without one counts 0.
        ema_alpha: α ∈ (0, 1), the part of a new value; 0.2 for anything outside.
        sample_rate: every how many steps ψ is measured; 1 for 0.
        thresholds: by component; crossing one is an event.
    """

    enabled: bool = False
    components: Iterable[str] | str = frozenset()
    weights: Mapping[str, float] = field(default_factory=dict)
    ema_alpha: float = 0.0
    sample_rate: int = 0
    thresholds: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.enabled, bool):
            raise TypeError(
                f"enabled = {self.enabled!r} is of type {type(self.enabled).__name__}; give a bool."
            )
        alpha = finite("ema_alpha", self.ema_alpha)
        settled = {
            "components": _components(self.components),
            "weights": _numbers("weights", self.weights) or dict(WEIGHTS),
            "ema_alpha": alpha if 0.0 < alpha < 1.0 else ALPHA,
            "sample_rate": whole("sample_rate", self.sample_rate) or RATE,
            "thresholds": _numbers("thresholds", self.thresholds),
        }
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_schedule(cls, schedule: Any) -> Self:
        """Settings for a roundtable of depth D = k_A + k_H + k_B that leans by φ = 1.4 k_A + k_H + 0.6 k_B.

            α            0.28 up to D = 24, 0.22 up to 96, then 0.16
            sample rate  1 up to D = 48, 2 up to 128, then 4
            weights      loss 1, grad_norm 0.35, update_ratio D^−½ in [0.2, 0.6], band_energy φ/D in [0.1, 0.5],
                         act_drift 0.35 k_H/D + 0.12 in [0.1, 0.4], or 0.2 for D = 0

        A convention of this project: the deeper the roundtable, the slower and the rarer the measurement.
        """
        depth, focus, middle = depth_of(schedule)
        d = max(depth, 1)
        weights = {
            "loss": 1.0,
            "grad_norm": 0.35,
            "update_ratio": clamp(d**-0.5, 0.2, 0.6),
            "act_drift": clamp(0.35 * middle / d + 0.12, 0.1, 0.4) if depth else 0.2,
            "band_energy": clamp(focus / d, 0.1, 0.5),
        }
        return cls(
            enabled=True,
            components=DEFAULTS | {"band_energy"},
            weights=weights,
            ema_alpha=0.28 if depth <= 24 else 0.22 if depth <= 96 else 0.16,
            sample_rate=1 if depth <= 48 else 2 if depth <= 128 else 4,
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """What SPIRAL_PSI (1, true, on), …_COMPONENTS, …_ALPHA and …_SAMPLE_RATE ask for now; unset means default.

        Raises:
            ConfigError: when a switch is neither on nor off, or a number is none.
            UnknownNameError: when a component is unknown.
        """
        found = os.environ if environment is None else environment
        given = {name: found.get(name, "").strip() for name in (SWITCH, PARTS, SMOOTHING, EVERY)}
        return cls(
            enabled=_switched_on(given[SWITCH]),
            components=parse_list(given[PARTS]),
            ema_alpha=_number(SMOOTHING, given[SMOOTHING], float, "a number between 0 and 1", 1.0),
            sample_rate=_number(EVERY, given[EVERY], int, "a whole number from 1 on", math.inf),
        )

    def replace(self, **changes: Any) -> Self:
        """The same settings with some changed."""
        return replace(self, **changes)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; the components in alphabetical order."""
        return {
            "enabled": self.enabled,
            "components": sorted(self.components),
            "weights": dict(self.weights),
            "ema_alpha": self.ema_alpha,
            "sample_rate": self.sample_rate,
            "thresholds": dict(self.thresholds),
        }


def _components(given: Any) -> frozenset[str]:
    if isinstance(given, str):
        return parse_list(given)
    if not isinstance(given, Iterable):
        raise TypeError(f"components = {given!r} is of type {type(given).__name__}; give a set of names.")
    return frozenset(map(component, given)) or DEFAULTS


def _numbers(label: str, given: Any) -> dict[str, float]:
    if not isinstance(given, Mapping):
        raise TypeError(
            f"{label} = {given!r} is of type {type(given).__name__}; give a dict such as {{'loss': 1.0}}."
        )
    return {component(name): finite(f"{label}[{name!r}]", value) for name, value in given.items()}


def _switched_on(text: str) -> bool:
    if text.lower() in ON | OFF:
        return text.lower() in ON
    raise ConfigError(f"{SWITCH} = {text!r} is neither on nor off; set it to 1, or unset it.")


def _number(variable: str, text: str, kind: type, wanted: str, high: float) -> Any:
    if not text:
        return kind()
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not 0 < value < high:
        raise ConfigError(f"{variable} = {text!r} is not {wanted}; give one, or unset it.")
    return value
