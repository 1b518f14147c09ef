"""The one-sided power spectrum of a real series: its energy, shared out among frequencies without loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = ["one_sided"]


def one_sided(x: Float[np.ndarray, "*b n"]) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, "*b k"]]:
    """Frequencies ω_k = 2k/n ∈ [0, 1] and powers P_k = m_k|X_k|²/n, k = 0 … ⌊n/2⌋.

    X is the discrete Fourier transform; m_k is 1 for k = 0 and for the last bin of an even n, else 2, because a real
    series has every other bin twice. Hence Σ P_k = Σ x², Parseval's identity.

    >>> frequencies, power = one_sided(np.array([1.0, -1.0, 1.0, -1.0]))
    >>> frequencies.tolist(), power.tolist()
    ([0.0, 0.5, 1.0], [0.0, 0.0, 4.0])
    """
    n = x.shape[-1]
    transform = np.fft.rfft(x)
    power = (transform.real**2 + transform.imag**2) / n
    power[..., 1 : (n + 1) // 2] *= 2.0
    return 2.0 * np.arange(n // 2 + 1) / n, power
