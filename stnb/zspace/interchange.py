"""Rows of float32 from whatever holds numbers: lists, NumPy, torch, DLPack; without copying where memory allows it."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from stnb._core.errors import DataLength, EmptyInput, InvalidDimensions

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor as TorchTensor

__all__ = ["filled", "from_array", "from_dlpack", "from_sequence", "matrix"]


def matrix(values: TorchTensor, label: str = "values") -> Float[TorchTensor, "rows cols"]:
    """Values as float32 rows, sharing memory when they are that already; a vector is one row."""
    if values.is_complex():
        raise TypeError(f"{label} holds complex numbers; make a ComplexTensor of it.")
    if values.ndim > 2:
        raise InvalidDimensions(
            f"{label} has shape {tuple(values.shape)}; a Tensor has rows and columns: "
            "reshape it, e.g. x.flatten(1)."
        )
    rows = values.detach().reshape(1, -1) if values.ndim < 2 else values.detach()
    if 0 in rows.shape:
        raise InvalidDimensions(f"{label} has shape {tuple(values.shape)}; give at least one row and column.")
    return rows.to(torch.float32).contiguous()


def from_array(array: np.ndarray, label: str = "values") -> Float[TorchTensor, "rows cols"]:
    """The same for a NumPy array. One that is read-only is copied, and says so."""
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{label} has dtype {array.dtype}; give real numbers.")
    if not array.flags.writeable or any(stride < 0 for stride in array.strides):
        if array.dtype == np.float32 and not array.flags.writeable:
            warnings.warn(f"{label} is read-only and was copied.", stacklevel=4)
        array = array.copy()
    if array.dtype.kind == "u" and array.dtype != np.uint8:
        array = array.astype(np.float32)
    return matrix(torch.from_numpy(np.asarray(array, dtype=array.dtype.newbyteorder("="))), label)


def from_dlpack(source: Any, label: str = "values") -> Float[TorchTensor, "rows cols"]:
    """The same for whatever speaks DLPack, a capsule included, which can be consumed once."""
    return matrix(torch.from_dlpack(source), label)


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
