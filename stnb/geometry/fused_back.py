"""First derivatives of maps in two passes over the rows, for rows that `stnb.geometry.fused` takes.

The formulas are those of `stnb.geometry.backward.triton_`; g is the derivative by the map's result.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from stnb.geometry.passes import grid_spacing, launch, rows_of
from stnb.geometry.stable import asinh_ratio_and_slope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

__all__ = ["distance", "log"]


def distance(
    x: Tensor, y: Tensor, g: Tensor, c: float, wanted: Sequence[bool]
) -> tuple[Tensor | None, Tensor | None]:
    """2√c/√(q(1 + q)) · (D/(ab) + q·x/a) by x, D = x − y, and alike by y; 0 where q = 0."""
    first, second = rows_of(x), rows_of(y)
    a, b, far = (first.new_empty(len(first)) for _ in range(3))
    launch("pairs", first, second, -1.0, c, grid_spacing(x, c), a, b, far)
    both = a * b
    q = far.mul_(c).div_(both)
    rise = torch.sqrt(q * (1.0 + q)).masked_fill_(q == 0, torch.inf)
    slope = torch.div(2.0 * math.sqrt(c), rise, out=rise).mul_(g.reshape(-1))
    apart = (slope / both).neg_()
    bend = slope.mul_(q)
    return (
        _combined(first, second, apart, bend / a).view(x.shape) if wanted[0] else None,
        _combined(second, first, apart, bend / b).view(x.shape) if wanted[1] else None,
    )


def log(
    x: Tensor, y: Tensor, g: Tensor, c: float, wanted: Sequence[bool]
) -> tuple[Tensor | None, Tensor | None]:
    """−V − fF·g − 2cA·x by x and V − 2cB·y by y, each as a multiple of g + α·x + β·D."""
    first, second, given = rows_of(x), rows_of(y), rows_of(g)
    a, b, far, xg, Dg = (first.new_empty(len(first)) for _ in range(5))
    launch("triangles", first, second, given, c, grid_spacing(x, c), a, b, far, xg, Dg)
    far.mul_(c)
    both = a * b
    q = far / both
    ratio, slope = asinh_ratio_and_slope(q)
    above = 1.0 + q
    below = b * torch.sqrt(above)
    f = ratio / below
    h = (a * Dg).sub_(far * xg)
    Q = slope.mul_(above).sub_(ratio.mul_(0.5)).div_(below.mul_(above)).mul_(h)
    turn = (Q / both).sub_(f * xg).mul_(2.0 * c)
    Q.mul_(q)
    by_x = by_y = None
    if wanted[0]:
        whole = (a + far).mul_(f)
        bend = (f * Dg).sub_(Q / a).mul_(2.0 * c)
        by_x = _turned(first, second, given, -whole, bend.div_(whole), turn / whole).view(x.shape)
    if wanted[1]:
        whole = f * a
        rise = Q.add_(h.mul_(f)).mul_(2.0 * c).div_(b)
        by_y = _turned(second, first, given, whole, rise.div_(whole), -turn / whole).view(x.shape)
    return by_x, by_y


def _combined(x: Tensor, y: Tensor, along: Tensor, back: Tensor) -> Tensor:
    """along·(y − x) + back·x."""
    out = torch.empty_like(x)
    launch("combine", x, y, x.numpy().dtype.type(-1.0), along, back, out)
    return out


def _turned(x: Tensor, y: Tensor, g: Tensor, scale: Tensor, along: Tensor, across: Tensor) -> Tensor:
    """scale·(g + along·x + across·(y − x))."""
    out = torch.empty_like(x)
    launch("turn", x, y, g, scale, along, across, out)
    return out
