"""The state of a hyperbolic tape as a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stnb.zspace.tape.summary import GradientSummary
    from stnb.zspace.topos import OpenTopos

__all__ = ["HypergradTelemetry"]


class HypergradTelemetry:
    """What a `Hypergrad` looked like at one moment; nothing in it changes with the tape."""

    __slots__ = ("_finite", "_imported", "_learning_rate", "_penalty", "_shape", "_summary", "_topos")

    def __init__(
        self,
        summary: GradientSummary,
        shape: tuple[int, int],
        topos: OpenTopos,
        learning_rate: float,
        finite: int,
        imported: int,
        penalty: float,
    ) -> None:
        self._summary = summary
        self._shape = shape
        self._topos = topos
        self._learning_rate = learning_rate
        self._finite = finite
        self._imported = imported
        self._penalty = penalty

    def summary(self) -> GradientSummary:
        """Moments of the buffer."""
        return self._summary

    def shape(self) -> tuple[int, int]:
        """(rows, cols)."""
        return self._shape

    def volume(self) -> int:
        """rows·cols."""
        return self._shape[0] * self._shape[1]

    def curvature(self) -> float:
        """κ."""
        return self._topos.curvature()

    def learning_rate(self) -> float:
        """η."""
        return self._learning_rate

    def saturation(self) -> float:
        """What the buffer is clamped to."""
        return self._topos.saturation()

    def tolerance(self) -> float:
        """The tolerance of the topos."""
        return self._topos.tolerance()

    def max_depth(self) -> int:
        """The depth that a text may not reach."""
        return self._topos.max_depth()

    def max_volume(self) -> int:
        """The most entries that a tensor may have."""
        return self._topos.max_volume()

    def finite_count(self) -> int:
        """How many entries of the buffer are finite."""
        return self._finite

    def non_finite_count(self) -> int:
        """How many are not."""
        return self.volume() - self._finite

    def non_finite_ratio(self) -> float:
        """The share that is not."""
        return self.non_finite_count() / self.volume()

    def imported_rows(self) -> int:
        """How many rows the latest step read as tangent vectors, because they lay at the rim or beyond."""
        return self._imported

    def penalty(self) -> float:
        """What the next step is damped by."""
        return self._penalty

    def as_dict(self) -> dict[str, Any]:
        """Everything by name, ready for JSON."""
        return {
            "summary": self._summary.as_dict(),
            "shape": list(self._shape),
            "volume": self.volume(),
            "curvature": self.curvature(),
            "learning_rate": self._learning_rate,
            "saturation": self.saturation(),
            "tolerance": self.tolerance(),
            "max_depth": self.max_depth(),
            "max_volume": self.max_volume(),
            "finite_count": self._finite,
            "non_finite_count": self.non_finite_count(),
            "imported_rows": self._imported,
            "penalty": self._penalty,
        }

    def __repr__(self) -> str:
        return f"HypergradTelemetry(shape={self._shape}, l2={self._summary.l2():.6g}, imported_rows={self._imported})"
