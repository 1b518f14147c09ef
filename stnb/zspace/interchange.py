"""Rows of float32 from whatever holds numbers: lists, NumPy, torch, DLPack; without copying where memory allows it."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from stnb._core.errors import DataLength, EmptyInput, InvalidDimensions, InvalidValue
from stnb.zspace import capsule

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped
    from torch import Tensor as TorchTensor

__all__ = [
    "filled",
    "from_array",
    "from_dlpack",
    "from_sequence",
    "matrix",
    "require_dense",
    "speaks_dlpack",
    "to_array",
]


def matrix(
    values: TorchTensor, label: str = "values", *, copy: bool | None = None, contiguous: bool = True
) -> Float[TorchTensor, "rows cols"]:
    """Values as float32 rows; a vector is one row.

    Args:
        values: Real numbers of at most two axes. Gradients are cut off.
        label: What messages call them.
        copy: None shares memory where it holds float32 rows already and converts the rest; False shares or refuses;
            True always copies.
        contiguous: Copy rows that do not lie one after another. Without it only rows that overlap are copied.
    """
    require_dense(label, values)
    _require_real(label, str(values.dtype)[6:])
    _require_rows(label, tuple(values.shape))
    laid_out = values.is_contiguous() if contiguous else _apart(values)
    if copy is False:
        _require_shareable(label, str(values.dtype)[6:], laid_out=laid_out and not values.is_neg())
    rows = values.detach().reshape(1, -1) if values.ndim < 2 else values.detach()
    rows = rows.to(torch.float32).resolve_neg()
    rows = rows if laid_out else rows.contiguous()
    shared = rows.untyped_storage().data_ptr() == values.untyped_storage().data_ptr()
    return rows.clone() if copy and shared else rows


def from_array(
    array: np.ndarray, label: str = "values", *, copy: bool | None = None
) -> Float[TorchTensor, "rows cols"]:
    """The same for a NumPy array. One that is read-only is copied, and says so."""
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{label} has dtype {array.dtype}; give real numbers.")
    _require_rows(label, array.shape)
    if copy is False:
        _require_writeable(label, writeable=array.flags.writeable)
        laid_out = array.flags.c_contiguous and _readable_by_torch(array)
        _require_shareable(label, str(array.dtype), laid_out=laid_out)
    if copy is None and array.dtype == np.float32 and not array.flags.writeable:
        _say_copied(label)
    if copy or not _readable_by_torch(array):
        array = array.astype(np.float32)
    return matrix(torch.from_numpy(array), label, copy=False if copy is False else None)


def from_dlpack(
    source: Any, label: str = "values", *, copy: bool | None = None
) -> Float[TorchTensor, "rows cols"]:
    """The same for whatever speaks DLPack: torch, NumPy and JAX arrays, capsules. What is refused is not consumed."""
    if isinstance(source, torch.Tensor):
        return matrix(source, label, copy=copy)
    if isinstance(source, np.ndarray):
        return from_array(source, label, copy=copy)
    if not speaks_dlpack(source):
        raise TypeError(f"{label} is of type {type(source).__name__}; give an object with `__dlpack__`.")
    found = capsule.contents(source, label)
    _require_real(label, found.dtype)
    _require_rows(label, found.shape)
    backwards = min(found.strides, default=0) < 0
    if copy is False:
        _require_writeable(label, writeable=not found.read_only)
        _require_shareable(label, found.dtype, laid_out=found.row_major and not backwards)
    if backwards:
        return _turned_around(source, label, found)
    if found.read_only and copy is None and found.dtype == "float32":
        _say_copied(label)
    return matrix(torch.from_dlpack(source), label, copy=found.read_only or copy)


def to_array(
    rows: Float[TorchTensor, "rows cols"], *, dtype: Any = None, copy: bool | None = None
) -> Shaped[np.ndarray, "rows cols"]:
    """Rows as a NumPy array: the same memory where it is the CPU's and the type float32."""
    wanted = np.dtype(np.float32 if dtype is None else dtype)
    if copy is False and (wanted != np.float32 or rows.device.type != "cpu"):
        raise InvalidValue(f"cannot give {wanted} on the CPU without a copy; leave out copy=False.")
    array = rows.cpu().numpy()
    return np.array(array, dtype=wanted) if copy else np.asarray(array, dtype=wanted)


def speaks_dlpack(value: Any) -> bool:
    """Whether `from_dlpack` takes this."""
    return hasattr(value, "__dlpack__") or capsule.is_capsule(value)


def from_sequence(values: Any, label: str = "values") -> Float[TorchTensor, "rows cols"]:
    """Rows from a list of rows, all of one length, or one row from a flat list of numbers."""
    values = list(values)
    if not values:
        raise EmptyInput(f"{label} is empty; give at least one number.")
    nested = [_is_row(value) for value in values]
    if not any(nested):
        return _numbers(values, label).reshape(1, -1)
    if not all(nested):
        raise TypeError(f"{label} mixes numbers and rows; give a list of rows, or one flat list.")
    lengths = [len(row) for row in values]
    for index, length in enumerate(lengths):
        if length != lengths[0]:
            raise DataLength(
                f"{label}[{index}] has {length} entries but {label}[0] has {lengths[0]}; give rows of one length."
            )
    if lengths[0] == 0:
        raise EmptyInput(f"{label}[0] is empty; give at least one number.")
    return torch.stack([_numbers(list(row), f"{label}[{index}]") for index, row in enumerate(values)])


