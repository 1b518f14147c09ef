"""The voice of a timeline: how loud each of its frames is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import InvalidValue, NonFiniteValue
from stnb.zspace.guards import require_axis

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jaxtyping import Float

__all__ = ["amplitudes"]


def amplitudes(frames: Iterable[Any], temperature: float, samples_per_frame: int = 1) -> list[float]:
    """aₜ = τ·uₜ·(1 + tanh|driftₜ|)/2 with uₜ = √Eₜ/maxₛ √Eₛ: a convention of this project.

    A frame is anything with `total_energy` ≥ 0 and `curvature_drift`. Between two frames the amplitude changes
    linearly over `samples_per_frame` samples; the last frame holds its own. No energy at all is silence.

    Returns:
        len(frames)·samples_per_frame numbers in [0, τ].
    """
    k = require_axis("samples_per_frame", samples_per_frame)
    listed = list(frames)
    energy = _column(listed, "total_energy")
    drift = _column(listed, "curvature_drift")
    if not listed:
        return []
    if (energy < 0).any():
        index = int(np.argmax(energy < 0))
        raise InvalidValue(f"frames[{index}].total_energy = {energy[index]!r} is negative; energies are ≥ 0.")
    loudest = np.sqrt(energy.max())
    shares = np.sqrt(energy) / loudest if loudest > 0 else np.zeros_like(energy)
    heard = temperature * shares * (1.0 + np.tanh(np.abs(drift))) / 2.0
    places = np.arange(len(heard) * k) / k
    return np.interp(places, np.arange(len(heard)), heard).tolist()


def _column(frames: list[Any], name: str) -> Float[np.ndarray, " t"]:
    for index, frame in enumerate(frames):
        if not hasattr(frame, name):
            raise TypeError(
                f"frames[{index}] is of type {type(frame).__name__} and has no {name}; give frames."
            )
    column = np.array([float(getattr(frame, name)) for frame in frames], dtype=np.float64)
    if not np.isfinite(column).all():
        index = int(np.argmin(np.isfinite(column)))
        raise NonFiniteValue(
            f"frames[{index}].{name} = {column[index]!r} is not finite; leave the frame out."
        )
    return column
