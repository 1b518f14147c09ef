"""Who wants frames, and how often: subscriptions with a cadence, and errors that never stop a simulation."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from stnb._core.errors import BackgroundError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

__all__ = ["Bus", "Subscription"]


class Moment(Protocol):
    """Whatever is of one step: a frame."""

    @property
    def step(self) -> int:
        """Which."""
        ...


class Subscription:
    """A callback that receives frames until `close()`.

    With `every` it is due on steps that `every` divides; with `hz` at most that often in wall-clock time;
    with both when both agree; with neither on each step. `when` is asked last: a frame that it does not want
    is never made.
    """

    def __init__(
        self,
        bus: Bus,
        callback: Callable[[Any], object],
        every: int,
        hz: float | None,
        when: Callable[[], bool] | None,
    ) -> None:
        self.callback = callback
        self.every = every
        self.hz = hz
        self.when = when
        self._bus = bus
        self._last = -math.inf
        self._requested = False

    @property
    def closed(self) -> bool:
        """Whether frames stopped coming."""
        return self not in self._bus.subscriptions

    def close(self) -> None:
        """Stop receiving frames; closing twice is fine."""
        self._bus.discard(self)

    def is_due(self, step: int, now: float) -> bool:
        """Whether the cadence asks for a frame of this step at this moment."""
        if self._requested:
            return True
        timely = step % self.every == 0 and (self.hz is None or now - self._last >= 1 / self.hz)
        return timely and (self.when is None or self.when())

    def request(self) -> None:
        """Ask for the next frame whatever the cadence."""
        self._requested = True

    def mark(self, now: float) -> None:
        """Note that a frame is on its way."""
        self._last = now
        self._requested = False

    def deliver(self, frame: Moment) -> Exception | None:
        """Call back, and answer with the exception if there was one."""
        try:
            self.callback(frame)
        except Exception as error:  # noqa: BLE001
            return error
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Failure(NamedTuple):
    """The first exception of a subscriber since the last time that errors were raised."""

    name: str
    step: int
    error: Exception


class Bus:
    """Subscriptions of one session.

    `due` says who wants a frame of this step; only then is one built, once, and given to `deliver`.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._subscriptions: list[Subscription] = []
        self._failure: Failure | None = None
        self._failures = 0
        self._lock = threading.Lock()

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """Open subscriptions in the order they were made."""
        return tuple(self._subscriptions)

    def subscribe(
        self,
        callback: Callable[[Any], object],
        *,
        every: int | None = None,
        hz: float | None = None,
        when: Callable[[], bool] | None = None,
    ) -> Subscription:
        """Start calling `callback(frame)`; keep the answer to close it."""
        if not callable(callback):
            raise InputError(f"a subscriber is called with each frame; {callback!r} is not callable.")
        if every is not None and (isinstance(every, bool) or not isinstance(every, int) or every < 1):
            raise InputError(f"every = {every!r}; give a positive number of steps.")
        if hz is not None and not (isinstance(hz, (int, float)) and math.isfinite(hz) and hz > 0):
            raise InputError(f"hz = {hz!r}; give a positive number of frames a second.")
        made = Subscription(self, callback, every or 1, hz, when)
        with self._lock:
            self._subscriptions.append(made)
        return made

    def due(self, step: int) -> list[Subscription]:
        """Subscriptions that want a frame of this step; each is marked as served."""
        if not self._subscriptions:
            return []
        now = self._clock()
        with self._lock:
            wanting = [each for each in self._subscriptions if each.is_due(step, now)]
            for each in wanting:
                each.mark(now)
        return wanting

    def deliver(self, frame: Moment, due: Sequence[Subscription]) -> None:
        """Hand a frame to those who wanted it; one that fails does not keep it from the others."""
        for each in due:
            if each.closed:
                continue
            error = each.deliver(frame)
            if error is not None:
                self.keep(each.callback, error, frame.step)

    def publish(self, step: int, make_frame: Callable[[], Moment]) -> Moment | None:
        """`due`, then `make_frame` once if anybody is, then `deliver`."""
        due = self.due(step)
        if not due:
            return None
        frame = make_frame()
        self.deliver(frame, due)
        return frame

    def request(self) -> None:
        """Make every subscription due at the next step, whatever its cadence."""
        with self._lock:
            for each in self._subscriptions:
                each.request()

    def keep(self, callback: Callable[..., object], error: Exception, step: int) -> None:
        """Remember that a callback failed; `raise_errors` tells."""
        name = getattr(callback, "__qualname__", repr(callback))
        with self._lock:
            self._failures += 1
            self._failure = self._failure or Failure(name, step, error)

    def discard(self, subscription: Subscription) -> None:
        """Forget a subscription; its error, if any, is still raised by `raise_errors`."""
        with self._lock:
            self._subscriptions = [each for each in self._subscriptions if each is not subscription]

    def raise_errors(self) -> None:
        """Raise the first kept exception of a subscriber as `BackgroundError`, and forget all of them."""
        with self._lock:
            first, count = self._failure, self._failures
            self._failure, self._failures = None, 0
        if first is None:
            return
        more = f" ({count} failures in all)" if count > 1 else ""
        raise BackgroundError(
            f"subscriber {first.name} failed at step {first.step}{more}: "
            f"{type(first.error).__name__}: {first.error}. "
            "The simulation went on; repair the callback, or close its subscription."
        ) from first.error

    assert_clean = raise_errors

    def close(self) -> None:
        """Close every subscription."""
        with self._lock:
            self._subscriptions = []
