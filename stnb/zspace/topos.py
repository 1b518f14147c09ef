"""A topos: the limits that everything which flows through a part of Z-space has to keep."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import torch

from stnb._core.errors import (
    InvalidDimensions,
    LoopDetected,
    NonFiniteValue,
    NonPositiveSaturation,
    NonPositiveTolerance,
    TensorVolumeExceeded,
)
from stnb._core.numbers import positive
from stnb.geometry import Ball
from stnb.zspace.guards import require_axis, require_finite
from stnb.zspace.tensor import as_tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float
    from torch import Tensor as TorchTensor

    from stnb.zspace.tensor import Tensor

__all__ = ["OpenCartesianTopos", "OpenTopos"]


class OpenTopos:
    """Bounds on magnitude, depth and volume, in the ball of one curvature. It never changes.

    Args:
        curvature: κ < 0 of the ball that its points live in.
        tolerance: How far two of its numbers may be apart and still count as one (`close`).
        saturation: The largest magnitude; `saturate` clamps to it.
        max_depth: The depth that a recursion may not reach.
        max_volume: The most entries that a tensor may have.

    >>> OpenTopos(saturation=2.0).saturate(-7.0)
    -2.0
    """

    __slots__ = ("_curvature", "_max_depth", "_max_volume", "_saturation", "_tolerance")

    def __init__(
        self,
        curvature: float = -1.0,
        tolerance: float = 1e-6,
        saturation: float = 1e6,
        max_depth: int = 1024,
        max_volume: int = 1 << 24,
    ) -> None:
        limits = {
            "_curvature": Ball(curvature).curvature,
            "_tolerance": positive("tolerance", tolerance, NonPositiveTolerance),
            "_saturation": positive("saturation", saturation, NonPositiveSaturation),
            "_max_depth": require_axis("max_depth", max_depth),
            "_max_volume": require_axis("max_volume", max_volume),
        }
        for name, value in limits.items():
            object.__setattr__(self, name, value)

    def curvature(self) -> float:
        """κ."""
        return self._curvature

    def tolerance(self) -> float:
        """How far two numbers may be apart and still count as one."""
        return self._tolerance

    def saturation(self) -> float:
        """The largest magnitude."""
        return self._saturation

    def max_depth(self) -> int:
        """The depth that a recursion may not reach."""
        return self._max_depth

    def max_volume(self) -> int:
        """The most entries that a tensor may have."""
        return self._max_volume

    def ball(self) -> Ball:
        """The ball of its curvature."""
        return Ball(self._curvature)

    def close(self, a: float, b: float) -> bool:
        """|a − b| ≤ tolerance."""
        return abs(a - b) <= self._tolerance

    def guard_tensor(self, label: str, tensor: Tensor) -> None:
        """Refuse a tensor with more than `max_volume` entries, or with NaN or an infinity."""
        values = as_tensor(label, tensor).torch()
        self.guard_volume(label, *values.shape)
        require_finite(label, values)

    def guard_slice(self, label: str, values: Sequence[float]) -> None:
        """The same for a list of numbers."""
        self.guard_volume(label, 1, len(values))
        if len(values):
            require_finite(label, torch.as_tensor(values, dtype=torch.float64).reshape(-1))

    def guard_volume(self, label: str, rows: int, cols: int) -> None:
        """Refuse rows × cols entries where they are more than `max_volume`."""
        if rows * cols > self._max_volume:
            raise TensorVolumeExceeded(
                f"{label} has {rows} × {cols} = {rows * cols} entries; this topos lets {self._max_volume} through. "
                "Raise max_volume, or split it."
            )

    def ensure_loop_free(self, depth: int) -> None:
        """Refuse a depth of `max_depth` or more."""
        if isinstance(depth, bool):
            raise TypeError(f"depth = {depth!r} is of type bool; give a whole number.")
        depth = operator.index(depth)
        if depth < 0:
            raise InvalidDimensions(f"depth = {depth} is negative; give a whole number from 0 on.")
        if depth >= self._max_depth:
            raise LoopDetected(
                f"depth = {depth} reaches max_depth = {self._max_depth}; stop the recursion, or raise max_depth."
            )

    def saturate(self, value: float) -> float:
        """The value clamped to ±saturation; NaN is refused."""
        value = float(value)
        if value != value:
            raise NonFiniteValue("value = nan cannot be clamped; give a number.")
        return min(max(value, -self._saturation), self._saturation)

    saturate_scalar = saturate

    def saturate_tensor(self, tensor: Tensor) -> None:
        """Clamp in place, infinities included; NaN and a volume beyond the limit are refused before anything changes."""
        values = as_tensor("tensor", tensor).torch()
        self.guard_volume("tensor", *values.shape)
        require_no_nan("tensor", values)
        values.clamp_(-self._saturation, self._saturation)

    def _limits(self) -> tuple[float, float, float, int, int]:
        return self._curvature, self._tolerance, self._saturation, self._max_depth, self._max_volume

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"an OpenTopos never changes; make another with the {name} that you want.")

    def __eq__(self, other: object) -> bool:
        return self._limits() == other._limits() if isinstance(other, OpenTopos) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._limits())

    def __reduce__(self) -> tuple[Any, ...]:
        return OpenTopos, self._limits()

    def __repr__(self) -> str:
        names = ("curvature", "tolerance", "saturation", "max_depth", "max_volume")
        shown = ", ".join(f"{name}={value!r}" for name, value in zip(names, self._limits(), strict=True))
        return f"OpenTopos({shown})"


OpenCartesianTopos = OpenTopos


def require_no_nan(label: str, values: Float[TorchTensor, "*_"]) -> None:
    """Refuse NaN by name and index; infinities pass."""
    wrong = torch.isnan(values)
    if bool(wrong.any()):
        index = ", ".join(map(str, wrong.nonzero()[0].tolist()))
        raise NonFiniteValue(f"{label}[{index}] = nan cannot be clamped; give numbers.")
