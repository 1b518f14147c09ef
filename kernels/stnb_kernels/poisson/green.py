"""The free-space Green's function of the 7-point Laplacian, by quadrature.

    Σ₆ g(neighbours) − 6g = −δ at the origin,   g → 1/(4π·r) with r in node spacings,
    g(l, m, n) = ∫₀^∞ e^{−6t}·I_l(2t)·I_m(2t)·I_n(2t) dt

With t = e^u the integrand falls exponentially on both sides and the trapezoidal rule converges as e^{−π²/step}.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.grid import Grid

__all__ = ["green_table", "kernel_transform", "padded_shape"]

# The integrand is e^u for u → −∞ and e^{−u/2} for u → ∞: 1e-18 at both ends.
FIRST, LAST, STEP = -42.0, 82.0, 0.2
# From here on Hankel's series; SciPy's Bessel functions give up beyond 2³¹.
LARGE = 1e8
HANKEL_TERMS = 7


def scaled_bessel(order: int, x: Float[np.ndarray, " q"]) -> Float[np.ndarray, " q"]:
    """e^{−x}·I_order(x) for x > 0 of any size."""
    from scipy.special import ive

    term = np.ones_like(x)
    series = np.ones_like(x)
    for k in range(1, HANKEL_TERMS + 1):
        term = -term * (4.0 * order**2 - (2 * k - 1) ** 2) / (8.0 * k * x)
        series += np.where(x > LARGE, term, 0.0)
    return np.where(x > LARGE, series / np.sqrt(2.0 * np.pi * x), ive(order, np.minimum(x, LARGE)))


def green_table(shape: tuple[int, int, int]) -> Float[np.ndarray, "nx ny nz"]:
    """g(l, m, n) for distances below `shape`, to about 1e-14."""
    t = np.exp(np.arange(FIRST, LAST + STEP / 2, STEP))
    bessel = np.stack([scaled_bessel(order, 2.0 * t) for order in range(max(shape))])
    table = np.empty(shape)
    for l in range(shape[0]):  # noqa: E741
        table[l] = (STEP * t * bessel[l] * bessel[: shape[1]]) @ bessel[: shape[2]].T
    return table


def padded_shape(grid: Grid) -> tuple[int, int, int]:
    """Sizes of the transforms: a convolution of n nodes with 2n − 1 distances must not wrap into them."""
    from scipy.fft import next_fast_len

    x, y, z = (int(next_fast_len(2 * n - 1, real=True)) for n in grid.shape)  # pyright: ignore[reportArgumentType]
    return x, y, z


def kernel_transform(grid: Grid) -> Float[np.ndarray, "px py pz"]:
    """Transform of −h²·g on the padded lattice: what takes the place of 1/λ. It is real, as g is even."""
    from scipy import fft

    size = padded_shape(grid)
    reach = tuple(np.minimum(np.arange(p), p - np.arange(p)) for p in size)
    table = green_table(grid.shape)
    near = [np.where(d < n, d, 0) for d, n in zip(reach, grid.shape, strict=True)]
    circular = table[np.ix_(*near)]
    for axis, (d, n) in enumerate(zip(reach, grid.shape, strict=True)):
        np.moveaxis(circular, axis, 0)[d >= n] = 0.0
    modes: Any = fft.rfftn(circular, workers=-1, overwrite_x=True)
    return -(grid.spacing**2) * modes.real
