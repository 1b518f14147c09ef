"""Adam on the ball: momentum is carried along each step, and rows are scaled by their own Riemannian length."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from stnb.geometry import device
from stnb.geometry.optim import GeodesicOptimizer, Task, travel
from stnb.geometry.passes import fits, launch, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RiemannianAdam"]


class RiemannianAdam(GeodesicOptimizer):
    """Adam with a geodesic step for each hyperbolic row (Bécigneul and Ganea, *Riemannian Adaptive Optimization*, 2019).

    With r = g/λ² the Riemannian gradient of a row and ‖r‖_x = λ‖r‖ its length:

        m ← β₁m + (1 − β₁)r           v ← β₂v + (1 − β₂)‖r‖_x²            one v a row
        x ← exp_x(−η m̂/(√v̂ + ε))      m ← m carried along to the new x    m̂, v̂ without their bias

    so that a first step covers the hyperbolic distance η. Flat parameters move as with `torch.optim.Adam`. With
    `amsgrad`, v̂ is the largest so far. `weight_decay` adds that multiple of the coordinates to g.

    Args:
        params: Parameters, groups or named parameters, as any optimiser takes them.
        lr: η.
        betas: β₁ and β₂.
        eps: ε.
        weight_decay: Pull towards the origin.
        amsgrad: Whether step lengths may only shrink.
        curvature: κ of all rows of parameters that are no `BallParameter`; None leaves those flat.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        amsgrad: bool = False,
        curvature: float | None = None,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": tuple(betas),
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "curvature": curvature,
        }
        super().__init__(params, defaults)

    def ranges(self) -> dict[str, tuple[float, float]]:
        """Least value, and the value that is not reached, of each setting."""
        return {**super().ranges(), "betas": (0.0, 1.0), "eps": (0.0, math.inf)}

    def takes_whole(self, parameter: torch.Tensor, gradient: torch.Tensor) -> bool:
        """Whether one kernel takes the step: everything lies on a GPU, row after row."""
        if gradient.is_sparse or not device.suits(parameter, gradient):
            return False
        state = self.state.get(parameter)
        return not state or (
            device.suits(state["exp_avg"], parameter)
            and all(t.is_contiguous() for name, t in state.items() if name.endswith("exp_avg_sq"))
        )

    def update(self, task: Task) -> None:
        """One parameter's step."""
        group, state, x = task.group, task.state, task.point
        if not state:
            rows = x.new_zeros((*x.shape[:-1], 1)) if task.c else torch.zeros_like(x)
            state["step"], state["exp_avg"], state["exp_avg_sq"] = 0, torch.zeros_like(x), rows
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = torch.zeros_like(rows)
        state["step"] += 1
        beta1, beta2 = group["betas"]
        m, v = state["exp_avg"], state["exp_avg_sq"]
        if task.c and task.gap is None:
            most = state["max_exp_avg_sq"] if group["amsgrad"] else None
            settings = {name: group[name] for name in ("lr", "betas", "eps", "weight_decay")}
            device.adam(x, task.gradient, m, v, most, task.c, step=state["step"], **settings)
            return
        if task.gap is not None and task.square is not None:
            quarter = 0.25 * task.gap * task.gap
            v.mul_(beta2).add_(quarter * task.square, alpha=1.0 - beta2)
            _gather(m, task.gradient, beta1, (1.0 - beta1) * quarter)
        else:
            v.mul_(beta2).addcmul_(task.gradient, task.gradient, value=1.0 - beta2)
            m.lerp_(task.gradient, 1.0 - beta1)
        if group["amsgrad"]:
            v = torch.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
        unbiased = v.div(1.0 - beta2 ** state["step"]).sqrt_().add_(group["eps"])
        s = (-group["lr"] / (1.0 - beta1 ** state["step"])) / unbiased
        if task.gap is not None:
            travel(x, m, task.c, s=s, gap=task.gap, carry=True)
        else:
            x.addcmul_(s, m)


def _gather(m: torch.Tensor, g: torch.Tensor, keep: float, weight: torch.Tensor) -> None:
    """Do m ← keep·m + weight·g in place, one weight a row."""
    if fits(m, g) and m.is_contiguous():
        launch(
            "gather_momentum", rows_of(m), rows_of(g), rows_of(m).numpy().dtype.type(keep), weight.reshape(-1)
        )
    else:
        m.mul_(keep).addcmul_(weight, g)
