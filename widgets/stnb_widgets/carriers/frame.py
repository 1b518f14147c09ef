"""One moment of carriers, quantised and owned, and how it travels.

Carriers lie in the order of their frequencies: `uid` (n,) uint32, `state` (n,) uint8, and `numbers` (n, 7) uint16, the
columns of `COLUMNS` between the bounds that the header lists. `tones` (m, 3) uint16 and `tone_uid` (m,) uint32 are the
oscillators: frequency, phase, energy. `links` (n, k) uint16 are places among them, 65535 for none, the loudest first;
`weights` (n, k) uint8 say how loud, over the loudest of the carrier. What does not fit is left out in this order: faint
links, then oscillators (what stays is a fair sample), then the weakest carriers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stnb_widgets import parcel
from stnb_widgets.atlas.frame import fair_order
from stnb_widgets.carriers.wave import columns_of
from stnb_widgets.parcel import Parcel
from stnb_widgets.quantize import LOST, Quantiser, dequantise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stnb_widgets.carriers.wave import Event, Oscillators, Wave

__all__ = ["CARRIER_BYTES", "COLUMNS", "FRAME_BYTES", "TONES", "TONE_BYTES", "CarriersFrame"]

COLUMNS = ("omega", "amplitude", "phase", "width", "order", "conflict", "age")
TONES = ("omega", "phase", "energy")
NEEDED = ("omega", "amplitude", "phase", "width")
CARRIER_BYTES = 4 + 1 + 2 * len(COLUMNS)
TONE_BYTES = 4 + 2 * 3
LINK_BYTES = 2 + 1
FRAME_BYTES = 200_000
MOST_TONES = 4096
KEPT = (1.0, 0.75, 0.5, 0.35, 0.25, 0.12, 0.06, 0.0)
BLANK_CONFLICT = tuple(COLUMNS.index(name) for name in ("order", "conflict", "age"))


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """Columns as codes, and the bounds of each."""

    codes: np.ndarray
    bounds: list[list[float]]

    @classmethod
    def of(cls, columns: list[np.ndarray]) -> Coded:
        """Each column between its own least and greatest; what is not finite gets a code of its own."""
        made = [Quantiser()(np.asarray(column, float)[:, None]) for column in columns]
        codes = np.concatenate([c.codes for c in made], axis=1)
        return cls(codes, [[c.low[0], c.high[0]] for c in made])

    def column(self, i: int) -> np.ndarray:
        """Its numbers again."""
        low, high = self.bounds[i]
        return dequantise(self.codes[:, i : i + 1], (low,), (high,))[:, 0]


@dataclass(frozen=True, slots=True, eq=False)
class CarriersFrame:
    """Codes at one step; `number` counts the frames offered, `lost` the carriers that cannot be drawn."""

    number: int
    step: int
    time: float
    status: str
    mean_order: float
    band: tuple[float, float]
    events: tuple[Event, ...]
    uid: np.ndarray
    state: np.ndarray
    numbers: Coded
    lost: int
    tone_uid: np.ndarray
    tones: Coded
    oscillators: int
    links: np.ndarray
    weights: np.ndarray

    @classmethod
    def own(
        cls, wave: Wave, number: int, band: tuple[float, float], events: tuple[Event, ...]
    ) -> CarriersFrame:
        """Quantise or copy everything; the arrays of `wave` may be overwritten afterwards."""
        columns = columns_of(wave)
        drawn = np.all([np.isfinite(columns[name]) for name in NEEDED], axis=0)
        order = np.flatnonzero(drawn)
        order = order[np.argsort(columns["omega"][order], kind="stable")]
        tone_uid, tones, places = _sampled(wave.oscillators)
        links, weights = _linked(np.asarray(wave.links)[order], np.asarray(wave.weights)[order], places)
        return cls(
            number,
            int(wave.step),
            float(wave.time),
            str(wave.status),
            float(wave.mean_order),
            band,
            events,
            np.asarray(wave.uid)[order].astype(np.uint32),
            columns["state"][order].astype(np.uint8),
            Coded.of([columns[name][order] for name in COLUMNS]),
            int(len(drawn) - len(order)),
            tone_uid,
            tones,
            wave.oscillators.total,
            links,
            weights,
        )

    @property
    def total(self) -> int:
        """Carriers in the frame, those that are lost not counted."""
        return len(self.uid)

    @property
    def nbytes(self) -> int:
        """Bytes of a live message."""
        return min(FRAME_BYTES, _size(self.total, len(self.tone_uid), self.links.shape[1]))

    def column(self, name: str) -> np.ndarray:
        """Numbers of a column as they travel."""
        return self.numbers.column(COLUMNS.index(name))

    def parcel(self, seq: int, most_bytes: int) -> Parcel:
        """Header and arrays of at most `most_bytes`, and of at most 200 kB."""
        most = min(most_bytes, FRAME_BYTES)
        each, heard = next(
            ((k, m) for k, m in self._choices() if _size(self.total, m, k) <= most),
            (0, 0),
        )
        rows = self._strongest(most // CARRIER_BYTES)
        places = fair_order(len(self.tone_uid))[:heard] if heard < len(self.tone_uid) else None
        tones = self.tones.codes if places is None else self.tones.codes[places]
        arrays = {
            "uid": self.uid[rows],
            "state": self.state[rows],
            "numbers": np.ascontiguousarray(self.numbers.codes[rows]),
            "tone_uid": self.tone_uid if places is None else self.tone_uid[places],
            "tones": np.ascontiguousarray(tones),
            "links": self.links[rows, :each],
            "weights": self.weights[rows, :each],
        }
        return Parcel(self._header(seq, rows, heard, each), arrays)

    def _choices(self) -> Iterator[tuple[int, int]]:
        """Links for each carrier and oscillators in all, the fewer the later; links go first."""
        most = self.links.shape[1]
        for kept in KEPT:
            if most or kept == KEPT[0]:
                yield int(most * kept), len(self.tone_uid)
        for kept in KEPT[1:]:
            yield 0, int(len(self.tone_uid) * kept)

    def _strongest(self, most: int) -> np.ndarray:
        if self.total <= most:
            return np.arange(self.total)
        strength = self.numbers.codes[:, COLUMNS.index("amplitude")]
        return np.sort(np.argsort(-strength.astype(int), kind="stable")[:most])

    def _header(self, seq: int, rows: np.ndarray, heard: int, each: int) -> dict[str, object]:
        common = parcel.header(
            seq=seq, number=self.number, step=self.step, time=self.time, status=self.status
        )
        blank = (self.numbers.codes[rows][:, BLANK_CONFLICT] == LOST).any(axis=1).sum()
        return {
            **common,
            "count": len(rows),
            "total": self.total,
            "lost": self.lost,
            "blank": int(blank),
            "bounds": self.numbers.bounds,
            "tone_count": heard,
            "tone_total": self.oscillators,
            "tone_bounds": self.tones.bounds,
            "each": each,
            "order": self.mean_order if np.isfinite(self.mean_order) else None,
            "band": list(self.band),
            "events": [list(event) for event in self.events],
        }


def _size(carriers: int, tones: int, each: int) -> int:
    return carriers * (CARRIER_BYTES + LINK_BYTES * each) + tones * TONE_BYTES


def _sampled(oscillators: Oscillators) -> tuple[np.ndarray, Coded, np.ndarray]:
    """Numbers and codes of those that travel, and where each of the given ones lies among them, 65535 for nowhere."""
    omega, phase, energy = (np.asarray(getattr(oscillators, name)) for name in TONES)
    audible = np.isfinite(omega) & np.isfinite(phase) & np.isfinite(energy)
    kept = np.flatnonzero(audible)
    if len(kept) > MOST_TONES:
        kept = kept[fair_order(len(kept))[:MOST_TONES]]
    places = np.full(len(omega) + 1, LOST, np.uint16)
    places[kept] = np.arange(len(kept), dtype=np.uint16)
    uid = np.asarray(oscillators.uid)[kept].astype(np.uint32)
    return uid, Coded.of([omega[kept], phase[kept], energy[kept]]), places


def _linked(links: np.ndarray, weights: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Links as places among those that travel, the loudest first; a weight that is not positive links nobody."""
    loud = np.where(np.isfinite(weights) & (links >= 0) & (weights > 0), weights, 0.0)
    order = np.argsort(-loud, axis=1, kind="stable")
    loud = np.take_along_axis(loud, order, axis=1)
    found = places[np.take_along_axis(links, order, axis=1)]
    found[loud == 0] = LOST
    most = np.maximum(loud[:, :1], np.finfo(float).tiny)
    share = np.rint(255 * loud / most).astype(np.uint8)
    share[found == LOST] = 0
    return found, share
