"""A map with its first derivatives: one kernel each way on a device, two passes over the rows each way on the CPU.

What these cannot give is left to the map's definition in plain torch, which is recorded and differentiated at that
moment: derivatives of derivatives (`create_graph=True`), and derivatives that are themselves transformed (`vmap`,
forward mode).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from stnb.geometry import device, fused, fused_back

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

__all__ = ["by_kernel", "by_passes"]


def by_kernel(name: str, general: Callable[..., Tensor], c: float, *operands: Tensor) -> Tensor:
    """The map `name` of `device` for operands that suit it; `general(*operands, c)` is its definition in plain torch."""
    run = partial(getattr(device, name), *operands, c)
    return _Map.apply(run, partial(_by_kernel, name), general, c, *operands) if _asked(operands) else run()


def by_passes(name: str, general: Callable[..., Tensor], c: float, *operands: Tensor) -> Tensor | None:
    """The map `name` of `fused` for operands that suit it; None where the general path has to decide."""
    known = getattr(fused, name)(*operands, c)
    if known is None or not _asked(operands):
        return known
    return _Map.apply(lambda: known, getattr(fused_back, name), general, c, *operands)


def _asked(operands: tuple[Tensor, ...]) -> bool:
    """Whether somebody may ask for a derivative."""
    return torch.is_grad_enabled() and any(t.requires_grad for t in operands)


def _by_kernel(name: str, *given: Any) -> Sequence[Tensor | None] | None:
    *operands, g, c, wanted = given
    return device.back(name, operands, g, c, wanted) if device.suits(*operands) else None


class _Map(torch.autograd.Function):
    """A map that remembers its operands alone."""

    @staticmethod
    def forward(
        ctx: Any,
        run: Callable[[], Tensor],
        back: Callable[..., Sequence[Tensor | None] | None],
        general: Callable[..., Tensor],
        c: float,
        *operands: Tensor,
    ) -> Tensor:
        ctx.save_for_backward(*operands)
        ctx.map = back, general, c
        return run()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        back, general, c = ctx.map
        operands, wanted, g = ctx.saved_tensors, ctx.needs_input_grad[4:], grads[0]
        found = None
        if not torch.is_grad_enabled() and device.readable(g):
            found = back(*operands, g, c, wanted)
        if found is None:
            found = _by_definition(general, operands, g, c, wanted)
        return None, None, None, None, *found


def _by_definition(
    general: Callable[..., Tensor],
    operands: tuple[Tensor, ...],
    g: Tensor,
    c: float,
    wanted: tuple[bool, ...],
) -> list[Tensor | None]:
    """Derivatives that can be differentiated again.

    Each operand stands as a tensor of its own, since one may be given twice, or be made of another.
    """
    recorded = torch.is_grad_enabled()
    with torch.enable_grad():
        own = [t.view_as(t) for t in operands]
        sought = [t for t, by in zip(own, wanted, strict=True) if by]
        found = iter(torch.autograd.grad(general(*own, c), sought, g, create_graph=recorded))
    return [next(found) if by else None for by in wanted]
