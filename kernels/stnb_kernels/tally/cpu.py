"""Numba: a fixed number of chunks in parallel, their sums added in order, so that threads do not change the result."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

CHUNK = 4096


@njit(parallel=True, cache=True)
def accumulate(vx, vy, vz, mass, heat, energy, potential, sums):
    n = mass.shape[0]
    chunks = (n + CHUNK - 1) // CHUNK
    part = np.zeros((chunks, 10))
    for c in prange(chunks):
        for p in range(c * CHUNK, min(n, (c + 1) * CHUNK)):
            m = np.float64(mass[p])
            x, y, z = np.float64(vx[p]), np.float64(vy[p]), np.float64(vz[p])
            square = x * x + y * y + z * z
            speed = np.sqrt(square)
            part[c, 0] += 0.5 * m * square
            part[c, 1] += 0.5 * m * potential[p]
            part[c, 2] += heat[p]
            part[c, 3] += energy[p]
            part[c, 4] += m
            part[c, 5] += m * x
            part[c, 6] += m * y
            part[c, 7] += m * z
            part[c, 8] += m * speed
            part[c, 9] = max(part[c, 9], speed)
    sums[:] = 0.0
    for c in range(chunks):
        for q in range(9):
            sums[q] += part[c, q]
        sums[9] = max(sums[9], part[c, 9])


def run(velocity, mass, heat, energy, potential, sums):
    accumulate(*velocity, mass, heat, energy, potential, sums)
