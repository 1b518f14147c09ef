"""One door in and one door out: whatever holds numbers becomes a Tensor, and a Tensor becomes what a framework wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb._core.errors import InvalidValue, nearest
from stnb.compat.frameworks import belongs
from stnb.compat.jax import from_jax, to_jax
from stnb.compat.numpy import to_numpy
from stnb.compat.tensorflow import from_tensorflow, to_tensorflow
from stnb.compat.torch import from_torch, to_torch
from stnb.zspace.tensor import as_tensor

if TYPE_CHECKING:
    from stnb.zspace import Tensor

__all__ = ["TARGETS", "capture", "share"]

TARGETS = {
    "stnb": "stnb",
    "spiraltorch": "stnb",
    "spiral": "stnb",
    "st": "stnb",
    "tensor": "stnb",
    "torch": "torch",
    "pytorch": "torch",
    "numpy": "numpy",
    "np": "numpy",
    "jax": "jax",
    "tensorflow": "tensorflow",
    "tf": "tensorflow",
}
TAKERS = {"torch": from_torch, "jax": from_jax, "tensorflow": from_tensorflow}
GIVERS = {"torch": to_torch, "numpy": to_numpy, "jax": to_jax, "tensorflow": to_tensorflow}


def capture(value: Any) -> Tensor:
    """A Tensor from whatever holds real numbers, over the same memory where that is float32 on the CPU.

    Args:
        value: A Tensor (returned as it is), a tensor or array of torch, NumPy, JAX or TensorFlow, anything with
            `__dlpack__`, a capsule, a list of rows, or a flat list or vector, which is one row.

    >>> capture([[1, 2], [3, 4]]).shape()
    (2, 2)
    """
    for framework, take in TAKERS.items():
        if belongs(value, framework):
            return take(value)
    return as_tensor("value", value)


def share(value: Any, target: str) -> Any:
    """What `capture` takes, as a tensor of another framework, over the same memory where both allow it.

    Args:
        value: Returned as it is when it belongs to the target already.
        target: "stnb" ("st", "tensor"), "torch" ("pytorch"), "numpy" ("np"), "jax" or "tensorflow" ("tf"), in capital
            letters or small ones.

    Raises:
        InvalidValue: for an unknown target.
        MissingExtraError: when the framework is not installed.
    """
    framework = _framework(target)
    if framework == "stnb":
        return capture(value)
    return value if belongs(value, framework) else GIVERS[framework](capture(value))


def _framework(target: str) -> str:
    if not isinstance(target, str):
        raise TypeError(f"target is of type {type(target).__name__}; give a name such as 'torch'.")
    try:
        return TARGETS[target.lower()]
    except KeyError:
        raise InvalidValue(f"target = {target!r} is unknown; {nearest(target.lower(), TARGETS)}") from None
