"""The Carriers of a manifold session: spectrum, phases, history and why each one is alive, with its controls."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from stnb_widgets import Carriers

from stnb.views.alive import why
from stnb.views.link import Company, SessionLink
from stnb.views.sliders import sliders_for
from stnb.views.waves import Waves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stnb_widgets.carriers.wave import Wave

    from stnb._core.frames import Frame
    from stnb.session.manifold import ManifoldSession

__all__ = ["carriers_of"]

KEPT = 256


def carriers_of(
    session: ManifoldSession,
    company: Company,
    *,
    controls: Sequence[str],
    title: str,
    group: str,
    deck: Sequence[str],
    hz: float,
    colour: str,
) -> Carriers:
    """Live carriers of the session; `colour` is state, phase, conflict, order or age. See `view_manifold`."""
    carriers = Carriers(
        colour=colour,
        controls=sliders_for(session.config, controls),
        title=title or f"Carriers of {session.count:,} oscillators",
        group=group,
        deck=deck,
    )
    _CarriersLink(session, carriers, company).connect(session, hz=hz)
    return carriers


class _CarriersLink(SessionLink["ManifoldSession"]):
    """Carriers to their widget, and answers to who asks about one."""

    def __init__(self, session: ManifoldSession, carriers: Carriers, company: Company) -> None:
        super().__init__(session, carriers, company)
        self._kept: deque[Wave] = deque(maxlen=KEPT)
        self._waves = Waves(session)
        self._engine = session.engine
        carriers.on_ask("why", self.explain)

    def show(self, frame: Frame) -> None:
        """Offer the carriers of now; the frame of particles only says that it is time."""
        del frame
        session = self._session()
        if session is None:
            return
        with session.still():
            if session.engine is not self._engine:
                self._waves, self._engine = Waves(session), session.engine
            wave = self._waves.look(session)
        if self._kept and self._kept[-1].step >= wave.step:
            self._kept.pop()
        self._kept.append(wave)
        self._widget.offer(wave)

    def show_past(self, session: ManifoldSession, step: int) -> int | None:
        """The kept wave nearest to this step."""
        del session
        if not self._kept:
            return None
        wave = min(self._kept, key=lambda kept: abs(kept.step - step))
        self._widget.offer(wave)
        return wave.step

    def explain(self, uid: Any) -> dict[str, Any]:
        """Why a carrier is alive."""
        session = self._session()
        if session is None:
            raise LookupError("the session is gone")
        with session.still():
            return why(session, uid)
