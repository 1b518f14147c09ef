"""The collapse drive: damp training while ψ is high, let it bloom while ψ is low, and hold still in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from stnb._core.errors import InvalidValue, nearest
from stnb._core.numbers import finite, whole
from stnb.psi.drive import CollapseConfig
from stnb.psi.schedule import clamp
from stnb.telemetry import hub

if TYPE_CHECKING:
    from stnb.psi.meter import PsiReading
    from stnb.telemetry import HubState

    Kind: TypeAlias = Literal["collapse", "bloom", "none"]

__all__ = ["CollapseConfig", "CollapseDrive", "CollapsePulse", "DriveCommand", "publish_pulse"]

PARAMETERS = {
    "collapse": ("grad_scale", "max_norm", "lr_decay", "lr_factor"),
    "bloom": ("lr_mul", "lr_factor"),
    "none": (),
}
LEAST_RATE, MOST_RATE = 1e-3, 1e3
LEAST_KEPT = 0.1


@dataclass(frozen=True)
class DriveCommand:
    """What a trainer does after a reading; the defaults change nothing.

    Attributes:
        command: "collapse", "bloom" or "none".
        grad_scale: factor of the gradients, applied before the cut.
        max_norm: global norm to which they are cut, or None.
        lr_decay: part that the learning rates lose in a collapse, by the settings.
        lr_mul: factor of the learning rates in a bloom, by the settings.
        lr_factor: what the learning rates are multiplied by: the setting within its bounds.
    """

    command: Kind = "none"
    grad_scale: float = 1.0
    max_norm: float | None = None
    lr_decay: float = 0.0
    lr_mul: float = 1.0
    lr_factor: float = 1.0

    def command_params(self) -> dict[str, float]:
        """The numbers that go with the command."""
        numbers = {name: getattr(self, name) for name in PARAMETERS[self.command]}
        return {name: value for name, value in numbers.items() if value is not None}


@dataclass(frozen=True)
class CollapsePulse:
    """A command as it was given, for those who follow the training.

    Attributes:
        step: that of the reading of ψ.
        total: ψ.
        command: "collapse", "bloom" or "none".
        loop_signal: how the timeline looked then, or None.
        params: the numbers of the command.
    """

    step: int
    total: float
    command: Kind
    loop_signal: Any | None = None
    params: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.command not in PARAMETERS:
            raise InvalidValue(
                f"command = {self.command!r} is none; {nearest(str(self.command), PARAMETERS)}"
            )

    def command_params(self) -> dict[str, float]:
        """The numbers that go with the command: factors of gradients and learning rates, and a norm."""
        return dict(self.params)

    def as_dict(self) -> dict[str, Any]:
        """Every attribute by name; the loop signal through its own `as_dict` where it has one."""
        convert: Any = getattr(self.loop_signal, "as_dict", None)
        return {
            "step": self.step,
            "total": self.total,
            "command": self.command,
            "loop_signal": convert() if callable(convert) else self.loop_signal,
            "params": self.command_params(),
        }


class CollapseDrive:
    """A controller with hysteresis on ψ, in one of the states warmup, stable, collapse and bloom.

    Nothing happens while the drive is off, before `warmup_steps`, and for `cooldown_steps` updates after a command. Then:
    from warmup or stable, ψ ≥ hi commands a collapse and ψ ≤ lo a bloom; collapse ends at ψ ≤ hi − hysteresis, bloom at
    ψ ≥ lo + hysteresis, both without a command. The product of all factors of the learning rates stays in
    [1e-3, 1e3], however often training blooms. All of this is a convention of this project.
    """

    def __init__(self, config: CollapseConfig) -> None:
        if not isinstance(config, CollapseConfig):
            raise TypeError(f"config is of type {type(config).__name__}; give a CollapseConfig.")
        self.config = config
        self._state = "warmup"
        self._cooldown = 0
        self._rate = 1.0

    @property
    def state(self) -> str:
        """Where the controller is: "warmup", "stable", "collapse" or "bloom"."""
        return self._state

    @property
    def lr_factor(self) -> float:
        """The product of all factors of the learning rates so far."""
        return self._rate

    def update(self, reading: PsiReading) -> DriveCommand:
        """What to do after a reading.

        Raises:
            TypeError: for something without a step and a total.
            NonFiniteValue: when ψ is NaN or infinite; nothing has changed then.
        """
        try:
            step, total = whole("step", reading.step), finite("total", reading.total)
        except AttributeError:
            raise TypeError(
                f"reading is of type {type(reading).__name__}; give what PsiMeter.update returned first."
            ) from None
        if not self.config.enabled:
            return DriveCommand()
        if step < self.config.warmup_steps:
            self._state = "warmup"
            return DriveCommand()
        if self._cooldown > 0:
            self._cooldown -= 1
            return DriveCommand()
        return self._move(total)

    def _move(self, total: float) -> DriveCommand:
        settings = self.config
        if self._state == "collapse":
            self._state = "stable" if total <= settings.hi - settings.hysteresis else "collapse"
        elif self._state == "bloom":
            self._state = "stable" if total >= settings.lo + settings.hysteresis else "bloom"
        elif total >= settings.hi:
            return self._collapse()
        elif total <= settings.lo:
            return self._bloom()
        else:
            self._state = "stable"
        return DriveCommand()

    def _collapse(self) -> DriveCommand:
        self._state, self._cooldown = "collapse", self.config.cooldown_steps
        known = self.config
        factor = self._bounded(clamp(1.0 - known.collapse_lr_decay, LEAST_KEPT, 1.0))
        return DriveCommand(
            "collapse",
            grad_scale=known.collapse_scale,
            max_norm=known.collapse_max_norm,
            lr_decay=known.collapse_lr_decay,
            lr_factor=factor,
        )

    def _bloom(self) -> DriveCommand:
        self._state, self._cooldown = "bloom", self.config.cooldown_steps
        factor = self._bounded(max(1.0, self.config.bloom_lr_mul))
        return DriveCommand("bloom", lr_mul=self.config.bloom_lr_mul, lr_factor=factor)

    def _bounded(self, factor: float) -> float:
        """The factor, or as much of it as keeps the product of all of them within its bounds."""
        before, wanted = self._rate, self._rate * factor
        self._rate = clamp(wanted, LEAST_RATE, MOST_RATE)
        return factor if self._rate == wanted else self._rate / before


def publish_pulse(
    reading: PsiReading, command: DriveCommand, exchange: HubState = hub
) -> CollapsePulse | None:
    """Leave a command in the hub, together with the latest loop signal; None, and no change, for "none"."""
    if command.command == "none":
        return None
    signal = exchange.get_chrono_loop()
    pulse = CollapsePulse(reading.step, reading.total, command.command, signal, command.command_params())
    exchange.set_collapse_pulse(pulse)
    return pulse
