"""Shared by the kernel tests."""

from __future__ import annotations

import numpy as np
import pytest
import stnb_kernels as kernels


@pytest.fixture(params=["cpu", "reference"])
def backend(request):
    """Every back end that takes NumPy arrays at full speed."""
    return request.param


def unchecked(function):
    """The function without the shape checks that tests put around it, as users have it."""
    return getattr(function, "__wrapped__", function)


def fields_of(position, mass, heat, grid, backend, dtype=np.float64):
    """Deposited mass and heat."""
    cells = kernels.CellList.allocate(grid, position.shape[1], position)
    kernels.build_cells(position, grid, cells, backend=backend)
    node_mass, node_heat = np.full((2, *grid.shape), np.nan, dtype=dtype)
    kernels.deposit_particles(position, mass, heat, grid, cells, node_mass, node_heat, backend=backend)
    return node_mass, node_heat
