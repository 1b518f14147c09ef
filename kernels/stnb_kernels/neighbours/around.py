"""The cells around a particle in a GPU's global memory: one particle per thread, for any reach and any crowd.

Cells along z lie beside each other in the cell list, so a neighbourhood is at most 2·(2·span + 1)² runs of sorted
particles.
"""

# Device functions are typed by Numba.
# ruff: noqa: ANN001, ANN201, ANN202
# pyright: reportCallIssue=false, reportRedeclaration=false

from __future__ import annotations

import functools

from numba import cuda, int32, uint32

from stnb_kernels.neighbours import COINCIDENT, SLOTS


@functools.cache
def pairs_of(real):
    """The device functions for a difference of places, of the nearest image, and for a product of two vectors.

    The first is antisymmetric to the bit. The second fixes which products are rounded, so that every kernel gets the
    same number.
    """
    half = real(0.5)

    @cuda.jit(device=True)
    def nearest(d, extent, periodic):
        if periodic:
            return d - extent if d > half * extent else (d + extent if d < -half * extent else d)
        return d

    @cuda.jit(device=True)
    def dot(ax, ay, az, bx, by, bz):
        return cuda.fma(az, bz, cuda.fma(ay, by, ax * bx))

    return nearest, dot


@cuda.jit(device=True)
def line_of_cells(t, base, span, nodes, periodic):
    """The t-th cell of a neighbourhood along one axis, or −1 where there is none."""
    c = int32(base - span + t)
    if periodic:
        if t >= nodes:
            return int32(-1)
        return int32((c + nodes) % nodes)
    if c < 0 or c >= nodes:
        return int32(-1)
    return c


@cuda.jit(device=True)
def runs_along_z(k, span, nodes, periodic):
    """The neighbourhood along z as two runs of cells, first and last + 1; the second is empty unless it wraps."""
    zero = int32(0)
    first, last = int32(k - span), int32(k + span + int32(1))
    if not periodic:
        return max(first, zero), min(last, nodes), zero, zero
    if last - first >= nodes:
        return zero, nodes, zero, zero
    if first < 0:
        return zero, last, int32(first + nodes), nodes
    if last > nodes:
        return first, nodes, zero, int32(last - nodes)
    return first, last, zero, zero


@cuda.jit(device=True)
def run_of_cells(turn, cell, span, nx, ny, nz, periodic, start):
    """The turn-th run of sorted particles around a cell, of 2·(2·span + 1)²; it may be empty."""
    width = int32(2) * span + int32(1)
    row = int32(turn // int32(2))
    ci = line_of_cells(int32(row // width), int32(cell // (ny * nz)), span, nx, periodic)
    cj = line_of_cells(int32(row % width), int32((cell // nz) % ny), span, ny, periodic)
    if ci < 0 or cj < 0:
        return int32(0), int32(0)
    first, last, again, end = runs_along_z(int32(cell % nz), span, nz, periodic)
    left = int32((ci * ny + cj) * nz)
    if turn % int32(2) == 0:
        return start[left + first], start[left + last]
    return start[left + again], start[left + end]


@functools.cache
def seek_of(real):
    """The device function that finds a particle's partners in global memory; it lists the first `most` of them."""
    nearest, dot = pairs_of(real)
    zero = real(0.0)

    @cuda.jit(device=True)
    def seek(p, x, v, lists, shape, extent, limit, least, span, periodic, most, partner):
        order, start, key = lists
        nx, ny, nz = shape
        p = uint32(p)
        px, py, pz = x[0][p], x[1][p], x[2][p]
        ux, uy, uz = v[0][p], v[1][p], v[2][p]
        cell = key[p]
        found, nearing = int32(0), int32(0)
        width = int32(int32(2) * span + int32(1))
        for turn in range(int32(int32(2) * width * width)):
            s, stop = run_of_cells(int32(turn), cell, span, nx, ny, nz, periodic, start)
            while s < stop:
                q = uint32(order[uint32(s)])
                s = int32(s + int32(1))
                dx = nearest(px - x[0][q], extent[0], periodic)
                dy = nearest(py - x[1][q], extent[1], periodic)
                dz = nearest(pz - x[2][q], extent[2], periodic)
                d2 = dot(dx, dy, dz, dx, dy, dz)
                if (d2 < limit) & (d2 > least):
                    if found < most:
                        partner[uint32(found), p] = int32(q)
                    found = int32(found + int32(1))
                    if dot(dx, dy, dz, ux - v[0][q], uy - v[1][q], uz - v[2][q]) < zero:
                        nearing = int32(nearing + int32(1))
        return found, nearing

    return seek


@functools.cache
def search_kernel(real):
    """The kernel for any reach: one particle per thread, in the order of the cells."""
    seek = seek_of(real)
    small = real(COINCIDENT * COINCIDENT)

    @cuda.jit
    def search(x, v, lists, shape, extent, reach, span, periodic, count, approaching, partner):
        s = cuda.grid(1)
        if s >= x[0].shape[0]:
            return
        p = lists[0][s]
        shape = int32(shape[0]), int32(shape[1]), int32(shape[2])
        limit, most = reach * reach, int32(SLOTS)
        found, nearing = seek(
            p, x, v, lists, shape, extent, limit, limit * small, int32(span), periodic, most, partner
        )
        count[p] = found
        approaching[p] = nearing

    return search