def filled(rows: int, cols: int, values: Any) -> Float[TorchTensor, "rows cols"]:
    """Rows × cols entries from a flat list in row-major order, from rows, or from an array of that many entries."""
    if isinstance(values, torch.Tensor):
        found = matrix(values.reshape(-1), "data").clone()
    elif isinstance(values, np.ndarray):
        found = from_array(np.array(values).reshape(-1), "data")
    elif hasattr(values, "__dlpack__"):
        found = from_dlpack(values, "data").clone()
    elif isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        raise TypeError(f"data is of type {type(values).__name__}; give a list of {rows * cols} numbers.")
    else:
        values = list(values)
        found = from_sequence(values, "data") if values else torch.empty((1, 0))
        if any(map(_is_row, values)) and tuple(found.shape) != (rows, cols):
            raise DataLength(
                f"data has shape {tuple(found.shape)} for {rows} × {cols}; give {rows} rows of {cols}."
            )
    if found.numel() != rows * cols:
        raise DataLength(f"data has {found.numel()} entries for {rows} × {cols}; give {rows * cols}.")
    return found.reshape(rows, cols)


def _is_row(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, (str, bytes))


def _numbers(values: list[Any], label: str) -> Float[TorchTensor, " n"]:
    for index, value in enumerate(values):
        if isinstance(value, (str, bytes)):
            raise TypeError(f"{label}[{index}] = {value!r} is a text; give a number.")
    try:
        return torch.tensor([float(v) for v in values], dtype=torch.float32)
    except (TypeError, ValueError):
        for index, value in enumerate(values):
            try:
                float(value)
            except (TypeError, ValueError):
                raise TypeError(
                    f"{label}[{index}] is of type {type(value).__name__}; give a number."
                ) from None
        raise


def require_dense(label: str, values: TorchTensor) -> None:
    """Refuse sparse tensors, and those without numbers on the device `meta`."""
    if values.layout != torch.strided or values.device.type == "meta":
        raise InvalidValue(
            f"{label} is a {str(values.layout)[6:]} tensor on {values.device}; give a dense one, e.g. x.to_dense()."
        )


def _require_real(label: str, dtype: str) -> None:
    if dtype.startswith(("complex", "opaque")) or " " in dtype:
        raise TypeError(f"{label} holds {dtype}; give real numbers, or make a ComplexTensor of complex ones.")


def _require_rows(label: str, shape: tuple[int, ...]) -> None:
    if len(shape) > 2:
        raise InvalidDimensions(
            f"{label} has shape {shape}; a Tensor has rows and columns: reshape it, e.g. x.flatten(1)."
        )
    if 0 in shape:
        raise InvalidDimensions(f"{label} has shape {shape}; give at least one row and column.")


def _require_shareable(label: str, dtype: str, *, laid_out: bool) -> None:
    if dtype != "float32":
        raise InvalidValue(f"{label} holds {dtype} and copy=False forbids to convert it; leave it out.")
    if not laid_out:
        raise InvalidValue(
            f"{label} does not lie row after row in memory and copy=False forbids to copy it; leave it out."
        )


def _require_writeable(label: str, *, writeable: bool) -> None:
    if not writeable:
        raise InvalidValue(f"{label} is read-only and copy=False forbids to copy it; leave it out.")


def _say_copied(label: str) -> None:
    """Warn where the caller left his own code for ours."""
    frame, level = sys._getframe(1), 2
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == "stnb":
        frame, level = frame.f_back, level + 1
    warnings.warn(f"{label} is read-only and was copied.", stacklevel=level)


def _readable_by_torch(array: np.ndarray) -> bool:
    flags, dtype = array.flags, array.dtype
    known = dtype.isnative and (dtype.kind != "u" or dtype == np.uint8) and dtype.itemsize <= 8
    return (
        known
        and flags.writeable
        and flags.aligned
        and all(s >= 0 and s % dtype.itemsize == 0 for s in array.strides)
    )


def _apart(values: TorchTensor) -> bool:
    """Whether no two entries share a place in memory, as far as sizes and strides tell."""
    reach = 0
    for stride, size in sorted(zip(values.stride(), values.shape, strict=True)):
        if size > 1:
            if stride <= reach:
                return False
            reach += stride * (size - 1)
    return True


class _Exporter:
    """A capsule with the two methods that NumPy asks for."""

    def __init__(self, held: Any) -> None:
        self._held = held

    def __dlpack__(self, **_: Any) -> Any:
        return self._held

    def __dlpack_device__(self) -> tuple[int, int]:
        return capsule.CPU, 0


def _turned_around(source: Any, label: str, found: capsule.Contents) -> Float[TorchTensor, "rows cols"]:
    """A copy of what runs backwards through memory; torch cannot hold that and ends the process."""
    if not found.on_cpu:
        raise InvalidValue(f"{label} has strides {found.strides}, one below 0; give a copy with x.copy().")
    array = np.from_dlpack(_Exporter(source) if capsule.is_capsule(source) else source)
    return from_array(array, label, copy=True)
