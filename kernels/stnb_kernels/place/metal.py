"""Metal: float32 on Apple GPUs, one particle per thread."""

from __future__ import annotations

from stnb_kernels.arrays import dtype_name
from stnb_kernels.place import numbers
from stnb_kernels.shaders import library


def supports(position, *_):  # noqa: ANN001, ANN002, ANN201
    """Metal has no float64."""
    return dtype_name(position) == "float32", "Metal has no float64; use float32"


def run(position, velocity, mass, heat, energy, *law):  # noqa: ANN001, ANN002, ANN201
    n = mass.shape[0]
    if n:
        rows = (*(position[a] for a in range(3)), *(velocity[a] for a in range(3)), mass, heat, energy)
        whole, lengths = numbers(n, *law)
        library("place").place(*rows, n, *whole, *lengths, threads=n)
