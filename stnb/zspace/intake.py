"""What people pass as numbers — lists, NumPy, torch, DLPack — read as float64 once, or refused in words."""

from __future__ import annotations

import numbers
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import EmptyInput, InvalidValue, NonFiniteValue, ShapeMismatch
from stnb._core.numbers import real

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = ["vector"]

NUMERIC = "iuf"
TEXT = (str, bytes, bytearray)


def vector(name: str, values: Any) -> Float[np.ndarray, " n"]:
    """A series of finite numbers as float64; gradients of torch are cut off, the input is never written to.

    Takes lists, tuples, NumPy arrays, torch tensors, whatever has `__dlpack__`, `__array__` or `tolist()`. One row or
    one column of a matrix is a series too.

    Raises:
        TypeError: for text, mappings, complex values and whatever holds no numbers.
        EmptyInput: for no value at all.
        ShapeMismatch: for a matrix of several rows and columns.
        NonFiniteValue: for NaN and infinities, with their index.
    """
    array = _real(name, _array(name, values))
    if array.size == 0:
        raise EmptyInput(f"{name} has shape {array.shape} and no value; give at least one number.")
    if array.size != max(array.shape, default=1):
        raise ShapeMismatch(
            f"{name} has shape {array.shape}, but a series has one axis; give one of its rows, such as x[0]."
        )
    series = array.reshape(-1).astype(np.float64, copy=False)
    finite = np.isfinite(series)
    if not finite.all():
        index = int(np.argmin(finite))
        raise NonFiniteValue(f"{name}[{index}] = {series[index]}; give finite numbers.")
    return series


def _array(name: str, values: Any) -> np.ndarray:
    if isinstance(values, (list, tuple, range)):
        return _from_sequence(name, values)
    if isinstance(values, np.ndarray):
        return values
    if values is None or isinstance(values, (*TEXT, dict, numbers.Number)):
        raise TypeError(
            f"{name} = {values!r} is of type {type(values).__name__}; give a list or an array of numbers."
        )
    if hasattr(values, "detach"):
        values = values.detach()
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(values, torch.Tensor):
        return _from_torch(name, values)
    if hasattr(values, "__dlpack__"):
        return _from_dlpack(name, values)
    if hasattr(values, "__array__"):
        return np.asarray(values)
    if hasattr(values, "tolist"):
        return _from_sequence(name, values.tolist())
    try:
        return _from_sequence(name, list(values))
    except TypeError:
        raise TypeError(
            f"{name} is of type {type(values).__name__}; give a list, an array, or an object with `__dlpack__`."
        ) from None


def _from_sequence(name: str, values: Any) -> np.ndarray:
    try:
        array = np.asarray(values, dtype=None if len(values) else np.float64)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        array = np.empty(0, object)
    if array.dtype.kind in NUMERIC:
        return array
    nested = next((i for i, v in enumerate(values) if isinstance(v, (list, tuple))), None)
    if nested is not None:
        raise InvalidValue(
            f"{name}[{nested}] is a list among others of other lengths or kinds; give one flat list of numbers."
        )
    return np.array([real(f"{name}[{i}]", v) for i, v in enumerate(values)])


def _from_torch(name: str, tensor: Any) -> np.ndarray:
    import torch

    if tensor.is_complex() or tensor.dtype == torch.bool:
        raise TypeError(f"{name} is a tensor of {tensor.dtype}; give real numbers.")
    return tensor.to("cpu").to(torch.float64).resolve_neg().numpy()


def _from_dlpack(name: str, values: Any) -> np.ndarray:
    """NumPy reads what lies in this machine's memory in a type that it knows; torch reads the rest."""
    try:
        return np.from_dlpack(values)
    except (BufferError, RuntimeError, TypeError, ValueError):
        import torch

        return _from_torch(name, torch.from_dlpack(values).detach())


def _real(name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype.kind not in NUMERIC:
        raise TypeError(f"{name} is an array of {array.dtype}; give real numbers.")
    return array
