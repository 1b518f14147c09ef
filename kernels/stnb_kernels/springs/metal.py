"""Metal: float32 on Apple GPUs, one particle per thread, in the order of the cells."""

from __future__ import annotations

from stnb_kernels.arrays import dtype_name
from stnb_kernels.neighbours import COINCIDENT, SLOTS
from stnb_kernels.reorder import flat_rows
from stnb_kernels.shaders import library


def supports(position, *_):  # noqa: ANN001, ANN002, ANN201
    """Metal has no float64."""
    return dtype_name(position) == "float32", "Metal has no float64; use float32"


def run(position, velocity, mass, heat, lists, outputs, settings):  # noqa: ANN001, ANN201
    n = mass.shape[0]
    if n == 0:
        return
    grid, cells, contacts, reach, span = lists
    velocity_out, heat_out, sprung, accounts = outputs
    *law, first = settings
    blocks = (position, velocity, contacts.partner, velocity_out, sprung, accounts)
    (x, v, partner, out, gained, rows), pitches = zip(*(flat_rows(a) for a in blocks), strict=True)
    sizes = [n, int(grid.periodic), *grid.shape, span, SLOTS, *pitches, int(first)]
    numbers = [float(s) for s in (*grid.extent, reach, COINCIDENT, *law)]
    found = (cells.order, cells.start, cells.key, contacts.count, partner)
    library("springs").kick(x, v, mass, heat, *found, out, heat_out, gained, rows, sizes, numbers, threads=n)
