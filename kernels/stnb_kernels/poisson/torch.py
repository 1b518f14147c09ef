"""Torch on any device: Fourier transforms, and with walls six products with the sine matrices of the axes.

With walls nothing is allocated. Torch's Fourier transforms allocate their results in its caching allocator; `out=`
would only add a copy. Everything runs on the current stream and can be captured in a CUDA graph.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import torch

from stnb_kernels.arrays import dtype_name

if TYPE_CHECKING:
    from collections.abc import Iterator

AXES = (0, 1, 2)


def supports(node_mass, *_):  # noqa: ANN001, ANN002, ANN201
    """Apple GPUs have no float64."""
    able = dtype_name(node_mass) == "float32" or node_mass.device.type != "mps"
    return able, "Apple GPUs have no float64; use float32"


@contextlib.contextmanager
def full_float32() -> Iterator[None]:
    """Matrix products in float32 proper: TF32 keeps ten bits of the mantissa."""
    settings = torch.backends.cuda.matmul
    allowed = settings.allow_tf32
    settings.allow_tf32 = False
    try:
        yield
    finally:
        settings.allow_tf32 = allowed


def transform(source, target, other, sines, scale) -> None:  # noqa: ANN001
    """Sine transform along z, y and x, times `scale`, into `target` by way of `other`; it is its own inverse."""
    x, y, z = sines
    nx, ny, nz = source.shape
    torch.mm(source.view(nx * ny, nz), z, out=target.view(nx * ny, nz))
    torch.bmm(y.expand(nx, ny, ny), target, out=other)
    target.view(nx, ny * nz).addmm_(x, other.view(nx, ny * nz), beta=0.0, alpha=scale)


def filtered(field, inverse):  # noqa: ANN001, ANN201
    """The field with its spectrum multiplied by `inverse`, times the number of nodes."""
    modes = torch.fft.rfftn(field, dim=AXES)
    torch.view_as_real(modes).mul_(inverse[..., None])
    return torch.fft.irfftn(modes, s=field.shape, dim=AXES, norm="forward")


def run(node_mass, grid, scale, potential, plan):  # noqa: ANN001, ANN201
    if plan.free:
        inside = tuple(slice(n) for n in grid.shape)
        plan.scratch[inside].copy_(node_mass)
        result = filtered(plan.scratch, plan.inverse)
        torch.mul(result[inside], scale / result.numel(), out=potential)
    elif grid.periodic:
        torch.mul(filtered(node_mass, plan.inverse), scale / grid.nodes, out=potential)
    else:
        with full_float32():
            transform(node_mass, plan.scratch, potential, plan.sines, 1.0)
            plan.scratch.mul_(plan.inverse)
            transform(plan.scratch, potential, plan.scratch, plan.sines, scale)
