"""An atlas frame in words: what the timeline did, what the maintainer makes of it, and everything that was measured."""

from __future__ import annotations

from typing import Any

from stnb._core.errors import NonPositiveTemperature
from stnb._core.numbers import positive
from stnb.chrono.narrate.helpers import amount, count, counted, decimals, one_line, quantity, signed
from stnb.chrono.narrate.narrative import ResonanceNarrative
from stnb.chrono.narrate.timeline import peaks_in_words

__all__ = ["atlas_story", "describe_atlas", "is_atlas", "narrate_atlas"]

LABEL = "atlas"
METHODS = ("metrics", "notes", "summary", "harmonics")
SCALARS = (
    ("suggested_max_scale", "Suggested clamp of the scale", decimals),
    ("suggested_pressure", "Suggested pressure", decimals),
    ("loop_support", "Loop support", decimals),
    ("collapse_total", "Collapse total", decimals),
    ("z_signal", "Z bias", signed),
)


def describe_atlas(atlas: Any) -> str:
    """When the atlas was drawn, its timeline in numbers, and the maintainer's verdict.

    Args:
        atlas: Whatever has the fields and methods of an AtlasFrame.
    """
    return narrate_atlas(atlas).summary


def atlas_story(atlas: Any, temperature: float = 0.6) -> tuple[str, list[str]]:
    """The same with its highlights; a temperature is a matter of sound and leaves the words alone.

    Raises:
        NonPositiveTemperature: for a temperature that is not a finite number above 0.
    """
    positive("temperature", temperature, NonPositiveTemperature)
    return narrate_atlas(atlas).story()


def narrate_atlas(atlas: Any) -> ResonanceNarrative:
    """The same; its highlights are the scalars that are known, harmonics, every metric, every note and the script."""
    if not is_atlas(atlas):
        raise TypeError(
            f"{LABEL} is of type {type(atlas).__name__}; give an atlas frame. There is one once a frame is recorded."
        )
    sentences = [_drawn(atlas), *_maintained(atlas)]
    highlights = [*_scalars(atlas), *_harmonics(atlas), *_metrics(atlas), *_notes(atlas), *_script(atlas)]
    return ResonanceNarrative(" ".join(sentences), highlights)


def is_atlas(record: Any) -> bool:
    """Whether something offers what an atlas frame is described by."""
    has_methods = all(callable(getattr(record, name, None)) for name in METHODS)
    return has_methods and hasattr(record, "timestamp") and hasattr(record, "loop_support")


def _drawn(atlas: Any) -> str:
    time, summary = decimals(quantity(atlas, "timestamp", LABEL)), atlas.summary()
    if summary is None:
        return f"At time {time} the atlas holds no summary of a timeline."
    label = f"{LABEL}.summary()"
    energy, spread = (decimals(amount(summary, name, label)) for name in ("mean_energy", "energy_std"))
    return (
        f"At time {time} the atlas covers {counted(count(summary, 'frames', label), 'frame')} over "
        f"{decimals(amount(summary, 'duration', label))} units of time: the mean energy is {energy} ± {spread}, "
        f"the mean drift {signed(quantity(summary, 'mean_drift', label))} ± "
        f"{decimals(amount(summary, 'drift_std', label))}."
    )


def _maintained(atlas: Any) -> list[str]:
    status, diagnostic = _text(atlas, "maintainer_status"), _text(atlas, "maintainer_diagnostic").rstrip(".")
    if status:
        return [f"The maintainer's status is {status}{f': {diagnostic}' if diagnostic else ''}."]
    return [f"The maintainer finds: {diagnostic}."] if diagnostic else []


def _scalars(atlas: Any) -> list[str]:
    known = ((field, title, say) for field, title, say in SCALARS if getattr(atlas, field, None) is not None)
    return [f"{title}: {say(quantity(atlas, field, LABEL))}" for field, title, say in known]


def _harmonics(atlas: Any) -> list[str]:
    harmonics = atlas.harmonics()
    return [] if harmonics is None else peaks_in_words(harmonics)


def _metrics(atlas: Any) -> list[str]:
    return [_metric(metric, f"{LABEL}.metrics()[{index}]") for index, metric in enumerate(atlas.metrics())]


def _metric(metric: Any, label: str) -> str:
    value = quantity(metric, "value", label)
    name = one_line(getattr(metric, "name", None), f"{label}.name") or "unnamed"
    district = getattr(metric, "district", None)
    where = "" if district is None else one_line(district, f"{label}.district")
    say = signed if "drift" in name.lower() else decimals
    return f"Metric {name}{f' ({where})' if where else ''}: {say(value)}"


def _notes(atlas: Any) -> list[str]:
    notes = (one_line(note, f"{LABEL}.notes()[{index}]") for index, note in enumerate(atlas.notes()))
    return [f"Note: {note}" for note in notes if note]


def _script(atlas: Any) -> list[str]:
    script = _text(atlas, "script_hint")
    return [f"Script: {script}"] if script else []


def _text(atlas: Any, name: str) -> str:
    """What a field says, on one line; nothing where it is None."""
    text = getattr(atlas, name, None)
    return "" if text is None else one_line(text, f"{LABEL}.{name}")
