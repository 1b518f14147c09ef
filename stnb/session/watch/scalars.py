"""Numbers that a loop tells: of Python, of NumPy, of a tensor, or still on their way from a device."""

from __future__ import annotations

from typing import Any

import torch

from stnb._core.errors import InvalidValue, ShapeMismatch
from stnb._core.numbers import finite, real
from stnb.session.watch.later import Later

__all__ = ["from_zero", "scalar"]


def scalar(label: str, value: Any) -> float | Later:
    """A float, NaN and infinities included; what lies on a device comes later, so that nobody waits for it."""
    shape = getattr(value, "shape", ())
    if tuple(shape) not in ((), (1,)):
        raise ShapeMismatch(f"{label} has shape {tuple(shape)}; give one number, such as {label}.mean().")
    if not isinstance(value, torch.Tensor):
        return real(label, value)
    if value.dtype == torch.bool or value.is_complex():
        raise TypeError(f"{label} is a tensor of type {value.dtype}; give a real number.")
    return float(value.detach()) if value.device.type == "cpu" else Later(value)


def from_zero(label: str, value: Any) -> float:
    """A finite number from 0 on."""
    number = finite(label, value)
    if number < 0:
        raise InvalidValue(f"{label} = {number!r} is below 0; give a number from 0 on.")
    return number
