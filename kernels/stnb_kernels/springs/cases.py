"""Parity cases of `springs`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from stnb_kernels.accounts import ACCOUNTS, CONTACTS, ELASTIC
from stnb_kernels.contacts import cases as bounces
from stnb_kernels.neighbours import cases as pairs
from stnb_kernels.neighbours import find_contacts
from stnb_kernels.parity import to_device, to_numpy
from stnb_kernels.springs import spring_contacts

SPRING_PHASE = 0.1
BEGUN = 0.5
"""What earlier half kicks have left in the account."""

# A box is up to 2⁶ reaches long, so with unit roundoff u a difference of places that wraps is off by 2⁷·u reaches, an
# overlap by twice that, and a normal by that over the distance, 4·2⁷·u for a quarter of the reach; closer pairs across
# a face are too few to decide the largest error. Impulses are off by the sum, 6·2⁷·u = 5e-5 and 9e-14 of the largest;
# the energies are products of two that are smaller than their scale, and sums of hundreds of terms add √n·u.
TOLERANCE = {"float32": 5e-5, "float64": 2e-13}


@dataclass(frozen=True)
class Case:
    """Touching particles with mass and heat."""

    pairs: pairs.Case
    mass: np.ndarray
    heat: np.ndarray
    settings: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.pairs}, {self.settings}"


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    """Soft and stiff, elastic and sticky, kicks of the usual length and much shorter ones; light, heavy, hot and cold."""
    base = bounces.draw(rng, small=small, backend=backend)
    stiffness = float(rng.choice([1.0, 1000.0]))
    lightest = float(base.mass.min(initial=1.0)) / 2
    settings = {
        "stiffness": stiffness,
        "restitution": float(rng.choice([0.05, 0.3, 0.8, 1.0])),
        "conductance": base.settings["conductance"],
        "specific_heat": base.settings["specific_heat"],
        "time": SPRING_PHASE * math.sqrt(lightest / stiffness) * float(rng.choice([0.1, 1.0])),
        "first": bool(rng.integers(2)),
    }
    return Case(base.pairs, base.mass, base.heat, settings)


def outputs(case: Case, dtype: Any) -> dict[str, np.ndarray]:
    """Arrays full of NaN, but for the account that is added to."""
    n = case.mass.shape[0]
    sizes = {"velocity_out": (3, n), "heat_out": (n,), "sprung": (3, n), "accounts": (len(ACCOUNTS), n)}
    blank = {name: np.full(size, np.nan, dtype=dtype) for name, size in sizes.items()}
    if not case.settings["first"]:
        blank["accounts"][CONTACTS] = BEGUN
    return blank


def compute(case: Case, backend: str, *, wide: bool = False) -> dict[str, np.ndarray]:
    base = case.pairs
    n = base.position.shape[1]
    columns = (base.position, base.velocity, case.mass, case.heat)
    real = np.float64 if wide else base.position.dtype
    arrays: list[Any] = [to_device(a.astype(real), backend) for a in columns]
    cells = pairs.listed(base, backend)
    contacts = pairs.poisoned(n, backend)
    find_contacts(arrays[0], arrays[1], base.grid, cells, contacts, reach=base.reach, backend=backend)
    made: dict[str, Any] = {name: to_device(a, backend) for name, a in outputs(case, real).items()}
    found = (base.grid, cells, contacts)
    spring_contacts(*arrays, *found, **made, reach=base.reach, **case.settings, backend=backend)
    return {name: to_numpy(a) for name, a in made.items()}


def reference(case: Case) -> dict[str, np.ndarray]:
    return compute(case, "reference", wide=True)


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Largest error over the largest value, of the energies over the largest energy."""
    if name == "accounts":
        value, expected = value[[CONTACTS, ELASTIC]], expected[[CONTACTS, ELASTIC]]
    scale = max(float(np.abs(expected).max(initial=0.0)), 1.0)
    return float(np.abs(value - expected).max(initial=0.0) / scale), TOLERANCE[str(case.mass.dtype)]
