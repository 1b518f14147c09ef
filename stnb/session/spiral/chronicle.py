"""What a session remembers of its resonances: a timeline, and what can be read, told and concluded from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb._core.bus import Bus
from stnb.chrono.atlas import AtlasStore, fragment_of
from stnb.chrono.columns import as_history
from stnb.chrono.loop import signal_of
from stnb.chrono.maintainer import MaintainerConfig, assess
from stnb.chrono.narrate import TextResonator, atlas_story, timeline_story
from stnb.chrono.timeline import Timeline
from stnb.session.spiral.settings import given
from stnb.telemetry import hub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    from plotly.graph_objects import Figure

    from stnb._core.bus import Subscription
    from stnb._core.history import History
    from stnb.chrono.atlas import AtlasFrame, AtlasRoute
    from stnb.chrono.frame import ChronoFrame
    from stnb.chrono.harmonics import ChronoHarmonics
    from stnb.chrono.loop import ChronoLoopSignal
    from stnb.chrono.maintainer import MaintainerReport
    from stnb.chrono.summary import ChronoSummary

__all__ = ["TEMPERATURE", "Chronicle"]

TEMPERATURE = 0.6
BINS = 16


class Chronicle:
    """The part of a session that looks back.

    Recording a frame costs as little as it can; harmonics, the maintainer's report and the atlas are worked out when
    somebody asks. Asking for the loop signal or the atlas also tells the hub of the process.
    """

    def __init__(self, curvature: float, capacity: int, maintainer: MaintainerConfig) -> None:
        self._timeline = Timeline(capacity, curvature)
        self._atlas = AtlasStore()
        self._charted = -1
        self._maintainer = maintainer
        self._bus = Bus()

    def resonate_over_time(self, resonance: Any, dt: float) -> ChronoFrame:
        """Record a resonance as a frame, `dt` > 0 after the one before, and tell who subscribed."""
        self._bus.raise_errors()
        frame = self._timeline.record(resonance, dt)
        due = self._bus.due(frame.step)
        if due:
            self._bus.deliver(frame, due)
        return frame

    def subscribe(
        self,
        callback: Callable[[ChronoFrame], object],
        *,
        every: int | None = None,
        hz: float | None = None,
        when: Callable[[], bool] | None = None,
    ) -> Subscription:
        """Call `callback(frame)` for each `every` frames, at most `hz` times a second, if `when()` says so.

        `close()` ends it. What a callback raises never stops recording: the next `resonate_over_time` raises it.
        """
        return self._bus.subscribe(callback, every=every, hz=hz, when=when)

    def assert_clean(self) -> None:
        """Raise what a subscriber failed with; say nothing when all is well."""
        self._bus.raise_errors()

    def timeline(self, timesteps: int | None = None) -> list[ChronoFrame]:
        """The latest frames in order, all of them unless told; an empty list before the first."""
        return self._timeline.frames(timesteps)

    def timeline_summary(self, timesteps: int | None = None) -> ChronoSummary | None:
        """Means and spreads of the latest frames; None before the first."""
        return self._timeline.summary(timesteps)

    def timeline_harmonics(self, timesteps: int | None = None, bins: int = BINS) -> ChronoHarmonics | None:
        """Frequencies of energy and drift in the latest frames; None for fewer than two."""
        return self._timeline.harmonics(timesteps, bins)

    def loop_signal(self, timesteps: int | None = None, bins: int | None = None) -> ChronoLoopSignal | None:
        """The control signal of the latest frames with its script, those of the maintainer's window unless told.

        The hub keeps it for trainers and policies.
        """
        signal = self._timeline.loop_signal(
            self._maintainer.window if timesteps is None else timesteps, BINS if bins is None else bins
        )
        if signal is not None:
            hub.set_chrono_loop(signal)
        return signal

    def animate_resonance(self, timesteps: int | None = None) -> tuple[list[float], list[float], list[float]]:
        """Timestamps, total energies and curvature drifts of the latest frames."""
        return self._timeline.animate(timesteps)

    @property
    def history(self) -> History:
        """The numbers of every frame that is kept, as columns over step and timestamp."""
        return as_history(self._timeline.columns())

    def timeline_columns(self, timesteps: int | None = None) -> dict[str, np.ndarray]:
        """The attributes of the latest frames as arrays by name, ready for a data frame."""
        return self._timeline.columns(timesteps)

    def plot_timeline(self, timesteps: int | None = None) -> Figure:
        """Energies, curvature drift and decay of the latest frames over time, as a Plotly figure."""
        from stnb.plots import plot_timeline

        return plot_timeline(self._timeline.columns(timesteps))

    def plot_harmonics(self, timesteps: int | None = None, bins: int = BINS) -> Figure:
        """How strong each frequency of energy and drift is in the latest frames."""
        from stnb.plots import plot_harmonics

        return plot_harmonics(self.timeline_harmonics(timesteps, bins))

    def speak(self, timesteps: int | None = None, temperature: float = TEMPERATURE) -> list[float]:
        """How loud each of the latest frames is, in [0, temperature]; `stnb.audio` plays it."""
        return self._narrator(temperature).speak(self.timeline(timesteps))

    def timeline_story(
        self, timesteps: int | None = None, temperature: float = TEMPERATURE
    ) -> tuple[str, list[str]]:
        """The latest frames in a sentence, and highlights."""
        return timeline_story(self.timeline(timesteps), temperature)

    def describe(self, resonance: Any = None, temperature: float = TEMPERATURE) -> str:
        """A resonance in words, or the whole timeline."""
        narrator = self._narrator(temperature)
        return (
            narrator.describe_timeline(self.timeline())
            if resonance is None
            else narrator.describe_resonance(resonance)
        )

    def maintainer_config(self) -> dict[str, Any]:
        """The maintainer's settings by name."""
        return self._maintainer.as_dict()

    def configure_maintainer(
        self,
        jitter_threshold: float | None = None,
        growth_threshold: float | None = None,
        energy_floor: float | None = None,
        clamp_min: float | None = None,
        clamp_max: float | None = None,
        pressure_step: float | None = None,
        window: int | None = None,
        harmonic_threshold: float | None = None,
        **unknown: Any,
    ) -> None:
        """Change some of the maintainer's settings; what is not given stays as it is."""
        changes = given(
            jitter_threshold=jitter_threshold,
            growth_threshold=growth_threshold,
            energy_floor=energy_floor,
            clamp_min=clamp_min,
            clamp_max=clamp_max,
            pressure_step=pressure_step,
            window=window,
            harmonic_threshold=harmonic_threshold,
            **unknown,
        )
        self._maintainer = self._maintainer.replace(**changes)

    def self_maintain(self) -> MaintainerReport:
        """What the maintainer makes of the frames in its window; the session stays as it is."""
        window = self._maintainer.window
        return assess(self._maintainer, self.timeline_summary(window), self.timeline_harmonics(window))

    def atlas(self) -> AtlasFrame | None:
        """Everything that is known of the session at its latest frame; None before the first."""
        self._chart()
        return self._atlas.latest()

    def atlas_route(self, limit: int | None = None) -> AtlasRoute:
        """The atlas as it was when it was asked for before, oldest first."""
        self._chart()
        return self._atlas.route(limit)

    def atlas_story(self, temperature: float = TEMPERATURE) -> tuple[str, list[str]] | None:
        """The atlas in a sentence, and highlights; None before the first frame."""
        atlas = self.atlas()
        return None if atlas is None else atlas_story(atlas, temperature)

    def collapse_pulse(self) -> Any:
        """The latest pulse of a collapse drive in this process, or None."""
        return hub.get_collapse_pulse()

    def reset_chrono(self) -> None:
        """Forget all frames and the atlas."""
        self._timeline.clear()
        self._atlas.clear()
        self._charted = -1

    def _past(self) -> tuple[Timeline, AtlasRoute, int, MaintainerConfig]:
        """Everything that this part remembers."""
        return self._timeline, self._atlas.route(), self._charted, self._maintainer

    def _resume(self, timeline: Timeline, frames: Iterable[AtlasFrame], charted: int) -> None:
        """Go on from what another remembered."""
        self._timeline, self._charted = timeline, charted
        self._atlas.clear()
        for frame in frames:
            self._atlas.place(frame)

    def _chart(self) -> None:
        """Add what was recorded since the atlas was last asked for."""
        latest = self._timeline.frames(1)
        if not latest or latest[0].step == self._charted:
            return
        window = self._maintainer.window
        summary, harmonics = self.timeline_summary(window), self.timeline_harmonics(window)
        assert summary is not None  # noqa: S101
        signal = signal_of(summary, harmonics)
        hub.set_chrono_loop(signal)
        fragment = fragment_of(summary, harmonics, assess(self._maintainer, summary, harmonics), signal)
        self._atlas.merge(fragment, mirror=hub)
        self._charted = latest[0].step

    def _narrator(self, temperature: float) -> TextResonator:
        return TextResonator(self._timeline.curvature, temperature)
