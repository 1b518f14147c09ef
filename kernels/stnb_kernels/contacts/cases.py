"""Parity cases of `contacts`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from stnb_kernels.accounts import ACCOUNTS, CONTACTS
from stnb_kernels.contacts import resolve_contacts
from stnb_kernels.neighbours import cases as pairs
from stnb_kernels.neighbours import find_contacts
from stnb_kernels.parity import to_device, to_numpy

# A normal is a difference of places below 2⁵ over a distance, off by 2⁵·ε/d for a distance d in units of the reach;
# pairs nearer than 10⁻² are rare and divided by their counts. Sums of up to a few hundred such terms of both signs:
TOLERANCE = {"float32": 5e-5, "float64": 2e-13}
NEAR = 0.02


@dataclass(frozen=True)
class Case:
    """Touching particles with mass and heat."""

    pairs: pairs.Case
    mass: np.ndarray
    heat: np.ndarray
    settings: dict[str, float]

    def __str__(self) -> str:
        return f"{self.pairs}, {self.settings}"


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    """Light and heavy, cold and hot, elastic and sticky."""
    base = pairs.draw(rng, small=small, backend=backend)
    position = base.position
    if position.shape[1] > 1:
        close = pairs.definition.touching_pairs(position, base.grid, NEAR * base.reach)[0]
        keep = np.ones(position.shape[1], dtype=bool)
        keep[close] = False
        base = pairs.Case(base.grid, position[:, keep].copy(), base.velocity[:, keep].copy(), base.reach)
    n, dtype = base.position.shape[1], base.position.dtype
    settings = {
        "restitution": float(rng.choice([0.0, 0.3, 0.8, 1.0])),
        "relaxation": float(rng.choice([0.0, 0.2, 1.0])),
        "conductance": float(rng.choice([0.0, 1e-3, 10.0])),
        "specific_heat": float(rng.choice([1.0, 10.0])),
    }
    mass = rng.uniform(0.5, 1, n) * 10.0 ** rng.integers(-1, 2, n)
    heat = rng.exponential(1.0, n) * (rng.random(n) < 0.8)
    return Case(base, mass.astype(dtype), heat.astype(dtype), settings)


def outputs(n: int, dtype: Any) -> dict[str, np.ndarray]:
    sizes = {"velocity_out": (3, n), "heat_out": (n,), "push": (3, n), "accounts": (len(ACCOUNTS), n)}
    return {name: np.full(size, np.nan, dtype=dtype) for name, size in sizes.items()}


def compute(case: Case, backend: str, *, wide: bool = False) -> dict[str, np.ndarray]:
    base = case.pairs
    n = base.position.shape[1]
    columns = (base.position, base.velocity, case.mass, case.heat)
    real = np.float64 if wide else base.position.dtype
    arrays: list[Any] = [to_device(a.astype(real), backend) for a in columns]
    cells = pairs.listed(base, backend)
    contacts = pairs.poisoned(n, backend)
    find_contacts(arrays[0], arrays[1], base.grid, cells, contacts, reach=base.reach, backend=backend)
    made: dict[str, Any] = {name: to_device(a, backend) for name, a in outputs(n, real).items()}
    found = (base.grid, cells, contacts)
    resolve_contacts(*arrays, *found, **made, reach=base.reach, **case.settings, backend=backend)
    return {name: to_numpy(a) for name, a in made.items()}


def reference(case: Case) -> dict[str, np.ndarray]:
    return compute(case, "reference", wide=True)


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Largest error over the largest value, of the energies over the largest energy."""
    if name == "accounts":
        value, expected = value[CONTACTS], expected[CONTACTS]
    scale = max(float(np.abs(expected).max(initial=0.0)), 1.0)
    return float(np.abs(value - expected).max(initial=0.0) / scale), TOLERANCE[str(case.mass.dtype)]
