"""Lengths: conformal factor, inner product, distance, and the gradient that descends fastest in this metric.

The metric at x is λ² times the Euclidean one, λ = 2/a, a = 1 − c‖x‖²; lengths have the scale of curvature κ = −c.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from stnb.geometry import device, fused
from stnb.geometry.rim import gap
from stnb.geometry.rows import dot, square
from stnb.geometry.stable import asinh_of_root, asinh_ratio
from stnb.geometry.taped import by_kernel, by_passes

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

__all__ = ["conformal_factor", "distance", "inner", "norm", "riemannian_gradient", "squared_distance"]


def conformal_factor(x: Float[Tensor, "*n d"], c: float) -> Float[Tensor, "*n 1"]:
    """λ_x = 2/(1 − c‖x‖²)."""
    return 2.0 / gap(x, c)


def _quotient(x: Tensor, y: Tensor, c: float) -> Tensor:
    """Q = c‖x − y‖²/(ab) = sinh²(√c·d/2)."""
    return c * square(x - y) / (gap(x, c) * gap(y, c, "y"))


def distance(x: Float[Tensor, "*#n d"], y: Float[Tensor, "*#n d"], c: float) -> Float[Tensor, "*n 1"]:
    """D = (2/√c)·asinh(√c‖x − y‖/√(ab)); symmetric to the bit. Its derivative at x = y is taken as 0."""
    if device.suits(x, y):
        return by_kernel("distance", _distance, c, x, y)
    if fused.suits(x, y) and (known := by_passes("distance", _distance, c, x, y)) is not None:
        return known
    return _distance(x, y, c)


def _distance(x: Tensor, y: Tensor, c: float) -> Tensor:
    return (2.0 / math.sqrt(c)) * asinh_of_root(_quotient(x, y, c))


def squared_distance(x: Float[Tensor, "*#n d"], y: Float[Tensor, "*#n d"], c: float) -> Float[Tensor, "*n 1"]:
    """d², which is smooth everywhere."""
    if device.suits(x, y):
        return by_kernel("squared_distance", _squared_distance, c, x, y)
    return _squared_distance(x, y, c)


def _squared_distance(x: Tensor, y: Tensor, c: float) -> Tensor:
    q = _quotient(x, y, c)
    ratio = asinh_ratio(q)
    return (4.0 / c) * q * ratio * ratio


def inner(
    x: Float[Tensor, "*#n d"], u: Float[Tensor, "*#n d"], v: Float[Tensor, "*#n d"], c: float
) -> Float[Tensor, "*n 1"]:
    """⟨u, v⟩_x = λ_x²⟨u, v⟩."""
    factor = conformal_factor(x, c)
    return factor * factor * dot(u, v)


def norm(x: Float[Tensor, "*#n d"], v: Float[Tensor, "*#n d"], c: float) -> Float[Tensor, "*n 1"]:
    """‖v‖_x = λ_x‖v‖."""
    return conformal_factor(x, c) * torch.linalg.vector_norm(v, dim=-1, keepdim=True)


def riemannian_gradient(
    x: Float[Tensor, "*#n d"], g: Float[Tensor, "*#n d"], c: float
) -> Float[Tensor, "*n d"]:
    """g/λ_x², the direction of steepest ascent, from the partial derivatives g. At the origin it is g/4."""
    a = gap(x, c)
    return (0.25 * a * a) * g
