"""Parity cases of `tally`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from stnb_kernels.parity import to_device, to_numpy
from stnb_kernels.tally import ACCOUNTS, SUMS, TALLY_BLOCKS, tally_particles

COUNTS = (0, 1, 7, 60, 4096, 4097, 20_000)

# Both sum float64 numbers, in another order: n·ε of the sum of magnitudes, 20 000·1e-16.
TOLERANCE = 2e-12


@dataclass(frozen=True)
class Case:
    """Particles to add up."""

    arrays: dict[str, np.ndarray]

    def __str__(self) -> str:
        return f"{self.arrays['mass'].shape[0]} {self.arrays['mass'].dtype} particles"


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    n = int(rng.choice(COUNTS[:4] if small else COUNTS))
    dtype = "float32" if backend in ("metal", "triton") else str(rng.choice(["float32", "float64"]))
    arrays = {
        "velocity": rng.normal(0, 1, (3, n)),
        "mass": rng.uniform(0.5, 1, n),
        "heat": rng.exponential(1, n),
        "energy": rng.exponential(1, n),
        "potential": -rng.exponential(1, n),
        "accounts": rng.normal(0, 1, (len(ACCOUNTS), n)),
    }
    return Case({name: a.astype(dtype) for name, a in arrays.items()})


def reference(case: Case) -> dict[str, np.ndarray]:
    return compute(case, "reference")


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    sums = to_device(np.full(len(SUMS), np.nan), backend)
    scratch = to_device(np.full((TALLY_BLOCKS, len(SUMS)), np.nan), backend)
    arrays: dict[str, Any] = {name: to_device(a, backend) for name, a in case.arrays.items()}
    tally_particles(**arrays, sums=sums, scratch=scratch, backend=backend)
    return {"sums": to_numpy(sums)}


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Error over the magnitude that was summed."""
    del name
    scale = np.maximum(np.abs(expected), max(float(case.arrays["mass"].sum(dtype=np.float64)), 1.0))
    return float((np.abs(value - expected) / scale).max()), TOLERANCE
