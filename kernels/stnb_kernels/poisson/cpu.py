"""SciPy's pocketfft on all cores. Its transforms allocate one array of the grid's size a call."""

from __future__ import annotations

import functools
import os

import numpy as np
from scipy import fft

from stnb_kernels.poisson.reference import inverse_eigenvalues

WORKERS = os.cpu_count() or 1


@functools.lru_cache(maxsize=8)
def multiplier(grid, dtype):
    """1/λ in the type of the arrays."""
    return inverse_eigenvalues(grid, half=grid.periodic).astype(dtype)


def run(node_mass, grid, scale, potential):
    inverse = multiplier(grid, node_mass.dtype)
    np.multiply(node_mass, node_mass.dtype.type(scale), out=potential)
    if grid.periodic:
        modes = fft.rfftn(potential, workers=WORKERS)
        modes *= inverse
        potential[...] = fft.irfftn(modes, s=grid.shape, workers=WORKERS, overwrite_x=True)
    else:
        modes = fft.dstn(potential, type=1, workers=WORKERS)
        modes *= inverse
        potential[...] = fft.idstn(modes, type=1, workers=WORKERS, overwrite_x=True)
