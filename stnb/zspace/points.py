"""Points of a ball on their way between float64, in which they move, and float32, in which they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from stnb.geometry import TENSOR_MARGIN

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor as TorchTensor

    from stnb.geometry import Ball

    Rows = Float[TorchTensor, "rows cols"]

__all__ = ["require_points", "settle"]


def settle(ball: Ball, points: Rows) -> Rows:
    """Points in float32, inside the margin within which a `Tensor` is read as points and not as tangent vectors."""
    return ball.project(points.to(torch.float32), margin=TENSOR_MARGIN)


def require_points(label: str, rows: Rows, ball: Ball) -> Rows:
    """The rows in float64, or a refusal of the first that is no point of the ball."""
    points = rows.double()
    ball.check(points, name=label)
    return points
