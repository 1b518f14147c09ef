"""Metal: float32 on Apple GPUs."""

from __future__ import annotations

from stnb_kernels.arrays import dtype_name
from stnb_kernels.shaders import library


def supports(out, *_):  # noqa: ANN001, ANN002, ANN201
    """Metal has no float64."""
    return dtype_name(out) == "float32", "Metal has no float64; use float32"


def run(out, seed, stream, step, law):  # noqa: ANN001, ANN201
    n = out.shape[0]
    if n:
        args = (out, n, stream, step, seed & 0xFFFFFFFF, seed >> 32, int(law == "normal"))
        library("random").fill_random(*args, threads=-(-n // 4))
