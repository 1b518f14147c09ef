"""What an op may assume about its arrays: where they live, their type and their shape."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["dtype_name", "kind", "require", "require_particles"]

FLOATS = ("float32", "float64")


def kind(array: Any) -> str:
    """Where an array lives: `numpy`, or `torch:` and the device. Never imports torch.

    >>> kind(np.zeros(3))
    'numpy'
    """
    if isinstance(array, np.ndarray):
        return "numpy"
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(array, torch.Tensor):
        return f"torch:{array.device.type}"
    raise InputError(
        f"expected a NumPy array or a torch tensor, got {type(array).__name__}; wrap it with numpy.asarray"
    )


@functools.lru_cache(maxsize=64)
def _name_of(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def dtype_name(array: Any) -> str:
    """`float32` for a NumPy array and for a torch tensor alike."""
    return _name_of(array.dtype)


def require(name: str, array: Any, shape: Sequence[int], dtypes: Sequence[str]) -> None:
    """Refuse an array whose shape or type is not what the op declares."""
    if tuple(array.shape) != tuple(shape):
        raise InputError(f"{name} has shape {tuple(array.shape)}, expected {tuple(shape)}")
    if dtype_name(array) not in dtypes:
        raise InputError(
            f"{name} is {dtype_name(array)}, expected {' or '.join(dtypes)}; convert it once, outside the loop"
        )


def require_particles(position: Any, **columns: Any) -> int:
    """Check `position` of shape (3, n) and columns of shape (n,) in the same float type; return n."""
    if len(position.shape) != 2 or position.shape[0] != 3:
        raise InputError(f"position has shape {tuple(position.shape)}, expected (3, n): one row per axis")
    n = int(position.shape[1])
    require("position", position, (3, n), FLOATS)
    for name, column in columns.items():
        require(name, column, (n,), (dtype_name(position),))
    return n
