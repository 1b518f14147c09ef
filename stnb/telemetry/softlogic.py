"""Softlogic feedback: one slow number z that tells a trainer which of its three bands to favour."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stnb._core.config import Config, quantity
from stnb._core.errors import ConfigError, InvalidValue, ShapeMismatch
from stnb._core.numbers import finite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

__all__ = ["SoftlogicSettings", "SoftlogicZFeedback", "step_softlogic"]

PREFIX = "SPIRAL_SOFTLOGIC_"
STRESS, BALANCE, DRIFT = 0.6, 0.3, 0.1
LEAST_ENERGY = 1e-4
INSIDE = math.nextafter(1.0, 0.0)


@dataclass(frozen=True)
class SoftlogicSettings(Config):
    """How slowly z moves, and how much it and its causes weigh on the bands of a trainer.

    `step_softlogic` reads `inertia` alone; the other four are for the band weights of a trainer.
    """

    inertia: float = quantity(0.65, low=0.0, high=0.95, help="part of the old z that one step keeps")
    drift_gain: float = quantity(0.25, low=0.0, high=1.0, help="weight of the drift between bands")
    psi_gain: float = quantity(0.5, low=0.0, high=2.0, help="weight of z")
    loss_gain: float = quantity(0.35, low=0.0, high=1.5, help="weight of the middle band's share")
    floor: float = quantity(0.25, low=0.05, high=1.0, help="least weight of a band")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """The settings that SPIRAL_SOFTLOGIC_INERTIA, …_DRIFT_GAIN, …_PSI_GAIN, …_LOSS_GAIN, …_FLOOR ask for now.

        A number outside its range is moved to the nearer end; an unset or empty variable means the default.

        Raises:
            ConfigError: when a variable holds something else than a finite number.
        """
        found = os.environ if environment is None else environment
        given = {name: found.get(PREFIX + name.upper(), "").strip() for name in cls.quantities()}
        return cls(**{name: _clamped(name, text) for name, text in given.items() if text})


@dataclass(frozen=True)
class SoftlogicZFeedback:
    """The control signal after one step, with what moved it.

    Attributes:
        psi_total: ψ, the smoothed stress of training.
        weighted_loss: the loss after its weights.
        band_energy: gradient energy above, here and beneath.
        drift: how the middle band leans.
        z_signal: z ∈ (−1, 1); above 0 it favours the upper band.
    """

    psi_total: float
    weighted_loss: float
    band_energy: tuple[float, float, float]
    drift: float
    z_signal: float

    def __post_init__(self) -> None:
        settled: dict[str, Any] = {
            name: finite(name, getattr(self, name)) for name in ("psi_total", "weighted_loss", "drift")
        }
        settled["band_energy"] = _energies(self.band_energy)
        settled["z_signal"] = _signal("z_signal", self.z_signal)
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers and one list, ready for JSON."""
        return {
            "psi_total": self.psi_total,
            "weighted_loss": self.weighted_loss,
            "band_energy": list(self.band_energy),
            "drift": self.drift,
            "z_signal": self.z_signal,
        }


def step_softlogic(
    z: float,
    *,
    band_energy: Sequence[float],
    drift: float = 0.0,
    weighted_loss: float = 0.0,
    psi_total: float = 0.0,
    settings: SoftlogicSettings | None = None,
) -> SoftlogicZFeedback:
    """Z ← z + (1 − inertia)(tanh(0.6(ψ − ℓ) + 0.3 a + 0.1 d) − z), with a = (A − B)/max(A + H + B, 1e-4).

    A, H, B are the band energies above, here and beneath, d the drift, ℓ the weighted loss, ψ the stress of training.
    The constants are a convention of this project. |z| < 1 always holds, and z = 0 stays 0 when everything is
    balanced. Without `settings` those of the environment hold.

    >>> feedback = step_softlogic(0.0, band_energy=(2.0, 1.0, 1.0), psi_total=1.0, weighted_loss=0.5)
    >>> round(feedback.z_signal, 6)
    0.125425
    """
    before = _signal("z", z)
    above, here, beneath = energies = _energies(band_energy)
    known = SoftlogicSettings.from_environment() if settings is None else settings
    if not isinstance(known, SoftlogicSettings):
        raise TypeError(f"settings is of type {type(known).__name__}; give SoftlogicSettings(…) or None.")
    d, loss, psi = (
        finite("drift", drift),
        finite("weighted_loss", weighted_loss),
        finite("psi_total", psi_total),
    )
    asymmetry = (above - beneath) / max(above + here + beneath, LEAST_ENERGY)
    target = math.tanh(STRESS * (psi - loss) + BALANCE * asymmetry + DRIFT * d)
    after = before + (1.0 - known.inertia) * (target - before)
    return SoftlogicZFeedback(psi, loss, energies, d, min(max(after, -INSIDE), INSIDE))


def _signal(label: str, value: Any) -> float:
    plain = finite(label, value)
    if not -1.0 < plain < 1.0:
        raise InvalidValue(f"{label} = {plain!r} is outside (−1, 1); give a control signal between −1 and 1.")
    return plain


def _energies(values: Any) -> tuple[float, float, float]:
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise TypeError(
            f"band_energy is of type {type(values).__name__}; give three numbers: above, here, beneath."
        )
    plain = tuple(finite(f"band_energy[{i}]", value) for i, value in enumerate(values))
    if len(plain) != 3:
        raise ShapeMismatch(f"band_energy has {len(plain)} entries; give three: above, here, beneath.")
    for i, energy in enumerate(plain):
        if energy < 0:
            raise InvalidValue(f"band_energy[{i}] = {energy!r} is below 0; an energy is 0 or more.")
    return plain


def _clamped(name: str, text: str) -> float:
    known = SoftlogicSettings.quantities()[name]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ConfigError(
            f"{PREFIX}{name.upper()} = {text!r} is not a finite number; give one in {known.range}, or unset it."
        )
    return min(max(value, known.low or 0.0), known.high or math.inf)
