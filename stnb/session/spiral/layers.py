"""The four layers of a trace, each a function of what was said about it.

homotopy        δ = G ⊙ D, flow S + δ, or exp_S(δ) row by row in the ball
functor         D·K, the derivative of X ↦ X·K along D; of any other function by forward-mode differentiation
barycentre      the objective J along the path to the barycentre
infinity        the mean of levels L₁ … L_n, and e_i = |κ_i|·‖L_i‖²
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from stnb._core.errors import ShapeMismatch
from stnb.geometry import TENSOR_MARGIN, Ball
from stnb.zspace.points import require_points, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jaxtyping import Float
    from torch import Tensor as TorchTensor

    Rows = Float[TorchTensor, "_ _"]

__all__ = ["commutator", "derivative", "flow", "level_energies"]


def flow(seed: Rows, displacement: Rows, curvature: float, mode: str) -> Rows:
    """S + δ; with mode "geodesic" where the geodesics from the rows of S with velocities δ are after unit time."""
    if mode == "flat":
        return seed + displacement
    ball = Ball(curvature)
    return settle(ball, ball.exp(require_points("seed", seed, ball), displacement.double()))


def derivative(
    kernel: Rows | Callable[[TorchTensor], TorchTensor], source: Rows, direction: Rows, epsilon: float | None
) -> Rows:
    """DF_A[D] for F(X) = X·K, which is D·K whatever A is, or for a function F.

    A function is differentiated exactly, by forward mode; with `epsilon` by (F(A + εD) − F(A))/ε in float64, for
    functions that torch cannot look into.
    """
    if isinstance(kernel, torch.Tensor):
        return (direction.double() @ kernel.double()).float()
    a, d = source.double(), direction.double()
    if epsilon is None:
        found = torch.func.jvp(kernel, (a,), (d,))[1]
    else:
        found = (kernel(a + epsilon * d) - kernel(a)) / epsilon
    if not isinstance(found, torch.Tensor) or found.ndim != 2:
        shape = getattr(found, "shape", type(found).__name__)
        raise ShapeMismatch(
            f"the kernel turns shape {tuple(source.shape)} into {shape}; let it give rows and columns."
        )
    return found.detach().float()


def commutator(displacement: Rows, kernel: object) -> Rows | None:
    """(S·K + δ) − (S + δ)·K = δ − δ·K: lifting and then moving, less moving and then lifting; for square K alone."""
    if not isinstance(kernel, torch.Tensor) or kernel.shape[0] != kernel.shape[1]:
        return None
    delta = displacement.double()
    return (delta - delta @ kernel.double()).float()


def level_energies(levels: Sequence[Rows], curvatures: Sequence[float], kind: str) -> list[float]:
    """e_i = |κ_i|·‖L_i‖², or |κ_i|·d(0, L_i)²/4 in the ball of κ_i, which is the same to leading order near 0."""
    if kind == "flat":
        return [
            abs(k) * float(level.double().square().sum()) for k, level in zip(curvatures, levels, strict=True)
        ]
    energies = []
    for k, level in zip(curvatures, levels, strict=True):
        ball = Ball(k)
        points = ball.admit(level.double(), margin=TENSOR_MARGIN, name="level").points
        away = ball.squared_distance(torch.zeros_like(points), points)
        energies.append(abs(k) * float(away.sum()) / 4.0)
    return energies
