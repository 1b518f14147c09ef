"""The barycentre of several densities: one closed form, and a path to it along which the objective never rises."""

from __future__ import annotations

import dataclasses
import html
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from stnb._core.errors import (
    DegenerateBarycenter,
    EmptyInput,
    InvalidDimensions,
    InvalidValue,
    NonPositiveWeight,
    ShapeMismatch,
    UnknownNameError,
    nearest,
)
from stnb._core.numbers import finite
from stnb.zspace.guards import (
    require_axis,
    require_finite,
    require_length,
    require_same_shape,
)
from stnb.zspace.tensor import Tensor, as_tensor, common_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jaxtyping import Float

__all__ = ["BarycenterIntermediate", "ZSpaceBarycenter", "z_space_barycenter"]

FLOOR = 1e-12
TINY = np.finfo(np.float64).tiny
PATHS = ("linear", "geometric")
SHOWN = 16


@dataclasses.dataclass(frozen=True, eq=False)
class BarycenterIntermediate:
    """One stage of the path.

    Attributes:
        interpolation: α, 0 at the weighted mean and 1 at the barycentre.
        density: ρ_α.
        kl_energy: Σ wᵤ KL(ρ_α‖qᵤ).
        entropy: S(ρ_α).
        objective: J(ρ_α).
    """

    interpolation: float
    density: Tensor
    kl_energy: float
    entropy: float
    objective: float

    def as_tuple(self) -> tuple[float, Tensor, float, float, float]:
        """(interpolation, density, kl_energy, entropy, objective)."""
        return self.interpolation, self.density, self.kl_energy, self.entropy, self.objective

    def as_dict(self, *, json: bool = False) -> dict[str, Any]:
        """The same by name; with `json`, densities as lists."""
        return _as_dict(self, json=json)


@dataclasses.dataclass(frozen=True, eq=False)
class ZSpaceBarycenter:
    """What `z_space_barycenter` found.

    Attributes:
        density: ρ*, in the shape of the densities, with sum 1.
        kl_energy: Σ wᵤ KL(ρ*‖qᵤ).
        entropy: S(ρ*).
        coupling_energy: C.
        objective: J(ρ*), the least possible.
        effective_weight: W + γ; for any density ρ, J(ρ) − J(ρ*) = (W + γ)·KL(ρ‖ρ*).
    """

    density: Tensor
    kl_energy: float
    entropy: float
    coupling_energy: float
    objective: float
    effective_weight: float
    _stages: tuple[BarycenterIntermediate, ...] = dataclasses.field(repr=False)

    def intermediates(self) -> list[BarycenterIntermediate]:
        """The stages of the path, from the weighted mean to the barycentre."""
        return list(self._stages)

    def as_dict(self, *, json: bool = False) -> dict[str, Any]:
        """The attributes by name; with `json`, the density as a list."""
        return _as_dict(self, json=json)

    def __getitem__(self, name: str) -> Any:
        values = self.as_dict()
        if name not in values:
            raise UnknownNameError(f"{name!r} is no part of a barycentre; {nearest(str(name), values)}")
        return values[name]

    def keys(self) -> list[str]:
        """The names that `[…]` knows."""
        return list(self.as_dict())

    def _repr_html_(self) -> str:
        values = self.density.data()
        top = max(values)
        bars = "".join(
            f"<div style='background:#4c78a8;margin:1px 0;height:10px;width:{100 * v / top:.1f}%' title='{v:.6g}'></div>"
            for v in values[:SHOWN]
        )
        more = f"<div>… {len(values) - SHOWN} more</div>" if len(values) > SHOWN else ""
        title = html.escape(f"barycentre of shape {self.density.shape()}, J = {self.objective:.6g}")
        return f"<div style='max-width:24em'><b>{title}</b>{bars}{more}</div>"


