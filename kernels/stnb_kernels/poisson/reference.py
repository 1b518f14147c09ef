"""The definition, in float64: dense eigenvector matrices, one per axis; in free space the sum over all nodes."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.poisson.green import green_table, kernel_transform, padded_shape

if TYPE_CHECKING:
    from jaxtyping import Complex, Float

    from stnb_kernels.grid import Grid
    from stnb_kernels.poisson import PoissonPlan

__all__ = ["axis_eigenvalues", "convolve", "eigenvectors", "free_space_sum", "inverse_eigenvalues", "run"]

# The sum over all pairs of nodes is a dense matrix; beyond this many nodes the same sum goes through transforms.
DENSE = 1000


def axis_eigenvalues(n: int, grid: Grid) -> Float[np.ndarray, " n"]:
    """Eigenvalues of the second difference along one axis."""
    k = np.arange(n)
    angle = np.pi * k / n if grid.periodic else np.pi * (k + 1) / (2 * (n + 1))
    return -4.0 / grid.spacing**2 * np.sin(angle) ** 2


@functools.lru_cache(maxsize=8)
def inverse_eigenvalues(grid: Grid, half: bool = False) -> Float[np.ndarray, "nx ny nz"]:  # noqa: FBT001, FBT002
    """1/λ for every mode, 0 for the constant one; `half` keeps the real transform's part of the last axis."""
    x, y, z = (axis_eigenvalues(n, grid) for n in grid.shape)
    if half:
        z = z[: grid.shape[2] // 2 + 1]
    total = x[:, None, None] + y[None, :, None] + z[None, None, :]
    return np.divide(1.0, total, out=np.zeros_like(total), where=total != 0)


def eigenvectors(n: int, grid: Grid) -> Complex[np.ndarray, "n n"] | Float[np.ndarray, "n n"]:
    """Orthonormal eigenvectors as columns: sines with walls, complex exponentials when periodic."""
    i = np.arange(n)
    if grid.periodic:
        return np.exp(2j * np.pi * np.outer(i, i) / n) / np.sqrt(n)
    return np.sqrt(2.0 / (n + 1)) * np.sin(np.pi * np.outer(i + 1, i + 1) / (n + 1))


def free_space_sum(mass: Float[np.ndarray, "nx ny nz"]) -> Float[np.ndarray, "nx ny nz"]:
    """Σ_j g(i − j)·m_j over all pairs of nodes."""
    table = green_table(mass.shape)
    node = np.indices(mass.shape).reshape(3, -1)
    apart = np.abs(node[:, :, None] - node[:, None, :])
    return (table[tuple(apart)] @ mass.reshape(-1)).reshape(mass.shape)


def convolve(mass: Float[np.ndarray, "nx ny nz"], grid: Grid) -> Float[np.ndarray, "nx ny nz"]:
    """−h²·Σ_j g(i − j)·m_j by transforms of a padded lattice."""
    size, axes = padded_shape(grid), (0, 1, 2)
    modes = np.fft.rfftn(mass, s=size, axes=axes) * kernel_transform(grid)
    return np.fft.irfftn(modes, s=size, axes=axes)[tuple(slice(n) for n in grid.shape)]


def run(
    node_mass: Float[np.ndarray, "nx ny nz"],
    grid: Grid,
    scale: float,
    potential: Float[np.ndarray, "nx ny nz"],
    plan: PoissonPlan,
) -> None:
    source = scale * node_mass.astype(np.float64)
    if plan.free:
        dense = grid.nodes <= DENSE
        potential[...] = -(grid.spacing**2) * free_space_sum(source) if dense else convolve(source, grid)
        return
    x, y, z = (eigenvectors(n, grid) for n in grid.shape)
    modes = np.einsum("ijk,ia,jb,kc->abc", source, x.conj(), y.conj(), z.conj(), optimize=True)
    modes = modes * inverse_eigenvalues(grid)
    potential[...] = np.einsum("abc,ia,jb,kc->ijk", modes, x, y, z, optimize=True).real
