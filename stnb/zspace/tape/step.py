"""One Riemannian step of float32 rows: the definition in torch, and a single pass over memory on the CPU.

x = admit(w)        rows at the rim or beyond are read as tangent vectors at the origin
x′ = exp_x(−η·g/λ_x²), λ_x = 2/(1 − c‖x‖²);  or x − η·g/λ_x², the straight step
w′ = x′, clipped to the margin within which a row counts as a point
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from stnb_kernels.registry import parallel_launch

from stnb.geometry import TENSOR_MARGIN
from stnb.zspace.guards import require_finite
from stnb.zspace.points import settle

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor as TorchTensor

    from stnb.geometry import Ball

    Rows = Float[TorchTensor, "rows cols"]

__all__ = ["defined_step", "stepped"]

MANY = 1 << 18  # entries; fewer take less time than a busy machine may need to wake another thread


def stepped(rows: Rows, gradient: Rows, eta: float, ball: Ball, *, straight: bool) -> tuple[Rows, int]:
    """The rows after one step, in new memory, and how many of them were imported."""
    if rows.device.type != "cpu":
        require_finite("weights", rows)
        return defined_step(rows, gradient, eta, ball, straight=straight)
    from stnb.zspace.tape import cpu

    x, out = rows.contiguous(), torch.empty_like(rows, memory_format=torch.contiguous_format)
    arguments = (x.numpy(), gradient.contiguous().numpy(), eta, ball.c, TENSOR_MARGIN, straight, out.numpy())
    if rows.numel() >= MANY:
        with parallel_launch():
            count = cpu.step_many(*arguments)
    else:
        count = cpu.step_few(*arguments)
    if count < 0:
        require_finite("weights", rows)
    return out, int(count)


def defined_step(rows: Rows, gradient: Rows, eta: float, ball: Ball, *, straight: bool) -> tuple[Rows, int]:
    """The same, composed of `stnb.geometry`; on any device."""
    points, moved = ball.admit(rows.double(), margin=TENSOR_MARGIN, name="weights")
    step = -eta * ball.riemannian_gradient(points, gradient.double())
    arrived = points + step if straight else ball.exp(points, step)
    return settle(ball, arrived), int(moved.sum())
