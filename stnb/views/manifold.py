"""The Atlas of a manifold session: particles coloured by temperature or speed, with its controls."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from stnb_widgets import Atlas, Points

from stnb._core.errors import StnbError
from stnb.views.sliders import sliders_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stnb._core.frames import ParticleFrame
    from stnb.session.manifold import ManifoldSession

__all__ = ["view_manifold"]

FRAMES_PER_SECOND = 15.0  # the browser moves particles smoothly between frames
UNITS = {"temperature": "K", "speed": "m/s", "heat": "J"}
SWING = "swing"

_open: weakref.WeakKeyDictionary[ManifoldSession, dict[Any, Atlas]] = weakref.WeakKeyDictionary()


def view_manifold(
    session: ManifoldSession,
    *,
    colour: str = "speed",
    controls: Sequence[str] = ("dt", "gravity"),
    title: str = "",
    hz: float = FRAMES_PER_SECOND,
) -> Atlas:
    """A live Atlas of the session; asking again with the same options gives the same one.

    Args:
        session: What to look at and to steer.
        colour: Attribute that colours the particles: `speed`, `temperature`, `heat`, or `swing`, A cos θ of their
            oscillators, under which those that are locked blink together.
        controls: Live settings that get a slider.
        title: Above the picture; by default what the session holds.
        hz: Most frames per second.
    """
    options = (colour, tuple(controls), title, hz)
    views = _open.setdefault(session, {})
    atlas = views.get(options)
    if atlas is None or atlas.comm is None:
        views[options] = atlas = _build(session, colour, controls, title, hz)
    return atlas


def _build(session: ManifoldSession, colour: str, controls: Sequence[str], title: str, hz: float) -> Atlas:
    config = session.config
    atlas = Atlas(
        box=((0.0, 0.0, 0.0), config.lattice.extent),
        attributes=UNITS | ({SWING: "√J"} if colour == SWING else {}),
        colour=colour,
        controls=sliders_for(config, controls),
        title=title or f"{session.count:,} particles in a box of {config.boundary}",
    )
    link = _Link(session, atlas, swinging=colour == SWING)
    atlas.on_intent(link.obey)
    session.subscribe(link.show, hz=hz, when=atlas.due)
    session.on_change(link.follow)
    link.show(session.snapshot())
    atlas.flush()
    return atlas


class _Link:
    """Frames to the Atlas, intents to the session. It holds the session weakly: a view keeps no run alive."""

    def __init__(self, session: ManifoldSession, atlas: Atlas, *, swinging: bool) -> None:
        self._session = weakref.ref(session)
        self._atlas = atlas
        self._swinging = swinging

    def show(self, frame: ParticleFrame) -> None:
        """Offer one frame."""
        session = self._session()
        if session is None:
            return
        attributes = {"temperature": frame.temperature, "speed": frame.speed, "heat": frame.heat}
        if self._swinging and frame.swing is not None:
            attributes[SWING] = frame.swing
        status = f"energy drift {session.ledger.drift:+.1e}"
        self._atlas.offer(
            Points(
                step=frame.step,
                time=frame.time,
                positions=frame.positions,
                attributes=attributes,
                status=status,
            )
        )

    def follow(self) -> None:
        """Bring buttons, sliders and the last frame to what the session now is."""
        session = self._session()
        if session is None:
            return
        self._atlas.set_playing(session.playing)
        for name, shown in self._atlas.state["controls"].items():
            value = float(getattr(session.config, name))
            if value != shown["value"]:
                self._atlas.set_control(name, value)
        if not session.playing:
            self.show(session.snapshot())
            self._atlas.flush()

    def obey(self, name: str, value: Any) -> None:
        """Do what somebody asked for in the widget; the session may refuse."""
        session = self._session()
        if session is None:
            return
        if name == "play":
            session.play()
        elif name == "pause":
            session.pause()
        elif name == "step" and not session.playing:
            session.step(int(value))
            self.follow()
        elif name == "set":
            self._set(session, str(value["name"]), value["value"])

    def _set(self, session: ManifoldSession, name: str, value: Any) -> None:
        try:
            session.set(**{name: value})
        except StnbError as refusal:
            self._atlas.set_control(name, float(getattr(session.config, name)), error=str(refusal))
        else:
            self._atlas.set_control(name, float(getattr(session.config, name)))
