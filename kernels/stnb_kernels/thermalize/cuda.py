"""Numba-CUDA: one oscillator per thread, computed in the particles' type.

Its time is that of the random accesses to matter. Without an equilibrium nobody's mass matters, and the heat is added
to, never read: each particle is added to once, so the order of the additions changes nothing.
"""

from __future__ import annotations

import functools

from numba import cuda, float32, float64

from stnb_kernels.launch import THREADS, blocks_for, device_array, stream_of
from stnb_kernels.thermalize import numbers


@functools.cache
def kernels_of(real):
    """The kernels for one float type: with an equilibrium, and without."""
    one = real(1.0)

    @cuda.jit
    def exchange(energy, home, heat, mass, thermal, kept, lost, pumped, left, c):
        i = cuda.grid(1)
        if i >= home.shape[0]:
            return
        p = home[i]
        e, q, capacity = energy[i], heat[p], mass[p] * c
        share = one / (thermal + capacity)
        f, g = thermal * share, capacity * share
        energy[i] = e * (f + g * kept) + q * (f * lost) + (f * (pumped + left) + g * pumped)
        heat[p] = q * (g + f * kept) + e * (g * lost) + g * left

    @cuda.jit
    def decay(energy, home, heat, kept, lost, pumped, left):
        i = cuda.grid(1)
        if i >= home.shape[0]:
            return
        e = energy[i]
        energy[i] = e * kept + pumped
        cuda.atomic.add(heat, home[i], e * lost + left)

    return exchange, decay


def run(energy, home, heat, mass, law, specific_heat):
    n = home.shape[0]
    if n == 0:
        return
    columns = [device_array(a) for a in (energy, home, heat)]
    scalar = columns[0].dtype.type
    exchange, decay = kernels_of(float32 if scalar(0).itemsize == 4 else float64)
    thermal, kept, lost, pumped, left, c = (scalar(v) for v in numbers(law, specific_heat))
    where = blocks_for(n), THREADS, stream_of(energy)
    if law.thermal == 0:
        decay[where](*columns, kept, lost, pumped, left)
    else:
        exchange[where](*columns, device_array(mass), thermal, kept, lost, pumped, left, c)
