"""How a frame travels: a header and named arrays, as a message with buffers or as one byte string.

A live message is the header, in which `arrays` lists name, kind and shape, and one buffer for each array. Packed, the
same thing is: length of the header (uint32, little endian), header (JSON, padded with spaces to a multiple of four),
and the arrays in order, each padded with zeros to a multiple of four.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Parcel", "header", "unpack"]

KINDS = {"u1": np.uint8, "u2": np.uint16, "u4": np.uint32, "f4": np.float32}
ALIGNMENT = 4
STATUS_LENGTH = 400


@dataclass(frozen=True, slots=True, eq=False)
class Parcel:
    """A header without `arrays`, and arrays of unsigned integers or float32 that nobody writes to any more."""

    header: dict[str, Any]
    arrays: Mapping[str, np.ndarray]

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return sum(array.nbytes for array in self.arrays.values())

    def message(self) -> tuple[dict[str, Any], list[memoryview]]:
        """Header and buffers of a live message."""
        owned = {name: _little_endian(array) for name, array in self.arrays.items()}
        listed = [[name, _kind(array), list(array.shape)] for name, array in owned.items()]
        return {**self.header, "arrays": listed}, [_bytes_of(array) for array in owned.values()]

    def pack(self) -> bytes:
        """Everything as one byte string."""
        listed, buffers = self.message()
        text = json.dumps(listed, separators=(",", ":"), allow_nan=False).encode()
        text += b" " * (-len(text) % ALIGNMENT)
        parts = [struct.pack("<I", len(text)), text]
        for buffer in buffers:
            parts += [buffer, bytes(-buffer.nbytes % ALIGNMENT)]
        return b"".join(parts)


def unpack(data: bytes) -> Parcel:
    """The inverse of `Parcel.pack`; the header keeps its `arrays`."""
    (length,) = struct.unpack_from("<I", data)
    listed = json.loads(data[4 : 4 + length])
    at, arrays = 4 + length, {}
    for name, kind, shape in listed["arrays"]:
        dtype = np.dtype(KINDS[kind])
        count = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(data, dtype, count, at).reshape(shape)
        at += -(-count * dtype.itemsize // ALIGNMENT) * ALIGNMENT
    return Parcel(listed, arrays)


def header(*, seq: int, number: int, step: int, time: float, status: str) -> dict[str, Any]:
    """What the header of every frame holds; a time that is not finite travels as null."""
    return {
        "type": "frame",
        "seq": seq,
        "number": number,
        "step": int(step),
        "time": float(time) if np.isfinite(time) else None,
        "status": status[:STATUS_LENGTH],
    }


def _little_endian(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<"))


def _kind(array: np.ndarray) -> str:
    kind = f"{array.dtype.kind}{array.dtype.itemsize}"
    if kind not in KINDS:
        raise TypeError(f"an array of dtype {array.dtype} does not travel; make it one of {', '.join(KINDS)}")
    return kind


def _bytes_of(array: np.ndarray) -> memoryview:
    return array.reshape(-1).view(np.uint8).data
