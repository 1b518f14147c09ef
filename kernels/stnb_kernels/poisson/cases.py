"""Parity cases of `poisson`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.grid import Grid
from stnb_kernels.parity import to_device, to_numpy
from stnb_kernels.poisson import PoissonPlan, solve_poisson

if TYPE_CHECKING:
    from jaxtyping import Float

SHAPES = ((2, 2, 2), (4, 4, 4), (3, 5, 4), (8, 8, 8), (17, 9, 33), (32, 32, 32))

# A transform of n³ points errs by about ε·log₂ n³ of the largest value (a product with a dense sine matrix by ε·√n);
# 15·6e-8 ≈ 1e-6 for float32, doubled for the way back, and the division by λ amplifies high modes least. In free space
# the kernel falls from its middle, so it does not amplify either. Stated of max|φ|.
TOLERANCE = {"float32": 2e-5, "float64": 1e-12}


@dataclass(frozen=True)
class Case:
    """A mass distribution on a grid."""

    grid: Grid
    node_mass: Float[np.ndarray, "nx ny nz"]
    gravity: float
    free: bool

    def __str__(self) -> str:
        return f"{self.node_mass.dtype} on {self.grid}{', free' if self.free else ''}"


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    shapes = SHAPES[:4] if small else SHAPES
    grid = Grid(shapes[rng.integers(len(shapes))], float(rng.choice([1.0, 0.3, 1.7])), bool(rng.integers(2)))
    mass = rng.exponential(1.0, grid.shape) * (rng.random(grid.shape) < rng.choice([0.0, 0.05, 1.0]))
    dtype = "float32" if backend in ("metal", "triton") else str(rng.choice(["float32", "float64"]))
    free = not grid.periodic and bool(rng.integers(2))
    return Case(grid, mass.astype(dtype), float(rng.uniform(0, 2)), free)


def reference(case: Case) -> dict[str, np.ndarray]:
    from stnb_kernels.poisson import reference as definition

    potential = np.empty(case.grid.shape)
    scale = 4.0 * np.pi * case.gravity / case.grid.cell_volume
    plan = PoissonPlan.allocate(case.grid, potential, free=case.free)
    definition.run(case.node_mass, case.grid, scale, potential, plan)
    return {"potential": potential}


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    potential = to_device(np.full(case.grid.shape, np.nan, dtype=case.node_mass.dtype), backend)
    node_mass = to_device(case.node_mass, backend)
    plan = PoissonPlan.allocate(case.grid, node_mass, free=case.free)
    solve_poisson(node_mass, case.grid, case.gravity, potential, plan, backend=backend)
    return {"potential": to_numpy(potential)}


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Largest error over the largest value."""
    del name
    scale = float(np.abs(expected).max()) or 1.0
    return float(np.abs(value - expected).max() / scale), TOLERANCE[str(case.node_mass.dtype)]
