"""The latest frames of an atlas in their order, and what they amount to."""

from __future__ import annotations

import statistics
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stnb.telemetry.atlas.frame import AtlasFrame

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["AtlasRoute"]


@dataclass(frozen=True)
class AtlasRoute:
    """Frames from the oldest to the latest; neither they nor their order change."""

    _frames: tuple[AtlasFrame, ...] = ()

    def __post_init__(self) -> None:
        frames = tuple(self._frames)
        for index, frame in enumerate(frames):
            if not isinstance(frame, AtlasFrame):
                raise TypeError(f"frames[{index}] is of type {type(frame).__name__}; give an AtlasFrame.")
        object.__setattr__(self, "_frames", frames)

    @property
    def frames(self) -> list[AtlasFrame]:
        """The frames, the latest last."""
        return list(self._frames)

    @property
    def length(self) -> int:
        """How many frames there are."""
        return len(self._frames)

    def is_empty(self) -> bool:
        """Whether there is no frame."""
        return not self._frames

    def latest(self) -> AtlasFrame | None:
        """The latest frame."""
        return self._frames[-1] if self._frames else None

    def summary(self) -> dict[str, Any]:
        """Figures over the frames: of the support, of collapse and z, and of each district.

        A trend or delta is the last known value − the first; std is that of the population; total is the sum over
        the frames. As the support of a frame includes what came before, its trend is what the route gained. The
        figures of a district are about its means: `coverage` counts the frames that have it, `mean` is the mean of
        the means, `latest` the mean in the last of those frames. What no frame knows is None.
        """
        return {
            "frames": len(self._frames),
            "latest_timestamp": self._frames[-1].timestamp if self._frames else None,
            "loop_support": _support([frame.loop_support for frame in self._frames]),
            "collapse_total": _course([frame.collapse_total for frame in self._frames]),
            "z_signal": _course([frame.z_signal for frame in self._frames]),
            "districts": {name: _district(means) for name, means in sorted(self._means().items())},
        }

    def as_dict(self) -> dict[str, Any]:
        """Every frame in plain values, ready for JSON."""
        return {"length": self.length, "frames": [frame.as_dict() for frame in self._frames]}

    def __len__(self) -> int:
        return len(self._frames)

    def __iter__(self) -> Iterator[AtlasFrame]:
        return iter(self._frames)

    def _means(self) -> dict[str, list[float]]:
        means: dict[str, list[float]] = {}
        for frame in self._frames:
            for district in frame.districts():
                means.setdefault(district.name, []).append(district.mean)
        return means


def _support(values: Sequence[float]) -> dict[str, float | None]:
    known = bool(values)
    return {
        "mean": statistics.mean(values) if known else None,
        "std": statistics.pstdev(values) if known else None,
        "min": min(values, default=None),
        "max": max(values, default=None),
        "total": _held(sum(values)),
        "trend": _gain(values) if known else None,
    }


def _course(values: Sequence[float | None]) -> dict[str, float | None]:
    known = [value for value in values if value is not None]
    return {"latest": known[-1] if known else None, "trend": _gain(known) if known else None}


def _district(means: Sequence[float]) -> dict[str, float]:
    return {
        "coverage": len(means),
        "mean": statistics.mean(means),
        "latest": means[-1],
        "min": min(means),
        "max": max(means),
        "delta": _gain(means),
        "std_dev": statistics.pstdev(means),
    }


def _gain(values: Sequence[float]) -> float:
    return _held(values[-1] - values[0])


def _held(value: float) -> float:
    """What two huge numbers make, within what a float can hold."""
    return min(max(float(value), -sys.float_info.max), sys.float_info.max)
