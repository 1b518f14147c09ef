"""A finite complex series evaluated at fixed points, so that neither small nor large points lose digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from stnb._core.errors import EmptyInput, InvalidValue
from stnb._core.numbers import finite
from stnb.zspace.complex_tensor import ComplexTensor
from stnb.zspace.guards import require_finite

if TYPE_CHECKING:
    from jaxtyping import Complex
    from torch import Tensor as TorchTensor

__all__ = ["StableZSpaceProjector"]


class StableZSpaceProjector:
    """F(z) = h·z^{t₀/h}·Σₙ wₙ xₙ zⁿ with wₙ = ½ at both ends and 1 between: a trapezoid rule on a logarithmic axis.

    For samples xₙ = f(exp(t₀ + n·h)) and z = exp(h·σ) it approximates the Mellin transform ∫ f(u) u^{σ−1} du. With the
    defaults t₀ = 0 and h = 1 it is the weighted series alone. Beyond |z| = 1 the series is summed from its other end,
    z^{N−1}·Σ wₙ xₙ z^{−(N−1−n)}, so that no power overflows before the result does.

    Args:
        z_points: z, complex.
        log_start: t₀.
        log_step: h > 0.

    >>> StableZSpaceProjector([0.5, 2.0]).project_series([[1.0, 1.0, 1.0]]).real.tolist()
    [[1.125, 4.5]]
    """

    def __init__(self, z_points: Any, *, log_start: float = 0.0, log_step: float = 1.0) -> None:
        z = _complex("z_points", z_points).reshape(-1)
        self._start, self._step = _axis(log_start, log_step)
        if self._start and bool((z == 0).any()):
            raise InvalidValue("z_points holds 0, where z^{log_start/log_step} has no value; leave it out.")
        self._z = z
        self._factor = self._step * (z.log() * (self._start / self._step)).exp() if self._start else None

    @classmethod
    def from_abscissae(
        cls, sigma: Any, *, log_start: float = 0.0, log_step: float = 1.0
    ) -> StableZSpaceProjector:
        """The projector at z = exp(h·σ): project_series then gives the Mellin transform at σ.

        >>> import math
        >>> t = [-12 + 0.05 * n for n in range(321)]
        >>> projector = StableZSpaceProjector.from_abscissae([1.5], log_start=-12.0, log_step=0.05)
        >>> gamma = projector.project_series([[math.exp(-math.exp(u)) for u in t]])
        >>> abs(complex(gamma[0, 0]) - math.gamma(1.5)) < 1e-7
        True
        """
        s = _complex("sigma", sigma).reshape(-1)
        start, step = _axis(log_start, log_step)
        made = cls(torch.exp(step * s), log_start=start, log_step=step)
        made._factor = step * torch.exp(s * start)
        return made

    @property
    def z_points(self) -> Complex[TorchTensor, " z"]:
        """The points."""
        return self._z.clone()

    def project_series(self, samples: Any) -> Any:
        """(B, N) samples to (B, Z) values: a ComplexTensor for one, else complex128 torch, with autograd."""
        if isinstance(samples, ComplexTensor):
            return ComplexTensor.from_torch(self.project_series(samples.torch()))
        x = _complex("samples", samples)
        rows = x.unsqueeze(0) if x.ndim == 1 else x
        if rows.ndim != 2:
            raise InvalidValue(f"samples has shape {tuple(x.shape)}; give (B, N).")
        values = self._series(rows)
        if self._factor is not None:
            values = values * self._factor
        elif self._step != 1.0:
            values = values * self._step
        return values

    forward = project_series
    __call__ = project_series

    def _series(self, x: Complex[TorchTensor, "b n"]) -> Complex[TorchTensor, "b z"]:
        n = x.shape[1]
        weighted = x * _trapezoid(n)
        small = self._z.abs() <= 1.0
        base = torch.where(small, self._z, 1.0 / torch.where(small, 1.0, self._z))
        powers = base.unsqueeze(0).expand(n, -1).clone()
        powers[0] = 1.0
        powers = powers.cumprod(0)
        last = torch.where(small, 1.0, self._z) ** (n - 1)
        return torch.where(small, weighted @ powers, weighted.flip(1) @ powers * last)

    def __repr__(self) -> str:
        return f"StableZSpaceProjector({len(self._z)} points, log_start={self._start!r}, log_step={self._step!r})"


def _trapezoid(n: int) -> TorchTensor:
    weights = torch.ones(n, dtype=torch.float64)
    if n > 1:
        weights[0] = weights[-1] = 0.5
    return weights


def _complex(label: str, values: Any) -> Complex[TorchTensor, "*_"]:
    found = (
        values
        if isinstance(values, torch.Tensor)
        else torch.from_numpy(np.array(values, dtype=np.complex128))
    )
    found = found.to(torch.complex128)
    if found.numel() == 0:
        raise EmptyInput(f"{label} is empty; give at least one number.")
    require_finite(label, found.detach().reshape(-1))
    return found


def _axis(log_start: float, log_step: float) -> tuple[float, float]:
    start, step = finite("log_start", log_start), finite("log_step", log_step)
    if not step > 0:
        raise InvalidValue(f"log_step = {step!r} is not above 0; give the spacing of the samples.")
    return start, step
