"""Numba: keys in parallel, then a serial counting sort, stable because it walks the particles in order."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from stnb_kernels.cells.reference import FAR, MARGIN


@njit(inline="always")
def coordinate(x, inverse, nodes, top, periodic):
    """Grid coordinate along one axis: clamped with walls, modulo n when periodic, NaN as 0."""
    g = x * inverse
    if periodic:
        if not abs(g) < FAR:
            g = nodes - nodes
        g -= nodes * np.floor(g / nodes)
        if not g < nodes:
            g = nodes - nodes
    elif g > top:
        g = top
    if not g > 0:
        g = nodes - nodes
    return g


@njit(parallel=True, cache=True)
def assign(x, y, z, ny, nz, inverse, nodes, top, periodic, key):
    for p in prange(x.shape[0]):
        i = np.int64(coordinate(x[p], inverse, nodes[0], top[0], periodic))
        j = np.int64(coordinate(y[p], inverse, nodes[1], top[1], periodic))
        k = np.int64(coordinate(z[p], inverse, nodes[2], top[2], periodic))
        key[p] = (i * ny + j) * nz + k


@njit(cache=True)
def counting_sort(key, n, start, order):
    cells = start.shape[0] - 1
    start[:] = 0
    for p in range(n):
        start[key[p] + 1] += 1
    for c in range(cells):
        start[c + 1] += start[c]
    for p in range(n):
        c = key[p]
        order[start[c]] = p
        start[c] += 1
    for c in range(cells, 0, -1):
        start[c] = start[c - 1]
    start[0] = 0


def axis_constants(grid, dtype):
    """h⁻¹, nodes per axis and the clamp at the upper wall, in the particles' type."""
    real = dtype.type
    nodes = np.array(grid.shape, dtype=dtype)
    top = np.array([n - MARGIN for n in grid.shape], dtype=dtype)
    return real(1.0 / grid.spacing), nodes, top


def run(position, grid, cells):
    n = position.shape[1]
    inverse, nodes, top = axis_constants(grid, position.dtype)
    assign(
        position[0],
        position[1],
        position[2],
        grid.shape[1],
        grid.shape[2],
        inverse,
        nodes,
        top,
        grid.periodic,
        cells.key,
    )
    counting_sort(cells.key, n, cells.start, cells.order)
