"""Waves cut or filled to the shape of a tape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from stnb._core.errors import InvalidValue, ShapeMismatch, nearest

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor as TorchTensor

    Rows = Float[TorchTensor, "_ _"]

__all__ = ["aligned", "as_lanes", "require_alignment"]

ALIGNMENTS = ("auto", "strict")


def aligned(label: str, values: Rows, shape: tuple[int, int], align: str) -> Rows:
    """Values of the tape's shape.

    With "auto", one row of another width is taken for the lanes of a spectrum, lowest frequency first: as many as fit
    are kept, missing ones are 0, and they fill the shape row by row. That limits the band and lengthens no row.
    """
    if tuple(values.shape) == shape:
        return values
    if align == "strict" or values.shape[0] != 1:
        raise ShapeMismatch(
            f"{label} has shape {tuple(values.shape)} but the tape has shape {shape}; give that shape"
            + (", or align='auto' for a wave." if align == "strict" else ", or a wave of one row.")
        )
    lanes = values.new_zeros(shape[0] * shape[1])
    kept = min(lanes.numel(), values.shape[1])
    lanes[:kept] = values[0, :kept]
    return lanes.reshape(shape)


def require_alignment(align: str) -> None:
    """Refuse an unknown way to align."""
    if align not in ALIGNMENTS:
        raise InvalidValue(f"align = {align!r} is unknown; {nearest(str(align), ALIGNMENTS)}")


def as_lanes(values: torch.Tensor) -> Rows:
    """Complex rows as real ones, re₀, im₀, re₁, im₁ and so on."""
    return torch.view_as_real(values).reshape(values.shape[0], -1)
