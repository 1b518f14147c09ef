"""TensorFlow and back, through DLPack. TensorFlow itself is imported when one of the functions is called."""

from __future__ import annotations

from typing import Any

from stnb._core.errors import InvalidValue
from stnb.compat.frameworks import belongs, load
from stnb.compat.rows import row_major
from stnb.zspace import Tensor

__all__ = ["from_tensorflow", "to_tensorflow"]

ALIGNMENT = 64


def to_tensorflow(tensor: Tensor) -> Any:
    """A Tensor as a tensor of TensorFlow, over the same memory.

    TensorFlow takes its tensors for unchangeable: write to the Tensor only when no computation reads the other any
    more. It ends the process over memory that does not start at a multiple of 64 bytes, so that is copied here. There
    is no place for a Z-frame.

    Raises:
        MissingExtraError: without TensorFlow 2.12 or newer.
    """
    tensor = row_major(tensor)
    tensorflow = load("tensorflow")
    if tensor.torch().data_ptr() % ALIGNMENT:
        tensor = tensor.clone()
    return tensorflow.experimental.dlpack.from_dlpack(tensor.to_dlpack())


def from_tensorflow(value: Any) -> Tensor:
    """A tensor of TensorFlow as a Tensor, over the same memory when it holds float32 rows; a vector is one row.

    Other types are converted. A variable is copied as it stands, since it moves to other memory when it is assigned to.
    Writing to a Tensor that shares memory would write to the tensor, which TensorFlow takes for unchangeable: do so on
    a `clone()`.

    Raises:
        MissingExtraError: without TensorFlow 2.12 or newer.
        InvalidValue: for a tensor inside `tf.function`, which has no values yet.
        TypeError: for what holds no real numbers.
    """
    tensorflow = load("tensorflow")
    if not belongs(value, "tensorflow"):
        raise TypeError(f"value is of type {type(value).__name__}; give a tensor of TensorFlow.")
    variable = isinstance(value, tensorflow.Variable)
    eager = tensorflow.convert_to_tensor(value) if variable else value
    if not hasattr(eager, "numpy"):
        raise InvalidValue("value has no numbers yet, inside tf.function; give it when the function has run.")
    if eager.dtype.name in {"string", "resource", "variant"}:
        raise TypeError(f"value holds {eager.dtype.name}; give real numbers.")
    return Tensor.from_dlpack(tensorflow.experimental.dlpack.to_dlpack(eager), copy=variable or None)
