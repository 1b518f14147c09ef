"""Numba: chunks of fixed bounds in parallel, merged in order, so that threads do not change the result."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

# Below this a thread costs more than it saves.
SMALLEST_CHUNK = 1024


@njit(parallel=True, cache=True)
def describe(values, scratch, stats):
    n = values.shape[0]
    size = max(SMALLEST_CHUNK, (n + scratch.shape[0] - 1) // scratch.shape[0])
    chunks = (n + size - 1) // size
    for c in prange(chunks):
        first, last = c * size, min(n, (c + 1) * size)
        magnitude = total = square = 0.0
        for p in range(first, last):
            x = np.float64(values[p])
            magnitude += abs(x)
            total += x
        mean = total / (last - first)
        for p in range(first, last):
            square += (np.float64(values[p]) - mean) ** 2
        scratch[c, 0] = magnitude
        scratch[c, 1] = total
        scratch[c, 2] = square
    stats[:] = 0.0
    if n == 0:
        return
    for c in range(chunks):
        stats[0] += scratch[c, 0]
        stats[1] += scratch[c, 1]
    stats[0] /= n
    stats[1] /= n
    for c in range(chunks):
        held = min(n, (c + 1) * size) - c * size
        stats[2] += scratch[c, 2] + held * (scratch[c, 1] / held - stats[1]) ** 2
    stats[2] = np.sqrt(stats[2] / n)
    stats[3] = n


def run(values, scratch, stats):
    describe(values, scratch, stats)
