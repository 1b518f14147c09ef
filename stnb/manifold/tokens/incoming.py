"""What a caller brings, as one flat array of bytes or of token numbers, or refused in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import InputError

if TYPE_CHECKING:
    from jaxtyping import Int64, UInt8

__all__ = ["as_bytes", "as_whole_numbers"]

KINDS = "bytes, bytearray, memoryview, or a uint8 array of NumPy or torch"


def as_bytes(data: Any) -> UInt8[np.ndarray, " n"]:
    """The bytes of a bytes-like object or of a uint8 array of any shape, flattened; at least one.

    The result may share memory with `data`.

    Raises:
        InputError: for text, for numbers that are not uint8, and for nothing at all.
    """
    flat = _flat(data)
    if not flat.size:
        raise InputError(f"got 0 bytes ({data!r}); give at least one byte. Nothing was changed.")
    return flat


def _flat(data: Any) -> UInt8[np.ndarray, " n"]:
    if isinstance(data, str):
        raise InputError(
            f"got the text {data[:40]!r}, and text is not bytes; pass text.encode('utf-8'), or use encode_text."
        )
    if isinstance(data, (bytes, bytearray)):
        return np.frombuffer(data, np.uint8)
    if isinstance(data, memoryview):
        if data.itemsize != 1:
            raise InputError(
                f"got a memoryview of {data.itemsize}-byte items (format {data.format!r}); "
                "pass view.cast('B') to mean the bytes behind them."
            )
        return np.frombuffer(data.tobytes(), np.uint8)
    if type(data).__module__.partition(".")[0] == "torch" and hasattr(data, "detach"):
        data = data.detach().cpu().numpy()
    if not isinstance(data, (np.ndarray, np.generic)):
        raise InputError(
            f"got {type(data).__name__}; give {KINDS}. A list of numbers becomes bytes(numbers)."
        )
    if data.dtype != np.uint8:
        raise InputError(
            f"got an array of {data.dtype}; give {KINDS}. Numbers from 0 to 255 convert with .astype('uint8')."
        )
    return np.ascontiguousarray(data).reshape(-1)


def as_whole_numbers(name: str, values: Any) -> Int64[np.ndarray, " n"]:
    """One or many whole numbers as a flat int64 array; nothing is rounded."""
    if type(values).__module__.partition(".")[0] == "torch" and hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(f"{name} must be whole numbers, got {type(values).__name__}: {error}.") from error
    if array.size and array.dtype.kind not in "iu":
        raise InputError(
            f"{name} must be whole numbers, got {array.dtype} ({values!r:.60}); convert them first."
        )
    if array.dtype.kind == "u" and array.size and int(array.max()) > np.iinfo(np.int64).max:
        raise InputError(f"{name} holds {int(array.max())}, which is above 2**63 - 1.")
    return array.astype(np.int64).reshape(-1)
