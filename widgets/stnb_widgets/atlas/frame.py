"""One moment of particles, quantised and owned, and how it travels.

Its arrays are positions (count, 3), or (count, 2) for a flat picture, and values (count,), the attribute that colours,
both uint16; ids (count,) uint32 where particles have other names than their places; mask, one bit per particle, lowest
first, where some are selected; and what `scenery` adds. When `count < total`, the particles are the first `count` of a
fixed permutation of all of them that looks random, so any prefix is a fair sample.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_widgets import parcel
from stnb_widgets.atlas.scenery import Scenery
from stnb_widgets.parcel import Parcel
from stnb_widgets.quantize import Quantiser, dequantise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from stnb_widgets.atlas.points import Points
    from stnb_widgets.quantize import Codes

__all__ = ["NOTHING", "ParticleFrame", "Picked", "fair_order"]

DIMENSIONS = {"3d": 3, "2d": 2, "disk": 2}


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """The ids that are selected; `echo` counts the selections of a widget, `by` names the view that made this one."""

    echo: int
    by: str
    ids: np.ndarray


NOTHING = Picked(0, "", np.empty(0, np.uint32))


class Columns:
    """Every attribute of a frame, owned: the one that colours as codes, the others as copies until asked for."""

    def __init__(self, values: Mapping[str, ArrayLike], colour: str, quantise: Quantiser) -> None:
        self._codes: dict[str, Codes] = {}
        self._copies: dict[str, np.ndarray] = {}
        self._lock = threading.Lock()
        for name, column in values.items():
            if name == colour:
                self._codes[name] = quantise(np.asarray(column)[:, None])
            else:
                self._copies[name] = np.array(column)

    def get(self, name: str) -> Codes | None:
        """Codes of an attribute, or None if the frame has none of that name."""
        with self._lock:
            if name in self._copies:
                self._codes[name] = Quantiser()(self._copies.pop(name)[:, None])
            return self._codes.get(name)

    def at(self, name: str, row: int) -> float:
        """The attribute of one particle."""
        with self._lock:
            if name in self._copies:
                return float(self._copies[name][row])
            codes = self._codes[name]
        return float(dequantise(codes.codes[row : row + 1], codes.low, codes.high)[0, 0])


@dataclass(frozen=True, slots=True, eq=False)
class ParticleFrame:
    """Codes of positions and the attributes at one step; `number` counts the frames offered."""

    number: int
    step: int
    time: float
    status: str
    positions: Codes
    attributes: Columns
    ids: np.ndarray | None
    scenery: Scenery

    @classmethod
    def own(
        cls, points: Points, number: int, quantise: Quantiser, colour: str = "", projection: str = "3d"
    ) -> ParticleFrame:
        """Quantise or copy everything; the arrays of `points` may be overwritten afterwards."""
        columns = Columns(points.attributes, colour, quantise)
        places = np.asarray(points.positions)[:, : DIMENSIONS[projection]]
        positions = quantise(_inside(places) if projection == "disk" else places)
        scenery = Scenery.own(points, positions)
        ids = None if points.ids is None else np.array(points.ids)
        step, time, status = int(points.step), float(points.time), str(points.status)
        return cls(number, step, time, status, positions, columns, ids, scenery)

    @property
    def total(self) -> int:
        """Particles in the frame."""
        return len(self.positions.codes)

    @property
    def bytes_per_point(self) -> int:
        """Bytes that a particle takes: coordinates, colour, and id where it has one of its own."""
        return 2 * self.positions.codes.shape[1] + 2 + (0 if self.ids is None else 4)

    @property
    def nbytes(self) -> int:
        """Bytes of a live message that holds everything."""
        return self.total * self.bytes_per_point + self.scenery.nbytes

    def row_of(self, particle: int) -> int | None:
        """Where the particle of this id is in the arrays, or None."""
        if self.ids is None:
            return particle if 0 <= particle < self.total else None
        found = np.flatnonzero(self.ids == particle)
        return int(found[0]) if len(found) else None

    def parcel(self, seq: int, colour: str, most_bytes: int, picked: Picked = NOTHING) -> Parcel:
        """Header and arrays of at most `most_bytes`."""
        around, gone = self.scenery.fit(most_bytes)
        bits = 8 * (most_bytes - gone) // (8 * self.bytes_per_point + bool(len(picked.ids)))
        count = min(self.total, max(bits - 1 if len(picked.ids) else bits, 0))
        arrays = {**self._sample(colour, count, picked), **around}
        return Parcel(self._header(seq, colour, count, picked), arrays)

    def _sample(self, colour: str, count: int, picked: Picked) -> dict[str, np.ndarray]:
        column = self.attributes.get(colour)
        values = np.zeros(self.total, np.uint16) if column is None else column.codes[:, 0]
        arrays = {"positions": self.positions.codes, "values": np.ascontiguousarray(values)}
        if self.ids is not None:
            arrays["ids"] = self.ids
        if count < self.total:
            chosen = fair_order(self.total)[:count]
            arrays = {name: array[chosen] for name, array in arrays.items()}
        if len(picked.ids):
            arrays["mask"] = np.packbits(self._flags(picked.ids, arrays, count), bitorder="little")
        return arrays

    def _flags(self, ids: np.ndarray, arrays: dict[str, np.ndarray], count: int) -> np.ndarray:
        """Which of the particles that travel are selected."""
        if self.ids is not None:
            return np.isin(arrays["ids"], ids)
        flags = np.zeros(self.total, bool)
        flags[ids[ids < self.total]] = True
        return flags if count == self.total else flags[fair_order(self.total)[:count]]

    def _header(self, seq: int, colour: str, count: int, picked: Picked) -> dict[str, Any]:
        column = self.attributes.get(colour)
        common = parcel.header(
            seq=seq, number=self.number, step=self.step, time=self.time, status=self.status
        )
        return {
            **common,
            "count": count,
            "total": self.total,
            "lost": self.positions.lost,
            "low": [*self.positions.low, 0.0][:3],
            "high": [*self.positions.high, 0.0][:3],
            "colour": colour if column else "",
            "range": [column.low[0], column.high[0]] if column else [0.0, 0.0],
            "blank": column.lost if column else 0,
            "picked": [picked.echo, picked.by],
            **self.scenery.words,
        }


def _inside(places: np.ndarray) -> np.ndarray:
    """A copy in which places outside the open unit disk are not a number."""
    kept = places.astype(np.result_type(places.dtype, np.float32))
    with np.errstate(over="ignore", invalid="ignore"):
        kept[~((kept**2).sum(axis=1) < 1.0)] = np.nan
    return kept


@lru_cache(maxsize=4)
def fair_order(total: int) -> np.ndarray:
    """The permutation of `total` particles whose every prefix is a fair sample: 0 ... total - 1 sorted by a mixed key.

    key(i) = mix(mix(i)), mix(i) = (i ^ i >> 16) * 0x45d9f3b mod 2^32, then ^ >> 16, which no two i share. The browser
    computes the same one, so that particles that were left out still keep their numbers.
    """
    key = np.arange(total, dtype=np.uint32)
    for _ in range(2):
        key = (key ^ (key >> np.uint32(16))) * np.uint32(0x45D9F3B)
    order = np.argsort(key ^ (key >> np.uint32(16)), kind="stable")
    order.setflags(write=False)
    return order
