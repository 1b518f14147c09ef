"""Parity cases of `random`: uniforms to the bit, normals to the rounding of a logarithm and a cosine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from stnb_kernels.parity import to_device, to_numpy
from stnb_kernels.random import LAWS, fill_random

SIZES = (0, 1, 2, 3, 4, 5, 7, 31, 1000, 4097, 100_003)

# √(−2 ln(1−u)) of a float32 u is exact to 4 ulp and at most 5.9; a cosine's argument 2πu is rounded to 2⁻²² or less,
# so a normal is off by at most 5.9·2⁻²² + 4·2⁻²⁴·5.9 ≈ 2.8e-6. In float64 the same sum gives 6e-15.
TOLERANCE = {"float32": 3e-6, "float64": 1e-14}


@dataclass(frozen=True)
class Case:
    n: int
    dtype: str
    law: str
    seed: int
    stream: int
    step: int


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    sizes = SIZES[:8] if small else SIZES
    dtypes = ("float32",) if backend == "metal" else ("float32", "float64")
    words = rng.integers(0, 2**32, size=3, dtype=np.uint64)
    seed = int(words[0]) << int(rng.integers(0, 32))
    return Case(
        int(rng.choice(sizes)),
        str(rng.choice(dtypes)),
        str(rng.choice(LAWS)),
        seed,
        int(words[1]),
        int(words[2]),
    )


def reference(case: Case) -> dict[str, np.ndarray]:
    out = np.empty(case.n, dtype=case.dtype)
    fill_random(out, seed=case.seed, stream=case.stream, step=case.step, law=case.law, backend="reference")  # type: ignore[arg-type]
    return {"out": out}


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    out: Any = to_device(np.full(case.n, np.nan, dtype=case.dtype), backend)
    fill_random(out, seed=case.seed, stream=case.stream, step=case.step, law=case.law, backend=backend)  # type: ignore[arg-type]
    return {"out": to_numpy(out)}


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    del name
    worst = float(np.abs(value - expected).max(initial=0.0))
    return worst, 0.0 if case.law == "uniform" else TOLERANCE[case.dtype]
