"""A spiral session to look at: its timeline, and its atlas as a map in the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb.chrono.columns import SHOWN
from stnb.views.recorded import Recorded, view_recorded

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from stnb.session.spiral import SpiralSession

__all__ = ["view_spiral"]

FRAMES_PER_SECOND = 8.0
FIRST = ("total_energy", "homotopy_energy", "functor_energy", "recursive_energy", "curvature_drift")


def view_spiral(session: SpiralSession, *panels: str, title: str = "", hz: float = FRAMES_PER_SECOND) -> Any:
    """A live timeline of every frame that the session records, and its atlas; or one of them, by its name.

    Asking again for the same gives the same.

    Args:
        session: What to look at.
        *panels: "timeline", "atlas"; both where none is named.
        title: Above the picture.
        hz: Most updates per second.
    """
    reading = Recorded(_rows, lambda found: found.atlas(), dict.fromkeys(SHOWN, ""), {}, FIRST, _verdict)
    return view_recorded(session, reading, panels, title=title or "A spiral session", hz=hz)


def _verdict(session: SpiralSession) -> str:
    return f"maintainer: {session.self_maintain().status}"


def _rows(session: SpiralSession, step: int) -> Mapping[str, np.ndarray]:
    latest = session.timeline(1)
    behind = latest[0].step - step if latest else 0
    columns = session.timeline_columns(max(behind, 1))
    later = columns["step"] > step
    return {"time": columns["timestamp"][later], **{name: values[later] for name, values in columns.items()}}
