"""Parity cases of `kick`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_kernels.accounts import ACCOUNTS, DRAG, LIMITER, PRESSURE, PROJECTION, RADIATION
from stnb_kernels.cells import cases as particles
from stnb_kernels.kick import FORCES, kick_particles
from stnb_kernels.parity import to_device, to_numpy

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.grid import Grid

# A weight is off by one unit in the last place of the coordinate g < 2⁷, so a sampled value by 3·2⁷·ε and a slope by
# 2·2⁷·ε of the field's range over h: 2e-5 and 1e-14·2⁶ with some room for the sums. The pressure divides such a slope
# by a sampled mass of at least 0.1, which may be off by as much, and the energies multiply two such numbers: ten times.
TOLERANCE = {"float32": 4e-5, "float64": 2e-13}
LOOSE = {"thrust": 10.0, "velocity_out": 2.0, "heat_out": 10.0, "accounts": 10.0}
OUTPUTS = ("acceleration", "thrust", "potential", "accounts", "velocity_out", "heat_out")


@dataclass(frozen=True)
class Case:
    """Particles among fields."""

    grid: Grid
    columns: dict[str, np.ndarray]
    fields: dict[str, Float[np.ndarray, "nx ny nz"]]
    settings: dict[str, Any]

    def __str__(self) -> str:
        shape = self.columns["position"].shape
        return f"{shape[1]} {self.columns['position'].dtype} particles on {self.grid}, {self.settings}"


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    """Fields of all kinds; node mass is nowhere, everywhere or far from zero, so that 1/M(x) does not amplify."""
    base = particles.draw(rng, small=small, backend=backend)
    n, dtype, grid = base.position.shape[1], base.position.dtype, base.grid
    position = np.where(np.abs(base.position) < 1e6, base.position, 0)
    columns = {
        "position": position,
        "velocity": rng.normal(0, 1, (3, n)),
        "push": rng.normal(0, 0.1, (3, n)) * rng.integers(2),
        "mass": rng.uniform(0.5, 1, n),
        "heat": rng.exponential(1.0, n) * (rng.random(n) < 0.8),
    }
    fields = {
        "node_potential": rng.normal(0, 1, grid.shape),
        "node_mass": rng.uniform(0.1, 1, grid.shape) * (rng.random() < 0.9),
        "node_heat": rng.exponential(1.0, grid.shape),
        "share": rng.exponential(0.1, grid.shape),
        "keep": -rng.random(grid.shape) * 0.5,
    }
    settings = {
        "dt": float(rng.choice([0.0, 0.01])),
        "specific_heat": float(rng.choice([1.0, 10.0])),
        "gas": float(rng.choice([0.0, 0.1, 2.0])),
        "drag": float(rng.choice([0.0, 0.1, 20.0])),
        "radiance": float(rng.choice([0.0, 1.6e-5, 1.0])),
        "acceleration_limit": float(rng.choice([0.0, 0.0, 0.5])),
        "speed_limit": float(rng.choice([0.0, 0.0, 1.5])),
        "force": FORCES[rng.integers(2)],
        "free": bool(rng.integers(2)),
    }
    real = {name: a.astype(dtype) for name, a in columns.items()}
    return Case(grid, real, {name: a.astype(dtype) for name, a in fields.items()}, settings)


def blank(case: Case, dtype: Any) -> dict[str, np.ndarray]:
    """Outputs full of NaN; accounts that the drift has begun."""
    shape = case.columns["position"].shape
    sizes = {
        name: shape if name in ("acceleration", "thrust", "velocity_out") else shape[1:] for name in OUTPUTS
    }
    outputs = {name: np.full(size, np.nan, dtype=dtype) for name, size in sizes.items()}
    accounts = np.full((len(ACCOUNTS), *shape[1:]), 0.5, dtype=dtype)
    accounts[[RADIATION, LIMITER]] = np.nan
    return {**outputs, "accounts": accounts}


def reference(case: Case) -> dict[str, np.ndarray]:
    from stnb_kernels.kick import reference as definition

    columns: dict[str, Any] = {
        name: a if name == "position" else a.astype(np.float64) for name, a in case.columns.items()
    }
    outputs = blank(case, np.float64)
    s = case.settings
    numbers = (s["dt"], s["specific_heat"], s["gas"], s["drag"], s["radiance"])
    limits = (s["acceleration_limit"], s["speed_limit"])
    fields, written = tuple(case.fields.values()), tuple(outputs.values())
    settings = (*numbers, *limits, s["force"] == "momentum", s["free"])
    definition.run(**columns, grid=case.grid, fields=fields, outputs=written, settings=settings)
    return outputs


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    inputs: dict[str, Any] = {n: to_device(a, backend) for n, a in (case.columns | case.fields).items()}
    outputs: dict[str, Any] = {
        n: to_device(a, backend) for n, a in blank(case, case.columns["mass"].dtype).items()
    }
    kick_particles(**inputs, grid=case.grid, **outputs, **case.settings, backend=backend)
    return {name: to_numpy(a) for name, a in outputs.items()}


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Largest error over the largest value; a slope's over the field's range per spacing."""
    scale = max(float(np.abs(expected).max(initial=0.0)), 1.0)
    if name in ("acceleration", "thrust", "velocity_out"):
        scale = max(scale, 1.0 / case.grid.spacing)
    tolerance = TOLERANCE[str(case.columns["mass"].dtype)] * LOOSE.get(name, 1.0)
    if name == "accounts":
        rows = [DRAG, PRESSURE, PROJECTION, RADIATION, LIMITER]
        value, expected = value[rows], expected[rows]
    return float(np.abs(value - expected).max(initial=0.0) / scale), tolerance
