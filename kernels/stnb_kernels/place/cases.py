"""Parity cases of `place`: uniforms to the bit, what is made of them to rounding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from stnb_kernels.grid import Grid
from stnb_kernels.parity import to_device, to_numpy
from stnb_kernels.place import PATTERNS, place_particles
from stnb_kernels.place import reference as definition
from stnb_kernels.random import cases as random_cases

COUNTS = (0, 1, 7, 60, 1000, 20_001)
SHAPES = ((4, 4, 4), (5, 9, 6), (33, 17, 64))
SPARE = 3

# A normal, and with it a point of the unit sphere, is off by RANDOM (`random/cases.py` derives it). A place is a sum of
# at most four terms no larger than |c|, 6·s and L, each rounded twice with unit roundoff ε, and wrapping rounds twice
# more: 10·ε·(|c| + 6·s + L). A velocity is off by RANDOM·speed and one rounding of at most 6·speed. Mass and heat are
# products of at most five factors: 5·ε of their largest value. The definition rounds its result once, too.
RANDOM = random_cases.TOLERANCE
ROUNDOFF = {"float32": 2.0**-24, "float64": 2.0**-53}
LARGEST_NORMAL = {"float32": 6.0, "float64": 9.0}


@dataclass(frozen=True)
class Case:
    n: int
    dtype: str
    first: int
    law: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.n} {self.dtype} particles, {self.law}"


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    """Patterns that fit the box and some that reach far beyond it."""
    dtype = "float32" if backend == "metal" else str(rng.choice(["float32", "float64"]))
    grid = Grid(SHAPES[rng.integers(3)], float(rng.choice([1.0, 0.3, 1.7])), bool(rng.integers(2)))
    extent, direction = np.array(grid.extent), rng.normal(size=3)
    law = {
        "pattern": str(rng.choice(PATTERNS)),
        "grid": grid,
        "centre": tuple(float(c) for c in extent * rng.uniform(-0.2, 1.2, 3)),
        "spread": float(extent.min() * rng.choice([0.01, 0.3, 4.0])),
        "direction": tuple(float(d) for d in direction / np.linalg.norm(direction)),
        "wall_margin": float(rng.choice([0.0, 0.25])) * grid.spacing,
        "speed": float(rng.choice([0.0, 0.1, 30.0])),
        "temperature": float(rng.choice([0.0, 300.0])),
        "specific_heat": float(rng.choice([10.0, 0.5])),
        "energy_scale": float(rng.choice([1.0, 1e-3])),
        "seed": int(rng.integers(0, 2**64, dtype=np.uint64)),
        "batch": int(rng.integers(0, 2**32)),
    }
    n = int(rng.choice(COUNTS[:4] if small else COUNTS))
    return Case(n, dtype, int(rng.integers(0, 3)), law)


def reference(case: Case) -> dict[str, np.ndarray]:
    shapes = {"position": (3, case.n), "velocity": (3, case.n)} | dict.fromkeys(
        ("mass", "heat", "energy"), (case.n,)
    )
    columns: Any = {name: np.full(shape, np.nan, dtype=case.dtype) for name, shape in shapes.items()}
    definition.run(**columns, **case.law)
    return columns | {"beyond": np.zeros(1)}


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    """Into the middle of poisoned buffers; `beyond` counts what was written outside."""
    place, capacity = slice(case.first, case.first + case.n), case.first + case.n + SPARE
    names = {"position": (3, capacity), "velocity": (3, capacity)} | dict.fromkeys(
        ("mass", "heat", "energy"), (capacity,)
    )
    room = {
        name: to_device(np.full(shape, np.nan, dtype=case.dtype), backend) for name, shape in names.items()
    }
    views: Any = {name: array[..., place] for name, array in room.items()}
    place_particles(**views, **case.law, backend=backend)
    host = {name: to_numpy(array) for name, array in room.items()}
    outside = np.r_[0 : case.first, case.first + case.n : capacity]
    beyond = sum(int(np.count_nonzero(~np.isnan(array[..., outside]))) for array in host.values())
    return {name: array[..., place] for name, array in host.items()} | {"beyond": np.array([float(beyond)])}


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Largest error; places in a periodic box are compared around it."""
    law, extent = case.law, np.array(case.law["grid"].extent)[:, None]
    roundoff, normal, worst = ROUNDOFF[case.dtype], RANDOM[case.dtype], LARGEST_NORMAL[case.dtype]
    off = np.abs(np.subtract(value, expected, dtype=np.float64))
    largest = law["energy_scale"]
    if name == "position":
        if law["grid"].periodic:
            off = np.minimum(off, np.abs(extent - off))
        reach = max(map(abs, law["centre"])) + worst * law["spread"] + float(extent.max())
        tolerance = normal * law["spread"] + 11 * roundoff * reach
        outside = (value < 0) | (value > extent.astype(value.dtype))
        off = np.where(outside, np.inf, off)
    elif name == "velocity":
        tolerance = law["speed"] * (normal + 2 * worst * roundoff)
    elif name == "heat":
        tolerance = 6 * roundoff * 2 * largest * law["specific_heat"] * law["temperature"]
    else:
        tolerance = 0.0 if name == "beyond" else 6 * roundoff * largest
    return float(off.max(initial=0.0)), tolerance
