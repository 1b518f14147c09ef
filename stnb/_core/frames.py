"""Frames, read-only pictures of an engine at one step, and a ring that keeps the latest of them."""

from __future__ import annotations

import bisect
import dataclasses
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import CapacityError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jaxtyping import Float, Shaped

__all__ = ["Frame", "FrameRing", "ParticleFrame", "freeze"]

MEGABYTE = 1_000_000


def freeze(array: Any) -> Shaped[np.ndarray, "*shape"]:
    """A plain read-only array that nobody else can write to.

    A read-only array that owns its memory comes back as it is; anything else is copied once.
    """
    if type(array) is np.ndarray and not array.flags.writeable and array.flags.owndata:
        return array
    copied = np.array(array, copy=True, order="C", subok=False)
    copied.flags.writeable = False
    return copied


@dataclasses.dataclass(frozen=True, eq=False)
class Frame:
    """One moment of a simulation. Subclasses add NumPy arrays, which are frozen on the way in."""

    step: int
    time: float

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                if value.dtype.kind not in "biufc":
                    label = f"{type(self).__name__}.{field.name}"
                    raise InputError(f"{label} has dtype {value.dtype}; frames hold numbers only.")
                object.__setattr__(self, field.name, freeze(value))

    def arrays(self) -> dict[str, Shaped[np.ndarray, "*shape"]]:
        """Field name -> array, in declaration order."""
        values = ((field.name, getattr(self, field.name)) for field in dataclasses.fields(self))
        return {name: value for name, value in values if isinstance(value, np.ndarray)}

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays."""
        return sum(array.nbytes for array in self.arrays().values())


@dataclasses.dataclass(frozen=True, eq=False)
class ParticleFrame(Frame):
    """Particles at one step: m, m/s, J, K and kg in the units of the engine.

    `swing` is A cos θ of each particle's oscillator, in √J; recordings leave it out.
    """

    positions: Float[np.ndarray, "n 3"]
    velocities: Float[np.ndarray, "n 3"]
    heat: Float[np.ndarray, " n"]
    temperature: Float[np.ndarray, " n"]
    mass: Float[np.ndarray, " n"]
    swing: Float[np.ndarray, " n"] | None = None

    def __post_init__(self) -> None:
        for name in ("positions", "velocities", "heat", "temperature", "mass"):
            object.__setattr__(self, name, np.asarray(getattr(self, name)))
        super().__post_init__()
        for name, array in self.arrays().items():
            shape = (self.count, 3) if name in ("positions", "velocities") else (self.count,)
            if array.shape != shape:
                raise InputError(
                    f"ParticleFrame.{name} has shape {array.shape}; {self.count} particles need {shape}."
                )

    @property
    def count(self) -> int:
        """The number of particles n."""
        return len(self.positions) if self.positions.ndim else 0

    @property
    def speed(self) -> Float[np.ndarray, " n"]:
        """|v| of every particle."""
        return np.sqrt(np.einsum("nd,nd->n", self.velocities, self.velocities))


class FrameRing:
    """The latest frames in step order, never more than `max_bytes` of arrays.

    The oldest frames leave first. A frame larger than the whole ring is kept alone, so that there is always
    something to show. A frame of the step that was captured last takes its place.
    """

    def __init__(self, max_bytes: int = 256 * MEGABYTE) -> None:
        if isinstance(max_bytes, bool) or not isinstance(max_bytes, int) or max_bytes <= 0:
            raise CapacityError(f"max_bytes = {max_bytes!r}; give a positive number of bytes.")
        self.max_bytes = max_bytes
        self._frames: list[Frame] = []
        self._nbytes = 0
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes held now."""
        return self._nbytes

    @property
    def steps(self) -> list[int]:
        """Steps of the kept frames, rising."""
        with self._lock:
            return [frame.step for frame in self._frames]

    @property
    def last(self) -> Frame:
        """The newest frame."""
        with self._lock:
            return self._held()[-1]

    def append(self, frame: Frame) -> None:
        """Keep a frame and let the oldest go until the budget holds."""
        if not isinstance(frame, Frame):
            raise InputError(f"a ring keeps frames, not {type(frame).__name__}; pass a Frame.")
        with self._lock:
            newest = self._frames[-1].step if self._frames else frame.step
            if frame.step < newest:
                raise InputError(
                    f"frame of step {frame.step} after step {newest}; steps rise. "
                    "Call clear() before starting again."
                )
            if self._frames and frame.step == newest:
                self._nbytes -= self._frames.pop().nbytes
            room = self.max_bytes - frame.nbytes
            leaving = 0
            while leaving < len(self._frames) and self._nbytes > room:
                self._nbytes -= self._frames[leaving].nbytes
                leaving += 1
            del self._frames[:leaving]
            self._frames.append(frame)
            self._nbytes += frame.nbytes

    def nearest(self, step: int) -> Frame:
        """The kept frame closest to `step`; of two equally close ones the earlier."""
        with self._lock:
            frames = self._held()
            after = bisect.bisect_left(frames, step, key=lambda frame: frame.step)
            around = frames[max(after - 1, 0) : after + 1]
            return min(around, key=lambda frame: abs(frame.step - step))

    def clear(self) -> None:
        """Forget every frame."""
        with self._lock:
            self._frames.clear()
            self._nbytes = 0

    def __len__(self) -> int:
        return len(self._frames)

    def __iter__(self) -> Iterator[Frame]:
        with self._lock:
            return iter(list(self._frames))

    def __repr__(self) -> str:
        held, limit = self._nbytes / MEGABYTE, self.max_bytes / MEGABYTE
        return f"FrameRing({len(self)} frames, {held:.1f} of {limit:.0f} MB)"

    def _held(self) -> list[Frame]:
        if not self._frames:
            raise InputError("no frame was captured yet; step the session or subscribe to it first.")
        return self._frames
