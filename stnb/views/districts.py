"""A map of an atlas: districts around the middle of a disk, and in each its metrics as points."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from stnb_widgets import District, Points

from stnb._core.errors import UnknownNameError

if TYPE_CHECKING:
    from stnb.telemetry.atlas import AtlasDistrict, AtlasFrame, AtlasMetric

__all__ = ["ATTRIBUTES", "AtlasMap", "Chart"]

ATTRIBUTES = {"change": "share", "size": "log₁₀(1 + |value|)"}
RING = 0.56  # distance of the districts from the middle
LARGEST = 0.34  # radius of a district
SPREAD = 0.74  # of the room that districts have beside each other; the rest is for their names
INNER = 0.58  # of that radius, where the metrics lie
LISTED = 12
TINY = 1e-12


class Chart(NamedTuple):
    """A map that was drawn: its points, and the metric that each of them stands for."""

    points: Points
    metrics: tuple[AtlasMetric, ...]

    def explain(self, number: Any) -> list[list[Any]]:
        """What the tooltip of a point says: the metric's name and value."""
        at = int(number)
        if not 0 <= at < len(self.metrics):
            raise UnknownNameError(f"there is no metric {at}; the map shows {len(self.metrics)} of them.")
        metric = self.metrics[at]
        return [[metric.name, metric.value, ""], ["district", metric.home, ""]]


class AtlasMap:
    """Draws one atlas after another, so that what changed can be seen.

    `change` is (v − v before)/(|v| + |v before|), between −1 and 1; 0 for a metric that is new. A district's ring shows
    the mean of its metrics' |change|.
    """

    def __init__(self) -> None:
        self._before: dict[tuple[str, str], float] = {}
        self._order: list[str] = []

    def draw(self, atlas: AtlasFrame, step: int, status: str = "") -> Chart:
        """The atlas as points and districts, together with what the points stand for."""
        districts = self._placed(atlas.districts())
        metrics = [metric for _, district in districts for metric in district.metrics()]
        changes = np.array([self._change(metric) for metric in metrics])
        total = len(self._order)
        places = [_around(index, total, district) for index, district in districts]
        marks, start = [], 0
        for index, district in districts:
            count = len(district.metrics())
            moved = np.abs(changes[start : start + count])
            marks.append(_mark(index, total, district, float(moved.mean()) if count else 0.0))
            start += count
        self._before = {(m.home, m.name): m.value for m in metrics}
        sizes = np.log10(1 + np.abs([metric.value for metric in metrics])) if metrics else np.empty(0)
        points = Points(
            step=step,
            time=atlas.timestamp,
            positions=np.concatenate(places) if places else np.empty((0, 2)),
            attributes={"change": changes, "size": sizes},
            districts=marks,
            status=status,
        )
        return Chart(points, tuple(metrics))

    def _placed(self, districts: list[AtlasDistrict]) -> list[tuple[int, AtlasDistrict]]:
        """Each with its place in the ring, which it keeps."""
        self._order += [district.name for district in districts if district.name not in self._order]
        return [(self._order.index(district.name), district) for district in districts]

    def _change(self, metric: AtlasMetric) -> float:
        before = self._before.get((metric.home, metric.name))
        if before is None:
            return 0.0
        return (metric.value - before) / (abs(metric.value) + abs(before) + TINY)


def _centre(index: int, total: int) -> tuple[float, float, float]:
    """Middle and radius of the index-th of some districts; a lone one takes the middle of the disk."""
    if total == 1:
        return 0.0, 0.0, 2 * LARGEST
    angle = math.pi / 2 - 2 * math.pi * index / total
    return (
        RING * math.cos(angle),
        RING * math.sin(angle),
        min(LARGEST, SPREAD * RING * math.sin(math.pi / total)),
    )


def _around(index: int, total: int, district: AtlasDistrict) -> np.ndarray:
    """(n, 2) places of the metrics on a circle in their district; a lone one in its middle."""
    x, y, radius = _centre(index, total)
    count = len(district.metrics())
    if count == 1:
        return np.array([[x, y]])
    angles = math.pi / 2 - 2 * math.pi * np.arange(count) / count
    return np.array([x, y]) + INNER * radius * np.column_stack([np.cos(angles), np.sin(angles)])


def _mark(index: int, total: int, district: AtlasDistrict, moved: float) -> District:
    x, y, radius = _centre(index, total)
    lines = [f"{metric.name} = {metric.value:.4g}" for metric in district.metrics()[:LISTED]]
    left = len(district.metrics()) - len(lines)
    note = "; ".join([f"mean {district.mean:.4g}, span {district.span:.4g}", *lines])
    return District(district.name, x, y, radius, moved, note + (f"; {left} more" if left > 0 else ""))
