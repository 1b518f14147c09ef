"""What every adapter asks of the Tensor that it gives away."""

from __future__ import annotations

from typing import Any

from stnb.zspace import Tensor

__all__ = ["require_tensor", "row_major"]


def require_tensor(tensor: Any) -> Tensor:
    """The Tensor itself, or a refusal."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"tensor is of type {type(tensor).__name__}; give a Tensor, e.g. capture(x).")
    return tensor


def row_major(tensor: Any) -> Tensor:
    """The Tensor itself, or a copy where its rows do not lie one after another."""
    return Tensor.from_torch(require_tensor(tensor).torch())
