"""What one sender adds to an atlas."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field
from typing import Any

from stnb._core.numbers import finite, real
from stnb.telemetry.atlas.districts import AtlasMetric
from stnb.telemetry.atlas.frame import NUMBERS, RECORDS, TEXTS, AtlasFrame
from stnb.telemetry.atlas.words import support, trimmed
from stnb.telemetry.values import keepsake

__all__ = ["NOTES", "AtlasFragment"]

VERDICT = ("maintainer_status", "maintainer_diagnostic", "suggested_max_scale", "suggested_pressure")
NOTES = 64


@dataclass(frozen=True)
class AtlasFragment:
    """Metrics, notes and single values of one moment. Metrics and notes are pushed, the rest is given at once.

    Numbers that are not finite and metrics without a name say nothing: they are left out, and `dropped` counts them.

    >>> fragment = AtlasFragment(2.5, z_signal=0.25)
    >>> fragment.push_metric("timeline.energy", 3.0)
    >>> fragment.push_metric("timeline.drift", float("nan"))
    >>> fragment.dropped, fragment.to_frame()
    (1, AtlasFrame(timestamp=2.5, maintainer_status=None, 1 metrics, 0 notes))
    """

    timestamp: float | None = None
    loop_support: float = field(default=0.0, kw_only=True)
    collapse_total: float | None = field(default=None, kw_only=True)
    z_signal: float | None = field(default=None, kw_only=True)
    script_hint: str | None = field(default=None, kw_only=True)
    maintainer_status: str | None = field(default=None, kw_only=True)
    maintainer_diagnostic: str | None = field(default=None, kw_only=True)
    suggested_max_scale: float | None = field(default=None, kw_only=True)
    suggested_pressure: float | None = field(default=None, kw_only=True)
    summary: Any = field(default=None, kw_only=True)
    harmonics: Any = field(default=None, kw_only=True)
    dropped: int = field(default=0, init=False)
    _metrics: dict[tuple[str, str], AtlasMetric] = field(default_factory=dict, init=False, repr=False)
    _notes: dict[str, None] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        numbers = {name: _number(name, getattr(self, name)) for name in NUMBERS}
        settled: dict[str, Any] = {
            "timestamp": None if self.timestamp is None else finite("timestamp", self.timestamp),
            "loop_support": support("loop_support", self.loop_support),
            "dropped": sum(value is not None and not math.isfinite(value) for value in numbers.values()),
        }
        settled.update({n: None if v is None or not math.isfinite(v) else v for n, v in numbers.items()})
        settled.update({name: trimmed(name, getattr(self, name)) for name in TEXTS})
        settled.update({name: keepsake(getattr(self, name)) for name in RECORDS})
        self.__dict__.update(settled)

    def push_metric(self, name: str, value: float, district: str | None = None) -> None:
        """Add a metric, in the place of an earlier one of this name and district."""
        called, number, place = trimmed("name", name), real("value", value), trimmed("district", district)
        if called is None or not math.isfinite(number):
            object.__setattr__(self, "dropped", self.dropped + 1)
            return
        metric = AtlasMetric(called, number, place)
        self._metrics.pop((metric.name, metric.home), None)
        self._metrics[metric.name, metric.home] = metric

    def push_note(self, text: str) -> None:
        """Add a remark; one that was made before moves to the end, one that is empty is none."""
        note = trimmed("text", text)
        if note is not None:
            self._notes.pop(note, None)
            self._notes[note] = None

    def is_empty(self) -> bool:
        """Whether nothing is said; a time alone says nothing."""
        said = (getattr(self, name) is not None for name in NUMBERS + TEXTS + RECORDS)
        return not (self._metrics or self._notes or self.loop_support > 0 or any(said))

    def to_frame(self) -> AtlasFrame | None:
        """A frame of this fragment alone; None where it says nothing, or names no time above 0."""
        return self.merged_into(None)

    def merged_into(self, frame: AtlasFrame | None) -> AtlasFrame | None:
        """The frame that follows from `frame` and this fragment.

        The later time holds, supports add up, and of everything else what was said last: of single values, of the
        metrics of one name and district, of notes. The latest 64 notes stay. A verdict of the maintainer replaces the
        whole of the one before: a calm one takes its suggestions back.

        Returns:
            `frame` itself where the fragment is empty; None where no time above 0 is known.
        """
        time = max(self.timestamp or 0.0, 0.0 if frame is None else frame.timestamp)
        if self.is_empty() or time <= 0:
            return frame
        before = AtlasFrame(time) if frame is None else frame
        words = {name: _latest(getattr(self, name), getattr(before, name)) for name in NUMBERS + TEXTS}
        if self.maintainer_status is not None:
            words |= {name: getattr(self, name) for name in VERDICT}
        return AtlasFrame(
            timestamp=time,
            loop_support=min(before.loop_support + self.loop_support, sys.float_info.max),
            _metrics=self._metrics_after(before._metrics),
            _notes=(*(note for note in before._notes if note not in self._notes), *self._notes)[-NOTES:],
            _summary=_latest(self.summary, before._summary),
            _harmonics=_latest(self.harmonics, before._harmonics),
            **words,
        )

    def _metrics_after(self, earlier: tuple[AtlasMetric, ...]) -> tuple[AtlasMetric, ...]:
        pushed = self._metrics
        return (*(m for m in earlier if (m.name, m.home) not in pushed), *pushed.values())


def _latest(new: Any, old: Any) -> Any:
    return old if new is None else new


def _number(name: str, value: Any) -> float | None:
    return None if value is None else real(name, value)
