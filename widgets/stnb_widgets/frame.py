"""One moment of particles, quantised and owned, and how it travels.

Its arrays are positions (count, 3) and values (count,), the attribute that colours, both uint16. When `count < total`,
the particles are the first `count` of a fixed random permutation of all of them, so any prefix is a fair sample.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from . import parcel
from .parcel import Parcel
from .quantize import Quantiser

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from .points import Points
    from .quantize import Codes

__all__ = ["BYTES_PER_POINT", "ParticleFrame", "fair_order"]

BYTES_PER_POINT = 8
_ORDER_SEED = 20_26


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


@dataclass(frozen=True, slots=True, eq=False)
class ParticleFrame:
    """Codes of positions and the attributes at one step; `number` counts the frames offered."""

    number: int
    step: int
    time: float
    status: str
    positions: Codes
    attributes: Columns

    @classmethod
    def own(cls, points: Points, number: int, quantise: Quantiser, colour: str = "") -> ParticleFrame:
        """Quantise or copy everything; the arrays of `points` may be overwritten afterwards."""
        columns = Columns(points.attributes, colour, quantise)
        positions = quantise(np.asarray(points.positions))
        return cls(number, int(points.step), float(points.time), str(points.status), positions, columns)

    @property
    def total(self) -> int:
        """Particles in the frame."""
        return len(self.positions.codes)

    @property
    def nbytes(self) -> int:
        """Bytes of a live message that holds every particle."""
        return self.total * BYTES_PER_POINT

    def parcel(self, seq: int, colour: str, most_bytes: int) -> Parcel:
        """Header and arrays of at most `most_bytes`."""
        count = min(self.total, most_bytes // BYTES_PER_POINT)
        positions, values = self._sample(colour, count)
        return Parcel(self._header(seq, colour, count), {"positions": positions, "values": values})

    def _sample(self, colour: str, count: int) -> tuple[np.ndarray, np.ndarray]:
        column = self.attributes.get(colour)
        values = np.zeros(self.total, np.uint16) if column is None else column.codes[:, 0]
        if count == self.total:
            return self.positions.codes, np.ascontiguousarray(values)
        chosen = fair_order(self.total)[:count]
        return self.positions.codes[chosen], values[chosen]

    def _header(self, seq: int, colour: str, count: int) -> dict[str, object]:
        column = self.attributes.get(colour)
        common = parcel.header(
            seq=seq, number=self.number, step=self.step, time=self.time, status=self.status
        )
        return {
            **common,
            "count": count,
            "total": self.total,
            "lost": self.positions.lost,
            "low": list(self.positions.low),
            "high": list(self.positions.high),
            "colour": colour if column else "",
            "range": [column.low[0], column.high[0]] if column else [0.0, 0.0],
            "blank": column.lost if column else 0,
        }


@lru_cache(maxsize=4)
def fair_order(total: int) -> np.ndarray:
    """The fixed random permutation of `total` particles whose every prefix is a fair sample."""
    order = np.random.default_rng(_ORDER_SEED).permutation(total)
    order.setflags(write=False)
    return order
