"""Metal: float32 on Apple GPUs, one particle per thread."""

from __future__ import annotations

from stnb_kernels.arrays import dtype_name
from stnb_kernels.reorder import flat_rows
from stnb_kernels.shaders import library


def supports(position, *_):  # noqa: ANN001, ANN002, ANN201
    """Metal has no float64."""
    return dtype_name(position) == "float32", "Metal has no float64; use float32"


def run(position, velocity, push, mass, heat, grid, fields, outputs, settings):  # noqa: ANN001, ANN201
    n = mass.shape[0]
    if n == 0:
        return
    acceleration, thrust, potential, accounts, velocity_out, heat_out = outputs
    dt, specific_heat, gas, drag, radiance, steepest, fastest, momentum, free = settings
    vectors = (position, velocity, push, acceleration, thrust, accounts, velocity_out)
    (x, v, d, a, t, rows, out), pitches = zip(*(flat_rows(array) for array in vectors), strict=True)
    sizes = [n, int(grid.periodic), int(momentum), int(free), *grid.shape, *pitches]
    law = (0.5 * dt, specific_heat, gas / specific_heat, drag, 3 * radiance * dt, steepest, fastest)
    numbers = [float(s) for s in (1.0 / grid.spacing, *law)]
    written = (a, t, potential, rows, out, heat_out)
    library("kick").gather(x, v, d, mass, heat, *fields, *written, sizes, numbers, threads=n)
