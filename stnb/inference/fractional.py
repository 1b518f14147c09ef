"""The fractional energy of a vector: how much of it is in fast oscillations, with its exact gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = ["FractionalEnergy"]


class FractionalEnergy:
    """R(z) = mean over k = 0 … ⌊n/2⌋ of (k/k_max)^{2α}|X_k|², X the discrete Fourier transform of z.

    R is a quadratic form zᵀCz with a circulant C, so that ∇R = 2Cz is one transform there and one back. With a single
    bin (n = 1) there is nothing faster than the mean, and R = 0. A convention of this project.
    """

    def __init__(self, n: int, alpha: float) -> None:
        """Weights of the ⌊n/2⌋ + 1 bins for vectors of n values."""
        bins = n // 2 + 1
        self._n = n
        self._share = (np.arange(bins) / max(1, bins - 1)) ** (2.0 * alpha) / bins
        twice = np.full(bins, 2.0)
        twice[0] = 1.0
        if n % 2 == 0:
            twice[-1] = 1.0
        self._back = 2.0 * n * self._share / twice

    def value_and_gradient(self, z: Float[np.ndarray, " n"]) -> tuple[float, Float[np.ndarray, " n"]]:
        """R(z) and ∇R(z)."""
        transform = np.fft.rfft(z)
        power = transform.real**2 + transform.imag**2
        return float(self._share @ power), np.fft.irfft(self._back * transform, self._n)
