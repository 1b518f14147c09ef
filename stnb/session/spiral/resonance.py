"""What a trace resolves to: the fields of its four layers."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stnb.zspace.barycenter import ZSpaceBarycenter
    from stnb.zspace.tensor import Tensor

__all__ = ["DifferentialResonance"]

FIELDS = {
    "homotopy": "homotopy_flow",
    "functor": "functor_linearisation",
    "recursive": "recursive_objective",
    "projection": "infinity_projection",
    "infinity": "infinity_energy",
}


@dataclasses.dataclass(frozen=True, eq=False)
class DifferentialResonance:
    """The fields of a trace, each a method that gives a Tensor; it never changes."""

    _fields: Mapping[str, Tensor]
    _commutator: Tensor | None
    _barycenter: ZSpaceBarycenter
    _curvature: float

    def homotopy_flow(self) -> Tensor:
        """The seed moved by the displacement."""
        return self._fields["homotopy_flow"].clone()

    def homotopy_displacement(self) -> Tensor:
        """δ = G ⊙ D."""
        return self._fields["homotopy_displacement"].clone()

    def functor_linearisation(self) -> Tensor:
        """The derivative of the kernel along the direction."""
        return self._fields["functor_linearisation"].clone()

    def recursive_objective(self) -> Tensor:
        """J along the path to the barycentre, as one row; it never rises."""
        return self._fields["recursive_objective"].clone()

    def infinity_projection(self) -> Tensor:
        """The mean of the levels."""
        return self._fields["infinity_projection"].clone()

    def infinity_energy(self) -> Tensor:
        """The energy of each level, as one row."""
        return self._fields["infinity_energy"].clone()

    def commutator(self) -> Tensor | None:
        """δ − δ·K, what it costs to swap lifting and moving; None where the kernel is not square."""
        return None if self._commutator is None else self._commutator.clone()

    def barycenter(self) -> ZSpaceBarycenter:
        """The barycentre of the third layer."""
        return self._barycenter

    def kl_curve(self) -> list[float]:
        """Σ wᵤ KL(ρ‖qᵤ) along the path."""
        return [stage.kl_energy for stage in self._barycenter.intermediates()]

    def entropy_curve(self) -> list[float]:
        """S(ρ) along the path."""
        return [stage.entropy for stage in self._barycenter.intermediates()]

    def curvature(self) -> float:
        """κ of the session that it came from."""
        return self._curvature

    def energies(self) -> dict[str, float]:
        """The squared norm of each field: homotopy, functor, recursive, projection, infinity."""
        return {name: self._fields[field].squared_l2_norm() for name, field in FIELDS.items()}

    def total_energy(self) -> float:
        """The sum of the energies."""
        return sum(self.energies().values())

    def as_dict(self) -> dict[str, Tensor]:
        """Every field by name, as copies."""
        return {name: field.clone() for name, field in self._fields.items()}

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={energy:.4g}" for name, energy in self.energies().items())
        return f"DifferentialResonance({shown})"

    def _repr_html_(self) -> str:
        shapes = (self._fields[field].shape() for field in FIELDS.values())
        rows = "".join(
            f"<tr><td>{name}</td><td>{shape}</td><td style='text-align:right'>{energy:.6g}</td></tr>"
            for (name, energy), shape in zip(self.energies().items(), shapes, strict=True)
        )
        return f"<table><tr><th>layer</th><th>shape</th><th>energy</th></tr>{rows}</table>"
