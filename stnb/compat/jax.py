"""JAX and back, through DLPack. JAX itself is imported when one of the functions is called."""

from __future__ import annotations

from typing import Any

import numpy as np

from stnb._core.errors import InvalidValue
from stnb.compat.frameworks import belongs, load
from stnb.compat.rows import row_major
from stnb.zspace import Tensor

__all__ = ["from_jax", "to_jax"]


def to_jax(tensor: Tensor) -> Any:
    """A Tensor as an array of JAX, over the same memory.

    JAX takes its arrays for unchangeable: write to the Tensor only when no computation reads the array any more. JAX
    copies what does not start at a multiple of 64 bytes. An array has no place for a Z-frame.

    Raises:
        MissingExtraError: without JAX 0.4 or newer.
    """
    tensor = row_major(tensor)
    return load("jax").dlpack.from_dlpack(tensor)


def from_jax(array: Any) -> Tensor:
    """An array of JAX as a Tensor, over the same memory when it holds float32 rows; a vector is one row.

    Other types are converted, arrays spread over devices are gathered. Writing to a Tensor that shares memory would
    write to the array, which JAX takes for unchangeable: do so on a `clone()`.

    Raises:
        MissingExtraError: without JAX 0.4 or newer.
        TypeError: for arrays that are being traced, and for what holds no real numbers.
    """
    load("jax")
    if not belongs(array, "jax"):
        raise TypeError(f"array is of type {type(array).__name__}; give an array of JAX.")
    try:
        return Tensor.from_dlpack(array)
    except InvalidValue:
        return Tensor.from_numpy(np.array(array))
