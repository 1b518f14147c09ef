"""The maps in two passes over the rows, where no derivative is asked for and the rows are many.

The first pass takes every sum that a map needs, the second writes its result; the functions of one number a row between
them are torch's, whose exponentials are vectorised. Each function returns None where the general path has to decide: for
a row that is no point of the ball, or a vector whose square overflows.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import torch

from stnb.geometry.passes import fits, grid_spacing, launch, rows_of
from stnb.geometry.rim import project_if_near
from stnb.geometry.stable import asinh_from

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["add", "applies", "distance", "exp", "log", "suits", "transport", "travel"]

SATURATED = 1e30


def applies(*operands: Tensor) -> bool:
    """Whether the operands suit the passes and nobody will ask for a derivative."""
    if torch.is_grad_enabled() and any(t.requires_grad for t in operands):
        return False
    return suits(*operands)


def suits(*operands: Tensor) -> bool:
    """`applies`, whether or not the operands require derivatives."""
    return fits(*operands) and not any(_dual(t) for t in operands)


def add(x: Tensor, y: Tensor, c: float) -> Tensor | None:
    """The sum x ⊕ y."""
    found = _pairs(x, y, c, 1.0)
    if found is None:
        return None

    def shares(a: Tensor, b: Tensor, far: Tensor) -> None:
        far.mul_(c)
        both = b.mul_(a)
        total = both + far
        for column in (a, both, far):
            column.div_(total)

    shares(*found)
    a, both, far = found
    return project_if_near(_combine(x, y, 1.0, a, far), c, _per_row(both, x))


def distance(x: Tensor, y: Tensor, c: float) -> Tensor | None:
    """d(x, y)."""
    found = _pairs(x, y, c, -1.0)
    if found is None:
        return None

    def lengths(a: Tensor, b: Tensor, far: Tensor) -> None:
        q = far.mul_(c).div_(a.mul_(b))
        q.copy_(asinh_from(q, q.sqrt())).mul_(2.0 / math.sqrt(c))

    lengths(*found)
    return _per_row(found[2], x)


def log(x: Tensor, y: Tensor, c: float) -> Tensor | None:
    """log_x(y)."""
    found = _pairs(x, y, c, -1.0)
    if found is None:
        return None

    def factors(a: Tensor, b: Tensor, far: Tensor) -> None:
        far.mul_(c)
        q = (far / a).div_(b)
        t = q.sqrt().clamp_min_(torch.finfo(q.dtype).tiny)
        factor = asinh_from(q, t).div_(t).div_(q.add_(1.0).sqrt_()).div_(b)
        a.mul_(factor)
        far.mul_(factor).neg_()

    factors(*found)
    return _combine(x, y, -1.0, found[0], found[2])


def exp(x: Tensor, v: Tensor, c: float) -> Tensor | None:
    """exp_x(v)."""
    points, vectors = rows_of(x), rows_of(v)
    a, vv, xv = (points.new_empty(len(points)) for _ in range(3))
    launch("starts", points, vectors, c, grid_spacing(x, c), a, vv, xv)
    if not bool(a.min() > 0):
        return None
    way = _depart(points, vectors, c, torch.ones_like(a), a, vv)
    if way is None:
        return None
    out = torch.empty_like(points)
    launch("step", points, vectors, way.p, way.r, out)
    return project_if_near(out.view(x.shape), c, _per_row(way.arrival, x))


def transport(x: Tensor, y: Tensor, v: Tensor, c: float) -> Tensor | None:
    """A vector v carried from x to y."""
    points, others, vectors = rows_of(x), rows_of(y), rows_of(v)
    columns = [points.new_empty(len(points)) for _ in range(5)]
    launch("triangles", points, others, vectors, c, grid_spacing(x, c), *columns)
    if not (bool(columns[0].min() > 0) and bool(columns[1].min() > 0)):
        return None

    def turns(a: Tensor, b: Tensor, far: Tensor, xv: Tensor, Dv: Tensor) -> None:
        far.mul_(c)
        twice = (2.0 * c) / torch.addcmul(far, a, b)
        slid = a * Dv
        along = (slid - far * xv).mul_(twice)
        Dv.sub_(slid).addcmul_(far.add_(b), xv).mul_(twice.neg_())
        xv.copy_(along)
        b.div_(a)

    turns(*columns)
    _, shrink, _, along, across = columns
    out = torch.empty_like(points)
    launch("turn", points, others, vectors, shrink, along, across, out)
    return out.view(x.shape)


def travel(x: Tensor, u: Tensor, c: float, s: Tensor, gap: Tensor) -> Tensor | None:
    """Do x ← exp_x(s·u) and u ← u carried along, both in place; returns the expected gap of the result.

    The coefficients of the carried vector are those of `stnb.geometry.mobius.carry`.
    """
    points, vectors = rows_of(x), rows_of(u)
    a, uu, xu = (points.new_empty(len(points)) for _ in range(3))
    launch("starts", points, vectors, c, grid_spacing(x, c), a, uu, xu)
    a = gap.reshape(-1).clone()
    squares = uu.clone()
    way = _depart(points, vectors, c, s.reshape(-1), a, uu)
    if way is None:
        return None

    def coefficients(
        a: Tensor, p: Tensor, r: Tensor, b: Tensor, tanh2: Tensor, pull: Tensor, uu: Tensor, xu: Tensor
    ) -> None:
        Du = torch.addcmul(p * xu, r, uu)
        far = (a * pull).mul_(tanh2)
        twice = (2.0 * c) / (pull * a)
        bend = torch.addcmul((b + far).mul_(xu), 1.0 - a, Du)
        shrink = b / a
        back = torch.addcmul((a * Du).sub_(far.mul_(xu)), p, bend, value=-1.0).mul_(twice).mul_(shrink)
        uu.copy_(back)
        xu.copy_((1.0 - twice.mul_(r).mul_(bend)).mul_(shrink))

    coefficients(a, way.p, way.r, way.arrival, way.tanh2, way.pull, squares, xu)
    launch("step_and_carry", points, vectors, way.p, way.r, squares, xu)
    return _per_row(way.arrival, x)


class _Way(NamedTuple):
    """p and r of `stnb.geometry.maps.Departure`, the gap of the arrival, tanh², and a/N."""

    p: Tensor
    r: Tensor
    arrival: Tensor
    tanh2: Tensor
    pull: Tensor


def _depart(x: Tensor, u: Tensor, c: float, s: Tensor, a: Tensor, uu: Tensor) -> _Way | None:
    """Where exp_x(s·u) goes; None for a step that saturates. `uu` is used up."""
    k, sech2, tanh2, blended = (torch.empty_like(a) for _ in range(4))

    def halves(a: Tensor, q: Tensor, s: Tensor, k: Tensor, sech2: Tensor, tanh2: Tensor) -> None:
        q.mul_(c)
        torch.div(s, a, out=k)
        q.mul_(k).mul_(k)
        t = q.sqrt().clamp_min_(torch.finfo(q.dtype).tiny)
        decay = torch.exp(-2.0 * t)
        grown = 1.0 + decay
        tanh = torch.expm1(-2.0 * t).neg_().div_(grown)
        k.mul_(tanh).div_(t)
        torch.mul(tanh, tanh, out=tanh2)
        torch.div(decay.mul_(4.0), grown, out=sech2).div_(grown)

    halves(a, uu, s, k, sech2, tanh2)
    if not bool(uu.max() < SATURATED):
        return None
    launch("blended_squares", x, u, k, blended)
    p = torch.empty_like(a)

    def ends(a: Tensor, k: Tensor, sech2: Tensor, tanh2: Tensor, pull: Tensor, p: Tensor) -> None:
        pull.mul_(c).addcmul_(a, sech2)
        torch.div(a, pull, out=pull)
        torch.mul(tanh2, pull, out=p)
        k.mul_(pull)
        sech2.mul_(pull)

    ends(a, k, sech2, tanh2, blended, p)
    return _Way(p, k, sech2, tanh2, blended)


def _pairs(x: Tensor, y: Tensor, c: float, sign: float) -> tuple[Tensor, Tensor, Tensor] | None:
    """Gaps of x and y and ‖y + sign·x‖²; None where a row is no point of the ball."""
    first, second = rows_of(x), rows_of(y)
    a, b, apart = (first.new_empty(len(first)) for _ in range(3))
    launch("pairs", first, second, sign, c, grid_spacing(x, c), a, b, apart)
    return (a, b, apart) if bool(a.min() > 0) and bool(b.min() > 0) else None


def _combine(x: Tensor, y: Tensor, sign: float, along: Tensor, back: Tensor) -> Tensor:
    """along·(y + sign·x) + back·x."""
    first = rows_of(x)
    out = torch.empty_like(first)
    launch("combine", first, rows_of(y), first.numpy().dtype.type(sign), along, back, out)
    return out.view(x.shape)


def _per_row(values: Tensor, x: Tensor) -> Tensor:
    return values.view(*x.shape[:-1], 1)


def _dual(x: Tensor) -> bool:
    """Whether x carries a forward-mode tangent."""
    return torch.autograd.forward_ad.unpack_dual(x).tangent is not None
