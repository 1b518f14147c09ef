"""What lies behind a DLPack capsule, read without consuming it: shape, strides, type, and whether it may be written."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

from stnb._core.errors import InvalidValue

__all__ = ["Contents", "contents", "is_capsule"]

CPU = 1
MAJOR = 1
READ_ONLY = 1
KINDS = ("int", "uint", "float", "opaque", "bfloat", "complex", "bool")
USED = (b"used_dltensor", b"used_dltensor_versioned")


@dataclass(frozen=True)
class Contents:
    """A tensor behind a capsule. Strides count entries."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: str
    read_only: bool
    on_cpu: bool

    @property
    def row_major(self) -> bool:
        """Whether the entries lie one after another, the last axis running fastest."""
        step = 1
        for size, stride in zip(reversed(self.shape), reversed(self.strides), strict=True):
            if size != 1 and stride != step:
                return False
            step *= size
        return True


def is_capsule(value: Any) -> bool:
    """Whether this is a bare capsule, as `to_dlpack` functions give them."""
    return type(value).__name__ == "PyCapsule"


def contents(source: Any, label: str) -> Contents:
    """What a capsule holds, or what an object with `__dlpack__` would put into one.

    Raises:
        InvalidValue: for a capsule that was consumed already, holds something else, or was refused by its exporter.
    """
    capsule = source if is_capsule(source) else _exported(source, label)
    name = _name(capsule)
    if name in USED:
        raise InvalidValue(
            f"{label} is a DLPack capsule that was consumed already; a capsule serves once: ask its exporter for "
            "another, or pass the exporter itself."
        )
    if name == b"dltensor_versioned":
        found = _read(capsule, name, _Versioned)
        if found.major > MAJOR:
            raise InvalidValue(f"{label} speaks DLPack {found.major}; this reads DLPack up to {MAJOR}.")
        return _described(found.tensor, read_only=bool(found.flags & READ_ONLY))
    if name == b"dltensor":
        return _described(_read(capsule, name, _Unversioned).tensor, read_only=False)
    raise InvalidValue(
        f"{label} is a capsule named {name!r}; give one named 'dltensor', as DLPack makes them."
    )


def _exported(source: Any, label: str) -> Any:
    try:
        unsynchronised = {} if int(source.__dlpack_device__()[0]) == CPU else {"stream": -1}
        try:
            return source.__dlpack__(max_version=(MAJOR, 0), **unsynchronised)
        except TypeError:
            return source.__dlpack__(**unsynchronised)
    except (AttributeError, BufferError, RuntimeError, TypeError, ValueError) as error:
        raise InvalidValue(
            f"{label} is of type {type(source).__name__}, which refuses to share its memory ({error}); "
            "give it as a NumPy array."
        ) from error


def _described(tensor: _Tensor, *, read_only: bool) -> Contents:
    shape = tuple(tensor.shape[axis] for axis in range(tensor.ndim))
    if tensor.strides:
        strides = tuple(tensor.strides[axis] for axis in range(tensor.ndim))
    else:
        strides = _row_major(shape)
    return Contents(shape, strides, _dtype(tensor), read_only, tensor.device_type == CPU)


def _dtype(tensor: _Tensor) -> str:
    if tensor.code < len(KINDS) and tensor.lanes == 1:
        return f"{KINDS[tensor.code]}{tensor.bits}"
    return f"{tensor.lanes} × {tensor.bits} bits of the type {tensor.code} of DLPack"


def _row_major(shape: tuple[int, ...]) -> tuple[int, ...]:
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= size
    return tuple(reversed(strides))


class _Tensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


class _Unversioned(ctypes.Structure):
    _fields_ = (("tensor", _Tensor), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p))


class _Versioned(ctypes.Structure):
    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", _Tensor),
    )


def _name(capsule: Any) -> bytes:
    ask = ctypes.pythonapi.PyCapsule_GetName
    ask.argtypes, ask.restype = [ctypes.py_object], ctypes.c_char_p
    return ask(capsule) or b""


def _read(capsule: Any, name: bytes, layout: Any) -> Any:
    ask = ctypes.pythonapi.PyCapsule_GetPointer
    ask.argtypes, ask.restype = [ctypes.py_object, ctypes.c_char_p], ctypes.c_void_p
    return layout.from_address(ask(capsule, name))