def z_space_barycenter(
    densities: Sequence[Any],
    weights: Sequence[float] | None = None,
    entropy_weight: float = 0.0,
    beta_j: float = 0.0,
    coupling: Any = None,
    *,
    steps: int = 5,
    path: str = "linear",
) -> ZSpaceBarycenter:
    """The density ρ* that minimises J(ρ) = Σ wᵤ KL(ρ‖qᵤ) − γ S(ρ) + C.

    qᵤ are the densities, normalised and floored at 1e-12; KL(a‖b) = Σ aᵢ ln(aᵢ/bᵢ), S(a) = −Σ aᵢ ln aᵢ; γ is the
    entropy weight and W = Σ wᵤ. With W + γ > 0 the minimiser is unique,

        ρ*ᵢ ∝ exp(Σᵤ wᵤ ln qᵤᵢ/(W + γ)),        J(ρ) − J(ρ*) = (W + γ)·KL(ρ‖ρ*),

    so nothing is iterated, and the second equation says how far any ρ is from the best. γ > 0 flattens towards the
    uniform density, −W < γ < 0 sharpens.

    The coupling C = (β/2)·Σᵤᵥ Jᵤᵥ[KL(qᵤ‖qᵥ) + KL(qᵥ‖qᵤ)] tells how far the densities are from each other. It does not
    depend on ρ: it shifts the objective and never moves ρ*.

    The path goes from ρ₀ = Σ wᵤqᵤ/W to ρ*, along a straight line or a geometric one (ρ_α ∝ ρ₀^{1−α}ρ*^α); J is convex
    along both and ends at its minimum, so it never rises.

    Args:
        densities: Tensors of one shape with entries ≥ 0 and a positive sum.
        weights: wᵤ ≥ 0, all 1 when left out.
        entropy_weight: γ.
        beta_j: β ≥ 0.
        coupling: J, a square matrix of entries ≥ 0 with a row for each density; its diagonal does not matter.
        steps: Number of stages of the path, at least 2.
        path: "linear" or "geometric".

    >>> bary = z_space_barycenter([Tensor(1, 2, [0.7, 0.3]), Tensor(1, 2, [0.2, 0.8])], entropy_weight=0.1)
    >>> round(bary.objective, 6)
    0.22376
    """
    tensors = _densities(densities)
    w = _weights(weights, len(tensors))
    gamma = finite("entropy_weight", entropy_weight)
    beta = _from_zero("beta_j", beta_j)
    J = None if coupling is None else _coupling(coupling, len(tensors))
    if require_axis("steps", steps) < 2:
        raise InvalidDimensions(f"steps = {steps} makes no path; give at least 2.")
    if path not in PATHS:
        raise InvalidValue(f"path = {path!r} is unknown; {nearest(str(path), PATHS)}")
    total = float(w.sum())
    if not total + gamma > 0:
        raise DegenerateBarycenter(
            f"the weights add up to {total:g} and entropy_weight is {gamma:g}: their sum has to be above 0."
        )
    values, mass = _floored(tensors)
    logs = np.log(values)
    blend = w @ logs - w @ np.log(mass)
    best = _softmax(blend / (total + gamma))
    start = (w / (total * mass)) @ values if total > 0 else np.full_like(best, 1.0 / best.size)
    alphas = np.linspace(0.0, 1.0, steps)
    along = _along(start, best, alphas, path)
    negentropy = np.einsum("sn,sn->s", along, np.log(np.maximum(along, TINY)))
    kl = total * negentropy - along @ blend
    shift = beta * _tension(values / mass[:, None], logs, J) if J is not None and beta else 0.0
    objective = kl + gamma * negentropy + shift

    frame, device = common_frame(*tensors), tensors[0].torch().device
    rows = torch.from_numpy(along.astype(np.float32)).to(device).reshape(steps, *tensors[0].shape())
    columns = zip(
        alphas.tolist(), rows.unbind(0), kl.tolist(), (-negentropy).tolist(), objective.tolist(), strict=True
    )
    stages = tuple(
        BarycenterIntermediate(alpha, Tensor.from_torch(row).with_frame(frame), *numbers)
        for alpha, row, *numbers in columns
    )
    last = stages[-1]
    return ZSpaceBarycenter(
        last.density, last.kl_energy, last.entropy, float(shift), last.objective, total + gamma, stages
    )


def _along(
    start: Float[np.ndarray, " n"], best: Float[np.ndarray, " n"], alphas: Float[np.ndarray, " s"], path: str
) -> Float[np.ndarray, "s n"]:
    a = alphas[:, None]
    if path == "linear":
        along = start + a * (best - start)
    else:
        # Where a sharpened barycentre underflows, the smallest number keeps its logarithm finite.
        along = _softmax((1.0 - a) * np.log(np.maximum(start, TINY)) + a * np.log(np.maximum(best, TINY)))
    along[-1] = best
    return along


