"""FrameLink: the newest frame to the browser, never blocking, never more than the browser can take.

One-slot mailbox; at most 1 ... 4 frames unacknowledged; a budget of bytes and frames per second. Without
acknowledgements for 0.5 s the link runs open loop (8 MB/s, 10 frames/s); after 3 s it sends nothing but one
keyframe per second. With no visible view it sends nothing but keyframes either. There is no timer: frames
leave inside `offer`, `flush` and `acked`, on the thread of whoever calls.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from stnb_widgets.pace import BUDGETS, UNHEARD, Budget, Pacer, Window

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Frame", "FrameLink", "LinkStats", "Route"]


class Frame(Protocol):
    """Anything that knows the bytes it would take on the wire and that nobody writes to any more."""

    @property
    def number(self) -> int:
        """Its place among the frames offered, from 1; a lower one is older."""
        ...

    @property
    def nbytes(self) -> int:
        """Bytes of the whole frame on the wire."""
        ...


F = TypeVar("F", bound=Frame)

OPEN_LOOP_AFTER_S = 0.5
KEYFRAMES_ONLY_AFTER_S = 3.0
KEYFRAME_GAP_S = 1.0
FLUSH_GAP_S = 0.05
SPARE_KEYFRAMES = 3
ERRORS_KEPT = 20


@dataclass(frozen=True, slots=True)
class LinkStats:
    """What a link has done so far; `mode` is unseen, hidden, paced, open or stalled."""

    mode: str
    offered: int = 0
    sent: int = 0
    superseded: int = 0
    acked: int = 0
    keyframes: int = 0
    bytes_sent: int = 0
    in_flight: int = 0
    window: int = 0
    round_trip_ms: float = float("nan")
    visible_views: int = 0
    errors: int = 0
    lost_points: int = 0


@dataclass(frozen=True, slots=True)
class Route(Generic[F]):
    """Where frames go: `deliver(seq, frame, most_bytes)` returns the bytes sent, `publish` keeps one."""

    deliver: Callable[[int, F, int], int]
    publish: Callable[[int, F], None]


class FrameLink(Generic[F]):
    """Sends the newest of the frames offered to it; frames must own their bytes."""

    def __init__(
        self,
        route: Route[F],
        *,
        budget: Budget = BUDGETS["local"],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._route = route
        self._budget = budget
        self._clock = clock
        self._lock = threading.Lock()
        self._mailbox: F | None = None
        self._latest: F | None = None
        self._in_flight: OrderedDict[int, float] = OrderedDict()
        self._unheard_since: float | None = None
        self._views: dict[str, bool] = {}
        self._displayed = False
        self._closed = False
        self._pacer, self._window = Pacer(), Window()
        self._seq = 0
        self._unheard = _slower(budget, UNHEARD)
        self._next_flush = float("-inf")
        self._keyframe_at = float("-inf")
        self._keyframe_credit = float(SPARE_KEYFRAMES)
        self._keyframe_of: F | None = None
        self._count = dict.fromkeys(("offered", "sent", "superseded", "acked", "keyframes", "bytes_sent"), 0)
        self.errors: list[Exception] = []
        self._error_count = 0

    def due(self) -> bool:
        """True when a frame offered now would go somewhere: ask before making an expensive one."""
        with self._lock:
            now = self._clock()
            return not self._closed and (self._may_send(now) or now >= self._keyframe_at + KEYFRAME_GAP_S)

    def offer(self, frame: F) -> None:
        """Take the newest frame. Returns at once; an older frame that is still waiting is dropped."""
        with self._lock:
            if self._closed:
                return
            now = self._clock()
            self._count["offered"] += 1
            self._count["superseded"] += self._mailbox is not None
            self._mailbox = self._latest = frame
            parcel = self._take(now)
            keyframe = self._take_keyframe(now)
        self._dispatch(parcel)
        self._publish(keyframe)

    def flush(self) -> None:
        """Send what is waiting, whatever the byte budget says, and make the newest frame the keyframe."""
        with self._lock:
            if self._closed:
                return
            now = self._clock()
            parcel = None
            if now >= self._next_flush:
                self._next_flush = now + FLUSH_GAP_S
                parcel = self._take(now, hurry=True)
            keyframe = self._take_keyframe(now, hurry=True)
        self._dispatch(parcel)
        self._publish(keyframe)

    def acked(self, seq: int, view: str = "") -> None:
        """The browser has drawn frame `seq`, and so needs none before it; any thread, any order, any time."""
        with self._lock:
            if self._closed or seq > self._seq:
                return
            now = self._clock()
            if view:
                self._views[view] = True
            sent_at = self._in_flight.get(seq)
            if sent_at is not None:
                self._count["acked"] += 1
                self._window.answered(now - sent_at)
            while self._in_flight and next(iter(self._in_flight)) <= seq:
                self._in_flight.popitem(last=False)
            self._unheard_since = now if self._in_flight else None
            parcel = self._take(now)
        self._dispatch(parcel)

    def seen(self, view: str, *, visible: bool, gone: bool = False) -> None:
        """A view came, went, or scrolled in or out of sight."""
        with self._lock:
            if self._closed:
                return
            was_visible = self._views.get(view, False)
            if gone:
                self._views.pop(view, None)
            else:
                self._views[view] = visible
            self._displayed = True
            if visible and not was_visible:
                self._in_flight.clear()
                self._unheard_since = None
            parcel = self._take(self._clock())
        self._dispatch(parcel)

    def displayed(self) -> None:
        """The widget was put into a cell's output: from now on somebody may be watching."""
        with self._lock:
            self._displayed = True

    def close(self) -> None:
        """Forget every frame; later calls do nothing."""
        with self._lock:
            self._closed = True
            self._mailbox = self._latest = self._keyframe_of = None
            self._in_flight.clear()

    @property
    def latest(self) -> F | None:
        """The frame that was offered last, sent or not."""
        return self._latest

    @property
    def stats(self) -> LinkStats:
        """A snapshot of the counts and the state."""
        with self._lock:
            return LinkStats(
                mode=self._mode(self._clock()),
                in_flight=len(self._in_flight),
                window=self._window.size,
                round_trip_ms=1e3 * self._window.round_trip,
                visible_views=sum(self._views.values()),
                errors=self._error_count,
                **self._count,
            )

    def _mode(self, now: float) -> str:
        if not self._displayed:
            return "unseen"
        if self._views and not any(self._views.values()):
            return "hidden"
        silence = 0.0 if self._unheard_since is None else now - self._unheard_since
        if silence >= KEYFRAMES_ONLY_AFTER_S:
            return "stalled"
        return "open" if silence >= OPEN_LOOP_AFTER_S else "paced"

    def _may_send(self, now: float, *, hurry: bool = False) -> bool:
        mode = self._mode(now)
        if mode == "paced":
            return hurry or (len(self._in_flight) < self._window.size and self._pacer.ready(now))
        return mode == "open" and self._pacer.ready(now)

    def _take(self, now: float, *, hurry: bool = False) -> tuple[int, F, int] | None:
        """Empty the mailbox if its frame may leave now."""
        if self._mailbox is None or not self._may_send(now, hurry=hurry):
            return None
        budget = self._budget if self._mode(now) == "paced" else self._unheard
        frame, self._mailbox = self._mailbox, None
        self._seq += 1
        self._in_flight[self._seq] = now
        if self._unheard_since is None:
            self._unheard_since = now
        self._pacer.spend(now, min(frame.nbytes, budget.frame_bytes), budget)
        return self._seq, frame, budget.frame_bytes

    def _take_keyframe(self, now: float, *, hurry: bool = False) -> tuple[int, F] | None:
        """One keyframe a second; a flush may draw on three spare ones, which come back one a second."""
        if self._latest is None or self._latest is self._keyframe_of:
            return None
        credit = min(
            SPARE_KEYFRAMES, self._keyframe_credit + max(0.0, now - self._keyframe_at) / KEYFRAME_GAP_S
        )
        if now < self._keyframe_at + KEYFRAME_GAP_S and not (hurry and credit >= 1):
            return None
        self._keyframe_credit = max(0.0, credit - 1)
        self._keyframe_at = now
        self._keyframe_of = self._latest
        return self._seq, self._latest

    def _dispatch(self, parcel: tuple[int, F, int] | None) -> None:
        if parcel is None:
            return
        try:
            size = self._route.deliver(*parcel)
        except Exception as error:  # noqa: BLE001 (a broken transport must not stop the simulation)
            self.note(error)
            with self._lock:
                self._in_flight.pop(parcel[0], None)
                if not self._in_flight:
                    self._unheard_since = None
            return
        with self._lock:
            self._count["sent"] += 1
            self._count["bytes_sent"] += size

    def _publish(self, keyframe: tuple[int, F] | None) -> None:
        if keyframe is None:
            return
        try:
            self._route.publish(*keyframe)
        except Exception as error:  # noqa: BLE001 (as above)
            self.note(error)
            return
        with self._lock:
            self._count["keyframes"] += 1

    def note(self, error: Exception) -> None:
        """Count an error that happened where nobody could catch it, and keep the first twenty."""
        with self._lock:
            self._error_count += 1
            if len(self.errors) < ERRORS_KEPT:
                self.errors.append(error)


def _slower(one: Budget, other: Budget) -> Budget:
    return Budget(
        min(one.bytes_per_s, other.bytes_per_s),
        min(one.frames_per_s, other.frames_per_s),
        max(one.intent_ms, other.intent_ms),
    )
