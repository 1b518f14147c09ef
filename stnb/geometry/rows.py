"""Sums along rows, and a look at values where looking is free: one number a row, on the CPU.

A tensor of shape (…, d) is a field of rows, each a point or a tangent vector. Everything that is one number a row has
shape (…, 1), so that it scales rows by broadcasting.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from stnb._core.errors import InputError, InvalidValue, NonFiniteValue, ShapeMismatch
from stnb.geometry.passes import fits, hidden, products

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor

__all__ = ["agree", "any_row", "dot", "refuse_rows", "square"]

DTYPES = (torch.float32, torch.float64)


class _Dot(torch.autograd.Function):
    """⟨x, y⟩, remembering x and y alone."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, y: Tensor) -> Tensor:
        return products(x, y) if fits(x, y) else (x * y).sum(-1, keepdim=True)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        del output
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor | None]:
        x, y = ctx.saved_tensors
        wanted = ctx.needs_input_grad
        return (
            (grads[0] * y).sum_to_size(x.shape) if wanted[0] else None,
            (grads[0] * x).sum_to_size(y.shape) if wanted[1] else None,
        )

    @staticmethod
    def jvp(ctx: Any, *tangents: Tensor) -> Tensor:
        x, y = ctx.saved_tensors
        return dot(tangents[0], y) + dot(x, tangents[1])


class _Square(torch.autograd.Function):
    """‖x‖², remembering x alone."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return products(x, x) if fits(x) else (x * x).sum(-1, keepdim=True)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        del output
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return (2.0 * grads[0]) * x

    @staticmethod
    def jvp(ctx: Any, *tangents: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return 2.0 * dot(x, tangents[0])


def dot(x: Float[Tensor, "*#n d"], y: Float[Tensor, "*#n d"]) -> Float[Tensor, "*n 1"]:
    """⟨x, y⟩ of each row."""
    return _Dot.apply(x, y)


def square(x: Float[Tensor, "*n d"]) -> Float[Tensor, "*n 1"]:
    """‖x‖² of each row."""
    return _Square.apply(x)


def any_row(mask: Bool[Tensor, "*n 1"]) -> bool:
    """Whether any row is marked; where nobody can look, say yes, so that the general path is taken."""
    return hidden(mask) or bool(mask.any())


def refuse_rows(wrong: Bool[Tensor, "*n 1"], name: str, values: Tensor, why: str) -> None:
    """Raise for the first marked row, with its index and its values."""
    if hidden(wrong) or not bool(wrong.any()):
        return
    index = tuple(int(i) for i in wrong.detach()[..., 0].nonzero()[0])
    row = values.detach().expand(*wrong.shape[:-1], values.shape[-1])[index].tolist()
    shown = ", ".join(f"{value:.9g}" for value in row[:6]) + (", …" if len(row) > 6 else "")
    place = f"[{', '.join(map(str, index))}]" if index else ""
    finite = all(math.isfinite(value) for value in row)
    raise (InvalidValue if finite else NonFiniteValue)(f"{name}{place} = ({shown}) {why}")


def agree(**tensors: object) -> None:
    """Refuse operands that are no float tensors of one type whose rows fit each other."""
    known: dict[str, Tensor] = {}
    for name, value in tensors.items():
        if not isinstance(value, torch.Tensor):
            raise InputError(
                f"{name} is of type {type(value).__name__}; give a torch tensor of shape (…, d)."
            )
        if value.dtype not in DTYPES:
            raise InputError(f"{name} is {value.dtype}; give float32 or float64, e.g. {name}.float().")
        if value.ndim == 0 or value.shape[-1] == 0:
            raise InputError(f"{name} has shape {tuple(value.shape)}; give (…, d) with d ≥ 1.")
        known[name] = value
    (first, x), *others = known.items()
    for name, value in others:
        if value.dtype != x.dtype:
            raise InputError(f"{first} is {x.dtype} but {name} is {value.dtype}; convert one of them.")
        if value.shape[-1] != x.shape[-1] or not _broadcast(x, value):
            raise ShapeMismatch(
                f"{first} has shape {tuple(x.shape)} but {name} has shape {tuple(value.shape)}; "
                "the last axis must be equal and the others equal or 1."
            )


def _broadcast(x: Tensor, y: Tensor) -> bool:
    pairs = zip(reversed(x.shape[:-1]), reversed(y.shape[:-1]), strict=False)
    return all(m == n or 1 in (m, n) for m, n in pairs)
