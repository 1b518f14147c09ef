"""Numba-CUDA: one launch a round. Every block searches a part; the last one to finish compares what they found.

A round first adds the gate that the round before founded to the coverage, and returns at once if there was none. The
launch after the last round adds that one's gate and closes the step.
"""

from __future__ import annotations

import functools
import math

from numba import cuda, float32, float64, int32

from stnb_kernels.bank import COUNT, EMPTY, REFUSED, SPAWNED, STEP
from stnb_kernels.breed.cuda import found
from stnb_kernels.languages import cuda_simulated
from stnb_kernels.launch import blocks_for, device_array, stream_of
from stnb_kernels.spectrum import PARTS

THREADS = 32 if cuda_simulated() else 256
BLOCKS, LATER_BLOCKS = (4, 3) if cuda_simulated() else (min(PARTS, 528), 132)
"""The most blocks that search in the first round, and in the others, which mostly have nothing to do."""
AT_ONCE = 4
"""Oscillators whose numbers a thread loads at a time, so that it waits for memory once."""


@functools.cache
def round_kernel(real):
    """The kernel for one float type."""

    @cuda.jit(device=True)
    def strongest(t, energies, places, any_found):
        """The place of the most energy among those that the threads found, the first of equals; all threads call."""
        if t == 0:
            any_found[0] = 0
        cuda.syncthreads()
        if places[t] >= 0:
            any_found[0] = 1
        cuda.syncthreads()
        if any_found[0] == 0:
            return int32(EMPTY)
        half = int32(THREADS // 2)
        while half > 0:
            if t < half:
                other = places[t + half]
                better = energies[t + half] > energies[t] or (
                    energies[t + half] == energies[t] and other < places[t]
                )
                if other >= 0 and (places[t] < 0 or better):
                    places[t], energies[t] = other, energies[t + half]
            cuda.syncthreads()
            half //= int32(2)
        return places[0]

    @cuda.jit
    def search(
        phase,
        frequency,
        energy,
        uid,
        real_rows,
        whole,
        counts,
        coverage,
        found_by,
        ticket,
        covered,
        inverse,
        width,
        first,
        last,
    ):
        energies = cuda.shared.array(THREADS, real)
        places = cuda.shared.array(THREADS, int32)
        any_found = cuda.shared.array(1, int32)
        flag = cuda.shared.array(1, int32)
        t, b = int32(cuda.threadIdx.x), int32(cuda.blockIdx.x)
        if last and b == 0 and t == 0:
            counts[STEP] += 1
        chosen = int32(EMPTY)
        if not first:
            chosen = ticket[1]
            if chosen < 0:
                return
        centre = frequency[chosen] if chosen >= 0 else real(0.0)
        best, most = int32(EMPTY), real(0.0)
        n, pace = int32(phase.shape[0]), int32(cuda.gridsize(1))
        heard, joules = cuda.local.array(AT_ONCE, real), cuda.local.array(AT_ONCE, real)
        for start in range(int32(cuda.grid(1)), n, AT_ONCE * pace):
            alone = False
            for q in range(AT_ONCE):  # all loads before the first use
                i = min(int32(start) + int32(q) * pace, n - int32(1))
                heard[q] = coverage[i]
                if chosen >= 0:
                    u = (frequency[i] - centre) * inverse
                    heard[q] += math.exp(-u * u)
                alone = alone or heard[q] < covered
            for q in range(AT_ONCE):
                i = int32(start) + int32(q) * pace
                if chosen >= 0 and i < n:
                    coverage[i] = heard[q]
                if alone:
                    joules[q] = energy[min(i, n - int32(1))]
            if alone:
                for q in range(AT_ONCE):
                    i = int32(start) + int32(q) * pace
                    if i < n and heard[q] < covered and (best < 0 or joules[q] > most):
                        best, most = i, joules[q]
        if last:
            return
        places[t] = best
        energies[t] = most
        best = strongest(t, energies, places, any_found)
        if t == 0:
            found_by[0, 0, b] = best
            cuda.threadfence()
            flag[0] = cuda.atomic.add(ticket, 0, 1) == cuda.gridDim.x - 1
        cuda.syncthreads()
        final = flag[0]
        if not final:
            return
        cuda.threadfence()
        best, most = int32(EMPTY), real(0.0)
        for q in range(t, cuda.gridDim.x, THREADS):
            i = found_by[0, 0, q]
            if i >= 0:
                e = energy[i]
                if best < 0 or e > most or (e == most and i < best):
                    best, most = i, e
        cuda.syncthreads()
        places[t] = best
        energies[t] = most
        best = strongest(t, energies, places, any_found)
        if t == 0:
            ticket[0] = 0
            if best >= 0 and counts[COUNT] == real_rows.shape[1]:
                counts[REFUSED] += 1
                best = int32(EMPTY)
            if best >= 0:
                found(
                    phase,
                    frequency,
                    energy,
                    uid,
                    real_rows,
                    whole,
                    counts,
                    best,
                    float64(1.0),
                    width,
                    int32(EMPTY),
                )
                counts[SPAWNED] += 1
            ticket[1] = best

    return search


def run(oscillators, bank, spectrum, law, rounds):
    stream = stream_of(oscillators.phase)
    columns = oscillators.phase, oscillators.frequency, oscillators.energy, oscillators.uid
    scratch = spectrum.coverage, spectrum.block_found, spectrum.ticket
    arrays = [device_array(a) for a in (*columns, bank.real, bank.whole, bank.counts, *scratch)]
    scalar = arrays[0].dtype.type
    kernel = round_kernel(float32 if scalar(0).itemsize == 4 else float64)
    enough = blocks_for(oscillators.phase.shape[0], THREADS)
    gate = scalar(law.covered), scalar(1.0 / law.width), float(law.width)
    for turn in range(rounds + 1):
        blocks = min(LATER_BLOCKS if turn else BLOCKS, enough)
        kernel[blocks, THREADS, stream](*arrays, *gate, turn == 0, turn == rounds)
