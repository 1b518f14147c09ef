"""Being told to stop, politely: the step in hand is finished and everything is put away."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Stop"]

SIGNALS = (signal.SIGINT, signal.SIGTERM)
STDERR = 2
NOTICE = b"stnb: finishing the step in hand; once more stops at once\n"


class Stop:
    """Makes of the first Ctrl-C or SIGTERM in its block a wish, `asked`; the second does what it always did.

    Python hands signals to the main thread only; in another one this does nothing.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._ask) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def _ask(self, *_: object) -> None:
        self.asked = True
        self._restore()
        with contextlib.suppress(OSError):
            os.write(STDERR, NOTICE)

    def _restore(self) -> None:
        before, self._before = self._before, {}
        for number, handler in before.items():
            signal.signal(number, handler)
