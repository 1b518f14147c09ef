"""Numba: elimination across neighbouring lines at a time, in the smallest box that holds all mass.

Lines along x are solved in sheets of one y; then each sheet of one x is solved along y and z and turned into the two
fields. Outside the box nothing conducts.

A few lines at a time are copied into a small working memory in which a row holds one node of each of them. They are
solved for the change of temperature. From below a node sees the conductance of all that lies behind it,
s_i = C_i + a·σ_{i−1} with the link a and σ = s/(s + a), and how much warmer that would be than itself,
e_i = a·σ_{i−1}·(e_{i−1} + T_{i−1} − T_i)/s_i. The change is x_i = σ_i·e_i + (1 − σ_i)·(x_{i+1} + T_{i+1} − T_i):
weighted means of differences of temperature, so that rounding stays a fraction of what flows. `y` is σ·e.

A periodic line that fills its axis is cut at its last node L. The others are solved for their own exchange (y) and
for one kelvin at L (z). As L and the nodes that a chain of filled ones joins to it exchange heat with each other only,
L changes by −ΣC·y/(C_L + ΣC·z) over those nodes; far from L z may be too small for a float, which does no harm.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

# Lines that are solved together.
LANES = 32
# A row of the working memory: mass; temperature, then the change; what lies behind, then the elimination's factor;
# what pulls from behind; the response to one kelvin at the end of a periodic line.
MASS, DELTA, UPPER, PULL, CLOSING = (field * LANES for field in range(5))
ROW = 5 * LANES


@njit(inline="always")
def linked(a, b, link):
    """Conductance between two nodes: none through an empty one."""
    ahead = link if a > 0 else link - link
    return ahead if b > 0 else link - link


@njit(cache=True)
def tie(work, i, last, link):
    """Link node i of each line to the line's last node."""
    row, end = work[i * ROW : (i + 1) * ROW], work[last * ROW : (last + 1) * ROW]
    for k in range(LANES):
        leak = linked(row[MASS + k], end[MASS + k], link)
        row[UPPER + k] += leak
        row[PULL + k] += leak * (end[DELTA + k] - row[DELTA + k])
        row[CLOSING + k] += leak


@njit(cache=True)
def eliminate(work, n, link, c, closed):
    """From the first row to row n − 1, then back: `DELTA` becomes the change."""
    zero, one = link - link, link / link
    for i in range(n - 1):
        rows = work[i * ROW : (i + 2) * ROW]
        for k in range(LANES):
            ahead = linked(rows[MASS + k], rows[ROW + MASS + k], link)
            conductance = c * rows[MASS + k] + rows[UPPER + k]
            conductance = conductance if conductance > 0 else one
            inverse = one / (conductance + ahead)
            sigma, factor = conductance * inverse, ahead * inverse
            y = rows[PULL + k] * inverse
            drop = rows[ROW + DELTA + k] - rows[DELTA + k]
            rows[UPPER + k] = factor
            rows[DELTA + k] = y + factor * drop
            rows[ROW + UPPER + k] = ahead * sigma
            rows[ROW + PULL + k] = ahead * (y - sigma * drop)
            if closed:
                z = rows[CLOSING + k] * inverse
                rows[CLOSING + k] = z
                rows[ROW + CLOSING + k] = ahead * z
        if closed and i + 2 == n:
            tie(work, n - 1, n, link)
    row = work[(n - 1) * ROW : n * ROW]
    for k in range(LANES):
        conductance = c * row[MASS + k] + row[UPPER + k]
        inverse = one / (conductance if conductance > 0 else one)
        row[UPPER + k] = zero
        row[DELTA + k] = row[PULL + k] * inverse
        row[CLOSING + k] *= inverse
    for i in range(n - 2, -1, -1):
        rows = work[i * ROW : (i + 2) * ROW]
        for k in range(LANES):
            rows[DELTA + k] += rows[UPPER + k] * rows[ROW + DELTA + k]
            if closed:
                rows[CLOSING + k] += rows[UPPER + k] * rows[ROW + CLOSING + k]


@njit(cache=True)
def solve(work, n, link, c, closed):
    """Replace the temperatures of the lines in `work` by their changes."""
    zero = link - link
    row = work[:ROW]
    for k in range(LANES):
        row[UPPER + k] = zero
        row[PULL + k] = zero
        row[CLOSING + k] = zero
    if not closed:
        eliminate(work, n, link, c, closed)
        return
    free = n - 1
    tie(work, 0, free, link)
    if free == 1:
        tie(work, 0, free, link)
    eliminate(work, free, link, c, closed)
    # Which nodes a chain of filled ones joins to the last: downwards from it in `PULL`, upwards in `UPPER`.
    end = work[free * ROW : n * ROW]
    for k in range(LANES):
        end[PULL + k] = end[MASS + k]
        end[UPPER + k] = end[MASS + k]
    for i in range(free - 1, -1, -1):
        rows = work[i * ROW : (i + 2) * ROW]
        for k in range(LANES):
            rows[PULL + k] = min(rows[MASS + k], rows[ROW + PULL + k])
    chain = end
    for i in range(free):
        row = work[i * ROW : (i + 1) * ROW]
        for k in range(LANES):
            row[UPPER + k] = min(row[MASS + k], chain[UPPER + k])
        chain = row
    for k in range(LANES):
        end[UPPER + k] = zero
        end[PULL + k] = zero
    for i in range(free):
        row = work[i * ROW : (i + 1) * ROW]
        for k in range(LANES):
            reached = c * row[MASS + k] if max(row[UPPER + k], row[PULL + k]) > 0 else zero
            end[UPPER + k] += reached * row[CLOSING + k]
            end[PULL + k] += reached * row[DELTA + k]
    for k in range(LANES):
        weight = c * end[MASS + k] + end[UPPER + k]
        end[DELTA + k] = -end[PULL + k] / weight if weight > 0 else zero
    for i in range(free):
        row = work[i * ROW : (i + 1) * ROW]
        for k in range(LANES):
            row[DELTA + k] += row[CLOSING + k] * end[DELTA + k]


