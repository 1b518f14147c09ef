"""Poisson: the gravitational potential of the deposited mass, exact for its boundary.

    (∇²φ)_ijk = 4πG·m_ijk/h³      with the 7-point Laplacian, (Σ₆ neighbours − 6φ)/h²

solved in the Laplacian's own eigenbasis, so that the residual is rounding:

* walls: φ = 0 one node beyond each face; sine transform, λ = −(4/h²)·Σ_a sin²(π(k_a+1)/(2(n_a+1)));
* periodic: Fourier transform, λ = −(4/h²)·Σ_a sin²(πk_a/n_a); the mean of the mass is left out and φ has mean zero.

The walls act as image masses of opposite sign: they push mass towards the middle of the box.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from stnb_kernels.arrays import FLOATS, dtype_name, require
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.grid import Grid

__all__ = ["OP", "solve_poisson"]

OP = Op("poisson", ("cpu", "reference"))


def solve_poisson(
    node_mass: Float[Any, "nx ny nz"],
    grid: Grid,
    gravity: float,
    potential: Float[Any, "nx ny nz"],
    *,
    backend: str | None = None,
) -> None:
    """Write the potential of a mass distribution.

    Args:
        node_mass: Mass per node in kg.
        grid: The lattice; its `periodic` chooses the boundary.
        gravity: The gravitational constant G in m³/(kg·s²).
        potential: Receives φ in m²/s².
        backend: Force a back end.
    """
    require("node_mass", node_mass, grid.shape, FLOATS)
    require("potential", potential, grid.shape, (dtype_name(node_mass),))
    scale = 4.0 * math.pi * gravity / grid.cell_volume
    OP.run(node_mass, node_mass, grid, scale, potential, backend=backend)
