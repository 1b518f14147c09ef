"""Place: draw new particles, each from its own random numbers.

With the box's extent L, a middle c, a spread s and random numbers per particle:

    cluster   x = c + s·N(0, 1)³
    line      x = c + d·((i + ½)/n − ½)·s + (u − ½)/2,   d the batch's direction
    sphere    x = c + s·(2√(u₀(1 − u₀))·(cos 2πu₁, sin 2πu₁), 1 − 2u₀): uniform on a shell
    grid      x = c + s/k·(cell i of k³ + ½ − k/2 + 0.3·(u − ½)),   k the smallest with k³ ≥ n
    random    x = L·u

then x is clamped into [margin, L − margin] with walls, or taken modulo L in a periodic box; v = speed·N(0, 1)³;
m = e = scale·(½ + u₀/2) with the mass in kg and the energy in J; heat = m·c·T·2u₁, so that temperatures are uniform on
[0, 2T).

Particle i takes the elements 4i … 4i+3 of three streams of `stnb_kernels.random`, in the particles' own type and with
the batch's number as step: what it gets depends on (seed, batch, i), and on n only where the pattern names n. Uniform
numbers are the same to the bit on every back end; the places that follow differ by rounding.

Shapes: position in m and velocity in m/s (3, n); mass in kg, heat and energy in J (n,). Rows may be apart.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from stnb._core.errors import ConfigError, InputError, nearest
from stnb_kernels.arrays import dtype_name, require, require_particles
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float

    from stnb_kernels.grid import Grid

__all__ = ["OP", "PATTERNS", "lattice_side", "numbers", "place_particles", "require_place"]

OP = Op("place", ("cuda", "metal", "cpu", "reference"))

PATTERNS = ("cluster", "line", "sphere", "grid", "random")
CLUSTER, LINE, SPHERE, GRID, RANDOM = range(len(PATTERNS))

PLACE_STREAM, VELOCITY_STREAM, STORES_STREAM, OWN_STREAM = 1, 2, 3, 4
"""What numbers are for; `OWN_STREAM` is left to whoever draws the middle and the direction of a batch."""

LINE_WIDTH = 0.5
GRID_JITTER = 0.3


def lattice_side(n: int) -> int:
    """The smallest k with k³ ≥ n, at least 1."""
    k = max(1, round(n ** (1 / 3)))
    while k**3 < n:
        k += 1
    while k > 1 and (k - 1) ** 3 >= n:
        k -= 1
    return k


def numbers(
    n: int,
    pattern: str,
    grid: Grid,
    centre: Sequence[float],
    spread: float,
    direction: Sequence[float],
    wall_margin: float,
    speed: float,
    temperature: float,
    specific_heat: float,
    energy_scale: float,
    seed: int,
    batch: int,
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """What a kernel needs: the pattern's number, k, periodic, batch, the key's halves; then its fourteen lengths."""
    low = 0.0 if grid.periodic else wall_margin
    high = (extent - low for extent in grid.extent)
    line = (spread * d for d in direction)
    whole = (
        PATTERNS.index(pattern),
        lattice_side(n),
        int(grid.periodic),
        batch,
        seed & 0xFFFFFFFF,
        seed >> 32,
    )
    warmth = 2.0 * specific_heat * temperature
    return whole, (*centre, *line, *high, low, spread, speed, warmth, energy_scale)


def require_place(pattern: str, centre: Sequence[float], spread: float, energy_scale: float) -> None:
    """Refuse an unknown pattern and numbers that place nothing."""
    if pattern not in PATTERNS:
        raise ConfigError(f"unknown pattern {pattern!r}: {nearest(pattern, PATTERNS)}")
    if not (math.isfinite(energy_scale) and energy_scale > 0):
        raise InputError(f"energy must be a positive number of joules, got {energy_scale!r}")
    if len(centre) != 3 or not all(math.isfinite(c) for c in centre):
        raise InputError(f"centre must be three finite numbers in metres, got {centre!r}")
    if not (math.isfinite(spread) and spread > 0):
        raise InputError(f"spread must be a positive length in metres, got {spread!r}")


def place_particles(
    position: Float[Any, "3 n"],
    velocity: Float[Any, "3 n"],
    mass: Float[Any, " n"],
    heat: Float[Any, " n"],
    energy: Float[Any, " n"],
    *,
    pattern: str,
    grid: Grid,
    centre: Sequence[float],
    spread: float,
    direction: Sequence[float],
    wall_margin: float,
    speed: float,
    temperature: float,
    specific_heat: float,
    energy_scale: float,
    seed: int,
    batch: int,
    backend: str | None = None,
) -> None:
    """Write n new particles.

    Args:
        position: Receives the places.
        velocity: Receives the velocities.
        mass: Receives the masses, equal to the energies.
        heat: Receives the heat.
        energy: Receives the energies.
        pattern: One of `PATTERNS`.
        grid: The lattice whose box holds them.
        centre: Middle of the pattern in m.
        spread: Size of the pattern in m.
        direction: Unit vector of the line.
        wall_margin: Distance of the walls from the outermost nodes, in m.
        speed: Standard deviation of each velocity component.
        temperature: Mean temperature in K.
        specific_heat: c in J/(kg·K).
        energy_scale: Largest energy in J, and mass in kg.
        seed: The run's seed, 0 ≤ seed < 2⁶⁴.
        batch: Number of these particles in the run, 0 ≤ batch < 2³²; two batches share no random number.
        backend: Force a back end.
    """
    n = require_particles(position, mass=mass, heat=heat, energy=energy)
    require("velocity", velocity, (3, n), (dtype_name(position),))
    require_place(pattern, centre, spread, energy_scale)
    for name, value, bits in (("seed", seed, 64), ("batch", batch, 32)):
        if not 0 <= value < 2**bits:
            raise InputError(f"{name} must satisfy 0 <= {name} < 2**{bits}, got {value}")
    if len(direction) != 3 or not all(math.isfinite(d) for d in direction):
        raise InputError(f"direction must be three finite numbers, got {direction!r}")
    law = (pattern, grid, centre, spread, direction, wall_margin, speed, temperature, specific_heat)
    columns = (position, velocity, mass, heat, energy)
    OP.run(position, *columns, *law, energy_scale, seed, batch, backend=backend)
