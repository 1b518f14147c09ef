"""The definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = ["run"]


def run(
    velocity: Float[np.ndarray, "3 n"],
    mass: Float[np.ndarray, " n"],
    heat: Float[np.ndarray, " n"],
    energy: Float[np.ndarray, " n"],
    potential: Float[np.ndarray, " n"],
    accounts: Float[np.ndarray, "rows n"],
    scratch: Float[np.ndarray, "blocks sums"],
    sums: Float[np.ndarray, " sums"],
) -> None:
    del scratch
    v, m = velocity.astype(np.float64), mass.astype(np.float64)
    speed = np.sqrt((v**2).sum(axis=0))
    sums[:] = [
        0.5 * (m * speed**2).sum(),
        0.5 * (m * potential).sum(),
        heat.sum(dtype=np.float64),
        energy.sum(dtype=np.float64),
        m.sum(),
        *(m * v).sum(axis=1),
        (m * speed).sum(),
        speed.max(initial=0.0),
        *accounts.sum(axis=1, dtype=np.float64),
    ]