@njit(cache=True)
def conduct_rows(work, mass, temperature, total, link, c, closed):
    """Solve lines along the first axis of sheets whose second axis is contiguous."""
    n, lines = mass.shape
    for begin in range(0, lines, LANES):
        count = min(LANES, lines - begin)
        for i in range(n):
            row = work[i * ROW : (i + 1) * ROW]
            m, warm = mass[i, begin : begin + count], temperature[i, begin : begin + count]
            for k in range(count):
                row[MASS + k] = m[k]
                row[DELTA + k] = warm[k]
            row[MASS + count : MASS + LANES] = 0
            row[DELTA + count : DELTA + LANES] = 0
        solve(work, n, link, c, closed)
        for i in range(n):
            change = work[i * ROW + DELTA : i * ROW + DELTA + count]
            warm, kept = temperature[i, begin : begin + count], total[i, begin : begin + count]
            for k in range(count):
                warm[k] += change[k]
                kept[k] += change[k]


@njit(cache=True)
def conduct_columns(work, mass, temperature, total, link, c, closed):
    """Solve lines along the second, contiguous axis of sheets."""
    lines, n = mass.shape
    for begin in range(0, lines, LANES):
        count = min(LANES, lines - begin)
        work[: n * ROW] = 0
        for k in range(count):
            m, warm = mass[begin + k], temperature[begin + k]
            to = work[k:]
            for i in range(n):
                to[i * ROW + MASS] = m[i]
                to[i * ROW + DELTA] = warm[i]
        solve(work, n, link, c, closed)
        for k in range(count):
            warm, kept = temperature[begin + k], total[begin + k]
            change = work[k:]
            for i in range(n):
                warm[i] += change[i * ROW + DELTA]
                kept[i] += change[i * ROW + DELTA]


@njit(cache=True)
def to_fields(mass, heat, temperature, total, c, beta, rest):
    """Turn the temperatures of a line into `share` and their total changes into `keep`, in place."""
    full = -(beta + rest)
    zero = beta - beta
    for k in range(mass.shape[0]):
        change, before = total[k], heat[k]
        gain = change if change > 0 else zero
        loss = (change - gain) * c * mass[k] / (before if before > 0 else beta + rest)
        loss = loss if before > 0 else zero
        loss = max(full, loss)
        temperature[k] = rest * gain + beta * temperature[k]
        total[k] = rest * loss - beta


@njit(cache=True)
def blank(share, keep, beta):
    """What nodes without mass hold."""
    share[:] = 0
    keep[:] = -beta


@njit(parallel=True, cache=True)
def exchange(mass, heat, share, keep, link, c, beta, rest, periodic):
    nx, ny, nz = mass.shape
    x0, x1, y0, y1, z0, z1 = nx, 0, ny, 0, nz, 0
    for i in prange(nx):
        for j in range(ny):
            line = mass[i, j]
            filled = 0
            for k in range(nz):
                filled += line[k] > 0
            if filled > 0:
                first, last = 0, nz
                while not line[first] > 0:
                    first += 1
                while not line[last - 1] > 0:
                    last -= 1
                x0, x1 = min(x0, i), max(x1, i + 1)
                y0, y1 = min(y0, j), max(y1, j + 1)
                z0, z1 = min(z0, first), max(z1, last)
    conducts = link > 0
    for j in prange(y0, y1):
        for i in range(x0, x1):
            m, h, warm, kept = mass[i, j, z0:z1], heat[i, j, z0:z1], share[i, j, z0:z1], keep[i, j, z0:z1]
            for k in range(z1 - z0):
                capacity = c * m[k]
                warm[k] = h[k] / capacity if capacity > 0 else c - c
                kept[k] = 0
        if conducts:
            box = (slice(x0, x1), j, slice(z0, z1))
            work = np.empty((x1 - x0) * ROW, mass.dtype)
            conduct_rows(work, mass[box], share[box], keep[box], link, c, periodic and x1 - x0 == nx)
    for i in prange(nx):
        if i < x0 or i >= x1:
            for j in range(ny):
                blank(share[i, j], keep[i, j], beta)
        else:
            if conducts:
                box = (i, slice(y0, y1), slice(z0, z1))
                work = np.empty(max(y1 - y0, z1 - z0) * ROW, mass.dtype)
                conduct_rows(work, mass[box], share[box], keep[box], link, c, periodic and y1 - y0 == ny)
                conduct_columns(work, mass[box], share[box], keep[box], link, c, periodic and z1 - z0 == nz)
            for j in range(ny):
                if j < y0 or j >= y1:
                    blank(share[i, j], keep[i, j], beta)
                else:
                    blank(share[i, j, :z0], keep[i, j, :z0], beta)
                    blank(share[i, j, z1:], keep[i, j, z1:], beta)
                    to_fields(
                        mass[i, j, z0:z1],
                        heat[i, j, z0:z1],
                        share[i, j, z0:z1],
                        keep[i, j, z0:z1],
                        c,
                        beta,
                        rest,
                    )


def run(node_mass, node_heat, grid, share, keep, scratch, link, specific_heat, relaxation):
    del scratch
    real = node_mass.dtype.type
    settings = [real(v) for v in (link, specific_heat, relaxation, 1.0 - relaxation)]
    exchange(node_mass, node_heat, share, keep, *settings, grid.periodic)
