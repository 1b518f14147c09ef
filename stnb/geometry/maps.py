"""Between points and tangent vectors: exponential map, logarithm, geodesics.

With c = −κ, a = 1 − c‖x‖², b = 1 − c‖y‖² and D = y − x:

    exp_x(v) = x + (a/N)·(w + c‖w‖²x),  w = tanh(t)/t · v/a,  t = √c‖v‖/a,  N = c‖x + w‖² + a·sech² t
    log_x(y) = asinh(√q)/√(q(1 + q)) · (a·D − c‖D‖²·x)/b,               q = c‖D‖²/(ab)

Both are the textbook forms x ⊕ w and (2/(√c λ))·artanh(√c‖u‖)·u/‖u‖, u = (−x) ⊕ y, rewritten so that nothing cancels
at the rim and nothing is divided by zero at v = 0 or y = x.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import torch

from stnb.geometry import device, fused, passes
from stnb.geometry.rim import gap, project_if_near
from stnb.geometry.rows import any_row, refuse_rows, square
from stnb.geometry.stable import asinh_ratio, tanh_ratio_and_sech2
from stnb.geometry.taped import by_kernel, by_passes

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

__all__ = ["Departure", "depart", "exp", "exp0", "geodesic", "log", "log0", "scale", "tamed"]

LARGE = {torch.float32: 1e17, torch.float64: 1e150}
SATURATED = 1e30


class Departure(NamedTuple):
    """exp_x(s·u) = x + p·x + r·u, one number a row each.

    Attributes:
        p: How much of x is added.
        r: How much of u is added.
        gap: a of the point of departure.
        tanh2: tanh² of half the distance travelled, in units of the curvature radius.
        sech2: 1 − tanh².
        denominator: N.
        square: ‖u‖².
    """

    p: Tensor
    r: Tensor
    gap: Tensor
    tanh2: Tensor
    sech2: Tensor
    denominator: Tensor
    square: Tensor

    @property
    def arrival(self) -> Tensor:
        """The gap of the point of arrival."""
        return self.gap * self.sech2 / self.denominator


def tamed(v: Float[Tensor, "*n d"], name: str = "v") -> tuple[Float[Tensor, "*n d"], Float[Tensor, "*n 1"]]:
    """V and ‖v‖². A vector whose square overflows is shortened: it reaches the rim all the same."""
    limit = LARGE[v.dtype]
    squared = square(v)
    long = ~(squared < limit * limit)
    if not any_row(long):
        return v, squared
    peak = v.detach().abs().amax(-1, keepdim=True)
    refuse_rows(long & ~torch.isfinite(peak), name, v, "is not finite; give finite numbers.")
    v = torch.where(long, v * (limit / torch.where(long, peak, 1.0)), v)
    return v, square(v)


def depart(
    x: Float[Tensor, "*#n d"],
    u: Float[Tensor, "*#n d"],
    c: float,
    *,
    uu: Float[Tensor, "*_ 1"],
    s: Tensor | float = 1.0,
    a: Tensor | None = None,
) -> Departure:
    """Where exp_x(s·u) goes, as a combination of x and u; uu = ‖u‖², and a where it is known.

    Steps beyond t² = 1e30 are shortened to it, since tanh has long been 1.
    """
    a = gap(x, c) if a is None else a
    q = uu * c * (s / a) ** 2
    beyond = ~(q < SATURATED)
    if any_row(beyond):
        t = torch.sqrt(c * uu) * (abs(s) / a)
        s = s * torch.where(beyond, math.sqrt(SATURATED) / torch.where(beyond, t, 1.0).detach(), 1.0)
        q = torch.where(beyond, SATURATED, uu * c * (s / a) ** 2)
    ratio, sech2 = tanh_ratio_and_sech2(q)
    tanh2 = q * ratio * ratio
    k = s * ratio / a
    denominator = c * _blended_square(x, k, u) + a * sech2
    pull = a / denominator
    return Departure(pull * tanh2, pull * k, a, tanh2, sech2, denominator, uu)


def _blended_square(x: Tensor, k: Tensor, u: Tensor) -> Tensor:
    """‖x + k·u‖²."""
    if not k.requires_grad and fused.applies(x, u):
        return passes.blended_squares(x, u, k)
    return square(torch.addcmul(x, k, u))


def exp(x: Float[Tensor, "*#n d"], v: Float[Tensor, "*#n d"], c: float) -> Float[Tensor, "*n d"]:
    """The point that the geodesic from x with velocity v reaches after unit time; x itself for v = 0."""
    if device.suits(x, v):
        return by_kernel("exp", _exp, c, x, v)
    if fused.applies(x, v) and (known := fused.exp(x, v, c)) is not None:
        return known
    return _exp(x, v, c)


def _exp(x: Tensor, v: Tensor, c: float) -> Tensor:
    v, squared = tamed(v)
    way = depart(x, v, c, uu=squared)
    return project_if_near(torch.addcmul(x * (1.0 + way.p), way.r, v), c, way.arrival)


def exp0(v: Float[Tensor, "*n d"], c: float) -> Float[Tensor, "*n d"]:
    """tanh(√c‖v‖)·v/(√c‖v‖): a tangent vector at the origin as a point."""
    if device.suits(v):
        return by_kernel("exp0", _exp0, c, v)
    return _exp0(v, c)


def _exp0(v: Tensor, c: float) -> Tensor:
    v, squared = tamed(v)
    ratio, sech2 = tanh_ratio_and_sech2(c * squared)
    return project_if_near(ratio * v, c, sech2)


def log(x: Float[Tensor, "*#n d"], y: Float[Tensor, "*#n d"], c: float) -> Float[Tensor, "*n d"]:
    """The velocity at x of the geodesic that reaches y after unit time."""
    if device.suits(x, y):
        return by_kernel("log", _log, c, x, y)
    if fused.suits(x, y) and (known := by_passes("log", _log, c, x, y)) is not None:
        return known
    return _log(x, y, c)


def _log(x: Tensor, y: Tensor, c: float) -> Tensor:
    a, b = gap(x, c), gap(y, c, "y")
    D = y - x
    far = c * square(D)
    q = far / (a * b)
    factor = asinh_ratio(q) / (b * torch.sqrt(1.0 + q))
    return torch.addcmul((factor * a) * D, -(factor * far), x)


def log0(y: Float[Tensor, "*n d"], c: float) -> Float[Tensor, "*n d"]:
    """artanh(√c‖y‖)·y/(√c‖y‖): a point as a tangent vector at the origin."""
    if device.suits(y):
        return by_kernel("log0", _log0, c, y)
    return _log0(y, c)


def _log0(y: Tensor, c: float) -> Tensor:
    b = gap(y, c, "y")
    return asinh_ratio(c * square(y) / b) / torch.sqrt(b) * y


def geodesic(
    t: Tensor | float, x: Float[Tensor, "*#n d"], y: Float[Tensor, "*#n d"], c: float
) -> Float[Tensor, "*n d"]:
    """The point at the fraction t of the way from x to y, and beyond them for t < 0 and t > 1."""
    return exp(x, t * log(x, y, c), c)


def scale(r: Tensor | float, x: Float[Tensor, "*n d"], c: float) -> Float[Tensor, "*n d"]:
    """R ⊗ x: r times as far from the origin, in the same direction."""
    return exp0(r * log0(x, c), c)
