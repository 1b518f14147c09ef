"""With walls six products with the sine matrices of the axes, by BLAS and without allocation; else SciPy's pocketfft.

Long axes are left to SciPy's sine transform, whose work grows as n·log n. SciPy's transforms run on all cores and
allocate one array of their own size a call.
"""

from __future__ import annotations

import os

import numpy as np
from scipy import fft

WORKERS = os.cpu_count() or 1


def transform(source, target, other, sines):
    """Sine transform along z, y and x into `target` by way of `other`; it is its own inverse."""
    x, y, z = sines
    nx, ny, nz = source.shape
    np.matmul(source.reshape(nx * ny, nz), z, out=target.reshape(nx * ny, nz))
    np.matmul(y, target, out=other)
    np.matmul(x, other.reshape(nx, ny * nz), out=target.reshape(nx, ny * nz))


def run(node_mass, grid, scale, potential, plan):
    scale = node_mass.dtype.type(scale)
    if plan.sines and potential.flags.c_contiguous:
        transform(node_mass, plan.scratch, potential, plan.sines)
        plan.scratch *= plan.inverse
        transform(plan.scratch, potential, plan.scratch, plan.sines)
        potential *= scale
        return
    np.multiply(node_mass, scale, out=potential)
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
