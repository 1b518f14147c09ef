"""Rewriting: values are clamped to what a topos allows, then guarded by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from stnb._core.errors import InvalidValue
from stnb.zspace.tensor import Tensor, as_tensor
from stnb.zspace.topos import OpenTopos, require_no_nan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["RewriteMonad"]


class RewriteMonad:
    """rewrite = guard ∘ saturate, and functions between rewritten values, composed.

    rewrite(rewrite(x)) = rewrite(x), and `bind` is associative: bind(f, g) = bind(bind(f), bind(g)).
    NaN is always refused; with `strict=True` so is every entry that would have been clamped.

    >>> RewriteMonad(OpenTopos(saturation=10.0)).rewrite_slice("x", [20.0, 0.5])
    [10.0, 0.5]
    """

    __slots__ = ("_topos",)

    def __init__(self, topos: OpenTopos) -> None:
        if not isinstance(topos, OpenTopos):
            raise TypeError(f"topos is of type {type(topos).__name__}; give an OpenTopos.")
        self._topos = topos

    def topos(self) -> OpenTopos:
        """The topos that sets the limits."""
        return self._topos

    def rewrite_scalar(self, value: float) -> float:
        """One number, clamped."""
        return self._topos.saturate(value)

    def rewrite_slice(self, label: str, values: Sequence[float]) -> list[float]:
        """A list of numbers, clamped."""
        self._topos.guard_volume(label, 1, len(values))
        if not len(values):
            return []
        numbers = torch.as_tensor(values, dtype=torch.float64).reshape(-1)
        require_no_nan(label, numbers)
        bound = self._topos.saturation()
        return numbers.clamp(-bound, bound).tolist()

    def rewrite_tensor(self, label: str, tensor: Tensor, *, strict: bool = False) -> Tensor:
        """A new tensor with every entry clamped."""
        return self.rewrite(label, tensor, strict=strict)[0]

    def rewrite(self, label: str, tensor: Tensor, *, strict: bool = False) -> tuple[Tensor, int]:
        """A new tensor with every entry clamped, and how many were."""
        source = as_tensor(label, tensor)
        values = source.torch()
        self._topos.guard_volume(label, *values.shape)
        require_no_nan(label, values)
        bound = self._topos.saturation()
        beyond = values.abs() > bound
        clamped = int(beyond.sum())
        if strict and clamped:
            index = ", ".join(map(str, beyond.nonzero()[0].tolist()))
            raise InvalidValue(
                f"{label}[{index}] = {values[beyond][0].item():g} lies beyond the saturation {bound:g}; "
                "scale it, or leave out strict=True."
            )
        return Tensor.from_torch(values.clamp(-bound, bound)).with_frame(source.frame), clamped

    def bind(self, *fns: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
        """The functions one after another, with a rewrite before, between and after them."""

        def bound(tensor: Tensor) -> Tensor:
            value = self.rewrite_tensor("tensor", tensor)
            for fn in fns:
                value = self.rewrite_tensor(getattr(fn, "__name__", "fn"), fn(value))
            return value

        return bound
