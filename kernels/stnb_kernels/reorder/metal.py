"""Metal: float32 on Apple GPUs, a thread per particle."""

from __future__ import annotations

from stnb_kernels.arrays import dtype_name
from stnb_kernels.reorder import flat_rows
from stnb_kernels.shaders import library


def supports(columns, *_):  # noqa: ANN001, ANN002, ANN201
    """Metal has no float64."""
    return dtype_name(columns) == "float32", "Metal has no float64; use float32"


def run(columns, uid, order, scratch, uid_scratch):  # noqa: ANN001, ANN201
    rows, n = columns.shape
    if n == 0:
        return
    flat, pitch = flat_rows(columns)
    room, room_pitch = flat_rows(scratch)
    shaders = library("reorder")
    shaders.gather(flat, pitch, rows, n, uid, order, room, room_pitch, uid_scratch, threads=n)
    shaders.copy_back(flat, pitch, rows, n, uid, room, room_pitch, uid_scratch, threads=n)
