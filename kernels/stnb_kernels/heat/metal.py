"""Metal: float32 on Apple GPUs, a thread per line and a launch per axis."""

from __future__ import annotations

from stnb_kernels.arrays import dtype_name
from stnb_kernels.shaders import library


def supports(node_mass, *_):  # noqa: ANN001, ANN002, ANN201
    """Metal has no float64."""
    return dtype_name(node_mass) == "float32", "Metal has no float64; use float32"


def axes_of(grid):  # noqa: ANN001, ANN201
    """Of the lines along x, y and z: length, number, how many in a row, their distance, step, distance of rows."""
    nx, ny, nz = grid.shape
    return (
        (nx, ny * nz, ny * nz, 1, ny * nz, 0),
        (ny, nx * nz, nz, 1, nz, ny * nz),
        (nz, nx * ny, nx * ny, nz, 1, 0),
    )


def run(node_mass, node_heat, grid, share, keep, scratch, link, specific_heat, relaxation):  # noqa: ANN001, ANN201
    fields = (node_mass, node_heat, share, keep, scratch[0], scratch[1], scratch[2])
    settings = (float(link), float(specific_heat), float(relaxation), 1.0 - float(relaxation))
    for axis in range(3) if link > 0 else (2,):
        along = axes_of(grid)[axis]
        place = (int(grid.periodic), int(axis == 0 or not link > 0), int(axis == 2))
        library("heat").conduct(*fields, *along, *settings, *place, threads=along[1])
