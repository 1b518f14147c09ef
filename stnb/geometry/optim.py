"""What the optimisers share: who is hyperbolic, what is refused, and the step along a geodesic.

A parameter is hyperbolic when it is a `BallParameter`, or when its group says `curvature=κ`; its rows are then points,
and each moves by x ← exp_x(s·u) for a tangent vector u and a factor s. Every other parameter moves in flat space, as
with the optimiser of the same name in `torch.optim`. All gradients and points are looked at before anything changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from stnb._core.errors import ConfigError, InputError
from stnb.geometry import fused, maps, mobius, rim
from stnb.geometry.ball import Ball
from stnb.geometry.parameter import curvature_of
from stnb.geometry.passes import hidden
from stnb.geometry.rows import square

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from torch import Tensor

__all__ = ["GeodesicOptimizer", "Task", "travel"]


@dataclass
class Task:
    """One parameter's step.

    Attributes:
        point: The parameter.
        gradient: Its partial derivatives, weight decay included where the gap is known.
        group: The group's settings.
        state: The optimiser's memory of it.
        c: −κ, or 0 in flat space.
        gap: 1 − c‖x‖² of each row, in a ball.
        square: ‖gradient‖² of each row, in a ball.
    """

    point: Tensor
    gradient: Tensor
    group: dict[str, Any]
    state: dict[str, Any]
    c: float = 0.0
    gap: Tensor | None = None
    square: Tensor | None = None


class GeodesicOptimizer(torch.optim.Optimizer):
    """Base of the Riemannian optimisers."""

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        super().__init__(params, {"curvature": None, **defaults})

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Refuses settings out of range, and points that do not lie in their ball."""
        group = {**self.defaults, **param_group}
        for name, (low, below) in self.ranges().items():
            value = group[name]
            if not all(isinstance(v, (int, float)) and low <= v < below for v in _values(value)):
                raise ConfigError(f"{name} = {value!r} is out of range; give {low:g} ≤ {name} < {below:g}.")
        if group["curvature"] is not None:
            group["curvature"] = Ball(group["curvature"]).curvature
        super().add_param_group({**param_group, "curvature": group["curvature"]})
        added = self.param_groups[-1]
        try:
            for index, parameter in enumerate(added["params"]):
                _check_point(parameter, added, _name(added, index, len(self.param_groups) - 1))
        except InputError:
            del self.param_groups[-1]
            raise

    def ranges(self) -> dict[str, tuple[float, float]]:
        """Least value, and the value that is not reached, of each setting."""
        return {"lr": (0.0, math.inf), "weight_decay": (0.0, math.inf)}

    def update(self, task: Task) -> None:
        """Move one parameter."""
        del task
        raise TypeError(f"{type(self).__name__} has no update; use RiemannianAdam or RiemannianSGD.")

    def takes_whole(self, parameter: Tensor, gradient: Tensor) -> bool:
        """Whether `update` moves this hyperbolic parameter from its plain gradient alone: a task without its gap."""
        del parameter, gradient
        return False

    def step(self, closure: Callable[[], Any] | None = None) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Move every parameter that has a gradient; with a closure, call it first and return its loss."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch.no_grad():
            for task in self._tasks():
                self.update(task)
        return loss

    def _tasks(self) -> list[Task]:
        tasks = []
        for number, group in enumerate(self.param_groups):
            for index, parameter in enumerate(group["params"]):
                if parameter.grad is not None:
                    task = self._plain(parameter, group) or _examine(
                        parameter, group, _name(group, index, number)
                    )
                    task.state = self.state[parameter]
                    tasks.append(task)
        return tasks

    def _plain(self, parameter: Tensor, group: dict[str, Any]) -> Task | None:
        """A task of numbers that nobody looks at."""
        gradient, curvature = parameter.grad, curvature_of(parameter, group)
        if gradient is None or curvature is None or not self.takes_whole(parameter, gradient):
            return None
        return Task(parameter.detach(), gradient, group, {}, -curvature)


def travel(x: Tensor, u: Tensor, c: float, *, s: Tensor, gap: Tensor, carry: bool) -> None:
    """Do x ← exp_x(s·u) in place; with `carry`, u becomes u carried along to there."""
    arrival = None
    if carry and fused.applies(x, u) and x.is_contiguous() and u.is_contiguous():
        arrival = fused.travel(x, u, c, s, gap)
    if arrival is None:
        way = maps.depart(x, u, c, uu=square(u), s=s, a=gap)
        arrival, moved = way.arrival, x + (way.p * x + way.r * u)
        if carry:
            along, back = mobius.carry(x, u, c, way)
            u.mul_(along).addcmul_(back, x)
        x.copy_(moved)
    kept = rim.project_if_near(x, c, arrival)
    if kept is not x:
        x.copy_(kept)


def _examine(parameter: Tensor, group: dict[str, Any], name: str) -> Task:
    """What a step needs to know of a parameter, or a refusal."""
    gradient = parameter.grad
    assert gradient is not None  # noqa: S101
    if gradient.is_sparse:
        raise InputError(f"{name}.grad is sparse; give dense gradients, e.g. Embedding(..., sparse=False).")
    point = parameter.detach()
    if group["weight_decay"]:
        gradient = gradient.add(point, alpha=group["weight_decay"])
    curvature = curvature_of(parameter, group)
    if curvature is None:
        if not hidden(gradient) and not math.isfinite(float(gradient.sum())):
            rim.require_finite(gradient.reshape(1, -1), f"{name}.grad")
        return Task(point, gradient, group, {})
    c = -curvature
    gradient, squared = maps.tamed(gradient, f"{name}.grad")
    return Task(point, gradient, group, {}, c, rim.gap(point, c, name), squared)


def _values(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _check_point(parameter: Tensor, group: dict[str, Any], name: str) -> None:
    curvature = curvature_of(parameter, group)
    if curvature is None:
        return
    if parameter.ndim == 0:
        raise InputError(f"{name} has shape (); a point needs an axis of coordinates: give (…, d).")
    Ball(curvature).check(parameter.detach(), name=name)


def _name(group: dict[str, Any], index: int, number: int) -> str:
    """The parameter's own name where the optimiser was given named parameters."""
    names = group.get("param_names")
    return names[index] if names else f"param_groups[{number}]['params'][{index}]"
