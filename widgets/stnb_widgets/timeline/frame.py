"""What a Timeline shows at one moment: a window in fine buckets, the whole run in coarse ones, and how they travel.

Arrays for C channels, B buckets of the window and V of the whole run: edges (B + 1) uint32, times (B + 1) uint16,
low, mean and high (C, B) uint16 along each channel's axis, holes (C, ceil(B / 8)) uint8 with a bit for every bucket
that holds a sample that is not finite; whole_edges (V + 1) uint32, whole_low and whole_high (C, V) uint16.
A step is origin + edge * stride.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_widgets import parcel
from stnb_widgets.parcel import Parcel
from stnb_widgets.timeline.axis import encode, knee_of, warp

if TYPE_CHECKING:
    from stnb_widgets.timeline.pyramid import Window

__all__ = [
    "MOST_BUCKETS",
    "MOST_FRAME_BYTES",
    "Axis",
    "TimelineFrame",
    "buckets_for",
    "frame_bytes",
    "whole_buckets",
]

MOST_FRAME_BYTES = 200_000
MOST_BUCKETS = 2048
_FEWEST_BUCKETS = 16
_WHOLE_MOST, _WHOLE_LEAST, _WHOLE_SHARED = 256, 32, 4096
_LARGEST_EDGE = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Axis:
    """A channel that is shown, how it is spread along its axis, and the lane whose axis it is."""

    name: str
    scale: str
    lane: str


def whole_buckets(channels: int) -> int:
    """Buckets of the whole run: 256 for few channels, fewer for many."""
    return max(_WHOLE_LEAST, min(_WHOLE_MOST, _WHOLE_SHARED // max(channels, 1)))


def frame_bytes(channels: int, buckets: int, whole: int) -> int:
    """Bytes of all arrays."""
    window = (buckets + 1) * 6 + channels * (6 * buckets + -(-buckets // 8))
    return window + (whole + 1) * 4 + channels * 4 * whole


def buckets_for(channels: int, width: float) -> int:
    """Buckets for a picture `width` pixels wide whose frame must fit into 200 kB: two a pixel at most."""
    whole = whole_buckets(channels)
    room = MOST_FRAME_BYTES - frame_bytes(channels, 0, whole)
    fitting = int(room / (6 + channels * 6.125)) - 1
    return max(_FEWEST_BUCKETS, min(MOST_BUCKETS, fitting, int(2 * width)))


@dataclass(frozen=True, slots=True, eq=False)
class TimelineFrame:
    """Buckets of the channels that are shown, at one moment; `number` counts the frames offered.

    Attributes:
        asked: the steps that a view wants to see; `window` reaches beyond them on both sides.
        latest: newest sample of every channel shown.
        events: (step, label, place in kinds) of at most 100 events of the window, out of `event_total`.
    """

    number: int
    step: int
    time: float
    status: str
    axes: tuple[Axis, ...]
    asked: tuple[float, float]
    window: Window
    whole: Window
    total: int
    latest: np.ndarray
    kinds: tuple[str, ...]
    events: list[tuple[int, str, int]]
    event_total: int

    @property
    def nbytes(self) -> int:
        """Bytes of a live message."""
        return frame_bytes(len(self.axes), len(self.window), len(self.whole))

    def parcel(self, seq: int, most_bytes: int) -> Parcel:
        """Header and arrays of at most `most_bytes`: neighbouring buckets are put together until they fit."""
        window, whole = self.window, self.whole
        while frame_bytes(len(self.axes), len(window), len(whole)) > most_bytes and len(window) > 1:
            if len(whole) > len(window):
                whole = whole.coarser()
            else:
                window = window.coarser()
        common = parcel.header(
            seq=seq, number=self.number, step=self.step, time=self.time, status=self.status
        )
        own, arrays = self._encode(window, whole)
        return Parcel({**common, **own}, arrays)

    def _encode(self, window: Window, whole: Window) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        knees = self._knees(whole)
        digest = window.digest
        fine, bounds = self._codes([digest.low, digest.mean, digest.high], knees)
        coarse, whole_bounds = self._codes([whole.low, whole.high], knees)
        origin = int(min(window.edges[0], whole.edges[0]))
        stride = -(-int(max(window.edges[-1], whole.edges[-1]) - origin) // _LARGEST_EDGE) or 1
        times, time_bounds = encode(warp(window.times, "linear", 1.0))
        own = {
            "shown": [axis.name for axis in self.axes],
            "scales": [axis.scale for axis in self.axes],
            "knees": knees,
            "bounds": bounds,
            "whole_bounds": whole_bounds,
            "times": list(time_bounds),
            "origin": origin,
            "stride": stride,
            "size": window.size,
            "asked": list(self.asked),
            "total": self.total,
            "holes": digest.holes.sum(axis=0, dtype=np.int64).tolist(),
            "latest": [float(x) if np.isfinite(x) else None for x in self.latest],
            "kinds": list(self.kinds),
            "events": [list(event) for event in self.events],
            "event_total": self.event_total,
        }
        arrays = {
            "edges": _edges(window, origin, stride),
            "times": times,
            "low": fine[0],
            "mean": fine[1],
            "high": fine[2],
            "holes": np.packbits(digest.holes.T > 0, axis=1, bitorder="little"),
            "whole_edges": _edges(whole, origin, stride),
            "whole_low": coarse[0],
            "whole_high": coarse[1],
        }
        return own, arrays

    def _knees(self, whole: Window) -> list[float]:
        """The knee of every channel: one for all channels of a lane."""
        lanes: dict[str, list[int]] = {}
        for i, axis in enumerate(self.axes):
            lanes.setdefault(axis.lane, []).append(i)
        shared = {
            lane: knee_of(np.stack([whole.low[:, members], whole.high[:, members]]))
            for lane, members in lanes.items()
        }
        return [shared[axis.lane] for axis in self.axes]

    def _codes(self, parts: list[np.ndarray], knees: list[float]) -> tuple[np.ndarray, list[list[float]]]:
        """Codes (parts, channels, buckets) and the bounds of every channel."""
        codes = np.empty((len(parts), len(self.axes), len(parts[0])), np.uint16)
        bounds = []
        for i, axis in enumerate(self.axes):
            warped = warp(np.stack([part[:, i] for part in parts]), axis.scale, knees[i])
            codes[:, i], ends = encode(warped)
            bounds.append(list(ends))
        return codes, bounds


def _edges(window: Window, origin: int, stride: int) -> np.ndarray:
    return ((window.edges - origin) // stride).astype(np.uint32)
