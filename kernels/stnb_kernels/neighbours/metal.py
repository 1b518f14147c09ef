"""Metal: float32 on Apple GPUs, one particle per thread, in the order of the cells."""

from __future__ import annotations

from stnb_kernels.arrays import dtype_name
from stnb_kernels.neighbours import COINCIDENT, SLOTS
from stnb_kernels.reorder import flat_rows
from stnb_kernels.shaders import library


def supports(position, *_):  # noqa: ANN001, ANN002, ANN201
    """Metal has no float64."""
    return dtype_name(position) == "float32", "Metal has no float64; use float32"


def run(position, velocity, grid, cells, contacts, reach, span):  # noqa: ANN001, ANN201
    n = position.shape[1]
    if n == 0:
        return
    (x, v, partner), pitches = zip(
        *(flat_rows(a) for a in (position, velocity, contacts.partner)), strict=True
    )
    sizes = [n, int(grid.periodic), *grid.shape, span, SLOTS, *pitches]
    numbers = [*(float(e) for e in grid.extent), float(reach), COINCIDENT]
    lists = (cells.order, cells.start, cells.key)
    written = (contacts.count, contacts.approaching, partner)
    library("neighbours").search(x, v, *lists, *written, sizes, numbers, threads=n)
