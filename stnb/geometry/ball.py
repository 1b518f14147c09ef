"""The Poincaré ball of curvature κ < 0: one frozen object that offers every operation on points and tangent vectors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import torch

from stnb._core.errors import NonHyperbolicCurvature
from stnb.geometry import frechet, maps, metric, mobius, rim
from stnb.geometry.rows import agree

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    Rows: TypeAlias = Float[Tensor, "*_ _"]
    PerRow: TypeAlias = Float[Tensor, "*_"]

__all__ = ["Ball"]

FLATTEST, STEEPEST = 1e-24, 1e24


@dataclass(frozen=True)
class Ball:
    """Points x with c‖x‖² < 1, c = −κ, measured with ds = 2|dx|/(1 − c‖x‖²): a space of constant curvature κ.

    Tensors have shape (…, d): each row is a point or a tangent vector, and leading axes broadcast. Everything is
    differentiable to any order (`mean` to first), works in float32 and float64 on any device, and stays accurate to
    the rim (see `stnb.geometry.rim`). On the CPU a row with NaN or outside the ball is refused by name and index; on a
    device, where looking would halt it, `check` does so when asked.

        here         geoopt.PoincareBall              here                 geoopt.PoincareBall
        add          mobius_add                       distance             dist
        scale        mobius_scalar_mul                conformal_factor     lambda_x
        exp, exp0    expmap, expmap0                  transport            transp
        log, log0    logmap, logmap0                  riemannian_gradient  egrad2rgrad
        gyration     gyration                         project              projx

    Attributes:
        curvature: κ < 0.

    >>> ball = Ball(-1.0)
    >>> float(ball.distance(torch.zeros(2), torch.tensor([0.5, 0.0])))  # 2·artanh ½
    1.0986123085021973
    """

    curvature: float = -1.0

    def __post_init__(self) -> None:
        value = self.curvature
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise NonHyperbolicCurvature(
                f"curvature = {value!r} is of type {type(value).__name__}; give a negative number."
            )
        if not (math.isfinite(value) and value < 0):
            raise NonHyperbolicCurvature(
                f"curvature = {value!r} is not hyperbolic; give a finite number below 0, such as -1.0."
            )
        if not FLATTEST <= -value <= STEEPEST:
            raise NonHyperbolicCurvature(
                f"curvature = {value!r} is beyond what floats can square; give {-STEEPEST:g} … {-FLATTEST:g}, "
                "and scale the coordinates instead."
            )
        object.__setattr__(self, "curvature", float(value))

    @property
    def c(self) -> float:
        """−κ."""
        return -self.curvature

    @property
    def radius(self) -> float:
        """1/√c, the Euclidean radius of the ball."""
        return 1.0 / math.sqrt(self.c)

    def add(self, x: Rows, y: Rows) -> Rows:
        """Möbius addition x ⊕ y: y moved by the translation that takes the origin to x. Not commutative."""
        agree(x=x, y=y)
        return mobius.add(x, y, self.c)

    def scale(self, r: Tensor | float, x: Rows) -> Rows:
        """R ⊗ x: r times as far from the origin, in the same direction. A tensor r has shape (…, 1)."""
        agree(x=x)
        return maps.scale(r, x, self.c)

    def gyration(self, x: Rows, y: Rows, w: Rows) -> Rows:
        """gyr[x, y]w, a rotation: x ⊕ (y ⊕ w) = (x ⊕ y) ⊕ gyr[x, y]w."""
        agree(x=x, y=y, w=w)
        return mobius.gyration(x, y, w, self.c)

    def exp(self, x: Rows, v: Rows) -> Rows:
        """Where the geodesic from x with velocity v is after unit time; exactly x for v = 0, never beyond the rim."""
        agree(x=x, v=v)
        return maps.exp(x, v, self.c)

    def exp0(self, v: Rows) -> Rows:
        """`exp` at the origin: tanh(√c‖v‖)·v/(√c‖v‖)."""
        agree(v=v)
        return maps.exp0(v, self.c)

    def log(self, x: Rows, y: Rows) -> Rows:
        """The velocity at x that reaches y after unit time; its length λ_x‖v‖ is the distance."""
        agree(x=x, y=y)
        return maps.log(x, y, self.c)

    def log0(self, y: Rows) -> Rows:
        """`log` at the origin: artanh(√c‖y‖)·y/(√c‖y‖)."""
        agree(y=y)
        return maps.log0(y, self.c)

    def geodesic(self, t: Tensor | float, x: Rows, y: Rows) -> Rows:
        """The point at the fraction t of the way from x to y. A tensor t has shape (…, 1)."""
        agree(x=x, y=y)
        return maps.geodesic(t, x, y, self.c)

    def transport(self, x: Rows, y: Rows, v: Rows) -> Rows:
        """A tangent vector v at x carried to y along the geodesic, with its length and its angles."""
        agree(x=x, y=y, v=v)
        return mobius.transport(x, y, v, self.c)

    def distance(self, x: Rows, y: Rows, *, keepdim: bool = False) -> PerRow:
        """d(x, y) = (2/√c)·artanh(√c‖(−x) ⊕ y‖), one number a row. At x = y the derivative is taken as 0."""
        agree(x=x, y=y)
        return _column(metric.distance(x, y, self.c), keepdim)

    def squared_distance(self, x: Rows, y: Rows, *, keepdim: bool = False) -> PerRow:
        """d(x, y)², smooth also at x = y."""
        agree(x=x, y=y)
        return _column(metric.squared_distance(x, y, self.c), keepdim)

    def gap(self, x: Rows, *, keepdim: bool = False) -> PerRow:
        """1 − c‖x‖²: 1 at the origin, towards 0 at the rim, accurate relative to itself."""
        agree(x=x)
        return _column(rim.gap(x, self.c), keepdim)

    def conformal_factor(self, x: Rows, *, keepdim: bool = False) -> PerRow:
        """λ_x = 2/(1 − c‖x‖²), by which lengths at x exceed Euclidean ones."""
        agree(x=x)
        return _column(metric.conformal_factor(x, self.c), keepdim)

    def inner(self, x: Rows, u: Rows, v: Rows, *, keepdim: bool = False) -> PerRow:
        """⟨u, v⟩_x = λ_x²⟨u, v⟩."""
        agree(x=x, u=u, v=v)
        return _column(metric.inner(x, u, v, self.c), keepdim)

    def norm(self, x: Rows, v: Rows, *, keepdim: bool = False) -> PerRow:
        """‖v‖_x = λ_x‖v‖."""
        agree(x=x, v=v)
        return _column(metric.norm(x, v, self.c), keepdim)

    def riemannian_gradient(self, x: Rows, g: Rows) -> Rows:
        """g/λ_x², the gradient in this metric, from the partial derivatives g."""
        agree(x=x, g=g)
        return metric.riemannian_gradient(x, g, self.c)

    def project(self, x: Rows, *, margin: float | None = None) -> Rows:
        """The identity up to the rim, a radial clip beyond it. Idempotent.

        The rim is 1 − 2⁻²² of the radius in float32 and 1 − 2⁻⁵⁰ in float64, or 1 − margin where that is less.
        """
        agree(x=x)
        rim.require_margin(margin)
        return rim.project(x, self.c, margin)

    def admit(self, x: Rows, *, margin: float | None = None, name: str = "x") -> rim.Admitted:
        """Make points of rows from elsewhere: those beyond the rim are read as tangent vectors at the origin.

        A clip would leave such a row on the rim, where λ is so large that it could hardly move again. NaN and
        infinities are refused by name and index.
        """
        agree(**{name: x})
        rim.require_margin(margin)
        rim.require_finite(x, name)
        floor = rim.RIM[x.dtype] if margin is None else max(margin, rim.RIM[x.dtype])
        moved = ~rim.inside(x, self.c, floor)
        points = torch.where(moved, rim.project(maps.exp0(x, self.c), self.c, margin), x)
        return rim.Admitted(points, moved.squeeze(-1))

    def contains(self, x: Rows) -> Tensor:
        """Whether each row is a point of the ball: c‖x‖² < 1, decided exactly; False for NaN."""
        agree(x=x)
        return (rim.gap_between(x.detach(), self.c) > 0).squeeze(-1)

    def check(self, x: Rows, *, name: str = "x") -> None:
        """Refuse the first row that is no point of the ball; waits for a device."""
        agree(**{name: x})
        rim.gap(x.detach().cpu(), self.c, name)

    def mean(self, points: Rows, weights: Tensor | None = None) -> Rows:
        """Fréchet mean over the last axis but one: the point with the least Σ wᵢ d²(m, pointsᵢ); see `frechet`."""
        agree(points=points)
        return frechet.mean(points, weights, self.c)

    def variance(self, points: Rows, weights: Tensor | None = None) -> PerRow:
        """Σ wᵢ d²(mean, pointsᵢ)/Σ wᵢ."""
        agree(points=points)
        return frechet.variance(points, weights, self.c)


def _column(values: Tensor, keepdim: bool) -> Tensor:  # noqa: FBT001
    return values if keepdim else values.squeeze(-1)
