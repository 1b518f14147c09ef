"""Parity cases of `deposit`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.cells import CellList, build_cells
from stnb_kernels.cells import cases as particles
from stnb_kernels.deposit import deposit_particles
from stnb_kernels.deposit import reference as definition
from stnb_kernels.parity import to_device, to_numpy

if TYPE_CHECKING:
    from jaxtyping import Float

# A node sums k terms w·q in turn. Each weight is a product of three factors with an error of one unit in the last
# place of the coordinate g < 2⁷ (the subtraction g − b), so a term is off by 3·2⁷·ε·q, and the running sum of k terms
# of one sign by k·ε of its value. With the few thousand terms of a coincident cluster this stays below:
TOLERANCE = {"float32": 5e-5, "float64": 1e-13}


@dataclass(frozen=True)
class Case:
    """Particles with mass and heat."""

    particles: particles.Case
    mass: Float[np.ndarray, " n"]
    heat: Float[np.ndarray, " n"]

    def __str__(self) -> str:
        return str(self.particles)


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    base = particles.draw(rng, small=small, backend=backend)
    n, dtype = base.position.shape[1], base.position.dtype
    return Case(base, rng.uniform(0.5, 1.0, n).astype(dtype), rng.exponential(1.0, n).astype(dtype))


def reference(case: Case) -> dict[str, np.ndarray]:
    grid = case.particles.grid
    node_mass, node_heat = np.empty((2, *grid.shape))
    position = case.particles.position
    cells = CellList.allocate(grid, 0, position)
    definition.run(position, case.mass, case.heat, grid, cells, node_mass, node_heat)
    return {"node_mass": node_mass, "node_heat": node_heat}


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    grid, host = case.particles.grid, case.particles.position
    listed = CellList.allocate(grid, host.shape[1], host)
    build_cells(host, grid, listed, backend="reference")
    cells = CellList(*(to_device(getattr(listed, f), backend) for f in CellList.__slots__))
    blank = np.full(grid.shape, np.nan, dtype=host.dtype)
    outputs = [to_device(blank, backend) for _ in range(2)]
    inputs = [to_device(a, backend) for a in (host, case.mass, case.heat)]
    deposit_particles(*inputs, grid, cells, *outputs, backend=backend)
    return {name: to_numpy(out) for name, out in zip(("node_mass", "node_heat"), outputs, strict=True)}


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Largest error over the largest value."""
    del name
    scale = float(np.abs(expected).max(initial=0.0)) or 1.0
    return float(np.abs(value - expected).max() / scale), TOLERANCE[str(case.mass.dtype)]
