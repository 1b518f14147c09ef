"""Numba: particles in the order of their cells, in chunks.

A slab is all that lies around a line of cells at one height. What surrounds a cell is the slabs beside its own; they are
copied once, one behind the other, so that the next cell of the line needs one more. Distances are taken in vectors.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from stnb_kernels.neighbours import COINCIDENT, SLOTS

CHUNK = 256
ROOM = 1024
"""Neighbours that the working memory of a chunk holds before it is filled anew, or grows."""


@njit(inline="always")
def nearest(d, extent, half, periodic):
    """A difference of places, of the nearest image; antisymmetric to the bit."""
    if periodic:
        if d > half:
            d -= extent
        elif d < -half:
            d += extent
    return d


@njit(inline="always")
def line_of_cells(t, base, span, nodes, periodic):
    """The t-th cell of a neighbourhood along one axis, or −1 where there is none."""
    c = base - span + t
    if periodic:
        if t >= nodes:
            return -1
        return c % nodes
    return c if 0 <= c < nodes else -1


@njit(inline="always")
def runs_along_z(k, span, nodes, periodic):
    """The neighbourhood along z as two runs of cells, first and last + 1; the second is empty unless it wraps."""
    first, last = k - span, k + span + 1
    if not periodic:
        return max(first, 0), min(last, nodes), 0, 0
    if last - first >= nodes:
        return 0, nodes, 0, 0
    if first < 0:
        return 0, last, first + nodes, nodes
    if last > nodes:
        return first, nodes, 0, last - nodes
    return first, last, 0, 0


@njit
def count_around(start, i, j, first, last, again, end, span, shape, periodic):
    """How many particles the cells around (i, j, ·) hold."""
    nx, ny, nz = shape
    total = 0
    for a in range(2 * span + 1):
        ci = line_of_cells(a, i, span, nx, periodic)
        for b in range(2 * span + 1):
            cj = line_of_cells(b, j, span, ny, periodic)
            if ci >= 0 and cj >= 0:
                row = (ci * ny + cj) * nz
                total += start[row + last] - start[row + first] + start[row + end] - start[row + again]
    return total


@njit
def copy_around(x, y, z, order, start, i, j, first, last, again, end, span, shape, periodic, near):
    """Copy the particles of these cells beside each other."""
    near_x, near_y, near_z, who = near
    nx, ny, nz = shape
    m = 0
    for a in range(2 * span + 1):
        ci = line_of_cells(a, i, span, nx, periodic)
        for b in range(2 * span + 1):
            cj = line_of_cells(b, j, span, ny, periodic)
            if ci < 0 or cj < 0:
                continue
            row = (ci * ny + cj) * nz
            for part in range(2):
                begin = start[row + first] if part == 0 else start[row + again]
                stop = start[row + last] if part == 0 else start[row + end]
                for t in range(begin, stop):
                    q = order[t]
                    near_x[m], near_y[m], near_z[m], who[m] = x[q], y[q], z[q], q
                    m += 1
    return m


@njit
def columns_around(i, j, span, shape, periodic, columns):
    """Write where the lines of cells around the line (i, j) begin; returns how many there are."""
    nx, ny, nz = shape
    found = 0
    for a in range(2 * span + 1):
        ci = line_of_cells(a, i, span, nx, periodic)
        for b in range(2 * span + 1):
            cj = line_of_cells(b, j, span, ny, periodic)
            if ci >= 0 and cj >= 0:
                columns[found] = (ci * ny + cj) * nz
                found += 1
    return found


@njit
def slabs_around(k, span, nodes, periodic):
    """The lowest and the highest slab around height k; below 0 and beyond the last they are those of the next box."""
    if periodic:
        return (0, nodes - 1) if 2 * span + 1 >= nodes else (k - span, k + span)
    return max(k - span, 0), min(k + span, nodes - 1)


@njit
def folded(height, nodes):
    """A height inside the box."""
    return height - nodes if height >= nodes else (height + nodes if height < 0 else height)


@njit
def count_slabs(start, columns, lines, low, high, nodes):
    """How many particles the slabs from low to high hold."""
    total = 0
    for height in range(low, high + 1):
        k = folded(height, nodes)
        for c in range(lines):
            total += start[columns[c] + k + 1] - start[columns[c] + k]
    return total


@njit
def copy_slab(x, y, z, order, start, columns, lines, k, near, m):
    """Copy the particles of a slab behind the first m; returns how many there are then."""
    near_x, near_y, near_z, who = near
    for c in range(lines):
        for t in range(start[columns[c] + k], start[columns[c] + k + 1]):
            q = order[t]
            near_x[m], near_y[m], near_z[m], who[m] = x[q], y[q], z[q], q
            m += 1
    return m


@njit
def squared_distances(px, py, pz, near, begin, m, extent, half, periodic, out):
    """|x_p − x_q|² to each of m particles; a loop without branches, which the compiler turns into vectors."""
    near_x, near_y, near_z = (
        near[0][begin : begin + m],
        near[1][begin : begin + m],
        near[2][begin : begin + m],
    )
    if periodic:
        for t in range(m):
            dx = nearest(px - near_x[t], extent[0], half[0], True)
            dy = nearest(py - near_y[t], extent[1], half[1], True)
            dz = nearest(pz - near_z[t], extent[2], half[2], True)
            out[t] = dx * dx + dy * dy + dz * dz
    else:
        for t in range(m):
            dx, dy, dz = px - near_x[t], py - near_y[t], pz - near_z[t]
            out[t] = dx * dx + dy * dy + dz * dz


@njit
def select(squares, m, least, limit, hits):
    """Places of the squares between the bounds; every place is written, only hits move on."""
    found = 0
    for t in range(m):
        hits[found] = t
        found += (squares[t] < limit) & (squares[t] > least)
    return found


@njit(parallel=True, cache=True)
def search(
    x, y, z, vx, vy, vz, order, start, key, shape, extent, reach, span, periodic, count, approaching, partner
):
    _, ny, nz = shape
    n = x.shape[0]
    half = (extent[0] / 2, extent[1] / 2, extent[2] / 2)
    limit = reach * reach
    least = limit * x.dtype.type(COINCIDENT * COINCIDENT)
    for chunk in prange((n + CHUNK - 1) // CHUNK):
        room = ROOM
        near = (
            np.empty(room, x.dtype),
            np.empty(room, x.dtype),
            np.empty(room, x.dtype),
            np.empty(room, np.int32),
        )
        squares, hits = np.empty(room, x.dtype), np.empty(room + 1, np.int32)
        columns, begins = np.empty((2 * span + 1) ** 2, np.int64), np.empty(nz + 2 * span + 1, np.int64)
        cell, line, lines, top, filled, begin, m = -1, -1, 0, -1, 0, 0, 0
        for s in range(chunk * CHUNK, min(n, (chunk + 1) * CHUNK)):
            p = order[s]
            if key[p] != cell:
                cell = key[p]
                low, high = slabs_around(cell % nz, span, nz, periodic)
                if cell // nz != line:
                    line = cell // nz
                    lines = columns_around(line // ny, line % ny, span, shape, periodic, columns)
                    top = low - 2
                fresh = low > top + 1
                need = count_slabs(start, columns, lines, low if fresh else top + 1, high, nz)
                if fresh or filled + need > room:
                    top, filled = low - 1, 0
                    need = need if fresh else count_slabs(start, columns, lines, low, high, nz)
                if need > room:
                    room = 2 * need
                    near = (
                        np.empty(room, x.dtype),
                        np.empty(room, x.dtype),
                        np.empty(room, x.dtype),
                        np.empty(room, np.int32),
                    )
                    squares, hits = np.empty(room, x.dtype), np.empty(room + 1, np.int32)
                for height in range(top + 1, high + 1):
                    begins[height + span] = filled
                    k = folded(height, nz)
                    filled = copy_slab(x, y, z, order, start, columns, lines, k, near, filled)
                top, begin = high, begins[low + span]
                m = filled - begin
            px, py, pz = x[p], y[p], z[p]
            squared_distances(px, py, pz, near, begin, m, extent, half, periodic, squares)
            found = select(squares, m, least, limit, hits)
            nearing = 0
            for t in range(found):
                u = begin + hits[t]
                q = near[3][u]
                if t < SLOTS:
                    partner[t, p] = q
                dx = nearest(px - near[0][u], extent[0], half[0], periodic)
                dy = nearest(py - near[1][u], extent[1], half[1], periodic)
                dz = nearest(pz - near[2][u], extent[2], half[2], periodic)
                nearing += dx * (vx[p] - vx[q]) + dy * (vy[p] - vy[q]) + dz * (vz[p] - vz[q]) < 0
            count[p] = found
            approaching[p] = nearing


def run(position, velocity, grid, cells, contacts, reach, span):
    real = position.dtype.type
    extent = tuple(real(e) for e in grid.extent)
    lists = (cells.order, cells.start, cells.key)
    results = (contacts.count, contacts.approaching, contacts.partner)
    search(*position, *velocity, *lists, grid.shape, extent, real(reach), span, grid.periodic, *results)
