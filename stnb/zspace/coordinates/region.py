"""Regions: in one line, where in Z-space an observation lies; the latest one is kept in the hub."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from stnb._core.errors import InvalidValue
from stnb._core.numbers import finite, whole
from stnb.geometry import Ball
from stnb.telemetry import SoftlogicZFeedback, hub
from stnb.zspace.guards import require_axis

if TYPE_CHECKING:
    from stnb.zspace.coordinates.field import ZFieldSample
    from stnb.zspace.coordinates.frame import ZFrame

__all__ = ["ZSpaceRegionDescriptor", "clear", "describe", "feedback", "publish", "snapshot"]

LEANING = 0.33
CORE, MANTLE = 0.33, 0.66


@dataclass(frozen=True)
class ZSpaceRegionDescriptor:
    """Spin, radius, sheet and sector of a place; the bounds between bands are conventions of this project.

    Attributes:
        spin_alignment: in [−1, 1]; values beyond are clamped.
        normalized_radius: distance from the origin of the ball over its radius, in [0, 1]; clamped likewise.
        curvature_radius: 1/√−κ, the radius of the ball.
        geodesic_radius: hyperbolic distance from the origin.
        sheet_index: the sheet, from 0 on.
        sheet_count: how many there are.
        topological_sector: number of the connected component of the atlas, 0 for the background.
    """

    spin_alignment: float
    normalized_radius: float
    curvature_radius: float
    geodesic_radius: float
    sheet_index: int
    sheet_count: int
    topological_sector: int = 0

    def __post_init__(self) -> None:
        spin = finite("spin_alignment", self.spin_alignment)
        radius = finite("normalized_radius", self.normalized_radius)
        settled: dict[str, Any] = {
            "spin_alignment": min(max(spin, -1.0), 1.0),
            "normalized_radius": min(max(radius, 0.0), 1.0),
            "curvature_radius": _length("curvature_radius", self.curvature_radius),
            "geodesic_radius": _length("geodesic_radius", self.geodesic_radius),
            "sheet_count": require_axis("sheet_count", self.sheet_count),
            "sheet_index": whole("sheet_index", self.sheet_index),
            "topological_sector": whole("topological_sector", self.topological_sector),
        }
        if settled["sheet_index"] >= settled["sheet_count"]:
            raise InvalidValue(
                f"sheet_index = {self.sheet_index} is not below sheet_count = {self.sheet_count}; "
                f"give 0 … {self.sheet_count - 1}."
            )
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, sample: ZFieldSample, frame: ZFrame) -> ZSpaceRegionDescriptor:
        """The region of a series: a tangent vector of length mean|x| at the origin, carried into the ball by exp.

        Hence r/R = tanh(√c·mean|x|) and the geodesic radius is 2·mean|x|, with c = −κ: a convention of this project.
        """
        ball = Ball(frame.curvature)
        return cls(
            spin_alignment=sample.spin,
            normalized_radius=math.tanh(math.sqrt(ball.c) * sample.energy),
            curvature_radius=ball.radius,
            geodesic_radius=2.0 * sample.energy,
            sheet_index=sample.sheet_index,
            sheet_count=frame.shape[1],
            topological_sector=sample.homology,
        )

    @property
    def spin_band(self) -> str:
        """Leading above 0.33, trailing below −0.33, neutral between."""
        if abs(self.spin_alignment) <= LEANING:
            return "neutral"
        return "leading" if self.spin_alignment > 0 else "trailing"

    @property
    def radius_band(self) -> str:
        """Core below 0.33 of the radius, mantle below 0.66, edge beyond."""
        if self.normalized_radius < CORE:
            return "core"
        return "mantle" if self.normalized_radius < MANTLE else "edge"

    @property
    def label(self) -> str:
        """Both bands in one name, such as "spin.leading.radius.core"."""
        return f"spin.{self.spin_band}.radius.{self.radius_band}"

    def as_dict(self) -> dict[str, Any]:
        """Every number, and the names of the bands."""
        return {
            **asdict(self),
            "spin_band": self.spin_band,
            "radius_band": self.radius_band,
            "label": self.label,
        }


def publish(descriptor: ZSpaceRegionDescriptor) -> None:
    """Keep a region in the hub as the latest one."""
    if not isinstance(descriptor, ZSpaceRegionDescriptor):
        raise TypeError(f"descriptor is of type {type(descriptor).__name__}; give a ZSpaceRegionDescriptor.")
    hub.set_region(descriptor)


def snapshot() -> ZSpaceRegionDescriptor | None:
    """The region that was published last; None before any."""
    return hub.get_region()


def feedback() -> SoftlogicZFeedback | None:
    """The latest softlogic feedback of a trainer; None before any training."""
    return hub.get_softlogic_z()


def describe(latest: bool = True, feedback: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002
    """The latest region as a dict under "region", the softlogic feedback under "feedback": those that are asked for.

    What is not known yet is None.
    """
    kept = {"region": (latest, hub.get_region()), "feedback": (feedback, hub.get_softlogic_z())}
    return {name: found and found.as_dict() for name, (asked, found) in kept.items() if asked}


def clear() -> None:
    """Forget the latest region and the softlogic feedback."""
    with hub.lock:
        hub.set_region(None)
        hub.set_softlogic_z(None)


def _length(label: str, value: Any) -> float:
    number = finite(label, value)
    if number < 0:
        raise InvalidValue(f"{label} = {number!r} is below 0; give a length from 0 on.")
    return number
