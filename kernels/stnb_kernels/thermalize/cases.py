"""Parity cases of `thermalize`: with and without decay, pump and equilibrium, steps short and long, cold particles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_kernels.carrier_cases import OSCILLATORS
from stnb_kernels.law import CarrierLaw
from stnb_kernels.parity import to_device, to_numpy
from stnb_kernels.thermalize import thermalize_oscillators

if TYPE_CHECKING:
    from jaxtyping import Float

# Sums of terms that are never negative, each a product of at most five rounded numbers: some ten roundings of
# E + Q + P·dt.
ROUNDINGS = 16


@dataclass(frozen=True)
class Case:
    """Particles and the oscillators that they are."""

    arrays: dict[str, np.ndarray]
    law: CarrierLaw
    specific_heat: float

    def __str__(self) -> str:
        return f"{len(self.arrays['heat'])} {self.arrays['heat'].dtype} particles, {self.law}"


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    n = int(rng.choice(OSCILLATORS[:4] if small else OSCILLATORS))
    dtype = "float32" if backend in ("metal", "triton") else str(rng.choice(["float32", "float64"]))
    law = CarrierLaw(
        dt=float(rng.choice([1e-3, 0.1, 3.0])),
        decay=float(rng.choice([0.0, 0.1, 50.0])),
        pump=float(rng.choice([0.0, 0.075])),
        thermal=float(rng.choice([0.0, 0.05, 30.0])),
    )
    floats = {
        "energy": rng.exponential(1, n) * rng.integers(0, 2, n),
        "heat": rng.exponential(10, n) * rng.integers(0, 2, n),
        "mass": rng.uniform(0.5, 1, n),
    }
    arrays = {name: a.astype(dtype) for name, a in floats.items()} | {
        "home": rng.permutation(n).astype(np.int32)
    }
    return Case(arrays, law, float(rng.choice([0.5, 10.0])))


def reference(case: Case) -> dict[str, np.ndarray]:
    return compute(case, "reference")


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    arrays: dict[str, Any] = {name: to_device(a, backend) for name, a in case.arrays.items()}
    thermalize_oscillators(**arrays, law=case.law, specific_heat=case.specific_heat, backend=backend)
    return {"energy": to_numpy(arrays["energy"]), "heat": to_numpy(arrays["heat"])[case.arrays["home"]]}


def error(
    case: Case, name: str, value: Float[np.ndarray, " n"], expected: Float[np.ndarray, " n"]
) -> tuple[float, float]:
    """Error over the energy that a particle has."""
    del name
    all_of_it = case.arrays["energy"].astype(np.float64) + case.arrays["heat"][case.arrays["home"]]
    all_of_it = all_of_it + case.law.pump * case.law.dt + 1e-300
    off = float((np.abs(value.astype(np.float64) - expected) / all_of_it).max(initial=0.0))
    return off, ROUNDINGS * float(np.finfo(value.dtype).eps)
