"""A manifold session to look at: its particles, its carriers and its history, side by side."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from stnb._core.errors import InputError, nearest
from stnb.views.carriers import carriers_of
from stnb.views.dashboard import Dashboard, is_closed
from stnb.views.link import Company
from stnb.views.particles import atlas_of
from stnb.views.timeline import timeline_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stnb_widgets.base import LiveWidget

    from stnb.session.manifold import ManifoldSession

__all__ = ["PANELS", "view_manifold"]

PANELS = ("atlas", "carriers", "timeline")
FRAMES_PER_SECOND = 15.0  # the browser moves particles smoothly between frames
ALONE = ("play", "step", "speed")
LEADING = ("play", "step", "speed", "scrub", "record")
CONTROLS = {"atlas": ("dt", "gravity"), "carriers": ("coupling", "phase_noise", "pump"), "timeline": ()}
COLOURS = {"atlas": "speed", "carriers": "state"}
JOULES = ("kinetic", "gravitational", "thermal", "oscillator", "elastic", "total", "supplied", "residual")
UNITS = dict.fromkeys(JOULES, "J") | {"momentum": "kg m/s", "fastest": "m/s"}
ENERGIES = ("kinetic", "gravitational", "thermal", "total", "drift")
COLUMNS = (
    *ENERGIES,
    "oscillator",
    "elastic",
    "fastest",
    "count",
    "carriers",
    "crystallized",
    "order",
    "conflict",
)

_open: weakref.WeakKeyDictionary[ManifoldSession, dict[Any, Any]] = weakref.WeakKeyDictionary()


def view_manifold(
    session: ManifoldSession,
    *panels: str,
    colour: str | None = None,
    controls: Sequence[str] | None = None,
    title: str = "",
    hz: float = FRAMES_PER_SECOND,
) -> Any:
    """A live dashboard of the session, or the one panel that is named; asking again for the same gives the same.

    Args:
        session: What to look at and to steer.
        *panels: "atlas", "carriers", "timeline"; all where none is named, without carriers where the session has none.
        colour: What colours the first panel. Particles: `speed`, `temperature`, `heat`, or `swing`, A cos θ of their
            oscillators, under which those that are locked blink together. Carriers: `state`, `phase`, `conflict`,
            `order` or `age`.
        controls: Live settings that get a slider, on the first panel; by default each panel has those that suit it.
        title: Above the first panel; by default what the session holds.
        hz: Most frames per second.
    """
    if unknown := [name for name in panels if name not in PANELS]:
        raise InputError(f"there is no panel {unknown[0]!r}; {nearest(str(unknown[0]), PANELS)}")
    if "carriers" in panels and session.config.cadence == 0:
        raise InputError("cadence = 0, so this session has no carriers; make one with cadence=4 to see them.")
    wanted = tuple(name for name in PANELS if name in (panels or _there(session)))
    options = (wanted, colour, None if controls is None else tuple(controls), title, hz)
    views = _open.setdefault(session, {})
    if options not in views or is_closed(views[options]):
        views[options] = _build(session, *options)
    return views[options]


def _there(session: ManifoldSession) -> tuple[str, ...]:
    return tuple(name for name in PANELS if name != "carriers" or session.config.cadence)


def _build(
    session: ManifoldSession,
    panels: Sequence[str],
    colour: str | None,
    controls: Sequence[str] | None,
    title: str,
    hz: float,
) -> Dashboard | LiveWidget:
    company = Company()
    together = len(panels) > 1
    group = f"{session.kind} {id(company):x}" if together else ""
    widgets: dict[str, LiveWidget] = {}
    for place, name in enumerate(panels):
        first = place == 0
        shared: dict[str, Any] = {
            "title": title if first else "",
            "group": group,
            "deck": (LEADING if together else ALONE) if first else (),
        }
        look: dict[str, Any] = {
            "colour": COLOURS.get(name, "") if colour is None or not first else colour,
            "controls": CONTROLS[name] if controls is None else controls if first else (),
        }
        if name == "atlas":
            widgets[name] = atlas_of(session, company, hz=hz, **look, **shared)
        elif name == "carriers":
            widgets[name] = carriers_of(session, company, hz=hz, **look, **shared)
        else:
            widgets[name] = timeline_of(session, company, COLUMNS, units=UNITS, shown=ENERGIES, **shared)
    if not together:
        return next(iter(widgets.values()))
    return Dashboard(widgets, title=title or f"{type(session).__name__} of {session.count:,} particles")
