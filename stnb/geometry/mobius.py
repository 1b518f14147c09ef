"""Möbius addition, its gyration, and parallel transport along the geodesic between two points.

With c = −κ, a = 1 − c‖x‖², b = 1 − c‖y‖², S = x + y and D = y − x:

    x ⊕ y = (a·S + c‖S‖²·x) / (c‖S‖² + ab)                      no difference of nearly equal numbers
    gyr[y, −x]w = w + 2c·(x·(a⟨D,w⟩ − c‖D‖²⟨x,w⟩) − D·((b + c‖D‖²)⟨x,w⟩ + (1 − a)⟨D,w⟩)) / (c‖D‖² + ab)
    P_{x→y}(w) = (b/a)·gyr[y, −x]w

Each equals the usual form; see Ungar, *Analytic Hyperbolic Geometry* (2005), for the identities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from stnb.geometry import device, fused
from stnb.geometry.rim import gap, project_if_near
from stnb.geometry.rows import dot, square
from stnb.geometry.taped import by_kernel

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    from stnb.geometry.maps import Departure

__all__ = ["add", "carry", "gyration", "transport"]


def add(x: Float[Tensor, "*#n d"], y: Float[Tensor, "*#n d"], c: float) -> Float[Tensor, "*n d"]:
    """The sum x ⊕ y: the point y, moved by the translation that takes the origin to x."""
    if device.suits(x, y):
        return by_kernel("add", _add, c, x, y)
    if fused.applies(x, y) and (known := fused.add(x, y, c)) is not None:
        return known
    return _add(x, y, c)


def _add(x: Tensor, y: Tensor, c: float) -> Tensor:
    a = gap(x, c)
    both = a * gap(y, c, "y")
    S = x + y
    far = c * square(S)
    share = 1.0 / (far + both)
    sum_ = torch.addcmul((a * share) * S, far * share, x)
    return project_if_near(sum_, c, both * share)


def gyration(
    x: Float[Tensor, "*#n d"], y: Float[Tensor, "*#n d"], w: Float[Tensor, "*#n d"], c: float
) -> Float[Tensor, "*n d"]:
    """gyr[x, y]w: the rotation by which ⊕ fails to be associative, x ⊕ (y ⊕ z) = (x ⊕ y) ⊕ gyr[x, y]z."""
    return _rotate(-y, x, w, c, gap(y, c, "y"), gap(x, c))


def transport(
    x: Float[Tensor, "*#n d"], y: Float[Tensor, "*#n d"], v: Float[Tensor, "*#n d"], c: float
) -> Float[Tensor, "*n d"]:
    """A tangent vector at x carried to y along the geodesic between them: lengths and angles stay."""
    if device.applies(x, y, v):
        return device.transport(x, y, v, c)
    if fused.applies(x, y, v) and (known := fused.transport(x, y, v, c)) is not None:
        return known
    a, b = gap(x, c), gap(y, c, "y")
    return (b / a) * _rotate(x, y, v, c, a, b)


def carry(
    x: Float[Tensor, "*n d"], u: Float[Tensor, "*n d"], c: float, way: Departure
) -> tuple[Float[Tensor, "*n 1"], Float[Tensor, "*n 1"]]:
    """(α, β) such that α·u + β·x is u carried along the geodesic on which it points, from x to exp_x(s·u).

    D = p·x + r·u is taken from the departure, not from a difference of coordinates, so that short steps keep all digits.
    """
    a, b, den = way.gap, way.arrival, way.denominator
    xu = dot(x, u)
    Du = way.p * xu + way.r * way.square
    far = a * a * way.tanh2 / den
    twice = 2.0 * c * den / (a * a)
    bend = (b + far) * xu + (1.0 - a) * Du
    shrink = b / a
    return shrink * (1.0 - twice * way.r * bend), shrink * twice * (a * Du - far * xu - way.p * bend)


def _rotate(x: Tensor, y: Tensor, w: Tensor, c: float, a: Tensor, b: Tensor) -> Tensor:
    """gyr[y, −x]w."""
    D = y - x
    far = c * square(D)
    xw, Dw = dot(x, w), dot(D, w)
    twice = 2.0 * c / (far + a * b)
    turned = torch.addcmul(w, twice * (a * Dw - far * xw), x)
    return torch.addcmul(turned, -twice * ((b + far) * xw + (1.0 - a) * Dw), D)
