"""Parity cases of `reorder`: values are moved, so identical."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.parity import to_device, to_numpy
from stnb_kernels.reorder import reorder_particles

if TYPE_CHECKING:
    from jaxtyping import Float, Int32

COUNTS = (0, 1, 7, 60, 4097, 20_000)
ROWS = (1, 3, 13)
SCRATCH_SPARE = 5


@dataclass(frozen=True)
class Case:
    """A block whose first n columns are in use."""

    block: Float[np.ndarray, "rows capacity"]
    uid: Int32[np.ndarray, " capacity"]
    order: Int32[np.ndarray, " n"]

    def __str__(self) -> str:
        return f"{len(self.order)} of {self.block.shape[1]} columns, {self.block.shape[0]} rows of {self.block.dtype}"


def draw(rng: np.random.Generator, *, small: bool, backend: str) -> Case:
    """Random permutations, nearly sorted ones, and none at all."""
    n, rows = int(rng.choice(COUNTS[:4] if small else COUNTS)), int(rng.choice(ROWS))
    dtype = "float32" if backend == "metal" else str(rng.choice(["float32", "float64"]))
    capacity = n + int(rng.choice([0, 1, 37]))
    orders = (rng.permutation(n), np.argsort(np.arange(n) + rng.uniform(0, 3, n)), np.arange(n))
    order = orders[rng.integers(len(orders))].astype(np.int32)
    block = rng.normal(size=(rows, capacity)).astype(dtype)
    block[:, n:] = np.nan
    return Case(block, rng.permutation(capacity).astype(np.int32), order)


def reference(case: Case) -> dict[str, np.ndarray]:
    return compute(case, "reference")


def compute(case: Case, backend: str) -> dict[str, np.ndarray]:
    """The whole block comes back, so that a write beyond the n-th column shows."""
    n = len(case.order)
    block, uid, order = (to_device(a, backend) for a in (case.block, case.uid, case.order))
    rows = len(case.block)
    scratch = to_device(np.full((rows, n + SCRATCH_SPARE), np.nan, dtype=case.block.dtype), backend)
    uid_scratch = to_device(np.full(n + SCRATCH_SPARE, -77, dtype=np.int32), backend)
    reorder_particles(block[:, :n], uid[:n], order, scratch, uid_scratch, backend=backend)
    return {"columns": to_numpy(block), "uid": to_numpy(uid)}


def error(case: Case, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    del case, name
    same = (value == expected) | (np.isnan(value) & np.isnan(expected))
    return float(np.count_nonzero(~same)), 0.0
