"""What a watch makes of its readings: a timeline, words, the maintainer's view and an atlas."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from stnb.chrono.atlas import AtlasStore, fragment_of
from stnb.chrono.loop import signal_of
from stnb.chrono.maintainer import MaintainerConfig, assess
from stnb.chrono.narrate import TextResonator, timeline_story
from stnb.chrono.timeline import Timeline
from stnb.session.watch.ledger import LAYER_COLUMNS, LayerTable
from stnb.telemetry import hub

if TYPE_CHECKING:
    from stnb.chrono.atlas import AtlasFrame, AtlasRoute
    from stnb.chrono.frame import ChronoFrame
    from stnb.chrono.harmonics import ChronoHarmonics
    from stnb.chrono.loop import ChronoLoopSignal
    from stnb.chrono.maintainer import MaintainerReport
    from stnb.chrono.summary import ChronoSummary
    from stnb.session.watch.reading import Reading

__all__ = ["Lookback"]

BINS = 16
TEMPERATURE = 0.6
LARGEST = 1e60
SHORTEST = 1e-9
METRICS = dict(
    zip(
        LAYER_COLUMNS,
        (
            "gradient.norm",
            "gradient.above",
            "gradient.here",
            "gradient.beneath",
            "weight.drift",
            "weight.norm",
            "gradient.turn",
        ),
        strict=True,
    )
)


class Lookback:
    """The part of a watch that looks back.

    A frame of the timeline stands for a reading: its homotopy, functor and recursive energies are above², here² and
    beneath², so that the total is ‖g‖² of the whole model, and `dt` the seconds since the reading before. Asking for the
    loop signal or the atlas also tells the hub of the process.
    """

    def __init__(
        self, table: LayerTable, capacity: int, curvature: float, maintainer: MaintainerConfig | None
    ) -> None:
        if maintainer is not None and not isinstance(maintainer, MaintainerConfig):
            raise TypeError(
                f"maintainer is of type {type(maintainer).__name__}; give a MaintainerConfig, or None."
            )
        self._table = table
        self._maintainer = maintainer or MaintainerConfig()
        self._timeline = Timeline(capacity, curvature)
        self._atlas = AtlasStore()
        self._heard = 0.0
        self._charted = -1

    def _settle(self) -> None:
        """Take in what is still on its way."""

    def timeline(self, timesteps: int | None = None) -> list[ChronoFrame]:
        """The latest frames in order, all of them unless told; an empty list before the first reading."""
        self._settle()
        return self._timeline.frames(timesteps)

    def timeline_summary(self, timesteps: int | None = None) -> ChronoSummary | None:
        """Means and spreads of the latest frames; None before the first."""
        self._settle()
        return self._timeline.summary(timesteps)

    def timeline_harmonics(self, timesteps: int | None = None, bins: int = BINS) -> ChronoHarmonics | None:
        """Frequencies of ‖g‖² and of the curvature in the latest frames; None for fewer than two."""
        self._settle()
        return self._timeline.harmonics(timesteps, bins)

    def loop_signal(self, timesteps: int | None = None, bins: int = BINS) -> ChronoLoopSignal | None:
        """Summary, harmonics and hints of the latest frames, those of the maintainer's window unless told."""
        self._settle()
        window = self._maintainer.window if timesteps is None else timesteps
        signal = self._timeline.loop_signal(window, bins)
        if signal is not None:
            hub.set_chrono_loop(signal)
        return signal

    def speak(self, timesteps: int | None = None, temperature: float = TEMPERATURE) -> list[float]:
        """How loud each of the latest frames is, in [0, temperature]; `stnb.audio` plays it."""
        return TextResonator(self._timeline.curvature, temperature).speak(self.timeline(timesteps))

    def story(self, timesteps: int | None = None, temperature: float = TEMPERATURE) -> tuple[str, list[str]]:
        """The latest frames in a sentence, and highlights."""
        return timeline_story(self.timeline(timesteps), temperature)

    def describe(self, temperature: float = TEMPERATURE) -> str:
        """The timeline in words."""
        return TextResonator(self._timeline.curvature, temperature).describe_timeline(self.timeline())

    def self_maintain(self) -> MaintainerReport:
        """What the maintainer makes of the frames in its window; nothing is changed."""
        window = self._maintainer.window
        return assess(self._maintainer, self.timeline_summary(window), self.timeline_harmonics(window))

    def atlas(self) -> AtlasFrame | None:
        """Everything that is known at the latest reading, a district for each layer; None before the first."""
        self._chart()
        return self._atlas.latest()

    def atlas_route(self, limit: int | None = None) -> AtlasRoute:
        """The atlas as it was when it was asked for before, oldest first; at most 24 frames are kept."""
        self._chart()
        return self._atlas.route(limit)

    def _hear(self, reading: Reading, time: float) -> None:
        """Add a reading to the timeline; one that is not finite, or too large to square, is a gap."""
        energies = [reading.totals.get(name, np.nan) ** 2 for name in ("above", "here", "beneath")]
        if not sum(energies) < LARGEST:
            return
        self._timeline.append(
            dt=max(time - self._heard, SHORTEST),
            homotopy_energy=energies[0],
            functor_energy=energies[1],
            recursive_energy=energies[2],
        )
        self._heard = time

    def _chart(self) -> None:
        """Add what was read since the atlas was last asked for."""
        self._settle()
        latest = self._timeline.frames(1)
        if not latest or latest[0].step == self._charted:
            return
        window = self._maintainer.window
        summary, harmonics = self._timeline.summary(window), self._timeline.harmonics(window, BINS)
        assert summary is not None  # noqa: S101
        signal = signal_of(summary, harmonics)
        hub.set_chrono_loop(signal)
        fragment = fragment_of(summary, harmonics, assess(self._maintainer, summary, harmonics), signal)
        values = self._table.tail(1).values[-1]
        for layer, row in zip(self._table.names, values.tolist(), strict=True):
            for column, value in zip(LAYER_COLUMNS, row, strict=True):
                if not math.isnan(value):
                    fragment.push_metric(METRICS[column], value, district=layer)
        self._atlas.merge(fragment, mirror=hub)
        self._charted = latest[0].step
