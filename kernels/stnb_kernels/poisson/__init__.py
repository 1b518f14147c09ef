"""Poisson: the gravitational potential of the deposited mass, exact for its boundary.

    (∇²φ)_ijk = 4πG·m_ijk/h³      with the 7-point Laplacian, (Σ₆ neighbours − 6φ)/h²

solved so that the residual is rounding:

* walls: φ = 0 one node beyond each face; sine transform, λ = −(4/h²)·Σ_a sin²(π(k_a+1)/(2(n_a+1)));
* periodic: Fourier transform, λ = −(4/h²)·Σ_a sin²(πk_a/n_a); the mean of the mass is left out and φ has mean zero;
* free space: φ_i = −(4πG/h)·Σ_j g(i − j)·m_j with the Green's function g of the same Laplacian on the infinite lattice
  (Σ₆ g(neighbours) − 6g = −δ, g → h/(4π·r)); a convolution. Far from a mass φ is −Gm/r.

The walls act as image masses of opposite sign: they push mass towards the middle of the box. Free space has none.

A `PoissonPlan` holds what depends on the grid only, made once beside the arrays that it will serve. With it a call
allocates nothing on walls, unless SciPy transforms long axes; on the other boundaries the transforms of SciPy and
torch allocate their own results.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import ConfigError, InputError
from stnb_kernels.arrays import FLOATS, dtype_name, kind, require
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.grid import Grid

__all__ = ["OP", "PoissonPlan", "solve_poisson"]

OP = Op("poisson", ("torch", "cpu", "reference"))

LONGEST_DENSE = 128
"""Nodes per axis up to which, on the CPU, products with sine matrices are faster than fast sine transforms."""


@dataclass(slots=True)
class PoissonPlan:
    """What the solver needs to know of a grid, and its working memory, beside the arrays that it serves.

    Attributes:
        grid: The lattice.
        free: Whether the lattice floats in empty space.
        inverse: 1/λ per mode of the transform; in free space, the transform of −h²·g.
        sines: With walls, the orthonormal sine matrix of each axis; none for NumPy where an axis is longer than
            `LONGEST_DENSE`.
        scratch: Working memory: a field with walls where there are sines, the padded field in free space.
    """

    grid: Grid
    free: bool
    inverse: Any
    sines: tuple[Any, ...]
    scratch: Any

    @classmethod
    def allocate(cls, grid: Grid, like: Any, *, free: bool = False) -> PoissonPlan:
        """A plan in the float type and on the device of the array `like`."""
        if free and grid.periodic:
            raise ConfigError("a periodic grid has no free space around it; use periodic=False or free=False")
        if dtype_name(like) not in FLOATS:
            raise InputError(f"like is {dtype_name(like)}, expected {' or '.join(FLOATS)}")
        numpy = kind(like) == "numpy"
        if free:
            from stnb_kernels.poisson.green import kernel_transform, padded_shape

            padded = _beside(np.zeros(padded_shape(grid)), like)
            return cls(grid, free, _beside(kernel_transform(grid), like), (), padded)

        from stnb_kernels.poisson.reference import eigenvectors, inverse_eigenvalues

        inverse = _beside(inverse_eigenvalues(grid, half=grid.periodic), like)
        if grid.periodic or (numpy and max(grid.shape) > LONGEST_DENSE):
            return cls(grid, free, inverse, (), None)
        sines = tuple(_beside(eigenvectors(n, grid), like) for n in grid.shape)
        return cls(grid, free, inverse, sines, _beside(np.zeros(grid.shape), like))


def _beside(values: np.ndarray, like: Any) -> Any:
    """A copy in the float type and on the device of `like`."""
    own = values.astype(dtype_name(like))
    if isinstance(like, np.ndarray):
        return own
    import torch

    return torch.from_numpy(own).to(like.device)


def solve_poisson(
    node_mass: Float[Any, "nx ny nz"],
    grid: Grid,
    gravity: float,
    potential: Float[Any, "nx ny nz"],
    plan: PoissonPlan | None = None,
    *,
    backend: str | None = None,
) -> None:
    """Write the potential of a mass distribution.

    Args:
        node_mass: Mass per node in kg.
        grid: The lattice; its `periodic` chooses between walls and a periodic box.
        gravity: The gravitational constant G in m³/(kg·s²).
        potential: Receives φ in m²/s².
        plan: From `PoissonPlan.allocate`; it chooses free space. None makes one for this call, which is convenient and
            slow: not for loops.
        backend: Force a back end.
    """
    require("node_mass", node_mass, grid.shape, FLOATS)
    require("potential", potential, grid.shape, (dtype_name(node_mass),))
    if plan is None:
        plan = PoissonPlan.allocate(grid, node_mass)
    elif plan.grid != grid:
        raise InputError(
            f"the plan is for {plan.grid}, the arrays are on {grid}; allocate a plan for this grid"
        )
    elif (kind(plan.inverse), dtype_name(plan.inverse)) != (kind(node_mass), dtype_name(node_mass)):
        raise InputError(
            f"the plan holds {dtype_name(plan.inverse)} {kind(plan.inverse)} arrays, node_mass is "
            f"{dtype_name(node_mass)} {kind(node_mass)}; allocate the plan beside node_mass"
        )
    scale = 4.0 * math.pi * gravity / grid.cell_volume
    OP.run(node_mass, node_mass, grid, scale, potential, plan, backend=backend)
