"""Tally: the sums over all particles that the ledger is made of.

    kinetic ½Σm|v|²,   potential ½Σmφ(x),   heat ΣQ,   oscillator ΣE,   mass Σm,   momentum Σmv (three sums),
    |p| = Σm|v|,   fastest max|v|,   and the sum of each row of the step's accounts (`ACCOUNTS`, in J)

in float64 whatever the particles' type, in an order that depends on their number only. The sums and their working
memory lie beside the particles, except on Apple GPUs: Metal has no float64, so there both lie on the CPU.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb_kernels.accounts import ACCOUNTS
from stnb_kernels.arrays import dtype_name, require, require_particles
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = ["ACCOUNTS", "OP", "SUMS", "TALLY_BLOCKS", "tally_particles"]

OP = Op("tally", ("cuda", "cpu", "torch", "reference"))

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
    *ACCOUNTS,
)

TALLY_BLOCKS = 256
"""The most partial sums that a back end makes: rows of the working memory."""


def tally_particles(
    velocity: Float[Any, "3 n"],
    mass: Float[Any, " n"],
    heat: Float[Any, " n"],
    energy: Float[Any, " n"],
    potential: Float[Any, " n"],
    accounts: Float[Any, "rows n"],
    sums: Float[Any, " sums"],
    scratch: Float[Any, "blocks sums"],
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
        accounts: This step's energies in J, one row per name in `ACCOUNTS`.
        sums: Receives one float64 number per name in `SUMS`.
        scratch: Working memory, float64 of shape (`TALLY_BLOCKS`, number of sums).
        backend: Force a back end.
    """
    n = require_particles(velocity, mass=mass, heat=heat, energy=energy, potential=potential)
    require("accounts", accounts, (len(ACCOUNTS), n), (dtype_name(velocity),))
    require("sums", sums, (len(SUMS),), ("float64",))
    require("scratch", scratch, (TALLY_BLOCKS, len(SUMS)), ("float64",))
    args = (velocity, mass, heat, energy, potential, accounts, scratch, sums)
    OP.run(velocity, *args, backend=backend)
