"""A background thread that steps until it is told to stop, its owner is gone, or a step fails."""

from __future__ import annotations

import threading
import time
import weakref
from typing import TYPE_CHECKING

from stnb._core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Player"]


class Player:
    """Calls a bound method again and again in a daemon thread.

    Both methods are held weakly: a session that nobody refers to any more stops by itself. The exception that
    ended the thread is kept until `take_error`.
    """

    def __init__(
        self,
        advance: Callable[[], None],
        on_stop: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._advance = weakref.WeakMethod(advance)
        self._on_stop = weakref.WeakMethod(on_stop)
        self._clock = clock
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None

    @property
    def running(self) -> bool:
        """Whether steps are being taken."""
        alive = self._thread is not None and self._thread.is_alive()
        return alive and not self._stop.is_set() and self._error is None

    @property
    def failed(self) -> bool:
        """Whether an exception waits to be taken."""
        return self._error is not None

    def start(self, steps_per_second: float | None = None) -> None:
        """Begin, or begin again with another speed."""
        if steps_per_second is not None and not 0 < steps_per_second < float("inf"):
            raise InputError(
                f"steps_per_second = {steps_per_second!r}; give a positive number, or None for full speed."
            )
        self.stop()
        self._stop = threading.Event()
        period = 0.0 if steps_per_second is None else 1 / steps_per_second
        self._thread = threading.Thread(
            target=_play, args=(weakref.ref(self), self._advance, self._stop, period), daemon=True
        )
        self._thread.name = "stnb-player"
        self._thread.start()

    def stop(self) -> None:
        """Finish the step in hand and stop; from inside the thread itself, stop after the present step."""
        self._stop.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def take_error(self) -> Exception | None:
        """The exception that ended the thread, once."""
        error, self._error = self._error, None
        return error

    def keep(self, error: Exception) -> None:
        """Remember what ended the thread."""
        self._error = error

    def ended(self) -> None:
        """Tell whoever waits that no more steps come."""
        tell = self._on_stop()
        if tell is not None:
            tell()

    def now(self) -> float:
        """Seconds on the player's clock."""
        return self._clock()


def _play(
    owner: weakref.ref[Player],
    advance: weakref.WeakMethod[Callable[[], None]],
    stop: threading.Event,
    period: float,
) -> None:
    """The loop of the thread; between steps it holds nothing but weak references."""
    due = -float("inf")
    while not stop.is_set():
        player, step = owner(), advance()
        if player is None or step is None:
            return
        due = max(due + period, player.now())
        try:
            step()
        except Exception as error:  # noqa: BLE001
            player.keep(error)
            break
        wait = due + period - player.now() if period else 0.0
        del player, step
        if wait > 0 and stop.wait(wait):
            break
    stop.set()
    player = owner()
    if player is not None:
        player.ended()
