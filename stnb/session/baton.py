"""A re-entrant lock that a tireless worker hands over as soon as anybody else asks."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Baton"]


class Baton:
    """Mutual exclusion with manners.

    A plain lock lets a thread that releases and takes it in a loop starve all others. Here whoever holds with
    `yielding=True` lets all others go first. `wait_for` sleeps until a condition holds, which is looked at
    whenever the baton is put down.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._owner: int | None = None
        self._depth = 0
        self._waiting = 0

    @contextlib.contextmanager
    def hold(self, *, yielding: bool = False) -> Iterator[None]:
        """Hold the baton for the length of a block."""
        self._take(yielding=yielding)
        try:
            yield
        finally:
            self._put()

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None = None) -> bool:
        """Sleep until `predicate()` is true; False when `timeout` seconds passed first."""
        with self._changed:
            return self._changed.wait_for(predicate, timeout)

    def notify(self) -> None:
        """Make every waiting thread look at its condition again."""
        with self._changed:
            self._changed.notify_all()

    def _take(self, *, yielding: bool) -> None:
        me = threading.get_ident()
        with self._changed:
            if self._owner != me:
                self._waiting += not yielding
                try:
                    self._changed.wait_for(
                        lambda: self._owner is None and not (yielding and self._waiting),
                    )
                finally:
                    self._waiting -= not yielding
                self._owner = me
            self._depth += 1

    def _put(self) -> None:
        with self._changed:
            self._depth -= 1
            if not self._depth:
                self._owner = None
                self._changed.notify_all()
