"""Where particles begin: five patterns, drawn from counter-based random numbers.

With the box's extent L, the middle c, a spread s and random numbers per particle:

    cluster   c + s·N(0, 1)³
    line      c + d·((i + ½)/n − ½)·s + (u − ½)/2,   d a random direction
    sphere    c + s·n,   n a random direction (a shell)
    grid      the cells of a cubic lattice that fills 0.8 of the box, with a jitter of 0.3 of its pitch
    random    uniform in the box

Places are kept inside the walls, or wrapped. Energies are `energy·(½ + u/2)`, a particle's mass in kg equals its
initial energy in J, velocities are normal, temperatures uniform on [0, 2T). These laws are conventions of this project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from stnb_kernels import fill_random

from stnb._core.errors import ConfigError, InputError, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float

    from stnb.manifold.config import ManifoldConfig

__all__ = ["PATTERNS", "Batch", "generate"]

PATTERNS = ("cluster", "line", "sphere", "grid", "random")

SPREADS = {"cluster": 0.15, "line": 0.7, "sphere": 0.2, "grid": 0.8, "random": 1.0}


class Batch(NamedTuple):
    """New particles."""

    position: Float[np.ndarray, "3 n"]
    velocity: Float[np.ndarray, "3 n"]
    mass: Float[np.ndarray, " n"]
    heat: Float[np.ndarray, " n"]
    energy: Float[np.ndarray, " n"]


class Draws:
    """Random columns of one batch; each call takes the next stream."""

    def __init__(self, seed: int, batch: int) -> None:
        self._seed, self._batch, self._stream = seed, batch, 0

    def __call__(self, rows: int, n: int, law: str = "uniform") -> Float[np.ndarray, "rows n"]:
        out = np.empty(rows * n)
        self._stream += 1
        fill_random(out, seed=self._seed, stream=self._stream, step=self._batch, law=law, backend="cpu")  # type: ignore[arg-type]
        return out.reshape(rows, n)


def direction(draws: Draws, n: int) -> Float[np.ndarray, "3 n"]:
    """Unit vectors, uniform on the sphere: a normal vector over its length."""
    v = draws(3, n, "normal")
    return v / np.maximum(np.sqrt((v**2).sum(axis=0)), 1e-300)


def place(
    pattern: str,
    n: int,
    draws: Draws,
    extent: Float[np.ndarray, " 3"],
    centre: Float[np.ndarray, " 3"],
    spread: float,
) -> Float[np.ndarray, "3 n"]:
    """Positions of a pattern, before they are kept inside the box."""
    middle = centre[:, None]
    if pattern == "cluster":
        return middle + spread * draws(3, n, "normal")
    if pattern == "line":
        along = (np.arange(n) + 0.5) / max(n, 1) - 0.5
        return middle + direction(draws, 1) * along * spread + 0.5 * (draws(3, n) - 0.5)
    if pattern == "sphere":
        return middle + spread * direction(draws, n)
    if pattern == "grid":
        side = int(np.ceil(round(n ** (1 / 3), 9))) or 1
        pitch = spread / side
        i = np.arange(n)
        cell = np.stack([i % side, (i // side) % side, i // side**2]) + 0.5 - side / 2
        return middle + pitch * (cell + 0.3 * (draws(3, n) - 0.5))
    return draws(3, n) * extent[:, None]


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
    """Draw n particles.

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
    if pattern not in PATTERNS:
        raise ConfigError(f"unknown pattern {pattern!r}: {nearest(pattern, PATTERNS)}")
    if not (np.isfinite(energy) and energy > 0):
        raise InputError(f"energy must be a positive number of joules, got {energy!r}")
    grid = config.lattice
    extent = np.array(grid.extent)
    draws = Draws(seed, batch)
    anywhere = extent * (0.2 + 0.6 * draws(3, 1)[:, 0])
    if centre is None:
        middle = extent / 2 if batch == 0 else anywhere
    else:
        middle = np.asarray(centre, dtype=float)
        if middle.shape != (3,) or not np.isfinite(middle).all():
            raise InputError(f"centre must be three finite numbers in metres, got {centre!r}")
    size = SPREADS[pattern] * float(extent.min()) if spread is None else float(spread)
    if not (np.isfinite(size) and size > 0):
        raise InputError(f"spread must be a positive length in metres, got {spread!r}")
    position = place(pattern, n, draws, extent, middle, size)
    box = extent[:, None]
    if grid.periodic:
        position = position % box
    else:
        position = np.clip(position, config.wall_margin, box - config.wall_margin)
    joules = energy * (0.5 + 0.5 * draws(1, n)[0])
    velocity = config.speed * draws(3, n, "normal")
    heat = joules * config.specific_heat * config.temperature * 2 * draws(1, n)[0]
    return Batch(*(a.astype(config.dtype) for a in (position, velocity, joules, heat, joules)))
