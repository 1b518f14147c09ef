"""What a widget has shown, in few small pictures: enough to play it again where no kernel is left."""

from __future__ import annotations

import threading

__all__ = ["FILM_FRAMES", "FILM_FRAME_BYTES", "Film"]

FILM_FRAMES = 64
FILM_FRAME_BYTES = 48_000


class Film:
    """At most 64 packed frames, evenly spread over everything that was offered; the first one always stays.

    When it is full, every second frame is dropped and from then on half as many are taken: memory is bounded (3 MB for
    frames of 48 kB), whatever the length of the run.
    """

    def __init__(self, frames: int = FILM_FRAMES) -> None:
        self._most = frames
        self._lock = threading.Lock()
        self.clear()

    def wants(self, number: int) -> bool:
        """Whether the `number`-th frame offered belongs into the film; packing others would be in vain."""
        return self._most > 0 and (number - 1) % self._every == 0

    def take(self, number: int, packed: bytes) -> None:
        """Keep the packed frame `number`."""
        with self._lock:
            if not self.wants(number) or (self._frames and self._frames[-1][0] >= number):
                return
            self._frames.append((number, packed))
            if len(self._frames) > self._most:
                self._every *= 2
                self._frames = [kept for kept in self._frames if (kept[0] - 1) % self._every == 0]

    def frames(self, last: tuple[int, bytes] | None = None) -> list[bytes]:
        """The packed frames, oldest first, and after them the newest one if it is not among them."""
        with self._lock:
            kept = list(self._frames)
        if last is not None and (not kept or kept[-1][0] < last[0]):
            kept.append(last)
        return [packed for _, packed in kept]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._every = 1
            self._frames: list[tuple[int, bytes]] = []
