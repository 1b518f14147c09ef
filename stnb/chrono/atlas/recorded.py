"""What a recorded frame adds to the atlas of its session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb.telemetry.atlas import AtlasFragment

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["fragment_of"]

TIMELINE = {
    "timeline.frames": "frames",
    "timeline.energy": "mean_energy",
    "timeline.drift": "mean_drift",
    "timeline.decay": "mean_decay",
}
MAINTAINER = {
    "maintainer.average_drift": "average_drift",
    "maintainer.mean_energy": "mean_energy",
    "maintainer.mean_decay": "mean_decay",
}
VERDICT = {
    "maintainer_status": "status",
    "maintainer_diagnostic": "diagnostic",
    "suggested_max_scale": "suggested_max_scale",
    "suggested_pressure": "suggested_pressure",
}


def fragment_of(
    summary: Any | None,
    harmonics: Any | None = None,
    report: Any | None = None,
    loop_signal: Any | None = None,
) -> AtlasFragment:
    """The means of the timeline, the verdict of the maintainer, and one more support.

    The script is that of the loop, or else that of the maintainer. Without a summary nothing was recorded yet, and
    the fragment is empty; without a report the maintainer has not looked.

    Args:
        summary: of the timeline, a ChronoSummary.
        harmonics: of the timeline, None where two frames are wanting.
        report: of the maintainer, a MaintainerReport.
        loop_signal: of the timeline, a ChronoLoopSignal.
    """
    if summary is None:
        return AtlasFragment()
    measured = _read("summary", summary, TIMELINE)
    judged = {} if report is None else _read("report", report, MAINTAINER)
    verdict = {} if report is None else _read("report", report, VERDICT)
    fragment = AtlasFragment(
        _attribute("summary", summary, "latest_timestamp"),
        loop_support=1.0,
        summary=summary,
        harmonics=harmonics,
        script_hint=_script("loop_signal", loop_signal) or _script("report", report),
        **verdict,
    )
    for name, value in {**measured, **judged}.items():
        fragment.push_metric(name, value)
    if report is not None:
        fragment.push_note(f"maintainer:{verdict['maintainer_status']}")
    return fragment


def _script(label: str, record: Any | None) -> str | None:
    return None if record is None else _attribute(label, record, "spiralk_script")


def _read(label: str, record: Any, names: Mapping[str, str]) -> dict[str, Any]:
    return {name: _attribute(label, record, attribute) for name, attribute in names.items()}


def _attribute(label: str, record: Any, name: str) -> Any:
    if not hasattr(record, name):
        raise TypeError(
            f"{label} is of type {type(record).__name__} and has no {name}; give the {label} of a session."
        )
    return getattr(record, name)
