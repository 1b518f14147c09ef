"""What a spiral session remembers: where it computes, in which ball, how fast it steps, how it weighs densities."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from stnb._core.errors import InvalidValue, NonPositiveLearningRate, ShapeMismatch
from stnb._core.numbers import finite, positive
from stnb.chrono.maintainer import MaintainerConfig
from stnb.geometry import Ball
from stnb.planner import describe_device
from stnb.zspace.guards import require_axis, require_finite, require_same_curvature
from stnb.zspace.tensor import Tensor, as_tensor
from stnb.zspace.topos import OpenTopos

if TYPE_CHECKING:
    from typing import Self

__all__ = ["SpiralSettings", "given"]


@dataclasses.dataclass(frozen=True, eq=False)
class SpiralSettings:
    """Settings of a `SpiralSession`, checked once.

    Attributes:
        device: "cpu", "cuda", "hip", "hip-real", "mps", "wgpu", "auto" or None.
        curvature: κ < 0 of the ball.
        hyper_learning_rate: η of hyperbolic tapes.
        fallback_learning_rate: η of flat tapes.
        entropy_weight: γ of barycentres.
        beta_j: β ≥ 0 of their coupling.
        topos: limits given by the caller, or None.
        coupling: J of their coupling, square, or None.
        chrono_capacity: How many frames the timeline keeps, at least 1.
        maintainer: What the maintainer tolerates.
    """

    device: str | None = None
    curvature: float = -1.0
    hyper_learning_rate: float = 0.05
    fallback_learning_rate: float = 0.01
    entropy_weight: float = 0.1
    beta_j: float = 0.0
    topos: OpenTopos | None = None
    coupling: Any = None
    chrono_capacity: int = 256
    maintainer: MaintainerConfig | None = None

    def __post_init__(self) -> None:
        describe_device(self.device)
        settled = {
            "curvature": Ball(self.curvature).curvature,
            "hyper_learning_rate": _rate("hyper_learning_rate", self.hyper_learning_rate),
            "fallback_learning_rate": _rate("fallback_learning_rate", self.fallback_learning_rate),
            "entropy_weight": finite("entropy_weight", self.entropy_weight),
            "beta_j": _from_zero("beta_j", self.beta_j),
            "coupling": _square(self.coupling),
            "chrono_capacity": require_axis("chrono_capacity", self.chrono_capacity),
            "maintainer": MaintainerConfig() if self.maintainer is None else self.maintainer,
        }
        if self.topos is not None:
            if not isinstance(self.topos, OpenTopos):
                raise TypeError(f"topos is of type {type(self.topos).__name__}; give an OpenTopos, or None.")
            require_same_curvature("the session", settled["curvature"], "its topos", self.topos.curvature())
        if not isinstance(settled["maintainer"], MaintainerConfig):
            kind = type(self.maintainer).__name__
            raise TypeError(f"maintainer is of type {kind}; give a MaintainerConfig, or None.")
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    def watch_rules(self) -> MaintainerConfig:
        """The maintainer's settings, the defaults where none were given."""
        return self.maintainer or MaintainerConfig()

    def replace(self, **changes: Any) -> Self:
        """The same settings with some changed."""
        return dataclasses.replace(self, **changes)

    def as_dict(self) -> dict[str, Any]:
        """Every setting by name."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}


def given(**settings: Any) -> dict[str, Any]:
    """The settings that are not None."""
    return {name: value for name, value in settings.items() if value is not None}


def _rate(label: str, value: Any) -> float:
    return positive(label, value, NonPositiveLearningRate)


def _from_zero(label: str, value: Any) -> float:
    number = finite(label, value)
    if number < 0:
        raise InvalidValue(f"{label} = {number!r} is negative; give a number from 0 on.")
    return number


def _square(coupling: Any) -> Tensor | None:
    if coupling is None:
        return None
    tensor = as_tensor("coupling", coupling)
    if tensor.rows != tensor.cols:
        raise ShapeMismatch(f"coupling has shape {tensor.shape()}; give a row and a column for each density.")
    require_finite("coupling", tensor.torch())
    return tensor.clone()
