"""Parity cases of `drift`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from stnb_kernels.accounts import ACCOUNTS
from stnb_kernels.drift import drift_particles
from stnb_kernels.grid import Grid
from stnb_kernels.parity import to_device, to_numpy

COUNTS = (0, 1, 7, 60, 1000, 20_000)
SLOWEST_BOUNCE = 0.5

# A few fused multiply-adds of numbers below 2⁷ and two exponentials: ten ε of the scale. The energies are products of
# three such numbers and twice a difference of them, hence the factor of five. A particle whose new place lies within
# rounding of a wall may be reflected on one side only, so places this close to a wall are left out of the draw. The
# time since a wall was met is off by ε·x/v, and the velocity by that times an acceleration of up to 8 m/s²: 2⁵·ε·8/½,
# as particles that meet a wall more slowly than ½ m/s are left out too.
TOLERANCE = {"float32": 5e-6, "float64": 2e-14}


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
    """Some particles pass a wall, some many; some are too cold to pay for their pressure."""
    n = int(rng.choice(COUNTS[:4] if small else COUNTS))
    grid = Grid((8, 5, 12), float(rng.choice([1.0, 0.5, 1.7])), bool(rng.integers(2)))
    dtype = "float32" if backend in ("metal", "triton") else str(rng.choice(["float32", "float64"]))
    extent = np.array(grid.extent)[:, None]
    margin = 0.25 * grid.spacing
    settings = {
        "dt": 0.01,
        "kick": float(rng.choice([0.0, 0.005])),
        "late": float(rng.choice([-0.004, 0.0, 0.004])),
        "drag": float(rng.choice([0.0, 0.1, 20.0])),
        "wall_margin": margin,
        "wall_restitution": float(rng.choice([0.0, 0.5, 1.0])),
    }
    arrays = {
        "position": margin + rng.random((3, n)) * (extent - 2 * margin),
        "velocity": rng.normal(0, rng.choice([0.1, 30.0]), (3, n)),
        "acceleration": rng.normal(0, 1, (3, n)),
        "thrust": rng.normal(0, rng.choice([0.0, 1.0, 100.0]), (3, n)),
        "push": rng.normal(0, 0.1, (3, n)) * rng.integers(2),
        "sprung": rng.normal(0, 0.005, (3, n)) * rng.integers(2),
        "mass": rng.uniform(0.5, 1, n),
        "heat": rng.exponential(1.0, n) * (rng.random(n) < 0.8),
        "accounts": rng.random((len(ACCOUNTS), n)),
    }
    arrays = {name: a.astype(dtype) for name, a in arrays.items()}
    hold = still(grid, arrays, settings)
    for name in ("velocity", "acceleration", "thrust", "push", "sprung"):
        arrays[name] = np.where(hold, 0, arrays[name]).astype(dtype)
    if grid.periodic:  # a particle at rest stays where it is
        arrays["position"] = np.where(hold, 0.3 * extent, arrays["position"]).astype(dtype)
    return Case(grid, arrays, settings)


def still(grid: Grid, arrays: dict[str, np.ndarray], settings: dict[str, float]) -> np.ndarray:
    """Which particles would come within rounding of a wall, or meet one slowly."""
    from stnb_kernels.drift import reference as definition

    trial = {name: a.astype(np.float64) for name, a in arrays.items()}
    definition.run(**trial, grid=Grid((2, 2, 2), 1e9, periodic=True), **settings)
    extent = np.array(grid.extent)[:, None]
    margin = settings["wall_margin"]
    walls = (0.0, extent) if grid.periodic else (margin, extent - margin)
    near = np.zeros(arrays["mass"].shape, dtype=bool)
    for push in (0.0, 1.0):
        place = arrays["position"] + settings["dt"] * trial["velocity"] + push * arrays["push"]
        near |= np.any([np.abs(place - w) < 1e-3 for w in walls], axis=0).any(axis=0)
    if not grid.periodic:
        place = arrays["position"] + settings["dt"] * trial["velocity"]
        crosses = (place < margin) | (place > extent - margin)
        near |= (crosses & (np.abs(trial["velocity"]) < SLOWEST_BOUNCE)).any(axis=0)
    return near


def reference(case: Case) -> dict[str, np.ndarray]:
    from stnb_kernels.drift import reference as definition

    arrays: dict[str, Any] = {name: a.astype(np.float64) for name, a in case.arrays.items()}
    definition.run(**arrays, grid=case.grid, **case.settings)
    return arrays


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    arrays: dict[str, Any] = {name: to_device(a, backend) for name, a in case.arrays.items()}
    drift_particles(**arrays, grid=case.grid, **case.settings, backend=backend)
    return {name: to_numpy(arrays[name]) for name in ("position", "velocity", "push", "heat", "accounts")}


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Largest error over the largest value; energies over the largest kinetic energy too."""
    scale = max(float(np.abs(expected).max(initial=0.0)), 1.0)
    if name in ("heat", "accounts"):
        energy = (case.arrays["velocity"].astype(np.float64) ** 2).sum(axis=0) / 2
        thrown = (case.settings["kick"] * case.arrays["thrust"].astype(np.float64)) ** 2
        scale = max(scale, float((energy + thrown.sum(axis=0)).max(initial=0.0)))
    tolerance = TOLERANCE[str(case.arrays["mass"].dtype)] * (8 if name == "velocity" else 1)
    return float(np.abs(value - expected).max(initial=0.0) / scale), tolerance
