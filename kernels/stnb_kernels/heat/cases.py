"""Parity cases of `heat`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.grid import Grid
from stnb_kernels.heat import diffuse_heat
from stnb_kernels.parity import to_device, to_numpy

if TYPE_CHECKING:
    from jaxtyping import Float

SHAPES = ((2, 2, 2), (4, 4, 4), (3, 5, 4), (2, 2, 24), (7, 4, 9), (24, 3, 2), (17, 9, 33))

# The elimination is diagonally dominant, so each of its n ≤ 33 steps adds a few ε of the temperature's range; `keep`
# is a relative change that goes through a difference of two heats, hence 100·ε. `share` holds such differences too:
# its error is stated of the largest temperature, and that of `keep` in joules, of the largest heat.
TOLERANCE = {"float32": 2e-5, "float64": 1e-12}


@dataclass(frozen=True)
class Case:
    """Mass and heat on a grid."""

    grid: Grid
    node_mass: Float[np.ndarray, "nx ny nz"]
    node_heat: Float[np.ndarray, "nx ny nz"]
    settings: dict[str, float]

    def __str__(self) -> str:
        return f"{self.node_mass.dtype} on {self.grid}, {self.settings}"


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    """Full and patchy lattices, heats that round to almost nothing, weak and strong conduction, none at all."""
    shapes = SHAPES[:4] if small else SHAPES
    grid = Grid(shapes[rng.integers(len(shapes))], float(rng.choice([1.0, 0.3, 1.7])), bool(rng.integers(2)))
    filled = rng.random(grid.shape) < rng.choice([0.0, 0.3, 1.0])
    mass = rng.uniform(0.5, 2.0, grid.shape) * filled
    heat = rng.exponential(1.0, grid.shape) * filled * (rng.random(grid.shape) < 0.8)
    heat = np.where(rng.random(grid.shape) < 0.1, heat * 1e-43, heat)
    dtype = "float32" if backend in ("metal", "triton") else str(rng.choice(["float32", "float64"]))
    settings = {
        "dt": float(rng.choice([0.01, 1.0])),
        "conductivity": float(rng.choice([0.0, 1e-3, 0.1, 50.0])),
        "specific_heat": float(rng.choice([1.0, 10.0])),
        "relaxation": float(rng.choice([0.0, 0.02, 0.9])),
    }
    return Case(grid, mass.astype(dtype), heat.astype(dtype), settings)


def reference(case: Case) -> dict[str, np.ndarray]:
    from stnb_kernels.heat import reference as definition

    share, keep = np.empty((2, *case.grid.shape))
    s = case.settings
    link = s["conductivity"] * case.grid.spacing * s["dt"]
    inputs = (case.node_mass, case.node_heat, case.grid, share, keep, np.empty((3, *case.grid.shape)))
    definition.run(*inputs, link, s["specific_heat"], s["relaxation"])
    return {"share": share, "keep": keep}


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    blank = np.full(case.grid.shape, np.nan, dtype=case.node_mass.dtype)
    share, keep = (to_device(blank, backend) for _ in range(2))
    scratch = to_device(np.stack([blank, blank, blank]), backend)
    inputs = [to_device(a, backend) for a in (case.node_mass, case.node_heat)]
    diffuse_heat(*inputs, case.grid, share, keep, scratch, **case.settings, backend=backend)
    return {"share": to_numpy(share), "keep": to_numpy(keep)}


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Error of a temperature over the largest one, and of a loss of heat over the largest heat."""
    heat = case.node_heat.astype(np.float64)
    tolerance = TOLERANCE[str(case.node_mass.dtype)]
    if name == "keep":
        lost = np.abs(value - expected) * heat
        return float(lost.max() / max(heat.max(), 1e-30)) if (value >= -1).all() else np.inf, tolerance
    capacity = case.settings["specific_heat"] * case.node_mass.astype(np.float64)
    hottest = np.divide(heat, capacity, out=np.zeros(case.grid.shape), where=capacity > 0).max()
    return float(np.abs(value - expected).max() / max(float(hottest), 1e-30)), tolerance
