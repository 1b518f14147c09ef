"""Metal sources, compiled by torch when first used."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

__all__ = ["library", "source"]


def source(name: str) -> str:
    """The text of `metal/<name>.metal`."""
    return resources.files("stnb_kernels").joinpath("metal", f"{name}.metal").read_text(encoding="utf-8")


@functools.cache
def library(name: str) -> Any:
    """The compiled shader library of `metal/<name>.metal`."""
    import torch

    return torch.mps.compile_shader(source(name))
