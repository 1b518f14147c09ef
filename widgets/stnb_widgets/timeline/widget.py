"""Timeline: many channels over the steps of a run, at any height from one sample to millions."""

from __future__ import annotations

import threading
import time as clock
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_widgets.base import LiveWidget, static_text
from stnb_widgets.film import FILM_FRAMES
from stnb_widgets.timeline.export import csv_within, write_table
from stnb_widgets.timeline.frame import Axis, TimelineFrame, buckets_for, whole_buckets
from stnb_widgets.timeline.happenings import Happenings
from stnb_widgets.timeline.numbers import channel_numbers
from stnb_widgets.timeline.poster import render_timeline
from stnb_widgets.timeline.prefixes import prefixes
from stnb_widgets.timeline.pyramid import Pyramid
from stnb_widgets.timeline.readings import Readings, step_of, window_of
from stnb_widgets.timeline.sight import Channels, Sight
from stnb_widgets.timeline.spectrum import harmonics

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike, DTypeLike

    from stnb_widgets.parcel import Parcel
    from stnb_widgets.slider import Slider
    from stnb_widgets.timeline.pyramid import Window

__all__ = ["Timeline"]

_FRAME_GAP_S = 0.05
_MARGIN = 0.5
_MOST_TABLE_BYTES = 1_000_000
_MOST_PICTURE_BYTES = 16_000_000
_PREFIX_BUCKETS = 500


