"""Timeline and atlas of something that records: what a spiral session and a watch have in common to look at."""

from __future__ import annotations

import bisect
import threading
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from stnb_widgets import Atlas, Timeline

from stnb._core.errors import InputError, UnknownNameError, nearest
from stnb.views.dashboard import Dashboard, is_closed
from stnb.views.districts import ATTRIBUTES, AtlasMap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from stnb_widgets.base import LiveWidget

    from stnb._core.bus import Subscription
    from stnb.telemetry.atlas import AtlasFrame
    from stnb.views.districts import Chart

__all__ = ["PANELS", "Recorded", "view_recorded"]

PANELS = ("timeline", "atlas")
DECK = ("scrub",)
KEPT_MAPS = 256

_open: weakref.WeakKeyDictionary[Any, dict[Any, Any]] = weakref.WeakKeyDictionary()


class Recorded(NamedTuple):
    """How a recording thing is read.

    Attributes:
        rows: (thing, step) → columns of the later steps: step, time and every channel.
        atlas: (thing) → its atlas as of now, or None.
        channels: unit of each channel by name.
        scales: "log" or "symlog" of the channels that are not linear.
        shown: channels that are drawn at first.
        verdict: (thing) → how it fares, in a word or two.
        over: (thing) → whether nothing more comes for now, so that the last of it should be sent.
    """

    rows: Callable[[Any, int], Mapping[str, np.ndarray]]
    atlas: Callable[[Any], AtlasFrame | None]
    channels: Mapping[str, str]
    scales: Mapping[str, str]
    shown: Sequence[str]
    verdict: Callable[[Any], str]
    over: Callable[[Any], bool] = lambda _: False


def view_recorded(
    thing: Any, reading: Recorded, panels: Sequence[str], *, title: str, hz: float
) -> Dashboard | LiveWidget:
    """The dashboard of the panels that were named, of both where none is; of one, the widget itself."""
    if unknown := [name for name in panels if name not in PANELS]:
        raise InputError(f"there is no panel {unknown[0]!r}; {nearest(str(unknown[0]), PANELS)}")
    wanted = tuple(name for name in PANELS if not panels or name in panels)
    views = _open.setdefault(thing, {})
    options = (wanted, title, hz)
    if options not in views or is_closed(views[options]):
        views[options] = _build(thing, reading, wanted, title, hz)
    return views[options]


def _build(
    thing: Any, reading: Recorded, wanted: Sequence[str], title: str, hz: float
) -> Dashboard | LiveWidget:
    group = f"{type(thing).__name__} {id(thing):x}" if len(wanted) > 1 else ""
    widgets: dict[str, LiveWidget] = {}
    if "timeline" in wanted:
        timeline = Timeline(
            channels=dict(reading.channels),
            scales=dict(reading.scales),
            title=title,
            group=group,
            deck=() if "atlas" in wanted else DECK,
        )
        timeline.show_channels(list(reading.shown))
        widgets["timeline"] = timeline
    if "atlas" in wanted:
        widgets["atlas"] = Atlas(
            attributes=ATTRIBUTES,
            colour="change",
            projection="disk",
            title=f"{title}: its atlas",
            group=group,
            deck=DECK,
        )
    link = _Link(thing, reading, widgets)
    link.connect(thing, hz)
    return Dashboard(widgets, title=title, link=link) if len(widgets) > 1 else next(iter(widgets.values()))


class _Link:
    """Rows and maps one way, the wish to see another moment the other. The thing is held weakly."""

    def __init__(self, thing: Any, reading: Recorded, widgets: Mapping[str, LiveWidget]) -> None:
        self._thing = weakref.ref(thing)
        self._reading = reading
        self._widgets = tuple(widgets.values())
        self._timeline: Any = widgets.get("timeline")
        self._atlas: Any = widgets.get("atlas")
        self._map = AtlasMap()
        self._charts: deque[Chart] = deque(maxlen=KEPT_MAPS)
        self._seen = -1
        self._shown: int | None = None
        self._hearing = threading.Lock()
        self._subscription: Subscription | None = None
        if self._atlas is not None:
            self._atlas.on_ask("particle", self.explain)

    def connect(self, thing: Any, hz: float) -> None:
        """Listen to both sides, and show what there is."""
        self._subscription = thing.subscribe(self.hear, hz=hz)
        self.refresh()
        for widget in self._widgets:
            widget.on_intent(self.obey)

    def hear(self, frame: Any) -> None:
        """Something was recorded: take what is new of it, unless another thread is at it just now."""
        del frame
        thing = self._thing()
        if thing is None or not self._hearing.acquire(blocking=False):
            return
        try:
            self._take(thing)
        finally:
            self._hearing.release()
        if self._reading.over(thing):
            self._flush()

    def refresh(self) -> None:
        """Take what is new, and send it whatever the pace."""
        self.hear(None)
        self._flush()

    def close(self) -> None:
        """Stop listening."""
        if self._subscription is not None:
            self._subscription.close()

    def explain(self, number: Any) -> list[list[Any]]:
        """What stands behind a point of the map that is shown."""
        if not self._charts:
            raise UnknownNameError("there is no map yet; something has to be recorded first.")
        return self._now().explain(number)

    def obey(self, name: str, value: Any) -> None:
        """Show the atlas of another moment, None for the newest."""
        if name != "seek" or not self._charts:
            return
        self._shown = None if value is None else int(value)
        self._tell()
        if self._atlas is not None:
            self._atlas.offer(self._now().points)
            self._atlas.flush()

    def _take(self, thing: Any) -> None:
        columns = dict(self._reading.rows(thing, self._seen))
        steps, times = columns.pop("step"), columns.pop("time")
        if not len(steps):
            return
        self._seen = int(steps[-1])
        if self._timeline is not None:
            self._timeline.extend(steps, times, {name: columns[name] for name in self._reading.channels})
        if self._atlas is not None:
            self._draw(thing)

    def _draw(self, thing: Any) -> None:
        atlas = self._reading.atlas(thing)
        if atlas is None:
            return
        self._charts.append(self._map.draw(atlas, self._seen, self._reading.verdict(thing)))
        self._tell()
        if self._shown is None:
            self._atlas.offer(self._charts[-1].points)

    def _now(self) -> Chart:
        """The map of the step that somebody wants to see, or the last one before it; else the newest."""
        if self._shown is None:
            return self._charts[-1]
        steps = [chart.points.step for chart in tuple(self._charts)]
        return self._charts[max(bisect.bisect_right(steps, self._shown) - 1, 0)]

    def _tell(self) -> None:
        if self._atlas is not None and self._charts:
            shown = None if self._shown is None else self._now().points.step
            self._atlas.set_past(self._charts[0].points.step, self._charts[-1].points.step, shown)

    def _flush(self) -> None:
        for widget in self._widgets:
            widget.flush()
