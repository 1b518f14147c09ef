"""From a token to a frequency and a place, and what a spectrum of carriers says about tokens.

    ω(id)     = (id mod m)/m · range                                  m = 2048, range = 2 by default
    centre    = 1 + ((id·c) mod g) mod max(1, g − 2)   per axis        c = 73856093, 19349663, 83492791
    score(id) = Σ_k |C_k|·exp(−((Ω_k − ω(id))/σ_k)²)

The score is a density of past frequencies. It says what was there, not what comes next: two bytes at one position are
0.03 apart in ω, the narrowest gate is 0.08 wide. Prediction is the work of `TokenEngine`, whose contexts are spread
so that each has a gate of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import InputError

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Float64, Int64

__all__ = ["spectral_score", "token_centre", "token_frequency"]

MULTIPLIERS = np.array([73856093, 19349663, 83492791], dtype=np.int64)
NARROWEST = 1e-3


def token_frequency(
    ids: Int64[np.ndarray, " n"], *, omega_mod: int = 2048, omega_range: float = 2.0
) -> Float64[np.ndarray, " n"]:
    """Frequency of each token in rad/s, in [0, omega_range)."""
    return (ids % omega_mod) / omega_mod * omega_range


def token_centre(ids: Int64[np.ndarray, " n"], grid: tuple[int, int, int]) -> Int64[np.ndarray, "n 3"]:
    """Grid node around which the particles of each token appear, inside the outermost layer."""
    nodes = np.array(grid, dtype=np.int64)
    return 1 + (ids[:, None] * MULTIPLIERS) % nodes % np.maximum(1, nodes - 2)


def spectral_score(
    omega: Float[np.ndarray, " n"],
    *,
    frequency: Float[np.ndarray, " k"],
    width: Float[np.ndarray, " k"],
    amplitude: Float[np.ndarray, " k"],
    mask: Any = None,
) -> Float[np.ndarray, " n"]:
    """How strongly carriers resound at each frequency ω.

    Args:
        omega: Frequencies asked about.
        frequency: Centre Ω of each carrier.
        width: Gate width σ of each carrier.
        amplitude: |C| of each carrier.
        mask: One truth value a carrier; the others are silent.
    """
    loud = amplitude if mask is None else amplitude * _checked_mask(mask, len(frequency))
    distance = (frequency - omega[:, None]) / np.maximum(width, NARROWEST)
    return np.exp(-(distance**2)) @ loud


def _checked_mask(mask: Any, carriers: int) -> Bool[np.ndarray, " k"]:
    chosen = np.asarray(mask)
    if chosen.dtype != bool or chosen.shape != (carriers,):
        raise InputError(
            f"mask has shape {chosen.shape} and type {chosen.dtype}; give {carriers} truth values, one a carrier."
        )
    return chosen
