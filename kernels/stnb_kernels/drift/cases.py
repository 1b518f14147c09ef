"""Parity cases of `drift`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from stnb_kernels.drift import drift_particles
from stnb_kernels.grid import Grid
from stnb_kernels.parity import to_device, to_numpy

COUNTS = (0, 1, 7, 60, 1000, 20_000)

# Two fused multiply-adds of numbers below 2⁷: a few ε of the scale. A particle whose new place lies within that
# distance of a wall may be reflected on one side only, so places this close to a wall are left out of the draw.
TOLERANCE = {"float32": 2e-6, "float64": 1e-14}


@dataclass(frozen=True)
class Case:
    """Moving particles."""

    grid: Grid
    arrays: dict[str, np.ndarray]
    settings: dict[str, float]

    def __str__(self) -> str:
        shape = self.arrays["position"].shape
        return f"{shape[1]} {self.arrays['position'].dtype} particles on {self.grid}, {self.settings}"


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    """Some particles pass a wall, some many."""
    n = int(rng.choice(COUNTS[:4] if small else COUNTS))
    grid = Grid((8, 5, 12), float(rng.choice([1.0, 0.5, 1.7])), bool(rng.integers(2)))
    dtype = "float32" if backend in ("metal", "triton") else str(rng.choice(["float32", "float64"]))
    extent = np.array(grid.extent)[:, None]
    margin = 0.25 * grid.spacing
    position = margin + rng.random((3, n)) * (extent - 2 * margin)
    velocity = rng.normal(0, rng.choice([0.1, 30.0]), (3, n))
    acceleration = rng.normal(0, 1, (3, n))
    settings = {"dt": 0.01, "wall_margin": margin, "wall_restitution": float(rng.choice([0.0, 0.5, 1.0]))}
    if n:
        place = position + 0.01 * (velocity + 0.005 * acceleration)
        near = [np.abs(place - w) < 1e-3 for w in (0.0, margin, extent - margin, extent)]
        velocity = np.where(np.any(near, axis=0), 0.0, velocity)
        acceleration = np.where(np.any(near, axis=0), 0.0, acceleration)
    arrays = {
        "position": position,
        "velocity": velocity,
        "acceleration": acceleration,
        "mass": rng.uniform(0.5, 1, n),
        "heat": rng.exponential(1.0, n),
    }
    return Case(grid, {name: a.astype(dtype) for name, a in arrays.items()}, settings)


def reference(case: Case) -> dict[str, np.ndarray]:
    from stnb_kernels.drift import reference as definition

    arrays: dict[str, Any] = {name: a.astype(np.float64) for name, a in case.arrays.items()}
    definition.run(**arrays, grid=case.grid, **case.settings)
    return arrays


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    arrays: dict[str, Any] = {name: to_device(a, backend) for name, a in case.arrays.items()}
    drift_particles(**arrays, grid=case.grid, **case.settings, backend=backend)
    return {name: to_numpy(arrays[name]) for name in ("position", "velocity", "heat")}


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Largest error over the largest value."""
    del name
    scale = max(float(np.abs(expected).max(initial=0.0)), 1.0)
    return float(np.abs(value - expected).max(initial=0.0) / scale), TOLERANCE[str(case.arrays["mass"].dtype)]
