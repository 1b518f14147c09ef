"""What the file of a spiral session holds: its settings, every frame of its timeline, and the way of its atlas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stnb._core.errors import CheckpointError
from stnb.chrono.harmonics import ChronoHarmonics
from stnb.chrono.maintainer import MaintainerConfig
from stnb.chrono.summary import ChronoSummary
from stnb.chrono.timeline import Timeline
from stnb.session import checkpoint
from stnb.session.spiral.settings import SpiralSettings
from stnb.telemetry.atlas import AtlasFrame
from stnb.zspace.tensor import as_tensor
from stnb.zspace.topos import OpenTopos

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from pathlib import Path

    from stnb.telemetry.atlas import AtlasRoute

__all__ = ["KIND", "Kept", "read", "write"]

KIND = "spiral"
COUPLING, TIMELINE = "coupling", "timeline."
AS_THEY_ARE = (
    "device",
    "curvature",
    "hyper_learning_rate",
    "fallback_learning_rate",
    "entropy_weight",
    "beta_j",
    "chrono_capacity",
)


class Kept(NamedTuple):
    """A spiral session apart from its methods."""

    settings: SpiralSettings
    timeline: Timeline
    route: list[AtlasFrame]
    charted: int


def write(
    path: str | os.PathLike[str],
    settings: SpiralSettings,
    past: tuple[Timeline, AtlasRoute, int, MaintainerConfig],
) -> Path:
    """One file, whole or not at all."""
    timeline, route, charted, maintainer = past
    saved = timeline.to_dict()
    arrays = {TIMELINE + name: column for name, column in saved["columns"].items()}
    if settings.coupling is not None:
        arrays[COUPLING] = settings.coupling.torch().cpu().numpy()
    facts = {
        "settings": {name: getattr(settings, name) for name in AS_THEY_ARE},
        "topos": None if settings.topos is None else _limits(settings.topos),
        "maintainer": maintainer.as_dict(),
        "capacity": saved["capacity"],
        "route": [frame.as_dict() for frame in route],
        "charted": charted,
    }
    return checkpoint.write(path, checkpoint.Checkpoint(KIND, arrays, facts))


def read(path: str | os.PathLike[str]) -> Kept:
    """Everything of a file, checked before anything is made of it."""
    saved = checkpoint.read(path, KIND)
    facts, arrays = saved.facts, saved.arrays
    try:
        topos, coupling = facts["topos"], arrays.get(COUPLING)
        settings = SpiralSettings(
            **{name: facts["settings"][name] for name in AS_THEY_ARE},
            topos=None if topos is None else OpenTopos(*topos),
            coupling=None if coupling is None else as_tensor("coupling", coupling.tolist()),
            maintainer=MaintainerConfig(**facts["maintainer"]),
        )
        columns = {name.removeprefix(TIMELINE): a for name, a in arrays.items() if name.startswith(TIMELINE)}
        timeline = Timeline.from_dict(
            {"capacity": facts["capacity"], "curvature": settings.curvature, "columns": columns}
        )
        return Kept(settings, timeline, [_frame(frame) for frame in facts["route"]], int(facts["charted"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"{path} does not fit this version of stnb: {error}. Install the stnb that wrote it."
        ) from error


def _limits(topos: OpenTopos) -> list[float]:
    return [topos.curvature(), topos.tolerance(), topos.saturation(), topos.max_depth(), topos.max_volume()]


def _frame(saved: Mapping[str, Any]) -> AtlasFrame:
    summary, harmonics = saved["summary"], saved["harmonics"]
    return AtlasFrame.from_dict(
        saved,
        summary=None if summary is None else ChronoSummary(**summary),
        harmonics=None if harmonics is None else ChronoHarmonics.from_dict(harmonics),
    )
