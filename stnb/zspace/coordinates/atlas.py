"""The atlas: the energy of the latest observations by band, sheet and echo."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from stnb.zspace.coordinates.features import SpectralFeatureSample
from stnb.zspace.coordinates.field import ZFieldSample
from stnb.zspace.coordinates.frame import ZFrame, ZIndex, require_frame
from stnb.zspace.coordinates.homology import components, unit_scaled
from stnb.zspace.coordinates.series import as_series, compact, spread

if TYPE_CHECKING:
    from jaxtyping import Float, Int

__all__ = ["ZAtlas"]


class Held(NamedTuple):
    """An observation as it came: its number, the echo that was asked for, and the series."""

    number: int
    echo: int | None
    series: Float[np.ndarray, " n"]


class ZAtlas:
    """Σ x² of the latest observations, shared out among the cells of a frame.

    Observation number i goes to the echo i mod P unless told otherwise and replaces what was there. The series are
    kept, one an echo, so that `warp` can read them anew in another frame. Safe to use from several threads.

    >>> atlas = ZAtlas()
    >>> atlas.observe([3.0, 0.0, -4.0, 0.0]).energy
    1.75
    >>> float(atlas.density().sum())
    1.0
    """

    def __init__(self, frame: ZFrame | None = None) -> None:
        self._lock = threading.RLock()
        self._frame = ZFrame.regular() if frame is None else require_frame(frame)
        self._energy = np.zeros(self._frame.shape)
        self._held: dict[int, Held] = {}
        self._count = 0
        self._revision = 0

    @property
    def frame(self) -> ZFrame:
        """The frame of the cells."""
        with self._lock:
            return self._frame

    @property
    def revision(self) -> int:
        """How often the frame was exchanged."""
        with self._lock:
            return self._revision

    @property
    def observations(self) -> int:
        """How many series were observed so far, those since replaced included."""
        with self._lock:
            return self._count

    def observe(self, samples: Any, *, echo: int | None = None) -> ZFieldSample:
        """Take in a series, and tell its features and its strongest cell.

        Arrays of more dimensions are read row by row. Over all bands and sheets of its echo the cells hold Σ x².

        Raises:
            IndexError: when the echo is not in the frame.
            NonFiniteValue: for NaN, infinities, and series whose energy overflows.
        """
        series = as_series("samples", samples)
        with self._lock:
            given = None if echo is None else self._frame.index(0, 0, echo).echo
            features = SpectralFeatureSample.from_slice(series, self._frame.shape[1])
            slot = self._place(Held(self._count, given, compact(series)))
            self._count += 1
            band, sheet = divmod(int(self._energy[:, :, slot].argmax()), self._frame.shape[1])
            return self._look(features, band, sheet, slot)

    def energy(self) -> Float[torch.Tensor, "bands sheets echoes"]:
        """Σ x² by cell, in float64."""
        with self._lock:
            return torch.from_numpy(self._energy.copy())

    def density(self) -> Float[torch.Tensor, "bands sheets echoes"]:
        """Each cell's share of all energy, in float64: the sum is 1, or all is 0 before anything was heard."""
        return torch.from_numpy(self._density())

    def look(self) -> tuple[Float[np.ndarray, "bands sheets echoes"], ZFrame]:
        """Density and frame of one and the same moment."""
        with self._lock:
            return self._density(), self._frame

    def homology(self) -> Int[torch.Tensor, "bands sheets echoes"]:
        """Connected components of the cells with at least the mean energy, 1 the heaviest, 0 the background."""
        with self._lock:
            return torch.from_numpy(components(self._energy))

    def warp(self, frame: ZFrame) -> None:
        """Read the kept series in another frame; `revision` grows by one.

        Afterwards the atlas holds what one with that frame would hold, had it observed the same series under the same
        numbers. With fewer echoes the newest observations stay.
        """
        wanted = require_frame(frame)
        with self._lock:
            held = sorted(self._held.values())
            self._frame, self._held = wanted, {}
            self._energy = np.zeros(wanted.shape)
            for observation in held:
                self._place(observation)
            self._revision += 1

    def sample(
        self,
        band: int | None = None,
        sheet: int | None = None,
        echo: int | None = None,
        *,
        samples: Any = None,
        sheet_hint: int | None = None,
    ) -> ZFieldSample:
        """Features of the latest observation, or of `samples`, and the density of the cells with these coordinates.

        A coordinate that is left out stands for all its values. Nothing in the atlas changes.

        Raises:
            IndexError: when a coordinate is not in the frame.
        """
        given = None if samples is None else as_series("samples", samples)
        with self._lock:
            wanted = [0 if place is None else place for place in (band, sheet, echo)]
            self._frame.index(*wanted)
            hint = self._frame.shape[1] if sheet_hint is None else sheet_hint
            series = self._latest() if given is None else given
            heard = [0.0] if series is None else series
            return self._look(SpectralFeatureSample.from_slice(heard, hint), band, sheet, echo)

    def __repr__(self) -> str:
        with self._lock:
            return f"ZAtlas({self._frame!r}, {self._count} observations, revision {self._revision})"

    def _place(self, observation: Held) -> int:
        echoes = self._frame.shape[2]
        slot = (observation.number if observation.echo is None else observation.echo) % echoes
        self._energy[:, :, slot] = spread(observation.series.astype(np.float64), self._frame)
        self._held[slot] = observation
        return slot

    def _latest(self) -> Float[np.ndarray, " n"] | None:
        return max(self._held.values(), key=lambda held: held.number).series if self._held else None

    def _density(self) -> Float[np.ndarray, "bands sheets echoes"]:
        with self._lock:
            scaled = unit_scaled(self._energy)
        total = math.fsum(scaled.ravel())
        return scaled / total if total > 0 else scaled

    def _look(
        self, features: SpectralFeatureSample, band: int | None, sheet: int | None, echo: int | None
    ) -> ZFieldSample:
        asked = (band, sheet, echo)
        chosen = tuple(slice(None) if place is None else slice(int(place), int(place) + 1) for place in asked)
        labels = components(self._energy)
        single = labels[chosen].size == 1
        return ZFieldSample.of(
            features,
            density=float(self._density()[chosen].sum()),
            homology=int(labels[chosen].item()) if single else 0,
            betti0=int(labels.max()),
            cell=ZIndex(*(0 if place is None else place for place in asked)) if single else None,
        )