def _softmax(x: Float[np.ndarray, "*s n"]) -> Float[np.ndarray, "*s n"]:
    grown = np.exp(x - x.max(-1, keepdims=True))
    return grown / grown.sum(-1, keepdims=True)


def _tension(
    q: Float[np.ndarray, "u n"], logs: Float[np.ndarray, "u n"], J: Float[np.ndarray, "u u"]
) -> float:
    """½ Σᵤᵥ Jᵤᵥ[KL(qᵤ‖qᵥ) + KL(qᵥ‖qᵤ)] = ½ Σᵤᵥ Jᵤᵥ ⟨qᵤ − qᵥ, ln qᵤ − ln qᵥ⟩.

    Constants in the rows of `logs` drop out, because each row of q has sum 1.
    """
    cross = q @ logs.T
    own = cross.diagonal()
    return float((0.5 * J * (own[:, None] + own - cross - cross.T)).sum())


def _densities(densities: Sequence[Any]) -> list[Tensor]:
    if isinstance(densities, (Tensor, str)) or not hasattr(densities, "__iter__"):
        raise TypeError(f"densities is of type {type(densities).__name__}; give a list of Tensors.")
    tensors = [as_tensor(f"densities[{u}]", density) for u, density in enumerate(densities)]
    if not tensors:
        raise EmptyInput("densities is empty; give at least one.")
    for u, tensor in enumerate(tensors):
        require_same_shape("densities[0]", tensors[0].shape(), f"densities[{u}]", tensor.shape())
    return tensors


def _floored(tensors: list[Tensor]) -> tuple[Float[np.ndarray, "u n"], Float[np.ndarray, " u"]]:
    """The densities as rows, no entry below the floor's share of its row, and the sum of each."""
    values = np.empty((len(tensors), tensors[0].rows * tensors[0].cols))
    for row, tensor in zip(values, tensors, strict=True):
        row[:] = np.asarray(tensor).reshape(-1)
    lowest, mass = values.min(1), values.sum(1)
    if not (lowest >= 0).all() or not ((mass > 0) & (mass < math.inf)).all():
        for u, tensor in enumerate(tensors):
            _require_density(f"densities[{u}]", tensor)
    floor = FLOOR * mass
    if (lowest < floor).any():
        np.maximum(values, floor[:, None], out=values)
        mass = values.sum(1)
    return values, mass


def _require_density(label: str, tensor: Tensor) -> None:
    values = tensor.torch()
    require_finite(label, values)
    negative = values < 0
    if bool(negative.any()):
        row, col = negative.nonzero()[0].tolist()
        raise InvalidValue(
            f"{label}[{row}, {col}] = {values[row, col].item():g} is negative; densities are ≥ 0."
        )
    if not float(values.double().sum()) > 0:
        raise InvalidValue(f"{label} has no mass: all its entries are 0; leave it out.")


def _weights(weights: Sequence[Any] | None, number: int) -> Float[np.ndarray, " u"]:
    if weights is None:
        return np.ones(number)
    listed = [finite(f"weights[{u}]", weight) for u, weight in enumerate(weights)]
    require_length("weights", listed, number, "densities")
    for u, weight in enumerate(listed):
        if weight < 0:
            raise NonPositiveWeight(f"weights[{u}] = {weight!r} is negative; give numbers from 0 on.")
    return np.array(listed)


def _coupling(coupling: Any, number: int) -> Float[np.ndarray, "u u"]:
    tensor = as_tensor("coupling", coupling)
    if tensor.shape() != (number, number):
        raise ShapeMismatch(
            f"coupling has shape {tensor.shape()} for {number} densities; give shape {(number, number)}."
        )
    values = tensor.torch()
    require_finite("coupling", values)
    if bool((values < 0).any()):
        u, v = (values < 0).nonzero()[0].tolist()
        raise InvalidValue(
            f"coupling[{u}, {v}] = {values[u, v].item():g} is negative; give entries from 0 on."
        )
    return values.double().cpu().numpy()


def _from_zero(label: str, value: float) -> float:
    number = finite(label, value)
    if number < 0:
        raise InvalidValue(f"{label} = {number!r} is negative; give a number from 0 on.")
    return number


def _as_dict(record: Any, *, json: bool) -> dict[str, Any]:
    keep: Callable[[Any], Any] = lambda v: v.tolist() if json and isinstance(v, Tensor) else v  # noqa: E731
    return {f.name: keep(getattr(record, f.name)) for f in dataclasses.fields(record) if f.name[0] != "_"}
