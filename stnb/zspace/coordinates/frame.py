"""The frame: bands of frequency, sheets of a series and echoes in time, with distances between their cells."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stnb._core.errors import EmptyInput, InvalidValue, NonPositiveWeight, ShapeMismatch
from stnb._core.numbers import finite, whole
from stnb.geometry import Ball
from stnb.zspace.guards import require_axis

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["WEIGHTS", "ZBand", "ZFrame", "ZIndex", "ZSheet", "ZTemporal", "require_frame", "whole"]

WEIGHTS = (1.0, 0.7, 0.5)
AXES = ("band", "sheet", "echo")


@dataclass(frozen=True, order=True)
class ZIndex:
    """The address of a cell: its band, its sheet and its echo, each counted from 0."""

    band: int
    sheet: int
    echo: int

    def __post_init__(self) -> None:
        for name in AXES:
            object.__setattr__(self, name, whole(name, getattr(self, name), low=None))

    def as_tuple(self) -> tuple[int, int, int]:
        """(band, sheet, echo), which indexes a density."""
        return self.band, self.sheet, self.echo


@dataclass(frozen=True)
class ZBand:
    """Frequencies ω with low ≤ ω < high, 1 being half the sampling rate; the highest band holds 1 too."""

    index: int
    label: str
    low: float
    high: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", whole("index", self.index, low=None))
        _require_text(self.label)
        low, high = finite("low", self.low), finite("high", self.high)
        if not 0.0 <= low < high <= 1.0:
            raise InvalidValue(f"band {self.label!r} goes from {low!r} to {high!r}; give 0 ≤ low < high ≤ 1.")
        object.__setattr__(self, "low", low + 0.0)
        object.__setattr__(self, "high", high)


@dataclass(frozen=True)
class ZSheet:
    """One stretch of a series."""

    index: int
    label: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", whole("index", self.index, low=None))
        _require_text(self.label)


@dataclass(frozen=True)
class ZTemporal:
    """Slots for the latest observations, in a circle: after `period` of them the first is used again."""

    echo_count: int
    period: int | None = None

    def __post_init__(self) -> None:
        count = require_axis("echo_count", self.echo_count)
        period = count if self.period is None else require_axis("period", self.period)
        if period != count:
            raise InvalidValue(f"period = {period} differs from echo_count = {count}; leave it out.")
        object.__setattr__(self, "echo_count", count)
        object.__setattr__(self, "period", period)


@dataclass(frozen=True, eq=False, repr=False)
class ZFrame:
    """Bands × sheets × echoes over a space of curvature κ: immutable, and known by its `signature`.

    Bands share out the frequencies 0 … 1 without gap or overlap. Frames with the same signature are equal, in this
    process and in any other.

    >>> frame = ZFrame.regular()
    >>> [band.label for band in frame.bands], frame.shape
    (['above', 'here', 'beneath'], (3, 4, 8))
    >>> frame.distance(ZIndex(0, 0, 0), ZIndex(0, 0, 7)) == frame.distance(ZIndex(0, 0, 0), ZIndex(0, 0, 1))
    True
    """

    bands: tuple[ZBand, ...]
    sheets: tuple[ZSheet, ...]
    temporal: ZTemporal
    curvature: float = -1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "bands", _members("bands", self.bands, ZBand))
        object.__setattr__(self, "sheets", _members("sheets", self.sheets, ZSheet))
        if not isinstance(self.temporal, ZTemporal):
            raise TypeError(
                f"temporal is of type {type(self.temporal).__name__}; give ZTemporal(echo_count)."
            )
        _require_tiling(self.bands)
        object.__setattr__(self, "curvature", Ball(self.curvature).curvature)

    @classmethod
    def regular(cls, bands: int = 3, sheets: int = 4, echoes: int = 8, curvature: float = -1.0) -> ZFrame:
        """Bands of equal width, the highest frequencies first, and as many sheets and echoes as asked for."""
        count, parts = require_axis("bands", bands), require_axis("sheets", sheets)
        edges = [(count - i) / count for i in range(count + 1)]
        return cls(
            tuple(ZBand(i, label, edges[i + 1], edges[i]) for i, label in enumerate(_band_labels(count))),
            tuple(ZSheet(i, f"sheet {i}") for i in range(parts)),
            ZTemporal(require_axis("echoes", echoes)),
            curvature,
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of bands, sheets and echoes."""
        return len(self.bands), len(self.sheets), self.temporal.echo_count

    @cached_property
    def signature(self) -> str:
        """SHA-256 of the frame as canonical JSON: sorted keys, shortest floats."""
        written = json.dumps(self.as_dict(), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(written.encode()).hexdigest()

    def band_distance(self, a: int, b: int) -> float:
        """|a − b|."""
        return float(abs(self._place(0, a) - self._place(0, b)))

    def sheet_distance(self, a: int, b: int) -> float:
        """|a − b|."""
        return float(abs(self._place(1, a) - self._place(1, b)))

    def echo_distance(self, a: int, b: int) -> float:
        """min(|a − b|, P − |a − b|), the shorter way around the circle of P echoes."""
        apart = abs(self._place(2, a) - self._place(2, b))
        return float(min(apart, self.shape[2] - apart))

    echo_circular_distance = echo_distance

    def distance(self, i: ZIndex, j: ZIndex, weights: Sequence[float] = WEIGHTS) -> float:
        """√Σ (ŵ·d)² over band, sheet and echo distances d, with the weights ŵ scaled to sum 1.

        Weights whose sum is not above 0 give way to (1, 0.7, 0.5), a convention of this project.

        Raises:
            IndexError: when a cell is not in this frame.
        """
        scaled = _normalised(weights)
        apart = (
            self.band_distance(i.band, j.band),
            self.sheet_distance(i.sheet, j.sheet),
            self.echo_distance(i.echo, j.echo),
        )
        return math.hypot(*(w * d for w, d in zip(scaled, apart, strict=True)))

    def index(self, band: int, sheet: int, echo: int) -> ZIndex:
        """The address of a cell of this frame; one outside it is an IndexError."""
        return ZIndex(*(self._place(axis, value) for axis, value in enumerate((band, sheet, echo))))

    def cells(self) -> Iterator[ZIndex]:
        """Every address, the echo running fastest."""
        return (ZIndex(*cell) for cell in itertools.product(*map(range, self.shape)))

    def contains(self, index: ZIndex) -> bool:
        """Whether a cell is in this frame."""
        if not isinstance(index, ZIndex):
            raise TypeError(f"index is of type {type(index).__name__}; give a ZIndex.")
        return all(0 <= place < count for place, count in zip(index.as_tuple(), self.shape, strict=True))

    def as_dict(self) -> dict[str, Any]:
        """What the signature is made of."""
        return {
            "bands": [asdict(band) for band in self.bands],
            "sheets": [asdict(sheet) for sheet in self.sheets],
            "temporal": asdict(self.temporal),
            "curvature": self.curvature,
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ZFrame):
            return NotImplemented
        return self is other or self.signature == other.signature

    def __hash__(self) -> int:
        return hash(self.signature)

    def __repr__(self) -> str:
        bands, sheets, echoes = self.shape
        return (
            f"ZFrame({bands} bands × {sheets} sheets × {echoes} echoes, "
            f"curvature {self.curvature:g}, {self.signature[:8]})"
        )

    def _place(self, axis: int, value: int) -> int:
        place, count = whole(AXES[axis], value, low=None), self.shape[axis]
        if not 0 <= place < count:
            raise IndexError(
                f"{AXES[axis]} {place} is not in this frame; give 0 … {count - 1}, the frame has {count}."
            )
        return place


def require_frame(frame: Any) -> ZFrame:
    """The frame itself, or a refusal."""
    if not isinstance(frame, ZFrame):
        raise TypeError(f"frame is of type {type(frame).__name__}; give a ZFrame, such as ZFrame.regular().")
    return frame


def _require_text(label: Any) -> None:
    if not isinstance(label, str):
        raise TypeError(f"label = {label!r} is of type {type(label).__name__}; give a string.")


def _members(label: str, values: Any, kind: type) -> tuple[Any, ...]:
    if not isinstance(values, (tuple, list)):
        raise TypeError(f"{label} is of type {type(values).__name__}; give a tuple of {kind.__name__}.")
    if not values:
        raise EmptyInput(f"{label} is empty; give at least one {kind.__name__}.")
    for place, value in enumerate(values):
        if not isinstance(value, kind):
            raise TypeError(f"{label}[{place}] is of type {type(value).__name__}; give a {kind.__name__}.")
        if value.index != place:
            raise InvalidValue(f"{label}[{place}] has index {value.index}; number them 0, 1, 2, …")
    return tuple(values)


def _require_tiling(bands: tuple[ZBand, ...]) -> None:
    rising = sorted(bands, key=lambda band: band.low)
    ends = [0.0, *(band.high for band in rising)]
    starts = [*(band.low for band in rising), 1.0]
    for end, start in zip(ends, starts, strict=True):
        if end != start:
            raise InvalidValue(
                f"the bands leave a gap or overlap between {min(end, start)!r} and {max(end, start)!r}; "
                "let each begin exactly where another ends, from 0 to 1."
            )


def _band_labels(count: int) -> list[str]:
    half = count // 2
    far = [str(i) for i in range(half, 0, -1)] if half > 1 else [""] * half
    above = [f"above {i}".strip() for i in far]
    return above + ["here"] * (count % 2) + [f"beneath {i}".strip() for i in reversed(far)]


def _normalised(weights: Sequence[float]) -> tuple[float, ...]:
    given = tuple(finite(f"weights[{i}]", w) for i, w in enumerate(weights))
    if len(given) != len(AXES):
        raise ShapeMismatch(f"weights has {len(given)} entries; give three: band, sheet, echo.")
    total = math.fsum(given)
    if not total > 0:
        given, total = WEIGHTS, math.fsum(WEIGHTS)
    for i, w in enumerate(given):
        if w < 0:
            raise NonPositiveWeight(f"weights[{i}] = {w!r} is below 0; give weights from 0 on.")
    return tuple(w / total for w in given)
