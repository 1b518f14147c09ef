"""Parity cases of `statistics`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.parity import to_device, to_numpy
from stnb_kernels.statistics import PARTS, STATISTICS_BLOCKS, STATS, describe_values

if TYPE_CHECKING:
    from jaxtyping import Float

COUNTS = (0, 1, 7, 33, 100, 4096, 4097, 300_001)
OFFSETS = (0.0, 1.0, -1e6)

# Both sum float64 numbers, in another order: √n·ε of the sum of magnitudes in the mean, 550·1e-16 at most. The
# deviation of values near an offset rests on x − x̄, whose error is that of x̄: stated of the largest magnitude too.
TOLERANCE = 1e-13


@dataclass(frozen=True)
class Case:
    """A column of values."""

    values: Float[np.ndarray, " n"]

    def __str__(self) -> str:
        return f"{len(self.values)} {self.values.dtype} values"


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    """Centred columns, columns far from zero, constant ones."""
    n = int(rng.choice(COUNTS[:5] if small else COUNTS))
    dtype = "float32" if backend in ("metal", "triton") else str(rng.choice(["float32", "float64"]))
    values = rng.choice(OFFSETS) + rng.choice([0.0, 1e-3, 1.0]) * rng.normal(0, 1, n)
    return Case(values.astype(dtype))


def reference(case: Case) -> dict[str, np.ndarray]:
    return compute(case, "reference")


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    stats = to_device(np.full(len(STATS), np.nan), backend)
    scratch = to_device(np.full((STATISTICS_BLOCKS, len(PARTS)), np.nan), backend)
    describe_values(to_device(case.values, backend), stats, scratch, backend=backend)
    return {"stats": to_numpy(stats)}


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Error over the largest magnitude; the count must be the same."""
    del name
    if value[3] != expected[3]:
        return float("inf"), TOLERANCE
    scale = float(np.abs(case.values).max(initial=0.0)) or 1.0
    return float(np.abs(value - expected).max() / scale), TOLERANCE
