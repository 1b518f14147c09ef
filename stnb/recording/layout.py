"""What is where in a recording, and how a frame becomes one table of float32."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb._core.errors import InputError
from stnb._core.frames import Frame, ParticleFrame

if TYPE_CHECKING:
    from jaxtyping import Shaped

__all__ = ["FORMAT", "HEADER", "HISTORY", "STEP", "SUFFIX", "TIME", "frame_name", "to_frame", "to_table"]

FORMAT = 1
HEADER = "header.json"
SUFFIX = ".npy"
STEP, TIME = "step.npy", "time.npy"
HISTORY = "history/"

VECTORS, SCALARS = ("positions", "velocities"), ("heat", "temperature", "mass")
TABLE = np.dtype([*((name, "<f4", (3,)) for name in VECTORS), *((name, "<f4") for name in SCALARS)])


def frame_name(step: int) -> str:
    """The member of the frame of a step."""
    return f"frames/{step:08d}{SUFFIX}"


def to_table(frame: Frame) -> Shaped[np.ndarray, " n"]:
    """What a recording keeps of a frame, as one structured array; what float32 cannot hold is refused."""
    if not isinstance(frame, ParticleFrame):
        raise InputError(
            f"a recording holds particles, not a {type(frame).__name__}; record another session."
        )
    table = np.empty(frame.count, TABLE)
    for name in (*VECTORS, *SCALARS):
        with np.errstate(over="ignore"):
            table[name] = getattr(frame, name)
        if not np.isfinite(table[name]).all():
            raise InputError(
                f"{name} at step {frame.step} holds numbers that are not finite in float32; "
                "a recording refuses them. Look at the last good frame, or use a smaller time step."
            )
    return table


def to_frame(step: int, time: float, table: Shaped[np.ndarray, "*shape"]) -> ParticleFrame:
    """The inverse of `to_table`."""
    if table.dtype != TABLE or table.ndim != 1:
        raise InputError(f"the frame of step {step} is {table.dtype}{table.shape}, expected a row of {TABLE}")
    return ParticleFrame(step, time, **{name: table[name] for name in (*VECTORS, *SCALARS)})
