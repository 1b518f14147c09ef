"""Numba: planes of cells in parallel. A plane of cells feeds two planes of nodes, so even planes go first, then odd."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from stnb_kernels.cells.cpu import axis_constants, coordinate


@njit(inline="always")
def add_plane(i, x, y, z, mass, heat, order, start, inverse, nodes, top, periodic, node_mass, node_heat):
    """Add the particles whose base cell has x index i, in the order of the cell list."""
    nx, ny, nz = node_mass.shape
    one = node_mass.dtype.type(1)
    for s in range(start[i * ny * nz], start[(i + 1) * ny * nz]):
        p = order[s]
        gx = coordinate(x[p], inverse, nodes[0], top[0], periodic)
        gy = coordinate(y[p], inverse, nodes[1], top[1], periodic)
        gz = coordinate(z[p], inverse, nodes[2], top[2], periodic)
        j, k = np.int64(gy), np.int64(gz)
        fx, fy, fz = gx - i, gy - j, gz - k
        i1, j1, k1 = i + 1, j + 1, k + 1
        if periodic:
            i1 = i1 if i1 < nx else 0
            j1 = j1 if j1 < ny else 0
            k1 = k1 if k1 < nz else 0
        m, q = mass[p], heat[p]
        for a, wx in ((i, one - fx), (i1, fx)):
            for b, wy in ((j, one - fy), (j1, fy)):
                w = wx * wy
                w0, w1 = w * (one - fz), w * fz
                node_mass[a, b, k] += w0 * m
                node_mass[a, b, k1] += w1 * m
                node_heat[a, b, k] += w0 * q
                node_heat[a, b, k1] += w1 * q


@njit(parallel=True, cache=True)
def scatter(x, y, z, mass, heat, order, start, inverse, nodes, top, periodic, node_mass, node_heat):
    nx = node_mass.shape[0]
    for i in prange(nx):
        node_mass[i] = 0
        node_heat[i] = 0
    paired = nx - nx % 2 if periodic else nx
    for i in prange((paired + 1) // 2):
        add_plane(
            2 * i, x, y, z, mass, heat, order, start, inverse, nodes, top, periodic, node_mass, node_heat
        )
    for i in prange(paired // 2):
        add_plane(
            2 * i + 1, x, y, z, mass, heat, order, start, inverse, nodes, top, periodic, node_mass, node_heat
        )
    for i in range(paired, nx):
        add_plane(i, x, y, z, mass, heat, order, start, inverse, nodes, top, periodic, node_mass, node_heat)


def run(position, mass, heat, grid, cells, node_mass, node_heat):
    inverse, nodes, top = axis_constants(grid, position.dtype)
    scatter(
        position[0],
        position[1],
        position[2],
        mass,
        heat,
        cells.order,
        cells.start,
        inverse,
        nodes,
        top,
        grid.periodic,
        node_mass,
        node_heat,
    )
