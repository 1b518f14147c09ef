"""A watched training to look at: loss, gradients, drift and time over the steps, and its layers as an atlas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stnb.views.recorded import Recorded, view_recorded

if TYPE_CHECKING:
    from stnb.session.watch import Watch

__all__ = ["view_watch"]

FRAMES_PER_SECOND = 8.0
UNITS = {"step_ms": "ms", "memory_mb": "MB", "device_mb": "MB"}
LOGARITHMIC = ("grad_norm", "above", "here", "beneath", "drift")
HELD = frozenset({*LOGARITHMIC, "turn", "memory_mb", "device_mb", "lr", "accuracy"})
FIRST = ("loss", "grad_norm", "above", "beneath", "drift", "step_ms")


def view_watch(watch: Watch, *panels: str, title: str = "", hz: float = FRAMES_PER_SECOND) -> Any:
    """A live timeline of every step, and an atlas whose districts are the layers; or one of them, by its name.

    Asking again for the same gives the same.

    Args:
        watch: What to look at.
        *panels: "timeline", "atlas"; both where none is named.
        title: Above the picture.
        hz: Most updates per second.
    """
    channels = {name: UNITS.get(name, "") for name in watch.history.columns}
    scales: dict[str, str] = dict.fromkeys((*LOGARITHMIC, "step_ms"), "log")
    reading = Recorded(
        _Held(),
        lambda found: found.atlas(),
        channels,
        scales,
        FIRST,
        _verdict,
        lambda found: not found.running,
    )
    name = title or f"{type(watch.model).__name__}: {len(watch.layers)} layers in training"
    return view_recorded(watch, reading, panels, title=name, hz=hz)


def _verdict(watch: Watch) -> str:
    """The kinds of advice, the gravest first."""
    kinds = dict.fromkeys(each.kind for each in watch.advice())
    return ", ".join(kinds) if kinds else "healthy"


class _Held:
    """The rows of a watch, in which what is read in some steps holds until it is read again.

    A loss that is not a number stays a gap.
    """

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def __call__(self, watch: Watch, step: int) -> dict[str, np.ndarray]:
        columns = watch.history.since(step)
        held = {name: self._hold(name, columns[name]) for name in columns if name in HELD}
        return {**columns, **held}

    def _hold(self, name: str, values: np.ndarray) -> np.ndarray:
        """The values, each gap filled with the one before it."""
        known = np.concatenate([[self._last.get(name, np.nan)], values])
        at = np.maximum.accumulate(np.where(np.isnan(known), 0, np.arange(len(known))))
        filled = known[at]
        self._last[name] = float(filled[-1])
        return filled[1:]
