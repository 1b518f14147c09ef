"""Numba: chunks of oscillators searched in parallel, their best compared in order."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from stnb_kernels.bank import COUNT, EMPTY, REFUSED, SPAWNED, STEP
from stnb_kernels.breed.cpu import found
from stnb_kernels.spectrum import PARTS

# Below this a thread costs more than it saves.
SMALLEST_CHUNK = 4096


@njit(inline="always")
def loudest(energy, coverage, covered, first, last):
    """The place of the most energy that nobody hears, −1 for none."""
    best = EMPTY
    for i in range(first, last):
        if coverage[i] < covered and (best < 0 or energy[i] > energy[best]):
            best = i
    return best


@njit(inline="always")
def cover(frequency, coverage, centre, width, first, last):
    """Add a gate to the coverage."""
    for i in range(first, last):
        u = (np.float64(frequency[i]) - centre) / width
        coverage[i] += coverage.dtype.type(math.exp(-u * u))


@njit(parallel=True, cache=True, error_model="numpy")
def spawn(phase, frequency, energy, uid, real, whole, counts, coverage, places, covered, width, rounds):
    n = phase.shape[0]
    size = max(SMALLEST_CHUNK, (n + PARTS - 1) // PARTS)
    chunks = (n + size - 1) // size
    for _ in range(rounds):
        for c in prange(chunks):
            places[0, 0, c] = loudest(energy, coverage, covered, c * size, min(n, (c + 1) * size))
        best = EMPTY
        for c in range(chunks):
            i = places[0, 0, c]
            if i >= 0 and (best < 0 or energy[i] > energy[best]):
                best = i
        if best < 0:
            break
        if counts[COUNT] == real.shape[1]:
            counts[REFUSED] += 1
            break
        found(phase, frequency, energy, uid, real, whole, counts, best, 1.0, width, EMPTY)
        counts[SPAWNED] += 1
        centre = np.float64(frequency[best])
        for c in prange(chunks):
            cover(frequency, coverage, centre, width, c * size, min(n, (c + 1) * size))
    counts[STEP] += 1


def run(oscillators, bank, spectrum, law, rounds):
    columns = oscillators.phase, oscillators.frequency, oscillators.energy, oscillators.uid
    scratch = spectrum.coverage, spectrum.block_found
    covered = spectrum.coverage.dtype.type(law.covered)
    spawn(*columns, bank.real, bank.whole, bank.counts, *scratch, covered, float(law.width), int(rounds))
