"""The tape of the ball: gathered derivatives become one Riemannian step for each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb._core.errors import InvalidValue, nearest
from stnb._core.numbers import finite
from stnb.geometry import Ball
from stnb.zspace.guards import require_same_curvature
from stnb.zspace.tape.step import stepped
from stnb.zspace.tape.tape import GradientTape
from stnb.zspace.tape.telemetry import HypergradTelemetry
from stnb.zspace.topos import OpenTopos

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor as TorchTensor

    from stnb.zspace.encoder import LanguageWaveEncoder

    Rows = Float[TorchTensor, "rows cols"]

__all__ = ["AmegaHypergrad", "Hypergrad"]

RETRACTIONS = ("exp", "euclid")


class Hypergrad(GradientTape):
    """Gathers g and steps x ← exp_x(−η·g/λ_x²) for each row x, λ_x = 2/(1 − c‖x‖²).

    A row never leaves the ball, a zero gradient moves nothing, and the distance covered is η‖g‖/λ_x. Rows that lie
    within 1e-5 of the rim or beyond it are no points in float32: they are read as tangent vectors at the origin first
    (`telemetry().imported_rows()` counts them). At the origin λ = 2, so that a step is a quarter of `Realgrad`'s.

    Args:
        curvature: κ < 0.
        learning_rate: η > 0.
        rows: Rows of the weights, each a point.
        cols: Columns of the weights.
        topos: Limits; g is clamped to its saturation. By default 1e6, and as many entries as the tape has.

    >>> from stnb.zspace import Tensor
    >>> tape, w = Hypergrad(-1.0, 0.05, 1, 2), Tensor(1, 2, [0.2, 0.1])
    >>> tape.accumulate_wave(Tensor(1, 2, [0.2, -0.6]))
    >>> tape.apply(w)
    >>> [round(value, 6) for value in w.data()]
    [0.197756, 0.106771]
    """

    def __init__(
        self, curvature: float, learning_rate: float, rows: int, cols: int, topos: OpenTopos | None = None
    ) -> None:
        super().__init__(learning_rate, rows, cols)
        self._ball = Ball(curvature)
        if topos is None:
            topos = _own_topos(curvature, *self.shape())
        elif not isinstance(topos, OpenTopos):
            raise TypeError(f"topos is of type {type(topos).__name__}; give an OpenTopos.")
        require_same_curvature("the tape", self._ball.curvature, "its topos", topos.curvature())
        topos.guard_volume("the tape", *self.shape())
        self._topos = topos
        self._imported = 0
        self._penalty = 0.0

    def curvature(self) -> float:
        """κ."""
        return self._ball.curvature

    def topos(self) -> OpenTopos:
        """The limits."""
        return self._topos

    def apply(self, weights: Any, *, retraction: str = "exp") -> None:
        """One step of every row, in place, then g ← 0 and no penalty.

        With `retraction="euclid"` the step is x − η·g/λ², clipped at the rim: cheaper, and the same to first order.
        """
        if retraction not in RETRACTIONS:
            raise InvalidValue(
                f"retraction = {retraction!r} is unknown; {nearest(str(retraction), RETRACTIONS)}"
            )
        rows = self._weights(weights)
        eta = self._learning_rate / (1.0 + self._penalty)
        gradient = self._gradient.to(rows.device)
        moved, self._imported = stepped(rows, gradient, eta, self._ball, straight=retraction == "euclid")
        rows.copy_(moved)
        self._penalty = 0.0
        self.reset()

    def push_penalty(self, penalty: float) -> None:
        """Make the next step shorter: its length is divided by 1 + the sum of penalties, a convention of this project.

        A penalty says how far something has drifted that the step should not pull further; 0 changes nothing.
        """
        amount = finite("penalty", penalty)
        if amount < 0:
            raise InvalidValue(f"penalty = {amount!r} is negative; give a number from 0 on.")
        self._penalty += amount

    def retune(self, curvature: float, learning_rate: float) -> None:
        """Another curvature and learning rate: g is reset, and the topos keeps its limits in the new ball."""
        t = self._topos
        limits = (t.tolerance(), t.saturation(), t.max_depth(), t.max_volume())
        fresh = Hypergrad(curvature, learning_rate, *self.shape(), OpenTopos(curvature, *limits))
        self.__dict__.update(fresh.__dict__)

    def telemetry(self) -> HypergradTelemetry:
        """The state of the tape as a record."""
        return HypergradTelemetry(
            self.summary(),
            self.shape(),
            self._topos,
            self._learning_rate,
            self.finite_count(),
            self._imported,
            self._penalty,
        )

    def _bounded(self, values: Rows) -> Rows:
        return values.clamp_(-self._topos.saturation(), self._topos.saturation())

    def _meet(self, encoder: LanguageWaveEncoder, text: str) -> None:
        require_same_curvature("the tape", self._ball.curvature, "the encoder", encoder.curvature())
        if isinstance(text, str):
            self._topos.ensure_loop_free(len(text))

    def __repr__(self) -> str:
        rows, cols = self.shape()
        return f"Hypergrad({self.curvature()!r}, {self._learning_rate!r}, {rows}, {cols})"


AmegaHypergrad = Hypergrad


def _own_topos(curvature: float, rows: int, cols: int) -> OpenTopos:
    volume = rows * cols
    return OpenTopos(curvature, 1e-6, 1e6, max(8, 4 * volume), volume)
