"""One file that holds a session: safetensors with a JSON header, written whole or not at all.

The header names the kind, the format version and a SHA-256 over every name, type, shape and byte, so that a
damaged, cut, foreign or newer file is refused before anything is built from it. Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stnb._core.errors import CheckpointError
from stnb._core.files import write_whole

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

__all__ = ["FORMAT", "Checkpoint", "read", "write"]

FORMAT = 1
KEY = "stnb"


class Checkpoint(NamedTuple):
    """Arrays and JSON-safe facts of one session."""

    kind: str
    arrays: dict[str, np.ndarray]
    facts: dict[str, Any]


def write(path: str | os.PathLike[str], checkpoint: Checkpoint) -> Path:
    """Write next to the target, flush to the disk, then rename: a reader sees the old file or the new one."""
    from safetensors.numpy import save

    target = Path(path)
    if not target.parent.is_dir():
        raise CheckpointError(f"there is no folder {target.parent}; make it first, or save somewhere else.")
    plain = {name: _plain(name, array) for name, array in checkpoint.arrays.items()}
    complex_names = sorted(name for name, array in checkpoint.arrays.items() if np.iscomplexobj(array))
    header: dict[str, Any] = {
        "format": FORMAT,
        "kind": checkpoint.kind,
        "facts": checkpoint.facts,
        "complex": complex_names,
    }
    try:
        header["checksum"] = _checksum(plain, header)
        content = save(plain, metadata={KEY: json.dumps(header, allow_nan=False, sort_keys=True)})
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"the state cannot be written to {target}: {error}.") from error
    write_whole(target, content)
    return target


def read(path: str | os.PathLike[str], kind: str) -> Checkpoint:
    """Read a file and verify all of it; any doubt is a `CheckpointError`."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    source = Path(path)
    try:
        content = source.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{source} cannot be read: {error.strerror}; check the path.") from error
    try:
        plain = load(content)
        length = int.from_bytes(content[:8], "little")
        header = json.loads(json.loads(content[8 : 8 + length])["__metadata__"][KEY])
        found, version, declared = header["kind"], header["format"], header.pop("checksum")
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"{source} is damaged or was not written by stnb ({type(error).__name__}); use another copy."
        ) from error
    if version != FORMAT:
        raise CheckpointError(
            f"{source} has format {version}; this stnb reads format {FORMAT}. Install the stnb that wrote it."
        )
    if declared != _checksum(plain, header):
        raise CheckpointError(
            f"{source} is damaged: its contents do not match their checksum. Use another copy."
        )
    if found != kind:
        raise CheckpointError(
            f"{source} holds a {found!r} session, not a {kind!r} one; load it with that class."
        )
    arrays = {name: _restored(array, as_complex=name in header["complex"]) for name, array in plain.items()}
    return Checkpoint(found, arrays, header["facts"])


def _plain(name: str, array: Any) -> np.ndarray:
    """A contiguous little-endian array; complex numbers become a last axis of (real, imaginary)."""
    made = np.asarray(array)
    if made.dtype.kind not in "biufc":
        raise CheckpointError(f"array {name!r} has dtype {made.dtype}; a checkpoint holds numbers only.")
    made = np.array(made, dtype=made.dtype.newbyteorder("<"), order="C", copy=True)
    if made.dtype.kind == "c":
        made = made[..., None].view(f"<f{made.dtype.itemsize // 2}")
    return made


def _restored(array: np.ndarray, *, as_complex: bool) -> np.ndarray:
    if not as_complex:
        return array
    pair = np.dtype(f"<c{2 * array.dtype.itemsize}")
    return np.ascontiguousarray(array).view(pair)[..., 0].copy()


def _checksum(arrays: Mapping[str, np.ndarray], header: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(header, allow_nan=False, sort_keys=True).encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name}|{array.dtype.str}|{array.shape}|".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
