"""Numba: one oscillator per iteration, computed in float64."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from stnb_kernels.thermalize import numbers


@njit(parallel=True, cache=True, error_model="numpy")
def thermalize(energy, home, heat, mass, thermal, kept, lost, pumped, left, c):
    for i in prange(home.shape[0]):
        p = home[i]
        e, q, capacity = np.float64(energy[i]), np.float64(heat[p]), np.float64(mass[p]) * c
        f, g = thermal / (thermal + capacity), capacity / (thermal + capacity)
        energy[i] = e * (f + g * kept) + q * (f * lost) + (f * (pumped + left) + g * pumped)
        heat[p] = q * (g + f * kept) + e * (g * lost) + g * left


def run(energy, home, heat, mass, law, specific_heat):
    thermalize(energy, home, heat, mass, *numbers(law, specific_heat))
