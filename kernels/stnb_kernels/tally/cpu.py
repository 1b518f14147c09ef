"""Numba: chunks of fixed bounds in parallel, their sums added in order, so that threads do not change the result."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

# Below this a thread costs more than it saves.
SMALLEST_CHUNK = 1024


@njit(parallel=True, cache=True)
def accumulate(vx, vy, vz, mass, heat, energy, potential, accounts, scratch, sums):
    n, rows = mass.shape[0], accounts.shape[0]
    first_row = sums.shape[0] - rows
    fastest = first_row - 1
    size = max(SMALLEST_CHUNK, (n + scratch.shape[0] - 1) // scratch.shape[0])
    chunks = (n + size - 1) // size
    for c in prange(chunks):
        part = scratch[c]
        part[:] = 0.0
        first, last = c * size, min(n, (c + 1) * size)
        for p in range(first, last):
            m = np.float64(mass[p])
            x, y, z = np.float64(vx[p]), np.float64(vy[p]), np.float64(vz[p])
            square = x * x + y * y + z * z
            speed = np.sqrt(square)
            part[0] += 0.5 * m * square
            part[1] += 0.5 * m * potential[p]
            part[2] += heat[p]
            part[3] += energy[p]
            part[4] += m
            part[5] += m * x
            part[6] += m * y
            part[7] += m * z
            part[8] += m * speed
            part[fastest] = max(part[fastest], speed)
        for row in range(rows):
            total = 0.0
            for p in range(first, last):
                total += accounts[row, p]
            part[first_row + row] = total
    sums[:] = 0.0
    for c in range(chunks):
        for q in range(sums.shape[0]):
            if q == fastest:
                sums[q] = max(sums[q], scratch[c, q])
            else:
                sums[q] += scratch[c, q]


def run(velocity, mass, heat, energy, potential, accounts, scratch, sums):
    accumulate(*velocity, mass, heat, energy, potential, accounts, scratch, sums)
