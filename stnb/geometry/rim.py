"""How far a point is from the rim of the ball, to the last bit; keeping points inside; importing rows from elsewhere.

The *gap function* of a point is a(x) = 1 − c‖x‖², with c = −κ; the ball is a > 0. Near the rim a plain sum of squares
leaves no correct digit of it. There a is formed from sums that are exact: float32 rows in float64; float64 rows as
x = h + l with h on a grid so coarse that Σh² is exact, ‖x‖² = Σh² + Σ(x + h)·l.

The *rim* is 1 − 2⁻²² of the radius in float32 and 1 − 2⁻⁵⁰ in float64: 15.9 and 35.4 from the origin at κ = −1.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from stnb._core.errors import InputError
from stnb.geometry.passes import GRID_BITS, fits, gaps, hidden
from stnb.geometry.rows import any_row, dot, refuse_rows, square

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor

__all__ = ["RIM", "TENSOR_MARGIN", "Admitted", "gap", "gap_between", "inside", "project", "project_if_near"]

RIM = {torch.float32: 2.0**-22, torch.float64: 2.0**-50}
TENSOR_MARGIN = 1e-5
CLOSE = 0.125
LANDING = 2.0
HALF_BITS = {torch.float32: 12, torch.float64: 27}


class Admitted(NamedTuple):
    """Rows that were made points of the ball.

    Attributes:
        points: The points.
        moved: Which rows lay beyond the rim and were read as tangent vectors at the origin.
    """

    points: Tensor
    moved: Tensor

    @property
    def number(self) -> int:
        """How many rows were read as tangent vectors."""
        return int(self.moved.sum())


def gap(x: Float[Tensor, "*n d"], c: float, name: str = "x") -> Float[Tensor, "*n 1"]:
    """a(x) = 1 − c‖x‖²: 1 at the origin, 0 on the rim of the ball; accurate relative to itself, and positive.

    A row outside the ball, or one with NaN, is refused wherever values can be looked at for free.
    """
    a = gap_between(x, c)
    refuse_rows(
        ~(a > 0),
        name,
        x,
        f"is no point of the ball of radius {1 / math.sqrt(c):.9g}; "
        "import such rows with Ball.admit, or clip them with Ball.project.",
    )
    return a


def gap_between(x: Float[Tensor, "*n d"], c: float) -> Float[Tensor, "*n 1"]:
    """`gap` of any rows, negative outside the ball, with nothing refused."""
    return _Gap.apply(x, c)


class _Gap(torch.autograd.Function):
    """1 − c‖x‖², whose derivative is −2c·x however it was summed."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, c: float) -> Tensor:
        if fits(x):
            return gaps(x, c)
        plain = 1.0 - c * (x * x).sum(-1, keepdim=True)
        close = ~(plain >= CLOSE) & (plain > -CLOSE)
        return torch.where(close, _exact_where(x, c, close), plain) if any_row(close) else plain

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, float], output: Tensor) -> None:
        del output
        ctx.save_for_backward(inputs[0])
        ctx.save_for_forward(inputs[0])
        ctx.c = inputs[1]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        (x,) = ctx.saved_tensors
        return (-2.0 * ctx.c * grads[0]) * x, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Tensor:
        (x,) = ctx.saved_tensors
        return (-2.0 * ctx.c) * dot(x, tangents[0])


def inside(x: Float[Tensor, "*n d"], c: float, margin: float) -> Bool[Tensor, "*n 1"]:
    """Whether √c‖x‖ ≤ 1 − margin."""
    return gap_between(x, c) >= margin * (2.0 - margin)


def project(x: Float[Tensor, "*n d"], c: float, margin: float | None = None) -> Float[Tensor, "*n d"]:
    """The identity up to the rim; beyond it the row is scaled to land one more rim inside.

    Scaling rounds by up to three units in the last place, which is more than a rim in float32; a row that it leaves
    outside is shortened by one rim more. So the result is inside, and projecting it again changes no bit.
    """
    rim = RIM[x.dtype] if margin is None else max(margin, RIM[x.dtype])
    beyond = ~inside(x, c, rim)
    if not any_row(beyond):
        return x
    refuse_rows(beyond & ~_finite(x), "x", x, "is not finite; give finite coordinates.")
    peak = torch.where(beyond, x.detach().abs().amax(-1, keepdim=True), 1.0)
    scaled = x / peak
    landing = (1.0 - LANDING * rim) / math.sqrt(c)
    landed = torch.where(beyond, scaled * (landing / torch.where(beyond, square(scaled), 1.0).sqrt()), x)
    outside = ~inside(landed.detach(), c, rim)
    return torch.where(outside, landed * (1.0 - rim), landed) if any_row(outside) else landed


def project_if_near(
    y: Float[Tensor, "*n d"], c: float, expected: Float[Tensor, "*n 1"]
) -> Float[Tensor, "*n d"]:
    """`project` after a map that expects `expected` for the gap of its result: nothing is done far from the rim."""
    if any_row(~(expected > 64.0 * RIM[y.dtype])):
        return project(y, c)
    return y


def _finite(x: Tensor) -> Tensor:
    return torch.isfinite(x).all(-1, keepdim=True)


def _exact_where(x: Tensor, c: float, close: Tensor) -> Tensor:
    """The exact gap of the marked rows; anything elsewhere."""
    if hidden(x):
        return _exact(x, c)
    rows = close.squeeze(-1)
    found = x.new_zeros(close.shape)
    found[rows] = _exact(x[rows], c)
    return found


def _exact(x: Tensor, c: float) -> Tensor:
    if x.dtype == torch.float32 and x.device.type != "mps":
        return (1.0 - c * square(x.double())).float()
    unit = 2.0 ** (math.ceil(-0.5 * math.log2(c)) - GRID_BITS[x.dtype])
    coarse = torch.round(x / unit) * unit
    rest = ((x + coarse) * (x - coarse)).sum(-1, keepdim=True)
    return _one_minus_product(c, (coarse * coarse).sum(-1, keepdim=True)) - c * rest


def _one_minus_product(c: float, s: Tensor) -> Tensor:
    """1 − c·s with the rounding error of the product given back (Dekker's product)."""
    whole = s.new_tensor(c)
    below = c - float(whole)
    product = whole * s
    ch, cl = _halves(whole)
    sh, sl = _halves(s)
    error = ((ch * sh - product) + ch * sl + cl * sh) + cl * sl
    return ((1.0 - product) - error) - below * s


def _halves(s: Tensor) -> tuple[Tensor, Tensor]:
    """S = high + low, each with half the bits (Veltkamp's splitting)."""
    big = (2.0 ** HALF_BITS[s.dtype] + 1.0) * s
    high = big - (big - s)
    return high, s - high


def require_finite(x: Float[Tensor, "*n d"], name: str) -> None:
    """Refuse NaN and infinities by name and index."""
    if hidden(x):
        return
    if not bool(torch.isfinite(x).all()):
        refuse_rows(~_finite(x), name, x, "is not finite; give finite numbers.")


def require_margin(margin: float | None) -> None:
    """Refuse a margin that is no part of the radius."""
    if margin is not None and not 0.0 <= margin < 1.0:
        raise InputError(f"margin = {margin!r} is no part of the radius; give 0 ≤ margin < 1.")
