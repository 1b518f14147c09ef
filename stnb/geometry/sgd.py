"""Gradient descent on the ball, with momentum that is carried along."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from stnb.geometry.optim import GeodesicOptimizer, Task, travel

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RiemannianSGD"]


class RiemannianSGD(GeodesicOptimizer):
    """x ← exp_x(−η·u), u ← μ·u + g/λ², with u carried along each step (Bonnabel, *SGD on Riemannian manifolds*, 2013).

    Flat parameters move as with `torch.optim.SGD`. At the origin 1/λ² = ¼, so a learning rate there is worth a quarter
    of a flat one. `weight_decay` adds that multiple of the coordinates to g.

    Args:
        params: Parameters, groups or named parameters, as any optimiser takes them.
        lr: η.
        momentum: μ.
        weight_decay: Pull towards the origin.
        curvature: κ of all rows of parameters that are no `BallParameter`; None leaves those flat.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        *,
        curvature: float | None = None,
    ) -> None:
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "curvature": curvature}
        super().__init__(params, defaults)

    def ranges(self) -> dict[str, tuple[float, float]]:
        """Least value, and the value that is not reached, of each setting."""
        return {**super().ranges(), "momentum": (0.0, math.inf)}

    def update(self, task: Task) -> None:
        """One parameter's step."""
        momentum, state = task.group["momentum"], task.state
        u = task.gradient
        if task.gap is not None:
            u = (0.25 * task.gap * task.gap) * u
        if momentum:
            if "momentum_buffer" in state:
                state["momentum_buffer"].mul_(momentum).add_(u)
            else:
                state["momentum_buffer"] = torch.clone(u)
            u = state["momentum_buffer"]
        if task.gap is not None:
            s = torch.full_like(task.gap, -task.group["lr"])
            travel(task.point, u, task.c, s=s, gap=task.gap, carry=bool(momentum))
        else:
            task.point.add_(u, alpha=-task.group["lr"])
