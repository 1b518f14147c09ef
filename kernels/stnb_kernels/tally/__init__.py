"""Tally: the sums over all particles that the ledger is made of.

    kinetic ½Σm|v|²,   potential ½Σmφ(x),   heat ΣQ,   oscillator ΣE,   mass Σm,   momentum Σmv (three sums),
    |p| = Σm|v|,   fastest max|v|

in float64 whatever the particles' type, in an order that depends on their number only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb_kernels.arrays import require, require_particles
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = ["OP", "SUMS", "tally_particles"]

OP = Op("tally", ("cpu", "reference"))

SUMS = (
    "kinetic",
    "potential",
    "heat",
    "oscillator",
    "mass",
    "momentum_x",
    "momentum_y",
    "momentum_z",
    "momentum_scale",
    "fastest",
)


def tally_particles(
    velocity: Float[Any, "3 n"],
    mass: Float[Any, " n"],
    heat: Float[Any, " n"],
    energy: Float[Any, " n"],
    potential: Float[Any, " n"],
    sums: Float[Any, " 10"],
    *,
    backend: str | None = None,
) -> None:
    """Write the sums, in the order of `SUMS`.

    Args:
        velocity: In m/s, one row per axis.
        mass: In kg.
        heat: In J.
        energy: Oscillator energy in J.
        potential: φ at the particles in m²/s².
        sums: Receives ten float64 numbers.
        backend: Force a back end.
    """
    require_particles(velocity, mass=mass, heat=heat, energy=energy, potential=potential)
    require("sums", sums, (len(SUMS),), ("float64",))
    OP.run(velocity, velocity, mass, heat, energy, potential, sums, backend=backend)
