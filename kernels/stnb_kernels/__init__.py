"""One op, one definition, many back ends.

Each op is a folder whose `reference.py` (NumPy, float64) is the definition. The other modules compute the same
function on other hardware. NumPy arrays run on the CPU, torch tensors on the device that holds them.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stnb_kernels.cells import CellList, build_cells
    from stnb_kernels.deposit import deposit_particles
    from stnb_kernels.drift import drift_particles
    from stnb_kernels.grid import Grid
    from stnb_kernels.heat import diffuse_heat
    from stnb_kernels.kick import kick_particles
    from stnb_kernels.poisson import solve_poisson
    from stnb_kernels.random import fill_random
    from stnb_kernels.registry import backends, ops
    from stnb_kernels.tally import tally_particles

__all__ = [
    "CellList",
    "Grid",
    "backends",
    "build_cells",
    "deposit_particles",
    "diffuse_heat",
    "drift_particles",
    "fill_random",
    "kick_particles",
    "ops",
    "solve_poisson",
    "tally_particles",
]

# Threads of a parallel region sleep while they wait. Spinning, the default of GNU OpenMP, makes a step seven times
# slower as soon as a browser shares the cores. It counts only if set before Numba loads the library.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

_ROOMS = {
    "CellList": "cells",
    "Grid": "grid",
    "backends": "registry",
    "build_cells": "cells",
    "deposit_particles": "deposit",
    "diffuse_heat": "heat",
    "drift_particles": "drift",
    "fill_random": "random",
    "kick_particles": "kick",
    "ops": "registry",
    "solve_poisson": "poisson",
    "tally_particles": "tally",
}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module 'stnb_kernels' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"stnb_kernels.{_ROOMS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
