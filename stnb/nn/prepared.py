"""A module whose parameters have tapes: gradients are gathered there, and a step follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from stnb._core.errors import InvalidValue, nearest
from stnb.nn.projector import ZSpaceProjector
from stnb.nn.stable_projector import StableZSpaceProjector
from stnb.zspace.encoder import LanguageWaveEncoder
from stnb.zspace.guards import require_finite, require_same_curvature
from stnb.zspace.tape import Hypergrad, Realgrad

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jaxtyping import Float
    from torch import Tensor as TorchTensor

    from stnb.zspace.topos import OpenTopos

    Rows = Float[TorchTensor, "rows cols"]
    Tape = Hypergrad | Realgrad

__all__ = ["PreparedModule", "prepare"]

MODES = ("declared", "riemannian", "euclidean")
WITHOUT_PARAMETERS = (LanguageWaveEncoder, StableZSpaceProjector, ZSpaceProjector)


class PreparedModule:
    """The tapes of a module's trainable parameters by name; a parameter that is used twice has one.

    After any number of backward passes, `step()` moves every parameter by its own tape: points of a ball along
    geodesics, everything else as plain gradient descent does.

    >>> from stnb.geometry import Ball, BallParameter
    >>> module = torch.nn.Module()
    >>> module.point = BallParameter(torch.tensor([[0.2, 0.1]]), Ball(-1.0))
    >>> prepared = prepare(module, curvature=-1.0, hyper_rate=0.05, flat_rate=0.01)
    >>> (module.point * torch.tensor([[0.2, -0.6]])).sum().backward()
    >>> prepared.step()
    >>> [round(value, 6) for value in module.point[0].tolist()]
    [0.197756, 0.106771]
    """

    def __init__(
        self, module: Any, parameters: dict[str, torch.nn.Parameter], tapes: dict[str, Tape]
    ) -> None:
        self.module = module
        self.tapes = tapes
        self._parameters = parameters

    def accumulate(self) -> None:
        """Add every parameter's gradient to its tape and clear it; without effect where one is not finite."""
        found = {name: _rows(p.grad) for name, p in self._parameters.items() if p.grad is not None}
        for name, gradient in found.items():
            require_finite(f"the gradient of {name}", gradient)
        for name, gradient in found.items():
            self.tapes[name].accumulate_wave(gradient)
            self._parameters[name].grad = None

    def step(self) -> None:
        """Gather what is left in gradients, move every parameter by its tape, and let the tapes be 0."""
        self.accumulate()
        for name, parameter in self._parameters.items():
            require_finite(name, _rows(parameter.detach()))
        for name, parameter in self._parameters.items():
            rows = _rows(parameter.detach())
            self.tapes[name].apply(rows)
            parameter.data.copy_(rows.reshape(parameter.shape))

    def zero(self) -> None:
        """Forget what was gathered, and the gradients."""
        for name, parameter in self._parameters.items():
            parameter.grad = None
            self.tapes[name].reset()

    def __len__(self) -> int:
        return len(self.tapes)

    def __iter__(self) -> Iterator[str]:
        return iter(self.tapes)

    def __getitem__(self, name: str) -> Tape:
        if name not in self.tapes:
            raise KeyError(f"no tape is named {name!r}; {nearest(str(name), list(self.tapes))}")
        return self.tapes[name]

    def __repr__(self) -> str:
        curved = sum(isinstance(tape, Hypergrad) for tape in self.tapes.values())
        return f"PreparedModule({type(self.module).__name__}: {curved} tapes of the ball, {len(self) - curved} flat)"


def prepare(
    module: Any,
    *,
    curvature: float,
    hyper_rate: float,
    flat_rate: float,
    topos: OpenTopos | None = None,
    mode: str = "declared",
) -> PreparedModule:
    """Give every trainable parameter a tape; preparing again replaces it and drops what was gathered.

    Args:
        module: A `torch.nn.Module`, or a module of `stnb.nn`, which has no parameters.
        curvature: κ of the ball.
        hyper_rate: η of tapes of the ball.
        flat_rate: η of flat tapes.
        topos: Limits of the tapes of the ball.
        mode: "declared": a `BallParameter` is moved along geodesics and everything else in flat space. "riemannian":
            every row of every parameter is a point. "euclidean": every parameter is flat.
    """
    if mode not in MODES:
        raise InvalidValue(f"mode = {mode!r} is unknown; {nearest(str(mode), MODES)}")
    if not isinstance(module, (torch.nn.Module, *WITHOUT_PARAMETERS)):
        raise TypeError(
            f"module is of type {type(module).__name__}; give a torch.nn.Module or one of stnb.nn."
        )
    named = module.named_parameters() if isinstance(module, torch.nn.Module) else ()
    parameters = {name: parameter for name, parameter in named if parameter.requires_grad}
    tapes: dict[str, Tape] = {}
    for name, parameter in parameters.items():
        _look_at(name, parameter, curvature)
        rows, cols = _rows(parameter.detach()).shape
        declared = getattr(parameter, "manifold", None) == "poincare"
        if mode == "riemannian" or (mode == "declared" and declared):
            tapes[name] = Hypergrad(curvature, hyper_rate, rows, cols, topos)
        else:
            tapes[name] = Realgrad(flat_rate, rows, cols)
    return PreparedModule(module, parameters, tapes)


def _look_at(name: str, parameter: torch.nn.Parameter, curvature: float) -> None:
    if parameter.dtype != torch.float32 or parameter.numel() == 0:
        raise TypeError(
            f"parameter {name} is {parameter.dtype} of shape {tuple(parameter.shape)}; tapes hold float32 numbers: "
            "call module.float(), or freeze it with requires_grad_(False)."
        )
    ball = getattr(parameter, "ball", None)
    if ball is not None:
        require_same_curvature("the session", curvature, f"parameter {name}", ball.curvature)


def _rows(values: TorchTensor) -> Rows:
    """Rows of the last axis; a vector or a single number is one row."""
    dense = values.to_dense() if values.layout != torch.strided else values
    return dense.reshape(-1, dense.shape[-1]) if dense.ndim > 1 else dense.reshape(1, -1)
