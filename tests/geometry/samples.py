"""Random points and vectors of a ball, near its rim as often as near its middle."""

from __future__ import annotations

import math

import torch

from stnb.geometry import RIM

CURVATURES = (-1.0, -0.07, -3.7)
DTYPES = (torch.float32, torch.float64)


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def directions(n, d, rng):
    """Unit vectors, float64."""
    u = torch.randn(n, d, dtype=torch.float64, generator=rng)
    return u / u.norm(dim=-1, keepdim=True)


def points(ball, n, d, rng, *, dtype, nearest=None):
    """Points whose gap 1 − √c‖x‖ is log-uniform between 1 and `nearest`, the rim by default."""
    nearest = 2.0 * RIM[dtype] if nearest is None else nearest
    gap = nearest ** torch.rand(n, 1, dtype=torch.float64, generator=rng)
    return ball.project((directions(n, d, rng) * (1.0 - gap) * ball.radius).to(dtype))


def vectors(ball, x, rng, *, longest):
    """Tangent vectors at x of Riemannian length up to `longest` curvature radii."""
    length = longest * torch.rand(len(x), 1, dtype=torch.float64, generator=rng) / math.sqrt(ball.c)
    return (directions(*x.shape, rng) * length / ball.conformal_factor(x, keepdim=True).double()).to(x.dtype)


def eps(dtype):
    return torch.finfo(dtype).eps


def rim_gap(ball, x):
    """1 − √c‖x‖ from the gap 1 − c‖x‖²."""
    a = ball.gap(x).double()
    return a / (1.0 + torch.sqrt(1.0 - a))
