"""Where an atlas is kept: its latest frame and the way that led there."""

from __future__ import annotations

import threading
from collections import deque
from typing import Protocol

from stnb._core.numbers import whole
from stnb.telemetry.atlas.fragment import AtlasFragment
from stnb.telemetry.atlas.frame import AtlasFrame
from stnb.telemetry.atlas.route import AtlasRoute

__all__ = ["ATLAS_CAPACITY", "AtlasStore"]

ATLAS_CAPACITY = 24


class Mirror(Protocol):
    """Whoever also takes the fragments, such as the hub."""

    def merge_atlas(self, fragment: AtlasFragment) -> AtlasFrame | None:
        """Merge a fragment."""
        ...


class AtlasStore:
    """The atlas of one session, or of the process: each merge adds a frame, and the latest 24 stay.

    Frames never change, so they are handed out as they are. Their times never fall along the route. Every method
    holds `lock`, which is re-entrant: hold it yourself to make several calls one.

    >>> store = AtlasStore()
    >>> store.latest() is None, store.route().length
    (True, 0)
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._frames: deque[AtlasFrame] = deque(maxlen=ATLAS_CAPACITY)
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many values of the merged fragments were left out, because they were not finite or had no name."""
        with self.lock:
            return self._dropped

    def merge(self, fragment: AtlasFragment, *, mirror: Mirror | None = None) -> AtlasFrame | None:
        """Add what a fragment says, and pass it on to `mirror`, such as `telemetry.hub`, where one is given.

        Returns:
            The latest frame. A fragment that is empty changes nothing; nor does one that comes before any time
            above 0 is known.
        """
        if not isinstance(fragment, AtlasFragment):
            raise TypeError(f"fragment is of type {type(fragment).__name__}; give an AtlasFragment.")
        with self.lock:
            before = self._latest()
            after = fragment.merged_into(before)
            if mirror is not None:
                mirror.merge_atlas(fragment)
            self._dropped += fragment.dropped
            if after is not None and after is not before:
                self._frames.append(after)
            return after

    def latest(self) -> AtlasFrame | None:
        """The latest frame, None before the first."""
        with self.lock:
            return self._latest()

    def route(self, limit: int | None = None) -> AtlasRoute:
        """The latest `limit` frames in their order, all that are kept unless given."""
        count = ATLAS_CAPACITY if limit is None else whole("limit", limit)
        with self.lock:
            frames = tuple(self._frames)
        return AtlasRoute(frames[max(len(frames) - count, 0) :])

    def place(self, frame: AtlasFrame) -> None:
        """Go on from this frame; where it is earlier than others, those are forgotten."""
        if not isinstance(frame, AtlasFrame):
            raise TypeError(f"frame is of type {type(frame).__name__}; give an AtlasFrame.")
        with self.lock:
            while self._frames and self._frames[-1].timestamp > frame.timestamp:
                self._frames.pop()
            self._frames.append(frame)

    def clear(self) -> None:
        """Forget every frame, and what was left out."""
        with self.lock:
            self._frames.clear()
            self._dropped = 0

    def _latest(self) -> AtlasFrame | None:
        return self._frames[-1] if self._frames else None

    def __repr__(self) -> str:
        with self.lock:
            return f"AtlasStore({len(self._frames)} frames, latest {self._latest()!r})"
