"""Names that a matrix product may be asked to run on, and the torch device behind each."""

from __future__ import annotations

import logging

import torch

from stnb._core.errors import InvalidValue, nearest

__all__ = ["ENGINES", "device_of"]

ENGINES = {
    "auto": None,
    "cpu": "cpu",
    "naive": "cpu",
    "faer": "cpu",
    "simd": "cpu",
    "gpu": "cuda",
    "wgpu": "cuda",
}
_log = logging.getLogger(__name__)
_said: set[str] = set()


def device_of(label: str | None) -> str | None:
    """The torch device behind the name of an engine; None to stay where the memory is."""
    if label is None:
        return None
    if not isinstance(label, str):
        raise TypeError(f"backend is of type {type(label).__name__}; give a name such as 'auto'.")
    name = label.lower()
    if name not in ENGINES:
        raise InvalidValue(f"backend = {label!r} is no engine; {nearest(label, ENGINES)}")
    if ENGINES[name] == "cuda" and not torch.cuda.is_available():
        if name not in _said:
            _said.add(name)
            _log.warning("backend=%r: torch sees no GPU; the CPU does it.", label)
        return "cpu"
    return ENGINES[name]
