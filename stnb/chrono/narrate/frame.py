"""A frame of a timeline in words: when it was, how much energy it had, how far the curvature drifted."""

from __future__ import annotations

from typing import Any

from stnb.chrono.narrate.bands import BANDS, dominant, shares_in_words
from stnb.chrono.narrate.helpers import NEGLIGIBLE, amount, decimals, nonnegative, quantity, signed
from stnb.chrono.narrate.narrative import ResonanceNarrative

__all__ = ["describe_frame", "is_frame", "narrate_frame", "require_frame"]

LABEL = "frame"


def describe_frame(frame: Any) -> str:
    """Timestamp, total energy, the layer with most of it, and the drift of the curvature with its sign.

    Args:
        frame: Whatever has the fields and the ratios of a ChronoFrame.
    """
    return narrate_frame(frame).summary


def narrate_frame(frame: Any) -> ResonanceNarrative:
    """The same, the share of each layer, and how fast the energy decays."""
    require_frame(frame, LABEL)
    time, energy = quantity(frame, "timestamp", LABEL), amount(frame, "total_energy", LABEL)
    drift, decay = quantity(frame, "curvature_drift", LABEL), quantity(frame, "energy_decay", LABEL)
    ratios = [_ratio(frame, f"{band.name}_ratio") for band in BANDS]
    drifting = f"the curvature drifts by {signed(drift)}"
    if energy <= NEGLIGIBLE:
        state = f"all is quiescent: the energy, {decimals(energy)}, is negligible"
    else:
        state = f"the energy is {decimals(energy)}, most of all {BANDS[dominant(ratios)].place}"
    return ResonanceNarrative(
        f"At time {decimals(time)} {state}; {drifting}.",
        [*shares_in_words(ratios), f"Energy decay per unit of time: {signed(decay)} ({_course(decay)})"],
    )


def is_frame(record: Any) -> bool:
    """Whether something offers what a frame is described by."""
    return hasattr(record, "total_energy") and hasattr(record, "curvature_drift")


def require_frame(record: Any, label: str) -> None:
    """Refuse what is no frame."""
    if not is_frame(record):
        raise TypeError(f"{label} is of type {type(record).__name__}; give a frame of a timeline.")


def _ratio(frame: Any, name: str) -> float:
    if not callable(getattr(frame, name, None)):
        raise TypeError(f"{LABEL} is of type {type(frame).__name__} and has no {name}(); give a ChronoFrame.")
    return nonnegative(f"{LABEL}.{name}()", getattr(frame, name)())


def _course(decay: float) -> str:
    if decay == 0:
        return "steady"
    return "relaxing" if decay > 0 else "growing"
