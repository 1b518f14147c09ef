"""What Z-space refuses at the door: numbers that are not finite, shapes and curvatures that do not fit each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from stnb._core.errors import (
    CurvatureMismatch,
    DataLength,
    InvalidDimensions,
    NonFiniteValue,
    ShapeMismatch,
)
from stnb._core.numbers import whole

if TYPE_CHECKING:
    from collections.abc import Sized

    from jaxtyping import Inexact
    from torch import Tensor as TorchTensor

__all__ = [
    "SAME_CURVATURE",
    "require_axis",
    "require_finite",
    "require_length",
    "require_same_curvature",
    "require_same_shape",
]

SAME_CURVATURE = 1e-6


def require_finite(label: str, values: Inexact[TorchTensor, "*_"]) -> None:
    """Refuse NaN and infinities by name and index.

    One sum tells in nearly every case that all is well: it is finite only if every term is.
    """
    if math.isfinite(abs(values.sum().item())):
        return
    wrong = ~torch.isfinite(values)
    if bool(wrong.any()):
        index = wrong.nonzero()[0].tolist()
        value = values[tuple(index)].item()
        place = ", ".join(map(str, index))
        raise NonFiniteValue(f"{label}[{place}] = {value!r} is not finite; give finite numbers.")


def require_axis(label: str, value: Any) -> int:
    """The length of an axis, at least 1."""
    return whole(label, value, low=1, error=InvalidDimensions)


def require_length(label: str, values: Sized, expected: int, what: str) -> None:
    """Refuse a list that is longer or shorter than what it describes."""
    if len(values) != expected:
        raise DataLength(f"{label} has {len(values)} entries for {expected} {what}; give {expected}.")


def require_same_shape(
    left: str, shape: tuple[int, ...], right: str, other: tuple[int, ...], remedy: str = "give equal shapes."
) -> None:
    """Refuse two shapes that differ, and print both."""
    if tuple(shape) != tuple(other):
        raise ShapeMismatch(f"{left} has shape {tuple(shape)} but {right} has shape {tuple(other)}; {remedy}")


def require_same_curvature(left: str, curvature: float, right: str, other: float) -> None:
    """Refuse two things that live in different balls."""
    if not abs(curvature - other) <= SAME_CURVATURE:
        raise CurvatureMismatch(
            f"{left} has curvature {curvature!r} but {right} has {other!r}; make both with the same curvature."
        )
