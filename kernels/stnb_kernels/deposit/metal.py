"""Metal: float32 on Apple GPUs."""

from __future__ import annotations

from stnb_kernels.arrays import dtype_name
from stnb_kernels.shaders import library


def supports(position, *_):  # noqa: ANN001, ANN002, ANN201
    """Metal has no float64."""
    return dtype_name(position) == "float32", "Metal has no float64; use float32"


def run(position, mass, heat, grid, cells, node_mass, node_heat):  # noqa: ANN001, ANN201
    library("deposit").deposit(
        position[0],
        position[1],
        position[2],
        mass,
        heat,
        cells.order,
        cells.start,
        *grid.shape,
        1.0 / grid.spacing,
        int(grid.periodic),
        node_mass,
        node_heat,
        threads=grid.nodes,
    )
