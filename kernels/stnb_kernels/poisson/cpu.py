"""SciPy's pocketfft on all cores. Its transforms allocate one array of their own size a call."""

from __future__ import annotations

import os

import numpy as np
from scipy import fft

WORKERS = os.cpu_count() or 1


def run(node_mass, grid, scale, potential, plan):
    np.multiply(node_mass, node_mass.dtype.type(scale), out=potential)
    if plan.free:
        inside = tuple(slice(n) for n in grid.shape)
        plan.scratch[inside] = potential
        modes = fft.rfftn(plan.scratch, workers=WORKERS)
        modes *= plan.inverse
        potential[...] = fft.irfftn(modes, s=plan.scratch.shape, workers=WORKERS, overwrite_x=True)[inside]
    elif grid.periodic:
        modes = fft.rfftn(potential, workers=WORKERS)
        modes *= plan.inverse
        potential[...] = fft.irfftn(modes, s=grid.shape, workers=WORKERS, overwrite_x=True)
    else:
        modes = fft.dstn(potential, type=1, workers=WORKERS)
        modes *= plan.inverse
        potential[...] = fft.idstn(modes, type=1, workers=WORKERS, overwrite_x=True)
