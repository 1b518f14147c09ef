"""Where particles begin: the laws of `stnb_kernels.place` for the box, speed and temperature of a run.

Here a request is checked, and a batch draws what its particles share: its middle, by default the middle of the box for
the first batch and anywhere in the inner 0.6 for a later one, and the direction of a line. The particles themselves
are drawn where their arrays live:

    place_particles(position, velocity, mass, heat, energy, **place_request(config, "cluster", n, seed=1, batch=0))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from stnb_kernels import fill_random
from stnb_kernels.place import OWN_STREAM, PATTERNS, place_particles, require_place
from stnb_kernels.place.reference import on_sphere

from stnb._core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float

    from stnb.manifold.config import ManifoldConfig

__all__ = ["PATTERNS", "Batch", "generate", "place_request"]

SPREADS = {"cluster": 0.15, "line": 0.7, "sphere": 0.2, "grid": 0.8, "random": 1.0}
"""Size of a pattern in shortest sides of the box."""

INNER = 0.6


class Batch(NamedTuple):
    """New particles."""

    position: Float[np.ndarray, "3 n"]
    velocity: Float[np.ndarray, "3 n"]
    mass: Float[np.ndarray, " n"]
    heat: Float[np.ndarray, " n"]
    energy: Float[np.ndarray, " n"]


def place_request(
    config: ManifoldConfig,
    pattern: str,
    n: int,
    *,
    seed: int,
    batch: int,
    centre: Sequence[float] | None = None,
    spread: float | None = None,
    energy: float = 1.0,
) -> dict[str, Any]:
    """Settings of `stnb_kernels.place.place_particles` for n particles, checked and complete.

    Args:
        config: The box and the particles' initial speed and temperature.
        pattern: One of `PATTERNS`.
        n: How many.
        seed: The run's seed.
        batch: Number of this batch in the run; two batches share no random number.
        centre: Middle of the pattern in m. By default the first batch stands in the middle of the box, a later one
            anywhere in its inner 0.6.
        spread: Size of the pattern in m; by default a fraction of the box's shortest side.
        energy: Scale of energy and mass.
    """
    if n < 0:
        raise InputError(f"n must be a number of particles, 0 or more, got {n!r}")
    grid = config.lattice
    extent = np.array(grid.extent)
    own = np.empty(5)
    fill_random(own, seed=seed, stream=OWN_STREAM, step=batch, backend="reference")
    if centre is None:
        middle = extent / 2 if batch == 0 else extent * (0.5 + INNER * (own[:3] - 0.5))
    else:
        middle = np.asarray(centre, dtype=float)
        if middle.shape != (3,):
            raise InputError(f"centre must be three finite numbers in metres, got {centre!r}")
    size = SPREADS.get(pattern, 1.0) * float(extent.min()) if spread is None else float(spread)
    request: dict[str, Any] = {"pattern": pattern, "centre": tuple(middle.tolist()), "spread": size}
    require_place(**request, energy_scale=energy)
    return request | {
        "grid": grid,
        "direction": tuple(on_sphere(own[3:, None])[:, 0].tolist()),
        "wall_margin": config.wall_margin,
        "speed": config.speed,
        "temperature": config.temperature,
        "specific_heat": config.specific_heat,
        "energy_scale": float(energy),
        "seed": seed,
        "batch": batch,
    }


def generate(
    config: ManifoldConfig,
    pattern: str,
    n: int,
    *,
    seed: int,
    batch: int,
    centre: Sequence[float] | None = None,
    spread: float | None = None,
    energy: float = 1.0,
) -> Batch:
    """Draw n particles into new NumPy arrays; the arguments are those of `place_request`."""
    request = place_request(
        config, pattern, n, seed=seed, batch=batch, centre=centre, spread=spread, energy=energy
    )
    drawn = Batch(*(np.empty(shape, dtype=config.dtype) for shape in ((3, n), (3, n), n, n, n)))
    place_particles(*drawn, **request, backend="cpu")
    return drawn
