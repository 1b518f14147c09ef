"""Rows brought into the ball: activations, texts, spirals and biomes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from stnb._core.errors import InvalidValue
from stnb._core.numbers import finite
from stnb.sot.plan import SoT3DPlan
from stnb.zspace.biome import TensorBiome
from stnb.zspace.encoder import LanguageWaveEncoder
from stnb.zspace.guards import require_finite, require_same_curvature, require_same_shape
from stnb.zspace.monad import RewriteMonad
from stnb.zspace.points import settle
from stnb.zspace.tensor import Tensor, as_tensor
from stnb.zspace.topos import OpenTopos

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor as TorchTensor

    Rows = Float[TorchTensor, "*_ _"]

__all__ = ["ZSpaceProjector"]


class ZSpaceProjector:
    """y = x + s·(exp₀(clamp(x)) − x) for each row x: clamped to the topos' saturation, then into the ball.

    It has no parameters. With strength s = 1 every row of the result is a point; with s = 0 nothing happens.

    Args:
        topos: Limits, and the curvature of the ball.
        encoder: For `encode_text`; of the same curvature.
        strength: s, from 0 to 1.

    >>> projector = ZSpaceProjector(OpenTopos(), LanguageWaveEncoder(-1.0, 0.5))
    >>> projector.forward(Tensor(1, 2, [0.3, 0.4])).tolist()
    [[0.2772703170776367, 0.36969372630119324]]
    """

    def __init__(self, topos: OpenTopos, encoder: LanguageWaveEncoder, *, strength: float = 1.0) -> None:
        if not isinstance(topos, OpenTopos):
            raise TypeError(f"topos is of type {type(topos).__name__}; give an OpenTopos.")
        if not isinstance(encoder, LanguageWaveEncoder):
            raise TypeError(f"encoder is of type {type(encoder).__name__}; give a LanguageWaveEncoder.")
        require_same_curvature("topos", topos.curvature(), "encoder", encoder.curvature())
        if not 0.0 <= float(strength) <= 1.0:
            raise InvalidValue(f"strength = {strength!r} is no share; give a number from 0 to 1.")
        self._topos = topos
        self._encoder = encoder
        self._strength = float(strength)
        self._ball = topos.ball()
        self._monad = RewriteMonad(topos)

    def curvature(self) -> float:
        """κ of the ball."""
        return self._ball.curvature

    def topos(self) -> OpenTopos:
        """The limits."""
        return self._topos

    def encoder(self) -> LanguageWaveEncoder:
        """The encoder of texts."""
        return self._encoder

    def strength(self) -> float:
        """How far rows are brought."""
        return self._strength

    def forward(self, input: Any) -> Tensor:  # noqa: A002
        """The rows of a Tensor, brought into the ball."""
        source = as_tensor("input", input)
        values = source.torch()
        require_finite("input", values)
        rewritten = self._monad.rewrite_tensor("input", source).torch().double()
        points = settle(self._ball, self._ball.exp0(rewritten))
        if self._strength != 1.0:
            points = torch.lerp(values.double(), points.double(), self._strength).float()
        return Tensor.from_torch(points).with_frame(source.frame)

    __call__ = forward

    def backward(self, input: Any, grad_output: Any) -> Tensor:  # noqa: A002
        """The derivative of ⟨grad_output, forward(input)⟩ by the input."""
        source, grad = as_tensor("input", input), as_tensor("grad_output", grad_output)
        require_same_shape("input", source.shape(), "grad_output", grad.shape())
        require_finite("grad_output", grad.torch())
        self._topos.guard_tensor("input", source)
        with torch.enable_grad():
            x = source.torch().double().requires_grad_()
            (found,) = torch.autograd.grad(self.forward_torch(x), x, grad.torch().double())
        return Tensor.from_torch(found.float()).with_frame(source.frame)

    def forward_torch(self, x: Rows) -> Rows:
        """The same for torch tensors of shape (…, d), in float32 or float64, differentiable."""
        bound = self._topos.saturation()
        points = self._ball.project(self._ball.exp0(x.clamp(-bound, bound)))
        return points if self._strength == 1.0 else torch.lerp(x, points, self._strength)

    def encode_text(self, text: str) -> Tensor:
        """A text as one row in the ball."""
        encoded = self._encoder.encode_z_space(text)
        self._topos.guard_tensor("text", encoded)
        return encoded

    def project_spiral(self, plan: SoT3DPlan, *, scale: str | float | None = None) -> Tensor:
        """The steps (x, y, height) of a plan as points.

        Long spirals reach far and end at the rim: `scale="unit"` divides by the largest row norm first, a number
        multiplies by it.
        """
        if not isinstance(plan, SoT3DPlan):
            raise TypeError(f"plan is of type {type(plan).__name__}; give a SoT3DPlan.")
        return self.forward(_scaled(plan.as_tensor(), scale))

    def reimport_biome(self, biome: TensorBiome) -> Tensor:
        """The canopy of a biome as points."""
        if not isinstance(biome, TensorBiome):
            raise TypeError(f"biome is of type {type(biome).__name__}; give a TensorBiome.")
        require_same_curvature("the projector", self.curvature(), "the biome", biome.topos().curvature())
        return self.forward(biome.canopy())

    def regularize(self, z: Any) -> float:
        """Σ |zᵢ₊₁ − zᵢ|^{1+c} over the entries in row-major order, a convention of this project; 0 for a single one."""
        values = as_tensor("z", z).torch()
        require_finite("z", values)
        return float(values.double().reshape(-1).diff().abs().pow(1.0 + self._ball.c).sum())

    def __repr__(self) -> str:
        return f"ZSpaceProjector({self._topos!r}, {self._encoder!r}, strength={self._strength!r})"


def _scaled(points: Tensor, scale: str | float | None) -> Tensor:
    if scale is None:
        return points
    if isinstance(scale, str):
        if scale != "unit":
            raise InvalidValue(f'scale = {scale!r} is unknown; give "unit", a number, or None.')
        longest = float(points.torch().double().norm(dim=1).max())
        return points.scale(1.0 / longest) if longest > 0 else points
    factor = finite("scale", scale)
    if not (factor > 0 and math.isfinite(factor)):
        raise InvalidValue(f"scale = {factor!r} is not above 0; give a positive number.")
    return points.scale(factor)
