"""Fréchet mean: the point m with the least F(m) = Σ wᵢ d²(m, xᵢ), unique since the ball is a Hadamard manifold.

Two steps are tried from each m, and the one with the smaller F is taken:

    majorised   d² is a concave function of hᵢ = c‖m − xᵢ‖²/(aᵢ·a(m)), so its tangent bounds it from above; the sum
                of tangents has the closed-form minimum of Lou et al., *Differentiating through the Fréchet mean*
                (2020). It never raises F, which is why the iteration converges from anywhere.
    Newton      exp_m(H⁻¹s) with s = Σ wᵢ log_m xᵢ and, at distance r (in curvature radii),
                H = Σ wᵢ(ûᵢûᵢᵀ + r coth r·(I − ûᵢûᵢᵀ)): near the mean the number of right digits doubles.

Derivatives follow from the condition s(m, x, w) = 0: they are those of one Newton step from the mean with H fixed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from stnb._core.errors import InputError
from stnb.geometry import maps, metric
from stnb.geometry.passes import hidden
from stnb.geometry.rim import gap, project
from stnb.geometry.rows import any_row, square
from stnb.geometry.stable import asinh_ratio

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

__all__ = ["mean", "variance"]

MOST_STEPS = 100


def mean(points: Float[Tensor, "*n m d"], weights: Tensor | None, c: float) -> Float[Tensor, "*n d"]:
    """The weighted mean over the last axis but one."""
    w = _shares(points, weights)
    with torch.no_grad():
        m = _converge(points.detach(), w.detach(), c)
    if not (torch.is_grad_enabled() and (points.requires_grad or w.requires_grad)):
        return m
    pull, hessian = _newton_terms(m, points, w, c)
    step = torch.linalg.solve(hessian.detach(), pull.unsqueeze(-1)).squeeze(-1)
    return maps.exp(m, step, c)


def variance(points: Float[Tensor, "*n m d"], weights: Tensor | None, c: float) -> Float[Tensor, " *n"]:
    """The least value of Σ wᵢ d²(m, xᵢ)/Σ wᵢ."""
    return _spread(mean(points, weights, c), points, _shares(points, weights), c).squeeze(-1)


def _shares(points: Tensor, weights: Tensor | None) -> Tensor:
    """Weights of shape (…, m, 1) with sum 1."""
    if points.ndim < 2 or points.shape[-2] == 0:
        raise InputError(f"points has shape {tuple(points.shape)}; give (…, m, d) with at least one point.")
    if weights is None:
        return points.new_full((*points.shape[:-2], points.shape[-2], 1), 1.0 / points.shape[-2])
    wanted = points.shape[:-1]
    if not _fits(tuple(weights.shape), tuple(wanted)):
        raise InputError(
            f"weights has shape {tuple(weights.shape)} but points has shape {tuple(points.shape)}; "
            f"give one weight a point: {tuple(wanted)}."
        )
    w = weights.to(points.dtype).expand(wanted)
    total = w.sum(-1, keepdim=True)
    if not hidden(w) and not bool((w >= 0).all() & (total > 0).all() & torch.isfinite(total).all()):
        worst = float(w.detach().min())
        raise InputError(
            f"weights range from {worst:.6g} with a sum of {float(total.detach().flatten()[0]):.6g}; "
            "give finite weights ≥ 0 with a positive sum."
        )
    return (w / total).unsqueeze(-1)


def _fits(given: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    padded = (1,) * (len(wanted) - len(given)) + given
    same = len(given) in range(1, len(wanted) + 1) and given[-1] == wanted[-1]
    return same and all(m in (1, n) for m, n in zip(padded, wanted, strict=True))


def _converge(points: Tensor, w: Tensor, c: float) -> Tensor:
    """Steps as long as F falls, or, where F is flat to rounding, as long as each halves the pull that is left."""
    a = gap(points, c, "points")
    flat = 64.0 * torch.finfo(points.dtype).eps
    m = _tangent_minimum(points, w / a, c)
    spread = _spread(m, points, w, c)
    pull, hessian = _newton_terms(m, points, w, c)
    for _ in range(MOST_STEPS):
        step = torch.linalg.solve(hessian, pull.unsqueeze(-1)).squeeze(-1)
        fast = maps.exp(m, step, c)
        sure = _tangent_minimum(points, w * _slopes(m, points, c) / a, c)
        fast_spread, sure_spread = (_spread(z, points, w, c) for z in (fast, sure))
        newton = fast_spread <= sure_spread * (1.0 + flat)
        better, least = torch.where(newton, fast, sure), torch.where(newton, fast_spread, sure_spread)
        new_pull, new_hessian = _newton_terms(better, points, w, c)
        halved = metric.norm(better, new_pull, c) < 0.5 * metric.norm(m, pull, c)
        moved = (least < spread * (1.0 - flat)) | ((least <= spread * (1.0 + flat)) & halved)
        m, spread, pull = (
            torch.where(moved, new, old) for new, old in ((better, m), (least, spread), (new_pull, pull))
        )
        hessian = torch.where(moved.unsqueeze(-1), new_hessian, hessian)
        if not any_row(moved):
            break
    return m


def _slopes(m: Tensor, points: Tensor, c: float) -> Tensor:
    """Derivative of asinh²√h with respect to h: r/sinh r at distance r, up to a factor."""
    x = m.unsqueeze(-2)
    h = c * square(points - x) / (gap(points, c, "points") * gap(x, c))
    return asinh_ratio(h) / torch.sqrt(1.0 + h)


def _tangent_minimum(points: Tensor, u: Tensor, c: float) -> Tensor:
    """The point y that minimises Σ uᵢ‖y − xᵢ‖²/a(y): 2B/(E + √(E² − 4c‖B‖²)) with B = Σ uᵢxᵢ, E = Σ uᵢ(1 + c‖xᵢ‖²).

    E² − 4c‖B‖² = (E − 2√c‖B‖)(E + 2√c‖B‖).
    """
    B = (u * points).sum(-2)
    E = (u * (1.0 + c * square(points))).sum(-2)
    length = 2.0 * math.sqrt(c) * torch.linalg.vector_norm(B, dim=-1, keepdim=True)
    root = torch.sqrt((E - length).clamp_min(0.0) * (E + length))
    return project(2.0 * B / (E + root), c)


def _newton_terms(m: Tensor, points: Tensor, w: Tensor, c: float) -> tuple[Tensor, Tensor]:
    """S = Σ wᵢ log_m xᵢ and the Hessian of ½F, in coordinates."""
    x = m.unsqueeze(-2)
    toward = maps.log(x, points, c)
    pull = (w * toward).sum(-2)
    r = math.sqrt(c) * metric.norm(x, toward, c).detach()
    bend = torch.where(r > 1e-4, r / torch.tanh(torch.where(r > 1e-4, r, 1.0)), 1.0)
    length = torch.linalg.vector_norm(toward.detach(), dim=-1, keepdim=True)
    unit = toward.detach() / length.clamp_min(torch.finfo(length.dtype).tiny)
    eye = torch.eye(m.shape[-1], dtype=m.dtype, device=m.device)
    outer = ((w.detach() * (1.0 - bend)) * unit).mT @ unit
    return pull, (w.detach() * bend).sum(-2, keepdim=True) * eye + outer


def _spread(m: Tensor, points: Tensor, w: Tensor, c: float) -> Tensor:
    return (w * metric.squared_distance(m.unsqueeze(-2), points, c)).sum(-2)
