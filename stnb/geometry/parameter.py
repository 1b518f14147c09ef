"""A parameter of a model that is a point, or a table of points, of a ball."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import torch

from stnb.geometry.ball import Ball

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["BallParameter", "curvature_of"]


class BallParameter(torch.nn.Parameter):
    """A `torch.nn.Parameter` whose rows are points of `ball`; `RiemannianAdam` and `RiemannianSGD` keep them there.

    Attributes:
        ball: Where the rows live.

    >>> table = BallParameter(torch.zeros(10, 2), Ball(-1.0))
    """

    ball: Ball
    manifold = "poincare"

    def __new__(cls, data: Tensor, ball: Ball | None = None, requires_grad: bool = True) -> Self:  # noqa: FBT001, FBT002
        """Refuses data with a row that is no point of the ball."""
        ball = Ball(-1.0) if ball is None else ball
        ball.check(data.detach(), name="data")
        made = torch.nn.Parameter.__new__(cls, data, requires_grad)
        made.ball = ball
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> BallParameter:
        if id(self) not in memo:
            copied = self.detach().clone(memory_format=torch.preserve_format)
            made = type(self).__new__(type(self), copied, self.ball, self.requires_grad)
            memo[id(self)] = made
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return BallParameter, (self.detach(), self.ball, self.requires_grad)

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        del tensor_contents
        return f"BallParameter(curvature={self.ball.curvature:g}, {self.detach()!r})"


def curvature_of(parameter: Tensor, group: dict[str, Any]) -> float | None:
    """Curvature of the space that a parameter lives in; None for flat space."""
    ball = getattr(parameter, "ball", None)
    return ball.curvature if ball is not None else group["curvature"]
