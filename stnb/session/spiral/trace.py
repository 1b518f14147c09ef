"""A trace: four layers said one after another around a seed, then resolved at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from stnb._core.errors import (
    DataLength,
    EmptyInput,
    InvalidValue,
    NonPositiveLearningRate,
    ShapeMismatch,
    UnknownNameError,
    nearest,
)
from stnb._core.numbers import finite, positive
from stnb.session.spiral.layers import commutator, derivative, flow, level_energies
from stnb.session.spiral.resonance import DifferentialResonance
from stnb.sot import generate_plan
from stnb.zspace.barycenter import ZSpaceBarycenter
from stnb.zspace.guards import require_finite, require_same_shape
from stnb.zspace.monad import RewriteMonad
from stnb.zspace.tape import Hypergrad
from stnb.zspace.tensor import Tensor, as_tensor
from stnb.zspace.topos import OpenTopos

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from stnb.session.spiral.session import SpiralSession
    from stnb.sot import SoT3DPlan

__all__ = ["SpiralDifferentialTrace", "plan_of"]

PLAN_KEYS = ("steps", "base_radius", "radial_growth", "base_height", "meso_gain", "micro_gain")
MODES = ("flat", "geodesic")
ENERGIES = ("flat", "hyperbolic")


class SpiralDifferentialTrace:
    """Layers around a seed S; every method but `resonate` returns the trace, so that calls may be chained, in any order.

    `deform`, `via` and one of the barycentre methods are needed, `with_infinity` and `across` are not. The same trace
    gives the same resonance again; it pulls a tape once.

    Attributes:
        sot_plan: A spiral plan, where the session was asked for one.
    """

    sot_plan: SoT3DPlan | None

    def __init__(self, session: SpiralSession, seed: Any, sot: Mapping[str, Any] | None = None) -> None:
        self._session = session
        self._seed = _taken("seed", seed)
        session.topos().guard_tensor("seed", self._seed)
        self.sot_plan = plan_of(self._seed, sot)
        self._topos = session.given_topos()
        self._homotopy: tuple[Tensor, Tensor, str] | None = None
        self._functor: tuple[Any, Tensor] | None = None
        self._epsilon: float | None = None
        self._barycenter: ZSpaceBarycenter | None = None
        self._levels: list[Tensor] = []
        self._curvatures: list[float] = []
        self._energy = "flat"
        self._pulled = False

    def deform(self, generator: Any, direction: Any, *, mode: str = "flat") -> Self:
        """Layer 1: the displacement δ = G ⊙ D, both of the seed's shape.

        With `mode="geodesic"` the flow follows geodesics of the ball instead of straight lines.
        """
        G, D = _taken("generator", generator), _taken("direction", direction)
        for label, tensor in (("generator", G), ("direction", D)):
            require_same_shape("seed", self._seed.shape(), label, tensor.shape())
        self._homotopy = G, D, _choice("mode", mode, MODES)
        return self

    def generator(self, direction: Any) -> Self:
        """Layers 1 and 2 in short: the displacement is D itself, and the kernel the identity unless `via` gives one."""
        D = _taken("direction", direction)
        self.deform(torch.ones_like(D.torch()), D)
        if self._functor is None:
            self.via(torch.eye(self._seed.cols))
        return self

    def via(self, kernel: Any, source: Any = None) -> Self:
        """Layer 2: a matrix K with a row for each column of the seed, or a function of torch rows.

        A function is differentiated at `source`, the seed when left out; for a matrix the source makes no difference.
        """
        if source is None:
            A = self._seed
        else:
            A = _taken("source", source)
            require_same_shape("seed", self._seed.shape(), "source", A.shape())
        if callable(kernel) and not hasattr(kernel, "__dlpack__"):
            self._functor = kernel, A
            return self
        K = _taken("kernel", kernel)
        if K.rows != self._seed.cols:
            raise ShapeMismatch(
                f"seed has shape {self._seed.shape()} but kernel has shape {K.shape()}; "
                "give a row of the kernel for each column of the seed."
            )
        self._functor = K.torch(), A
        return self

    def functor_step(self, epsilon: float) -> Self:
        """Differentiate a function of layer 2 by a difference of this step, where torch cannot look into it."""
        self._epsilon = positive("epsilon", epsilon, NonPositiveLearningRate)
        return self

    def across(self, topos: OpenTopos) -> Self:
        """Clamp and guard every field by a topos."""
        if not isinstance(topos, OpenTopos):
            raise TypeError(f"topos is of type {type(topos).__name__}; give an OpenTopos.")
        self._topos = topos
        return self

    def with_barycenter(self, barycenter: ZSpaceBarycenter) -> Self:
        """Layer 3: a barycentre that is there already."""
        if not isinstance(barycenter, ZSpaceBarycenter):
            raise TypeError(f"barycenter is of type {type(barycenter).__name__}; give a ZSpaceBarycenter.")
        self._barycenter = barycenter
        return self

    barycenter = with_barycenter

    def with_barycenter_from(self, weights: Sequence[float], densities: Sequence[Any]) -> Self:
        """Layer 3: the barycentre of densities, with the session's settings."""
        return self.with_barycenter_with(weights, densities)

    def with_barycenter_with(
        self, weights: Sequence[float], densities: Sequence[Any], coupling: Any = None
    ) -> Self:
        """Layer 3, with a coupling of its own."""
        return self.with_barycenter(self._session.barycenter(densities, weights, coupling=coupling))

    def with_infinity(
        self, levels: Sequence[Any], curvatures: Sequence[float] | None = None, *, energy: str = "flat"
    ) -> Self:
        """Layer 4: levels of the seed's shape, each with a curvature; the session's where none are given.

        With `energy="hyperbolic"` the energy of a level is |κ|·d(0, L)²/4 in its ball instead of |κ|·‖L‖².
        """
        taken = [_taken(f"levels[{i}]", level) for i, level in enumerate(levels)]
        if not taken:
            raise EmptyInput("levels is empty; give at least one, or leave with_infinity out.")
        for i, level in enumerate(taken):
            require_same_shape("seed", self._seed.shape(), f"levels[{i}]", level.shape())
        found = [finite(f"curvatures[{i}]", k) for i, k in enumerate(curvatures or ())]
        if found and len(found) != len(taken):
            raise DataLength(f"{len(found)} curvatures for {len(taken)} levels; give one a level, or none.")
        self._energy = _choice("energy", energy, ENERGIES)
        self._levels, self._curvatures = taken, found
        return self

    def resonate(self) -> DifferentialResonance:
        """Resolve all layers."""
        return self._resolved()

    def resonate_with_hypergrad(self, hypergrad: Hypergrad) -> DifferentialResonance:
        """Resolve all layers and add the path to the barycentre to a tape, or neither."""
        if not isinstance(hypergrad, Hypergrad):
            raise TypeError(f"hypergrad is of type {type(hypergrad).__name__}; give a Hypergrad.")
        if self._pulled:
            raise InvalidValue(
                "this trace has pulled a tape already, and doing it again would pull twice as far; "
                "start another with session.trace(seed)."
            )
        found = self._resolved()
        self._session.align_hypergrad(hypergrad, found.barycenter())
        self._pulled = True
        return found

    def _resolved(self) -> DifferentialResonance:
        homotopy, functor, barycenter = self._homotopy, self._functor, self._barycenter
        if homotopy is None or functor is None or barycenter is None:
            layers = {"deform(…)": homotopy, "via(…)": functor, "with_barycenter_from(…)": barycenter}
            missing = ", ".join(name for name, layer in layers.items() if layer is None)
            raise EmptyInput(f"the trace lacks {missing}; call that before it resonates.")
        (G, D, mode), (kernel, A) = homotopy, functor
        curvature = self._session.curvature()
        seed, delta = self._seed.torch(), G.torch() * D.torch()
        levels = self._levels or [barycenter.density]
        rows = [level.torch() for level in levels]
        energies = level_energies(rows, self._curvatures or [curvature] * len(rows), self._energy)
        fields = {
            "homotopy_flow": flow(seed, delta, curvature, mode),
            "homotopy_displacement": delta,
            "functor_linearisation": derivative(kernel, A.torch(), D.torch(), self._epsilon),
            "recursive_objective": _row([stage.objective for stage in barycenter.intermediates()]),
            "infinity_projection": torch.stack(rows).double().mean(0).float(),
            "infinity_energy": _row(energies),
        }
        swapped = commutator(delta, kernel)
        settled = {name: self._settled(name, values) for name, values in fields.items()}
        turned = None if swapped is None else self._settled("commutator", swapped)
        return DifferentialResonance(settled, turned, barycenter, curvature)

    def _settled(self, name: str, values: torch.Tensor) -> Tensor:
        """A field as a tensor, rewritten by the topos where there is one, finite in any case."""
        tensor = Tensor.from_torch(values).with_frame(self._seed.frame)
        if self._topos is not None:
            tensor = RewriteMonad(self._topos).rewrite_tensor(name, tensor)
        require_finite(name, tensor.torch())
        return tensor

    def __repr__(self) -> str:
        said = {
            "deform": self._homotopy,
            "via": self._functor,
            "barycenter": self._barycenter,
            "infinity": self._levels,
        }
        layers = ", ".join(name for name, layer in said.items() if layer)
        return f"SpiralDifferentialTrace(seed of shape {self._seed.shape()}; {layers or 'no layer yet'})"


def plan_of(seed: Tensor, sot: Mapping[str, Any] | None) -> SoT3DPlan | None:
    """The plan that a mapping asks for; None without one, and for 0 steps."""
    if sot is None:
        return None
    for key in sot:
        if key not in PLAN_KEYS:
            raise UnknownNameError(f"{key!r} is no setting of a spiral; {nearest(str(key), PLAN_KEYS)}")
    settings = dict(sot)
    steps = settings.pop("steps", seed.rows * seed.cols)
    plan = generate_plan(steps, **settings)
    return plan if plan.total_steps else None


def _taken(label: str, value: Any) -> Tensor:
    """A copy, so that what the caller does later changes nothing; NaN is refused."""
    tensor = as_tensor(label, value).clone()
    require_finite(label, tensor.torch())
    return tensor


def _row(values: list[float]) -> torch.Tensor:
    if not all(map(math.isfinite, values)):
        raise InvalidValue("an energy of the trace exceeds what a float can hold; scale its levels.")
    return torch.tensor([values], dtype=torch.float32)


def _choice(label: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise InvalidValue(f"{label} = {value!r} is unknown; {nearest(str(value), known)}")
    return value
