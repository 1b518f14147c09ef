"""Parity cases of `kick`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_kernels.cells import cases as particles
from stnb_kernels.kick import kick_particles
from stnb_kernels.parity import to_device, to_numpy

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.grid import Grid

# A weight is off by one unit in the last place of the coordinate g < 2⁷, so a sampled value by 3·2⁷·ε and a slope by
# 2·2⁷·ε of the field's range over h: 2e-5 and 1e-14·2⁶ with some room for the sums.
TOLERANCE = {"float32": 4e-5, "float64": 2e-13}


@dataclass(frozen=True)
class Case:
    """Particles among fields."""

    grid: Grid
    columns: dict[str, np.ndarray]
    fields: dict[str, Float[np.ndarray, "nx ny nz"]]
    dt: float
    specific_heat: float

    def __str__(self) -> str:
        shape = self.columns["position"].shape
        return f"{shape[1]} {self.columns['position'].dtype} particles on {self.grid}"


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    base = particles.draw(rng, small=small, backend=backend)
    n, dtype, grid = base.position.shape[1], base.position.dtype, base.grid
    position = np.where(np.abs(base.position) < 1e6, base.position, 0)
    columns = {
        "position": position,
        "velocity": rng.normal(0, 1, (3, n)),
        "mass": rng.uniform(0.5, 1, n),
        "heat": rng.exponential(1.0, n),
    }
    fields = {
        "node_potential": rng.normal(0, 1, grid.shape),
        "share": rng.exponential(0.1, grid.shape),
        "keep": -rng.random(grid.shape) * 0.5,
    }
    return Case(
        grid,
        {name: a.astype(dtype) for name, a in columns.items()},
        {name: a.astype(dtype) for name, a in fields.items()},
        float(rng.choice([0.0, 0.01])),
        10.0,
    )


def reference(case: Case) -> dict[str, np.ndarray]:
    from stnb_kernels.kick import reference as definition

    columns: dict[str, Any] = {
        name: a if name == "position" else a.astype(np.float64) for name, a in case.columns.items()
    }
    acceleration, potential = np.empty(case.columns["position"].shape), np.empty(case.columns["mass"].shape)
    outputs: dict[str, Any] = {"acceleration": acceleration, "potential": potential}
    settings = {"dt": case.dt, "specific_heat": case.specific_heat}
    definition.run(**columns, grid=case.grid, **case.fields, **outputs, **settings)
    return {**columns, **outputs}


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    columns: dict[str, Any] = {name: to_device(a, backend) for name, a in case.columns.items()}
    fields: dict[str, Any] = {name: to_device(a, backend) for name, a in case.fields.items()}
    acceleration = to_device(np.full_like(case.columns["position"], np.nan), backend)
    potential = to_device(np.full_like(case.columns["mass"], np.nan), backend)
    kick_particles(
        **columns,
        grid=case.grid,
        **fields,
        acceleration=acceleration,
        potential=potential,
        dt=case.dt,
        specific_heat=case.specific_heat,
        backend=backend,
    )
    outputs = {"velocity": columns["velocity"], "heat": columns["heat"], "acceleration": acceleration}
    return {name: to_numpy(a) for name, a in {**outputs, "potential": potential}.items()}


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Largest error over the largest value; a slope's over the field's range per spacing."""
    scale = max(float(np.abs(expected).max(initial=0.0)), 1.0)
    if name == "acceleration":
        scale = max(scale, 1.0 / case.grid.spacing)
    return float(np.abs(value - expected).max(initial=0.0) / scale), TOLERANCE[
        str(case.columns["mass"].dtype)
    ]
