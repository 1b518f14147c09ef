"""NumPy and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb.compat.rows import require_tensor
from stnb.zspace import Tensor
from stnb.zspace.interchange import to_array

if TYPE_CHECKING:
    import numpy as np

__all__ = ["from_numpy", "to_numpy"]


def to_numpy(tensor: Tensor, *, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
    """A Tensor as an array, over the same memory when that is the CPU's and float32 is wanted.

    `copy=False` shares or refuses, `copy=True` never shares. An array has no place for a Z-frame.
    """
    return to_array(require_tensor(tensor).torch(), dtype=dtype, copy=copy)


def from_numpy(array: np.ndarray, *, copy: bool | None = None) -> Tensor:
    """An array as a Tensor, over the same memory when it holds float32 rows one after another.

    A vector is one row. Other types and layouts are converted; an array that is read-only is copied, with a warning.
    `copy=False` refuses both, `copy=True` never shares.
    """
    return Tensor.from_numpy(array, copy=copy)
