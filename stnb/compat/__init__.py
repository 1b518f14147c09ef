"""Tensors to and from other frameworks: the same memory where dtype, device and layout allow, else a conversion.

Nothing is imported before it is used, neither a framework nor torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from stnb.compat import jax, numpy, tensorflow, torch
    from stnb.compat.dlpack import from_dlpack, to_dlpack
    from stnb.compat.exchange import capture, share

__all__ = ["capture", "from_dlpack", "jax", "numpy", "share", "tensorflow", "to_dlpack", "torch"]

__getattr__, _dir, _ = lazy_loader.attach(
    __name__,
    submodules=["jax", "numpy", "tensorflow", "torch"],
    submod_attrs={"dlpack": ["from_dlpack", "to_dlpack"], "exchange": ["capture", "share"]},
)


def __dir__() -> list[str]:
    return sorted(__all__)
