"""Linear, logarithmic and symmetric logarithmic axes, and numbers along them as uint16 codes.

    linear: w = v        log: w = log10 v, for v > 0        symlog: w = sign(v) log10(1 + |v| / knee)

The knee, a convention of this project, is the power of ten a thousand times below the largest size on the axis. Between
the least w (code 0) and the largest (code 65534) codes are evenly spaced, so w is at most half a step off; 65535 marks
what is not finite or cannot be on a logarithmic axis.
"""

from __future__ import annotations

import numpy as np

from stnb_widgets.quantize import LOST, TOP

__all__ = ["SCALES", "encode", "knee_of", "unwarp", "warp"]

SCALES = ("linear", "log", "symlog")
_DECADES_TO_KNEE = 3


def knee_of(values: np.ndarray) -> float:
    """Power of ten three decades below the largest finite size, 1 where there is none."""
    sizes = np.abs(values[np.isfinite(values)])
    largest = float(sizes.max(initial=0.0))
    return 10.0 ** max(-300.0, np.floor(np.log10(largest)) - _DECADES_TO_KNEE) if largest > 0 else 1.0


def warp(values: np.ndarray, scale: str, knee: float) -> np.ndarray:
    """Where values lie along an axis, float64; NaN where they cannot."""
    values = np.where(np.isfinite(values), values, np.nan).astype(np.float64)
    if scale == "linear":
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale == "log":
            return np.where(values > 0, np.log10(values), np.nan)
        return np.sign(values) * np.log10(1 + np.abs(values) / knee)


def unwarp(places: np.ndarray, scale: str, knee: float) -> np.ndarray:
    """The values that lie at these places along an axis: the inverse of `warp`."""
    if scale == "linear":
        return places
    if scale == "log":
        return 10.0**places
    return np.sign(places) * knee * (10.0 ** np.abs(places) - 1)


def encode(warped: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """uint16 codes of any shape, and the bounds; (0, 0) where nothing is finite."""
    finite = np.isfinite(warped)
    if not finite.any():
        return np.full(warped.shape, LOST, np.uint16), (0.0, 0.0)
    low, high = float(np.fmin.reduce(warped, axis=None)), float(np.fmax.reduce(warped, axis=None))
    half_step = 0.5 * high / TOP - 0.5 * low / TOP
    shares = (0.5 * warped - 0.5 * low) / half_step if half_step > 0 else np.zeros_like(warped)
    codes = np.where(finite, np.clip(np.rint(shares), 0, TOP), LOST)
    return codes.astype(np.uint16), (low, high)
