"""A timeline in words: how much energy there was, where it goes, how the curvature drifted, what swings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import NonPositiveTemperature
from stnb._core.numbers import positive
from stnb.chrono.harmonics import analyse
from stnb.chrono.narrate.frame import require_frame
from stnb.chrono.narrate.helpers import NEGLIGIBLE, amount, counted, decimals, quantity, signed
from stnb.chrono.narrate.narrative import ResonanceNarrative
from stnb.chrono.summary import summarise

if TYPE_CHECKING:
    from jaxtyping import Float64

    from stnb.chrono.summary import ChronoSummary

__all__ = [
    "NO_HISTORY",
    "describe_timeline",
    "listed_frames",
    "narrate_timeline",
    "peaks_in_words",
    "timeline_story",
]

NO_HISTORY = (
    "There is no history yet; record a resonance with resonate_over_time(resonance, dt) to begin one."
)
BINS = 12
FIELDS = ("timestamp", "curvature_drift", "total_energy", "energy_decay")
DRIFT, ENERGY = FIELDS.index("curvature_drift"), FIELDS.index("total_energy")


def describe_timeline(frames: Iterable[Any]) -> str:
    """Duration, mean and deviation of energy and drift, and whether the energy grows or relaxes.

    Args:
        frames: Whatever have the fields of a ChronoFrame, oldest first. Without any, a sentence says how to begin.
    """
    return narrate_timeline(frames).summary


def timeline_story(frames: Iterable[Any], temperature: float = 0.6) -> tuple[str, list[str]]:
    """The same with its highlights; a temperature is a matter of sound and leaves the words alone.

    Raises:
        NonPositiveTemperature: for a temperature that is not a finite number above 0.
    """
    positive("temperature", temperature, NonPositiveTemperature)
    return narrate_timeline(frames).story()


def narrate_timeline(frames: Iterable[Any]) -> ResonanceNarrative:
    """The same; its highlights are the number of frames, the bounds of the energy, and what swings the strongest."""
    listed = listed_frames(frames)
    if not listed:
        return ResonanceNarrative(NO_HISTORY, [])
    dt, columns = _columns(listed)
    timestamp, drift, energy, decay = columns
    summary = summarise(dt, timestamp, drift, energy, decay)
    highlights = [
        f"Frames: {summary.frames}",
        f"Lowest energy: {decimals(summary.min_energy)}",
        f"Highest energy: {decimals(summary.max_energy)}",
    ]
    if len(listed) > 1:
        highlights += peaks_in_words(analyse(dt, columns[[DRIFT, ENERGY]], BINS))
    return ResonanceNarrative(_sentence(summary), highlights)


def listed_frames(frames: Any) -> list[Any]:
    """The frames as a list; what is no frame is refused by its index."""
    if isinstance(frames, str | bytes | bytearray | Mapping) or not isinstance(frames, Iterable):
        raise TypeError(f"frames is of type {type(frames).__name__}; give a list of frames.")
    listed = list(frames)
    for index, frame in enumerate(listed):
        require_frame(frame, f"frames[{index}]")
    return listed


def peaks_in_words(harmonics: Any) -> list[str]:
    """A line for the strongest frequency of the drift and one for that of the energy."""
    return [
        _peak("Drift", harmonics, "dominant_drift"),
        _peak("Energy", harmonics, "dominant_energy"),
    ]


def _peak(series: str, harmonics: Any, name: str) -> str:
    if not hasattr(harmonics, name):
        raise TypeError(f"harmonics is of type {type(harmonics).__name__} and has no {name}.")
    peak = getattr(harmonics, name)
    if peak is None:
        return f"{series} harmonic: none, it does not swing"
    frequency, magnitude = (amount(peak, field, name) for field in ("frequency", "magnitude"))
    return f"{series} harmonic: frequency {decimals(frequency)}, magnitude {decimals(magnitude)}"


def _sentence(summary: ChronoSummary) -> str:
    energy = f"{decimals(summary.mean_energy)} ± {decimals(summary.energy_std)}"
    drift = f"{signed(summary.mean_drift)} ± {decimals(summary.drift_std)} a frame"
    span = f"Over {decimals(summary.duration)} units of time and {counted(summary.frames, 'frame')}"
    if summary.max_energy <= NEGLIGIBLE:
        return (
            f"{span} all is quiescent: the energy, {energy} on average, is negligible; "
            f"the curvature drifts by {drift}."
        )
    course = _course(summary.mean_decay)
    return f"{span} the energy is {energy} on average and {course}; the curvature drifts by {drift}."


def _course(mean_decay: float) -> str:
    if mean_decay == 0:
        return "holds steady"
    verb = "relaxes" if mean_decay > 0 else "grows"
    return f"{verb} by {decimals(abs(mean_decay))} per unit of time"


def _columns(frames: list[Any]) -> tuple[Float64[np.ndarray, " t"], Float64[np.ndarray, "4 t"]]:
    dt = [
        positive(f"frames[{i}].dt", quantity(frame, "dt", f"frames[{i}]")) for i, frame in enumerate(frames)
    ]
    rows = [[_cell(frame, name, f"frames[{index}]") for name in FIELDS] for index, frame in enumerate(frames)]
    return np.array(dt, np.float64), np.array(rows, np.float64).T.copy()


def _cell(frame: Any, name: str, label: str) -> float:
    read = amount if name == "total_energy" else quantity
    return read(frame, name, label)
