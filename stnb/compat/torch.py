"""Torch and back. A Z-frame travels along as the attribute `zframe`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from stnb._core.errors import BackendError, InvalidDimensions, InvalidValue
from stnb.compat.rows import require_tensor
from stnb.zspace import Tensor
from stnb.zspace.interchange import require_dense

if TYPE_CHECKING:
    from torch import Tensor as TorchTensor

__all__ = ["from_torch", "to_torch"]

FORMATS = (None, torch.contiguous_format, torch.preserve_format)


def to_torch(
    tensor: Tensor,
    *,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
    requires_grad: bool | None = None,
    copy: bool | None = None,
    memory_format: torch.memory_format | None = None,
) -> TorchTensor:
    """A Tensor as torch's, over the same memory unless something else is asked for.

    Args:
        tensor: The Tensor; its Z-frame becomes the attribute `zframe` of the result.
        dtype: float32 when left out.
        device: Where the Tensor is when left out.
        requires_grad: True gives a leaf to differentiate by; over shared memory, writing to the Tensor writes to it.
        copy: None shares where dtype, device and format allow; False shares or refuses; True always copies.
        memory_format: `torch.contiguous_format` copies rows that do not lie one after another.

    Raises:
        InvalidValue: for what `copy=False` forbids, for gradients of whole numbers, for formats of images.
        BackendError: for a device that is not there.
    """
    values = require_tensor(tensor).torch()
    _require_format(memory_format)
    wanted = values.dtype if dtype is None else _require_dtype(dtype)
    place = values.device if device is None else _usable(device)
    if requires_grad and not (wanted.is_floating_point or wanted.is_complex):
        raise InvalidValue(
            f"requires_grad needs real or complex numbers but dtype = {wanted}; leave one out."
        )
    made: Any = values.to(device=place, dtype=wanted)
    made = made.contiguous() if memory_format is torch.contiguous_format else made
    shared = made.data_ptr() == values.data_ptr()
    if copy is False and not shared:
        raise InvalidValue(
            f"copy=False, but {wanted} on {place} needs a copy of {values.dtype} on {values.device}; "
            "leave out copy=False."
        )
    made = made.clone() if copy and shared else made
    if tensor.frame is not None:
        made.zframe = tensor.frame
    return made.requires_grad_(bool(requires_grad))


def from_torch(
    tensor: TorchTensor,
    *,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
    ensure_cpu: bool = True,
    copy: bool | None = None,
    require_contiguous: bool = True,
    strict: bool = False,
) -> Tensor:
    """A tensor of torch as a Tensor, over the same memory when it holds float32 rows on the CPU.

    A Tensor has no history, so gradients are cut off. To differentiate, work on `x.torch()` of the Tensor, or let
    `ZSpaceProjector.forward_torch` do it.

    Args:
        tensor: Real numbers; a vector is one row. Its attribute `zframe`, where it has one, becomes the Z-frame.
        dtype: None or float32, which is what a Tensor holds; other types are converted either way.
        device: Where the Tensor shall live; goes before `ensure_cpu`.
        ensure_cpu: Bring it to the CPU; without it, it stays where it is.
        copy: None shares where memory allows and converts the rest; False shares or refuses; True always copies.
        require_contiguous: Copy rows that do not lie one after another; without it they are shared as they lie.
        strict: Refuse everything but float32 rows, one after another, on the CPU.

    Raises:
        InvalidValue: for what `copy=False` or `strict=True` forbid.
        InvalidDimensions: for more than two axes, and for an axis without entries.
        BackendError: for a device that is not there.
    """
    if not isinstance(tensor, torch.Tensor):
        raise TypeError(f"tensor is of type {type(tensor).__name__}; give a torch tensor.")
    if dtype not in (None, torch.float32):
        raise InvalidValue(f"dtype = {dtype!r}, but a Tensor holds torch.float32; leave dtype out.")
    if strict:
        _require_plain(tensor)
    place = torch.device("cpu") if ensure_cpu else tensor.device
    if device is not None:
        place = _usable(device)
    if copy is False and place != tensor.device:
        raise InvalidValue(
            f"tensor is on {tensor.device} and copy=False forbids to bring it to {place}; leave out copy=False."
        )
    require_dense("tensor", tensor)
    made = Tensor.from_torch(tensor.detach().to(place), copy=copy, require_contiguous=require_contiguous)
    return made.with_frame(getattr(tensor, "zframe", None))


def _require_plain(tensor: TorchTensor) -> None:
    if tensor.ndim != 2:
        raise InvalidDimensions(
            f"tensor has shape {tuple(tensor.shape)}; strict=True takes rows and columns: reshape it."
        )
    if tensor.dtype != torch.float32:
        raise InvalidValue(f"tensor holds {tensor.dtype}; strict=True takes float32: x.float().")
    if tensor.device.type != "cpu":
        raise InvalidValue(f"tensor is on {tensor.device}; strict=True takes the CPU: x.cpu().")
    if not tensor.is_contiguous():
        raise InvalidValue(
            f"tensor has strides {tensor.stride()}; strict=True takes rows one after another: x.contiguous()."
        )


def _require_format(memory_format: Any) -> None:
    if memory_format not in FORMATS:
        raise InvalidValue(
            f"memory_format = {memory_format!r} is for images; rows and columns take torch.contiguous_format."
        )


def _require_dtype(dtype: Any) -> torch.dtype:
    if not isinstance(dtype, torch.dtype):
        raise TypeError(
            f"dtype = {dtype!r} is of type {type(dtype).__name__}; give one such as torch.float64."
        )
    return dtype


def _usable(device: torch.device | str) -> torch.device:
    try:
        place = torch.empty(0, device=device).device
    except (AssertionError, NotImplementedError, RuntimeError) as error:
        raise BackendError(f"device = {device!r} cannot be used here ({error}); leave it out.") from error
    if place.type == "meta":
        raise InvalidValue("device = 'meta' holds no numbers; leave it out.")
    return place
