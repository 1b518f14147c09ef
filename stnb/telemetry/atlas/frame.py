"""One look at everything that a process or a session says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stnb._core.numbers import positive
from stnb.telemetry.atlas.districts import AtlasMetric, gather
from stnb.telemetry.atlas.table import frame_table
from stnb.telemetry.atlas.words import known, support, trimmed
from stnb.telemetry.values import keepsake, plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from stnb.telemetry.atlas.districts import AtlasDistrict

__all__ = ["NUMBERS", "RECORDS", "TEXTS", "AtlasFrame"]

NUMBERS = ("collapse_total", "z_signal", "suggested_max_scale", "suggested_pressure")
TEXTS = ("script_hint", "maintainer_status", "maintainer_diagnostic")
RECORDS = ("summary", "harmonics")


@dataclass(frozen=True, repr=False)
class AtlasFrame:
    """What fragments have said up to a time; it never changes. `AtlasFragment.to_frame` and merges make frames.

    Attributes:
        timestamp: the latest time that a fragment named, above 0.
        loop_support: the support of all fragments together.
        collapse_total: ψ, the stress of training, where it is known.
        z_signal: the control signal z, where it is known.
        script_hint: the latest planning script.
        maintainer_status: the latest verdict of the maintainer, such as "stable".
        maintainer_diagnostic: its reasons.
        suggested_max_scale: the clamp that it suggests.
        suggested_pressure: the pressure that it suggests.
    """

    timestamp: float
    loop_support: float = 0.0
    collapse_total: float | None = None
    z_signal: float | None = None
    script_hint: str | None = None
    maintainer_status: str | None = None
    maintainer_diagnostic: str | None = None
    suggested_max_scale: float | None = None
    suggested_pressure: float | None = None
    _metrics: tuple[AtlasMetric, ...] = ()
    _notes: tuple[str, ...] = ()
    _summary: Any = None
    _harmonics: Any = None

    def __post_init__(self) -> None:
        settled: dict[str, Any] = {
            "timestamp": positive("timestamp", self.timestamp),
            "loop_support": support("loop_support", self.loop_support),
        }
        settled.update({name: known(name, getattr(self, name)) for name in NUMBERS})
        settled.update({name: trimmed(name, getattr(self, name)) for name in TEXTS})
        self.__dict__.update(settled)

    def metrics(self) -> list[AtlasMetric]:
        """Every metric, one for each name in each district, the latest last."""
        return list(self._metrics)

    def metric_value(self, name: str) -> float | None:
        """The latest value of a metric, None where there is none."""
        return next((metric.value for metric in reversed(self._metrics) if metric.name == name), None)

    def metrics_with_prefix(self, prefix: str) -> list[AtlasMetric]:
        """The metrics whose names begin so."""
        return [metric for metric in self._metrics if metric.name.startswith(prefix)]

    def districts(self) -> list[AtlasDistrict]:
        """The metrics by district, in the order of the districts' names."""
        return gather(self._metrics)

    def notes(self) -> list[str]:
        """What was remarked, each remark once, the latest last."""
        return list(self._notes)

    def summary(self) -> Any | None:
        """The latest summary of a timeline."""
        return keepsake(self._summary)

    def harmonics(self) -> Any | None:
        """The latest harmonics of a timeline."""
        return keepsake(self._harmonics)

    def as_dict(self) -> dict[str, Any]:
        """Everything in plain values, ready for JSON."""
        return {
            "timestamp": self.timestamp,
            "loop_support": self.loop_support,
            **{name: getattr(self, name) for name in NUMBERS + TEXTS},
            "metrics": [metric.as_dict() for metric in self._metrics],
            "districts": [district.as_dict() for district in self.districts()],
            "notes": list(self._notes),
            "summary": plain("summary", self._summary),
            "harmonics": plain("harmonics", self._harmonics),
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any], *, summary: Any = None, harmonics: Any = None) -> Self:
        """The inverse of `as_dict`; records of a timeline are given as they are, since plain values forget their type."""
        single = {name: saved[name] for name in ("timestamp", "loop_support", *NUMBERS, *TEXTS)}
        return cls(
            **single,
            _metrics=tuple(AtlasMetric(m["name"], m["value"], m["district"]) for m in saved["metrics"]),
            _notes=tuple(saved["notes"]),
            _summary=keepsake(summary),
            _harmonics=keepsake(harmonics),
        )

    def __repr__(self) -> str:
        return (
            f"AtlasFrame(timestamp={self.timestamp!r}, maintainer_status={self.maintainer_status!r}, "
            f"{len(self._metrics)} metrics, {len(self._notes)} notes)"
        )

    def _repr_html_(self) -> str:
        return frame_table(self)
