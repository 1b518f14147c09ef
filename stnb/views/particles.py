"""The Atlas of a manifold session: particles coloured by temperature or speed, and the carriers among them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from stnb_widgets import Atlas, Markers, Points

from stnb.views.link import Company, SessionLink
from stnb.views.sliders import sliders_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stnb._core.frames import ParticleFrame
    from stnb.session.manifold import ManifoldSession

__all__ = ["atlas_of"]

UNITS = {"temperature": "K", "speed": "m/s", "heat": "J"}
SWING = "swing"
MARKS_GAP_S = 0.5
STATES = ("volatile", "stable", "crystallized")
AS_COLOURED = ("stable", "volatile", "crystallized")  # in the colours that the Carriers give them


def atlas_of(
    session: ManifoldSession,
    company: Company,
    *,
    colour: str,
    controls: Sequence[str],
    title: str,
    group: str,
    deck: Sequence[str],
    hz: float,
) -> Atlas:
    """A live Atlas of the session's particles; see `view_manifold`."""
    config = session.config
    atlas = Atlas(
        box=((0.0, 0.0, 0.0), config.lattice.extent),
        attributes=UNITS | ({SWING: "√J"} if colour == SWING else {}),
        colour=colour,
        controls=sliders_for(config, controls),
        title=title or f"{session.count:,} particles in a box of {config.boundary}",
        group=group,
        deck=deck,
    )
    _AtlasLink(session, atlas, company, swinging=colour == SWING).connect(session, hz=hz)
    return atlas


class _AtlasLink(SessionLink["ManifoldSession"]):
    """Particles to an Atlas, with the carriers where they are, as long as it is the present that is shown."""

    def __init__(self, session: ManifoldSession, atlas: Atlas, company: Company, *, swinging: bool) -> None:
        super().__init__(session, atlas, company)
        self._swinging = swinging
        self._marks: Markers | None = None
        self._marks_hold_until = float("-inf")

    def show(self, frame: ParticleFrame) -> None:
        """Offer one frame."""
        session = self._session()
        if session is None:
            return
        attributes = {"temperature": frame.temperature, "speed": frame.speed, "heat": frame.heat}
        if self._swinging:
            attributes[SWING] = np.zeros(frame.count) if frame.swing is None else frame.swing
        self._widget.offer(
            Points(
                step=frame.step,
                time=frame.time,
                positions=frame.positions,
                attributes=attributes,
                carriers=self._markers(session, frame.step),
                badge=self._badge(session, frame.step),
            )
        )

    def _markers(self, session: ManifoldSession, step: int) -> Markers | None:
        """The carriers at the middle of those that they hear; none for a step that has passed.

        Their middles are sums over all particles, so a session that plays gets them twice a second.
        """
        if session.config.cadence == 0:
            return None
        if session.playing and time.monotonic() < self._marks_hold_until:
            return self._marks
        self._marks_hold_until = time.monotonic() + MARKS_GAP_S
        self._marks = self._look_for_carriers(session, step)
        return self._marks

    def _look_for_carriers(self, session: ManifoldSession, step: int) -> Markers | None:
        with session.still():
            if session.step_index != step:
                return None
            found = session.carriers
        if not len(found.identity):
            return None
        return Markers(
            found.positions,
            sizes=found.amplitudes,
            kinds=[STATES[state] for state in found.state],
            ids=found.identity,
            order=AS_COLOURED,
        )

    def _badge(self, session: ManifoldSession, step: int) -> dict[str, float]:
        """What should not change, and by how much it has."""
        row = session.history.since(step - 1)
        if not len(row["step"]) or int(row["step"][0]) != step:
            return {}
        return {"energy drift": float(row["drift"][0])}
