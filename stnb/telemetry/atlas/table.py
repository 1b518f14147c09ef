"""An atlas frame as a table for notebooks."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stnb.telemetry.atlas.districts import AtlasDistrict
    from stnb.telemetry.atlas.frame import AtlasFrame

__all__ = ["frame_table"]

TITLES = ("district", "mean", "span", "metrics")
RIGHT = "style='text-align:right'"
LEFT = "style='text-align:left'"


def frame_table(frame: AtlasFrame) -> str:
    """One row a district with its metrics; the time and the verdict above, the remarks beneath."""
    head = "".join(f"<th scope='col'>{title}</th>" for title in TITLES)
    body = "".join(_row(district) for district in frame.districts())
    remarks = html.escape("; ".join(filter(None, (frame.maintainer_diagnostic, *frame.notes()))))
    foot = f"<tfoot><tr><td colspan='{len(TITLES)}' {LEFT}>{remarks}</td></tr></tfoot>" if remarks else ""
    return (
        f"<table><caption>{html.escape(_title(frame))}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>{foot}</table>"
    )


def _title(frame: AtlasFrame) -> str:
    verdict = "" if frame.maintainer_status is None else f", {frame.maintainer_status}"
    return f"atlas at {frame.timestamp:.6g}{verdict}, support {frame.loop_support:.6g}"


def _row(district: AtlasDistrict) -> str:
    metrics = "<br>".join(f"{html.escape(metric.name)} = {metric.value:.6g}" for metric in district.metrics())
    return (
        f"<tr><th scope='row' {LEFT}>{html.escape(district.name)}</th>"
        f"<td {RIGHT}>{district.mean:.6g}</td><td {RIGHT}>{district.span:.6g}</td><td {LEFT}>{metrics}</td></tr>"
    )
