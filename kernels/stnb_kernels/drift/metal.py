"""Metal: float32 on Apple GPUs, one particle per thread."""

from __future__ import annotations

from stnb_kernels.arrays import dtype_name
from stnb_kernels.reorder import flat_rows
from stnb_kernels.shaders import library


def supports(position, *_):  # noqa: ANN001, ANN002, ANN201
    """Metal has no float64."""
    return dtype_name(position) == "float32", "Metal has no float64; use float32"


def run(position, velocity, acceleration, thrust, push, sprung, mass, heat, accounts, grid, *settings):  # noqa: ANN001, ANN002, ANN201
    dt, kick, late, drag, wall_margin, wall_restitution = settings
    n = mass.shape[0]
    if n == 0:
        return
    vectors = (position, velocity, acceleration, thrust, push, sprung)
    (*columns, rows), pitches = zip(*(flat_rows(a) for a in (*vectors, accounts)), strict=True)
    margin = 0.0 if grid.periodic else wall_margin
    lost, per = 0.5 * (1.0 - wall_restitution**2), 2.0 / dt if dt > 0 else 0.0
    high = (extent - margin for extent in grid.extent)
    numbers = [float(s) for s in (margin, *high, dt, kick, late, per, drag, wall_restitution, lost)]
    sizes = [n, int(grid.periodic), *pitches]
    library("drift").move(*columns, mass, heat, rows, sizes, numbers, threads=n)
