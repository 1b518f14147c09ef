"""The Timeline of a session: the columns of its history, as they grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb_widgets import Timeline

from stnb._core.errors import InputError, nearest
from stnb.views.link import Company, SessionLink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stnb.session.base import Session

__all__ = ["timeline_of"]

FRAMES_PER_SECOND = 10.0


def timeline_of(
    session: Session,
    company: Company,
    columns: Sequence[str],
    *,
    units: Mapping[str, str],
    shown: Sequence[str],
    title: str,
    group: str,
    deck: Sequence[str],
    hz: float = FRAMES_PER_SECOND,
) -> Timeline:
    """A live Timeline of these columns of the history, of which those in `shown` are drawn at first."""
    known = session.history.columns
    if unknown := [name for name in columns if name not in known]:
        raise InputError(f"the history has no column {unknown[0]!r}; {nearest(unknown[0], known)}")
    timeline = Timeline(
        channels={name: units.get(name, "") for name in columns},
        title=title or "History of every step",
        group=group,
        deck=deck,
    )
    timeline.show_channels(list(shown))
    HistoryLink(session, timeline, company).connect(session, hz=hz)
    return timeline


class HistoryLink(SessionLink["Session"]):
    """Rows of a history to a Timeline, each once."""

    def __init__(self, session: Session, timeline: Timeline, company: Company) -> None:
        super().__init__(session, timeline, company)
        self._seen = -1

    def show(self, frame: Any) -> None:
        """Take the rows since the last time."""
        del frame
        session = self._session()
        if session is None:
            return
        rows = session.history.since(self._seen)
        steps, times = rows.pop("step"), rows.pop("time")
        if not len(steps):
            return
        self._widget.extend(steps, times, {name: rows[name] for name in self._widget.scene["channels"]})
        self._seen = int(steps[-1])

    def show_past(self, session: Session, step: int) -> int | None:
        """All of it is on the picture anyway; the browser marks the moment."""
        del session
        return step
