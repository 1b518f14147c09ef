"""One op, one definition, many back ends.

Each op is a folder whose `reference.py` (NumPy, float64) is the definition. The other modules compute the same
function on other hardware. NumPy arrays run on the CPU, torch tensors on the device that holds them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from stnb_kernels.waiting import let_threads_sleep

if TYPE_CHECKING:
    from stnb_kernels.breed import breed_carriers
    from stnb_kernels.cells import CellList, build_cells
    from stnb_kernels.contacts import resolve_contacts
    from stnb_kernels.deposit import deposit_particles
    from stnb_kernels.drift import drift_particles
    from stnb_kernels.evolve import evolve_carriers
    from stnb_kernels.grid import Grid
    from stnb_kernels.heat import diffuse_heat
    from stnb_kernels.kick import kick_particles
    from stnb_kernels.neighbours import ContactList, find_contacts
    from stnb_kernels.place import place_particles
    from stnb_kernels.poisson import PoissonPlan, solve_poisson
    from stnb_kernels.random import fill_random
    from stnb_kernels.recall import recall_anchors
    from stnb_kernels.registry import Op, backends, ops, register
    from stnb_kernels.remember import remember_anchors
    from stnb_kernels.reorder import reorder_particles
    from stnb_kernels.review import review_carriers
    from stnb_kernels.spawn import spawn_carriers
    from stnb_kernels.springs import spring_contacts
    from stnb_kernels.statistics import describe_values
    from stnb_kernels.swing import swing_oscillators
    from stnb_kernels.tally import tally_particles
    from stnb_kernels.thermalize import thermalize_oscillators
    from stnb_kernels.tune import tune_carriers

__all__ = [
    "CellList",
    "ContactList",
    "Grid",
    "Op",
    "PoissonPlan",
    "backends",
    "breed_carriers",
    "build_cells",
    "deposit_particles",
    "describe_values",
    "diffuse_heat",
    "drift_particles",
    "evolve_carriers",
    "fill_random",
    "find_contacts",
    "kick_particles",
    "ops",
    "place_particles",
    "recall_anchors",
    "register",
    "remember_anchors",
    "reorder_particles",
    "resolve_contacts",
    "review_carriers",
    "solve_poisson",
    "spawn_carriers",
    "spring_contacts",
    "swing_oscillators",
    "tally_particles",
    "thermalize_oscillators",
    "tune_carriers",
]

let_threads_sleep()

_ROOMS = {
    "CellList": "cells",
    "ContactList": "neighbours",
    "Grid": "grid",
    "Op": "registry",
    "PoissonPlan": "poisson",
    "backends": "registry",
    "breed_carriers": "breed",
    "build_cells": "cells",
    "deposit_particles": "deposit",
    "describe_values": "statistics",
    "diffuse_heat": "heat",
    "drift_particles": "drift",
    "evolve_carriers": "evolve",
    "fill_random": "random",
    "find_contacts": "neighbours",
    "kick_particles": "kick",
    "ops": "registry",
    "place_particles": "place",
    "recall_anchors": "recall",
    "register": "registry",
    "remember_anchors": "remember",
    "reorder_particles": "reorder",
    "resolve_contacts": "contacts",
    "review_carriers": "review",
    "solve_poisson": "poisson",
    "spawn_carriers": "spawn",
    "spring_contacts": "springs",
    "swing_oscillators": "swing",
    "tally_particles": "tally",
    "thermalize_oscillators": "thermalize",
    "tune_carriers": "tune",
}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module 'stnb_kernels' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"stnb_kernels.{_ROOMS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
