"""DLPack as two functions: a tensor into a capsule, and back."""

from __future__ import annotations

from typing import Any

from stnb.compat.rows import require_tensor
from stnb.zspace import Tensor

__all__ = ["from_dlpack", "to_dlpack"]


def to_dlpack(tensor: Tensor) -> Any:
    """A capsule over the memory of a Tensor. It can be consumed once, and keeps the memory alive until then.

    >>> a = Tensor(1, 2, [1, 2])
    >>> from_dlpack(to_dlpack(a)).torch()[0, 0] = 5
    >>> a.tolist()
    [[5.0, 2.0]]
    """
    return require_tensor(tensor).to_dlpack()


def from_dlpack(source: Any, *, copy: bool | None = None) -> Tensor:
    """A Tensor over the memory of a capsule, or of anything with `__dlpack__`, which it keeps alive.

    Args:
        source: A capsule not consumed before, or an object. What is refused is not consumed.
        copy: None shares float32 rows that may be written and converts the rest; False shares or refuses; True copies.

    Raises:
        InvalidValue: for a capsule that was consumed before, and for what `copy=False` forbids to copy.
    """
    return Tensor.from_dlpack(source, copy=copy)
