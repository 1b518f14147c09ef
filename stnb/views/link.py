"""Between a session and a widget: frames one way, wishes the other, and the truth about both."""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from stnb._core.errors import StnbError

if TYPE_CHECKING:
    from stnb_widgets.base import LiveWidget

    from stnb.recording import Recorder
    from stnb.session.base import Session

__all__ = ["Company", "SessionLink"]

S = TypeVar("S", bound="Session")


class Company:
    """The views that are looked at together: they show one moment, run at one speed, and record into one file."""

    def __init__(self) -> None:
        self.links: list[SessionLink[Any]] = []
        self.shown: int | None = None
        self.speed: float | None = None
        self.recorder: Recorder | None = None

    @property
    def recording(self) -> bool:
        """Whether frames are being written."""
        return self.recorder is not None and not self.recorder.closed


class SessionLink(Generic[S]):
    """What every view of a session does: it follows the session and obeys people, who may be refused.

    It holds the session weakly: a view keeps no run alive. A subclass says in `show` what its widget is offered, and in
    `show_past` what it can still show of an earlier step.
    """

    def __init__(self, session: S, widget: LiveWidget, company: Company | None = None) -> None:
        self._session = weakref.ref(session)
        self._widget: Any = widget
        self._company = Company() if company is None else company
        self._company.links.append(self)

    def connect(self, session: S, *, hz: float) -> None:
        """Listen to both sides, and show what there is."""
        self._widget.on_intent(self.obey)
        session.subscribe(self.hear, hz=hz, when=self._widget.due)
        session.on_change(self.follow)
        self.hear(session.snapshot())
        self._widget.flush()

    def show(self, frame: Any) -> None:
        """Offer one frame."""
        raise NotImplementedError

    def show_past(self, session: S, step: int) -> int | None:
        """Offer what is kept of this step or one near it, and say which; None where nothing is."""
        if not len(session.frames):
            return None
        frame = session.frames.nearest(step)
        self.show(frame)
        return frame.step

    def hear(self, frame: Any) -> None:
        """A frame of now: show it, unless somebody looks at an earlier one."""
        session = self._session()
        if session is None:
            return
        if self._company.shown is None:
            self.show(frame)
        self.tell(session)

    def follow(self) -> None:
        """Bring buttons, sliders and the last frame to what the session now is."""
        session = self._session()
        if session is None:
            return
        self._widget.set_playing(session.playing)
        self._widget.set_recording(self._company.recording)
        for name, shown in self._widget.state["controls"].items():
            value = float(getattr(session.config, name))
            if value != shown["value"]:
                self._widget.set_control(name, value)
        if not session.playing:
            self.hear(session.snapshot())
            self._widget.flush()

    def obey(self, name: str, value: Any) -> None:
        """Do what somebody asked for in the widget; the session may refuse."""
        session = self._session()
        if session is None:
            return
        if name == "play":
            self._seek(session, None)
            session.play(steps_per_second=self._company.speed)
        elif name == "pause":
            session.pause()
        elif name == "speed":
            self._pace(session, None if value is None else float(value))
        elif name == "step" and not session.playing:
            self._seek(session, None)
            session.step(int(value))
            self.follow()
        elif name == "seek":
            self._seek(session, None if value is None else int(value))
        elif name == "record":
            self._record(session, wanted=bool(value))
        elif name == "set":
            self._set(session, str(value["name"]), value["value"])

    def tell(self, session: S) -> None:
        """Say which steps can be shown again, where the widget can ask for them."""
        steps = session.frames.steps
        if steps and "scrub" in self._widget.scene["deck"]:
            self._widget.set_past(steps[0], steps[-1], self._company.shown)

    def _seek(self, session: S, step: int | None) -> None:
        """Show another step in every view of the company; None: now."""
        if step is None and self._company.shown is None:
            return
        self._company.shown = step
        for link in self._company.links:
            if step is None:
                link.show(session.snapshot())
            else:
                link.show_past(session, step)
            link.tell(session)
            link._widget.flush()

    def _pace(self, session: S, steps_per_second: float | None) -> None:
        self._company.speed = steps_per_second
        for link in self._company.links:
            link._widget.set_speed(steps_per_second)
        if session.playing:
            session.play(steps_per_second=steps_per_second)

    def _record(self, session: S, *, wanted: bool) -> None:
        """Begin or end a recording in the working folder, named after the session and its step."""
        if wanted == self._company.recording:
            return
        if self._company.recorder is not None and not wanted:
            self._company.recorder.close()
        else:
            self._company.recorder = session.record(free_name(f"{session.kind}-{session.step_index}"))
        for link in self._company.links:
            link._widget.set_recording(self._company.recording)

    def _set(self, session: S, name: str, value: Any) -> None:
        try:
            session.set(**{name: value})
        except StnbError as refusal:
            self._widget.set_control(name, float(getattr(session.config, name)), error=str(refusal))
        else:
            self._widget.set_control(name, float(getattr(session.config, name)))


def free_name(stem: str) -> Path:
    """A file of this name in the working folder that is not there yet."""
    path, count = Path(f"{stem}.zip"), 2
    while path.exists():
        path, count = Path(f"{stem}-{count}.zip"), count + 1
    return path