class Timeline(LiveWidget):
    """Draws what it is told of a run, keeps all of it, and lets people look at any part.

    `brush` is the window of steps that a person has marked, `moment` the step that was picked; both None at first.

    Args:
        channels: unit of every channel by name ("" for none); 64 at most.
        scales: "log" or "symlog" for the channels whose axis is not linear.
        groups: channels that share one axis, by the name of the group.
        title: shown above the picture and used in the alt text.
        group: widgets of one group follow each other in the browser; "" for none.
        deck: which of the parts play, step, speed, scrub and record are shown.
        controls: sliders, shown in this order.
        history: an array or memmap (n, channels) of samples at the steps 0, 1, 2 ... to look at; it is not
            copied, and nothing can be appended.
        folder: where the files of a long history lie while the widget lives; None: a temporary folder.
        dtype: float64, or float32 to halve what a long history takes.
    """

    _esm = static_text("timeline.js")
    _css = static_text("timeline.css")
    _film_frames = 0  # the newest frame holds the whole run

    def __init__(
        self,
        *,
        channels: Mapping[str, str],
        scales: Mapping[str, str] | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
        title: str = "",
        group: str = "",
        deck: Sequence[str] = (),
        controls: Sequence[Slider] = (),
        history: np.ndarray | None = None,
        folder: str | Path | None = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        shared = {name: tuple(members) for name, members in (groups or {}).items()}
        self._channels = Channels(dict(channels), shared)
        self._sight = Sight.first(self._channels, scales or {})
        self._history = _history(len(self._channels.names), history, folder, dtype)
        self._sight_lock = threading.RLock()
        self._happenings = Happenings()
        self._readings = Readings(self._channels)
        self._number = 0
        self._next_frame = -np.inf
        self._stale = len(self._history) > 0
        self._over = False
        self._status = ""
        self.brush: tuple[float, float] | None = None
        self.moment: int | None = None
        scene = {
            "channels": self._channels.units,
            "groups": {name: list(members) for name, members in shared.items()},
        }
        super().__init__(
            scene,
            {**self._sight.state(), "brush": None},
            title=title,
            group=group,
            deck=deck,
            controls=controls,
        )
        self.on_ask("harmonics", self._harmonics)
        self.on_ask("table", self._table)
        if self._stale:
            self.flush()

    @property
    def history(self) -> Pyramid:
        """Everything that was appended."""
        return self._history

    @property
    def shown(self) -> tuple[str, ...]:
        """The channels that are drawn."""
        return self._sight.shown

    @property
    def window(self) -> tuple[float, float] | None:
        """First and last step that people look at, or None while the newest ones are followed."""
        return self._sight.window

    def append(self, step: int, time: float, values: Mapping[str, float]) -> None:
        """Take one row; a channel that `values` does not name has a gap there. Returns at once."""
        if self._over:
            return
        self._history.append_row(step_of(step), self._readings.row(values), time)
        self._stale = True
        if clock.monotonic() >= self._next_frame:
            self._refresh_if_due()

    def extend(self, steps: ArrayLike, times: ArrayLike, values: Mapping[str, ArrayLike]) -> None:
        """Take many rows, one number per step in every array; refused as a whole or taken."""
        if self._over:
            return
        places, block = self._readings.block(steps, values)
        self._history.append(places, block, times)
        self._stale = True
        self._refresh_if_due()

    def event(self, step: int, label: str, kind: str = "event") -> None:
        """Mark what happened at a step; events of one kind have one shape."""
        with self._sight_lock:
            self._happenings.add(step, label, kind)
        self._stale = True
        self._refresh_if_due()

    def set_status(self, text: str) -> None:
        """One short line shown beside the step, from the next frame on."""
        self._status = str(text)

    def show_window(self, first: float, last: float) -> None:
        """Look at these steps."""
        self._look(self._sight.within(first, last))

    def follow(self, span: float | None = None) -> None:
        """Look at the newest `span` steps and keep up with them; None: at everything."""
        self._look(self._sight.following(span))

    def show_channels(self, names: Sequence[str]) -> None:
        """Draw these channels."""
        self._look(self._sight.showing(self._channels, names))

    def set_scale(self, name: str, scale: str) -> None:
        """Give a channel, and those of its group, a "linear", "log" or "symlog" axis."""
        self._look(self._sight.scaled(self._channels, name, scale))

    def save_window(self, path: str | Path, first: float | None = None, last: float | None = None) -> int:
        """Write every sample of the steps first ... last, the window if None, as .csv or .parquet; returns the rows."""
        extent = self._history.extent or (0.0, 0.0)
        ends = self._sight.ends(extent)
        chosen = (ends[0] if first is None else float(first), ends[1] if last is None else float(last))
        return write_table(self._history, self._channels.names, path, chosen)

    def flush(self) -> None:
        """Send everything that was appended, whatever the budget says, and keep it for reloads."""
        if self._stale:
            self._refresh()
        super().flush()

    def close(self) -> None:
        """Remove the views, and the files of the history; appending afterwards does nothing."""
        self._over = True
        super().close()
        if hasattr(self, "_history"):
            self._history.close()

    @property
    def alt_text(self) -> str:
        """One sentence that stands in for the picture."""
        title = self.title or "Timeline"
        names = self._channels.names
        extent = self._history.extent
        if extent is None:
            return f"{title}: no sample yet of {', '.join(names[:8])}."
        count = len(self._history)
        latest = self._history.read(count - 1, count)[2][0]
        said = [
            f"{name} {value:.4g} {self._channels.units[name]}".strip()
            for name, value in zip(names[:8], latest, strict=False)
        ]
        more = f", and {len(names) - 8} more channels" if len(names) > 8 else ""
        return (
            f"{title}: {count:,} samples from step {int(extent[0]):,} to {int(extent[1]):,}; "
            f"last values {', '.join(said)}{more}; {len(self._happenings):,} events."
        )

    def poster(self) -> bytes:
        """The whole run as a PNG of at most 60 kB."""
        sight, rows = self._sight, len(self._history)
        parcel = self._so_far(sight, rows).parcel(0, _MOST_PICTURE_BYTES) if rows else None
        return render_timeline(parcel, self._channels, sight.shown)

    def poster_of(self, parcel: Parcel) -> bytes:
        """The whole run up to a recorded frame as a PNG of 640 x 400 pixels."""
        return render_timeline(parcel, self._channels, self._sight.shown, _MOST_PICTURE_BYTES)

    def movie_frames(self) -> Iterator[bytes]:
        """The run as it grew: its first samples, more and more of them, all of them; 64 frames at most."""
        sight = self._sight
        for rows in prefixes(len(self._history), FILM_FRAMES, _PREFIX_BUCKETS):
            yield self._so_far(sight, rows).parcel(0, _MOST_PICTURE_BYTES).pack()

    def numbers_of(self, parcel: Parcel) -> dict[str, np.ndarray]:
        """Window and whole run of a recorded frame, in the units of the channels."""
        return channel_numbers(parcel, self._channels.units)

    def _look(self, sight: Sight) -> None:
        with self._sight_lock:
            if sight == self._sight:
                return
            self._sight = sight
            self._update(**sight.state())
            self._refresh()
        self._link.flush()

    def _receive(self, name: str, value: object) -> None:
        if name == "window":
            self._look(self._sight.wished(value))
        elif name == "show":
            self.show_channels(value)  # pyright: ignore[reportArgumentType] (checked there)
        elif name == "scale":
            wish: Any = value
            self.set_scale(str(wish["name"]), str(wish["scale"]))
        elif name == "brush":
            self.brush = None if value is None else window_of(value)
            self._update(brush=None if self.brush is None else list(self.brush))
        elif name == "seek":
            self.moment = None if value is None else step_of(value)
        super()._receive(name, value)

    def _refresh_if_due(self) -> None:
        now = clock.monotonic()
        if now >= self._next_frame and self._link.due():
            self._refresh()

    def _refresh(self) -> None:
        """Make a frame of what there is, and show it."""
        with self._sight_lock:
            self._stale = False
            self._next_frame = clock.monotonic() + _FRAME_GAP_S
            frame = self._compose()
            if frame is not None:
                self._show(frame)

    def _compose(self) -> TimelineFrame | None:
        history, extent, sight = self._history, self._history.extent, self._sight
        if extent is None or self._over:
            return None
        places = [self._channels.places[name] for name in sight.shown]
        first, last = sight.ends(extent)
        margin = _MARGIN * (last - first)
        ends = history.around(*np.clip([first - margin, last + margin], *extent))
        window = history.window(*ends, buckets_for(len(places), sight.width * (1 + 2 * _MARGIN)), places)
        whole = history.window(*extent, whole_buckets(len(places)), places)
        self._number += 1
        return self._framed(sight, len(history), (first, last), ends, window, whole)

    def _so_far(self, sight: Sight, rows: int) -> TimelineFrame:
        """The first samples of the run, and nothing of what came later."""
        places = [self._channels.places[name] for name in sight.shown]
        first, last = (float(self._history.read(row, row + 1)[0][0]) for row in (0, rows - 1))
        window, ends = self._history.window(first, last, _PREFIX_BUCKETS, places), (first, last)
        return self._framed(sight, rows, ends, ends, window, window)

    def _framed(
        self,
        sight: Sight,
        rows: int,
        asked: tuple[float, float],
        ends: tuple[float, float],
        window: Window,
        whole: Window,
    ) -> TimelineFrame:
        """Buckets of the window and of the whole run, with what there is to say after `rows` samples."""
        steps, times, latest = self._history.read(rows - 1, rows)
        events, event_total = self._happenings.between(*ends)
        return TimelineFrame(
            number=self._number,
            step=int(steps[0]),
            time=float(times[0]),
            status=self._status,
            axes=tuple(Axis(name, sight.scales[name], self._channels.lanes[name]) for name in sight.shown),
            asked=asked,
            window=window,
            whole=whole,
            total=rows,
            latest=latest[0, [self._channels.places[name] for name in sight.shown]],
            kinds=tuple(self._happenings.kinds),
            events=events,
            event_total=event_total,
        )

    def _parcel(self, seq: int, frame: Any, most_bytes: int) -> Parcel:
        return frame.parcel(seq, most_bytes)

    def _harmonics(self, question: Any) -> dict[str, Any]:
        name, ends = str(question["channel"]), window_of([question["first"], question["last"]])
        self._channels.check([name])
        return {"channel": name, **harmonics(self._history, self._channels.places[name], ends)}

    def _table(self, question: Any) -> dict[str, Any]:
        ends = window_of([question["first"], question["last"]])
        names = [str(name) for name in question["channels"]]
        self._channels.check(names)
        places = [self._channels.places[name] for name in names]
        return csv_within(self._history, names, places, ends, _MOST_TABLE_BYTES)


def _history(channels: int, samples: np.ndarray | None, folder: Any, dtype: DTypeLike) -> Pyramid:
    if samples is None:
        return Pyramid(channels, folder=folder, dtype=dtype)
    if samples.ndim != 2 or samples.shape[1] != channels:
        raise ValueError(
            f"history has shape {samples.shape}; for {channels} channels (n, {channels}) is needed"
        )
    return Pyramid.over(samples, folder=folder)
