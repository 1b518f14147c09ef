"""The timeline of a session: what its resonances amounted to, as columns that remember the newest frames."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import UnknownNameError, nearest
from stnb._core.numbers import real, whole
from stnb.chrono.frame import COLUMNS, ChronoFrame, observe_curvature
from stnb.chrono.harmonics import ChronoHarmonics, analyse
from stnb.chrono.intake import LARGEST, SHORTEST, energies_of, refuse, require_dt, saved_columns
from stnb.chrono.loop import ChronoLoopSignal, signal_of
from stnb.chrono.ring import Ring
from stnb.chrono.summary import ChronoSummary, summarise
from stnb.geometry import Ball

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from jaxtyping import Float64, Int64

    Energies = tuple[float, ...]
    Derived = tuple[float | None, ...]

__all__ = ["Timeline"]

FLOAT = frozenset((float,))
FLOAT_OR_NONE = frozenset((float, type(None)))
DERIVED, PARTS = COLUMNS[2:6], COLUMNS[6:]
SUMMARISED = ("dt", "timestamp", "curvature_drift", "total_energy", "energy_decay")
ANALYSED = ("dt", "curvature_drift", "total_energy")


class Timeline:
    """The newest frames of a resonance, kept as columns; frames, statistics and spectra are made when asked for.

    Every method may be called from any thread. What was read stays as it was while recording goes on. A number that
    cannot be recorded is refused by name, and then nothing of its frame is kept.

    Reading takes the newest `timesteps` frames; all of them where it is None, or where there are fewer.

    Args:
        capacity: How many frames are kept; beyond it the oldest are dropped. Memory is taken as frames come.
        curvature: κ < 0 of the ball in which the flows are observed.

    >>> timeline = Timeline()
    >>> for energy in (2.0, 1.5):
    ...     timeline.append(dt=0.1, total_energy=energy)
    >>> timeline.frames()[-1].energy_decay
    5.0
    """

    def __init__(self, capacity: int = 256, curvature: float = -1.0) -> None:
        self.capacity = whole("capacity", capacity, low=1)
        self.curvature = Ball(curvature).curvature
        self._ring = Ring(COLUMNS, self.capacity)
        self._lock = threading.Lock()
        self._forget()

    def record(self, resonance: Any, dt: float) -> ChronoFrame:
        """Add the frame of a resonance, `dt` after the one before, and return it.

        Raises:
            InvalidValue: for a `dt` that is not a finite number above 0, and for numbers too large to square.
            NonFiniteValue: for a resonance that holds NaN or an infinity.
            TypeError: for anything that has no energies.
        """
        since = require_dt(dt)
        energies = energies_of(resonance)
        with self._lock:
            step = self._next
            return ChronoFrame(step, *self._add(since, energies, (None, None, None, None)))

    def append(
        self,
        *,
        dt: float,
        observed_curvature: float | None = None,
        curvature_drift: float | None = None,
        total_energy: float | None = None,
        energy_decay: float | None = None,
        homotopy_energy: float = 0.0,
        functor_energy: float = 0.0,
        recursive_energy: float = 0.0,
        projection_energy: float = 0.0,
        infinity_energy: float = 0.0,
    ) -> None:
        """Add a frame of raw numbers. What is None follows from the rest, as for a resonance."""
        derived = (observed_curvature, curvature_drift, total_energy, energy_decay)
        energies = (homotopy_energy, functor_energy, recursive_energy, projection_energy, infinity_energy)
        if not (FLOAT.issuperset(map(type, energies)) and FLOAT_OR_NONE.issuperset(map(type, derived))):
            energies = tuple(map(real, PARTS, energies))
            derived = tuple(None if v is None else real(n, v) for n, v in zip(DERIVED, derived, strict=True))
        since = dt if type(dt) is float and SHORTEST <= dt <= LARGEST else require_dt(dt)
        with self._lock:
            self._add(since, energies, derived)

    def frames(self, timesteps: int | None = None) -> list[ChronoFrame]:
        """The newest frames, oldest first."""
        steps, rows = self._read(COLUMNS, timesteps)
        return list(map(ChronoFrame, steps.tolist(), *rows.tolist()))

    def columns(self, timesteps: int | None = None) -> dict[str, np.ndarray]:
        """The attributes of the newest frames as arrays: whole steps, everything else in float64."""
        steps, rows = self._read(COLUMNS, timesteps)
        named = dict(zip(COLUMNS, rows, strict=True))
        return {"step": steps, **named, "flow_norm": np.sqrt(named["homotopy_energy"])}

    def summary(self, timesteps: int | None = None) -> ChronoSummary | None:
        """Statistics of the newest frames; None without any."""
        _, rows = self._read(SUMMARISED, timesteps)
        return summarise(*rows) if rows.shape[1] else None

    def harmonics(self, timesteps: int | None = None, bins: int = 16) -> ChronoHarmonics | None:
        """Spectra of the newest frames, the lowest `bins` of them listed; None for fewer than two frames."""
        listed = whole("bins", bins, low=1)
        _, rows = self._read(ANALYSED, timesteps)
        return analyse(rows[0], rows[1:], listed) if rows.shape[1] > 1 else None

    def loop_signal(self, timesteps: int | None = 32, bins: int = 16) -> ChronoLoopSignal | None:
        """Summary, spectra and the hints that follow from them; None without frames."""
        listed = whole("bins", bins, low=1)
        _, rows = self._read(SUMMARISED, timesteps)
        if not rows.shape[1]:
            return None
        summary = summarise(*rows)
        return signal_of(summary, analyse(rows[0], rows[2:4], listed) if rows.shape[1] > 1 else None)

    def animate(self, timesteps: int | None = None) -> tuple[list[float], list[float], list[float]]:
        """Timestamps, total energies and curvature drifts of the newest frames."""
        _, rows = self._read(("timestamp", "total_energy", "curvature_drift"), timesteps)
        timestamps, energies, drifts = rows.tolist()
        return timestamps, energies, drifts

    def clear(self) -> None:
        """Forget every frame; the next is step 0 again."""
        with self._lock:
            self._ring.clear()
            self._forget()

    def to_dict(self) -> dict[str, Any]:
        """Everything, for saving: two settings, and the columns as arrays."""
        steps, rows = self._read(COLUMNS, None)
        columns = {"step": steps, **dict(zip(COLUMNS, rows, strict=True))}
        return {"capacity": self.capacity, "curvature": self.curvature, "columns": columns}

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`; recording goes on where it stopped. Damaged columns are refused."""
        known = ("capacity", "curvature", "columns")
        for name in known:
            if name not in saved:
                raise UnknownNameError(f"the saved timeline lacks {name!r}; give what to_dict() gave.")
        for name in saved:
            if name not in known:
                raise UnknownNameError(f"no {name!r} in a saved timeline; {nearest(str(name), known)}")
        made = cls(saved["capacity"], saved["curvature"])
        first, rows = saved_columns(saved["columns"])
        made._restore(first, rows)
        return made

    def __len__(self) -> int:
        return len(self._ring)

    def __repr__(self) -> str:
        return f"Timeline({len(self)} of {self.capacity} frames, curvature={self.curvature!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Timeline.from_dict, (self.to_dict(),)

    def _read(
        self, names: Sequence[str], timesteps: int | None
    ) -> tuple[Int64[np.ndarray, " t"], Float64[np.ndarray, "c t"]]:
        wanted = self.capacity if timesteps is None else whole("timesteps", timesteps, low=1)
        with self._lock:
            rows = self._ring.tail(names, wanted)
            end = self._next
        return np.arange(end - rows.shape[1], end), rows

    def _forget(self) -> None:
        self._next, self._time = 0, 0.0
        self._curvature: float | None = None
        self._energy: float | None = None

    def _restore(self, first: int, rows: Float64[np.ndarray, "c t"]) -> None:
        if rows.shape[1]:
            last = dict(zip(COLUMNS, rows[:, -1].tolist(), strict=True))
            self._ring.extend(rows[:, -self.capacity :])
            self._next = first + rows.shape[1]
            self._time, self._curvature = last["timestamp"], last["observed_curvature"]
            self._energy = last["total_energy"]

    def _add(self, dt: float, energies: Energies, derived: Derived) -> tuple[float, ...]:
        """Derive what is None, refuse what cannot be recorded, then write the row; the lock is held."""
        curvature, drift, total, decay = derived
        if curvature is None:
            curvature = observe_curvature(self.curvature, math.sqrt(abs(energies[0])))
        if drift is None:
            drift = 0.0 if self._curvature is None else curvature - self._curvature
        if total is None:
            total = sum(energies)
        if decay is None:
            decay = 0.0 if self._energy is None else (self._energy - total) / dt
        time = self._time + dt
        row = (time, dt, curvature, drift, total, decay, *energies)
        if not (math.hypot(*row) <= LARGEST and min(energies) >= 0 and total >= 0):
            refuse(self._next, row)
        self._ring.append(row)
        self._next += 1
        self._time, self._curvature, self._energy = time, curvature, total
        return row
