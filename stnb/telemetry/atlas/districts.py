"""Metrics of an atlas, and the districts that they gather in."""

from __future__ import annotations

import re
import statistics
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from stnb._core.numbers import finite
from stnb.telemetry.atlas.words import label, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ELSEWHERE", "AtlasDistrict", "AtlasMetric", "gather", "infer_district"]

DISTRICTS = {
    "Surface": ("py", "python", "bindings", "session", "timeline"),
    "Concourse": ("trainer", "maintainer", "atlas", "loop", "chrono", "policy", "resonator"),
    "Substrate": ("tensor", "backend", "core", "z", "collapse", "geometry", "kdsl"),
}
ELSEWHERE = "Unknown"
HOME = {token: district for district, tokens in DISTRICTS.items() for token in tokens}
SEPARATOR = re.compile(r"[.:/-]")


@lru_cache(maxsize=4096)
def infer_district(name: str) -> str:
    """The district of a name by its first word, up to `.`, `:`, `/` or `-`: a convention of this project.

    Surface is what people touch, Concourse what steers, Substrate what computes; all else is Unknown.

    >>> infer_district("timeline.energy"), infer_district("z.bias"), infer_district("weather")
    ('Surface', 'Substrate', 'Unknown')
    """
    return HOME.get(SEPARATOR.split(name.strip().lower(), maxsplit=1)[0], ELSEWHERE)


@dataclass(frozen=True, slots=True)
class AtlasMetric:
    """A finite number with a name.

    Attributes:
        name: such as `timeline.energy`.
        value: the number.
        district: where it was put by hand, None where its name decides.
        home: the district that it is in.
    """

    name: str
    value: float
    district: str | None = None
    home: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        name, district = label("name", self.name), trimmed("district", self.district)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "value", finite("value", self.value))
        object.__setattr__(self, "district", district)
        object.__setattr__(self, "home", district or infer_district(name))

    def as_tuple(self) -> tuple[str, float, str | None]:
        """(name, value, district)."""
        return self.name, self.value, self.district

    def as_dict(self) -> dict[str, Any]:
        """Name, value and district by name."""
        return {"name": self.name, "value": self.value, "district": self.district}


@dataclass(frozen=True)
class AtlasDistrict:
    """The metrics of one district: their mean, and the span max − min."""

    name: str
    mean: float
    span: float
    _metrics: tuple[AtlasMetric, ...] = field(repr=False)

    def metrics(self) -> list[AtlasMetric]:
        """The metrics in the order of the frame."""
        return list(self._metrics)

    def as_dict(self) -> dict[str, Any]:
        """Name, mean, span, and the names of the metrics."""
        names = [metric.name for metric in self._metrics]
        return {"name": self.name, "mean": self.mean, "span": self.span, "metrics": names}


def gather(metrics: Iterable[AtlasMetric]) -> list[AtlasDistrict]:
    """The districts of some metrics by name; each metric is in exactly one."""
    residents: dict[str, list[AtlasMetric]] = {}
    for metric in metrics:
        residents.setdefault(metric.home, []).append(metric)
    return [_district(name, residents[name]) for name in sorted(residents)]


def _district(name: str, metrics: list[AtlasMetric]) -> AtlasDistrict:
    values = [metric.value for metric in metrics]
    span = min(max(values) - min(values), sys.float_info.max)
    return AtlasDistrict(name, statistics.mean(values), span, tuple(metrics))
