"""Fragments and records to build atlases from."""

from __future__ import annotations

from hypothesis import strategies as st

from stnb.chrono.atlas import AtlasFragment
from stnb.chrono.harmonics import ChronoHarmonics, ChronoPeak
from stnb.chrono.maintainer.report import MaintainerReport
from stnb.chrono.summary import ChronoSummary

NAMES = ("timeline.energy", "loop.drift", "z.bias", "weather", "collapse/total")
PLACES = (None, None, "Surface", "Harbour")
FINITE = st.floats(allow_nan=False, allow_infinity=False)
METRICS = st.lists(st.tuples(st.sampled_from(NAMES), FINITE, st.sampled_from(PLACES)), max_size=5)
TIMES = st.floats(1e-3, 1e6)


def summary(**changed):
    known = {
        "frames": 4,
        "duration": 0.4,
        "latest_timestamp": 0.5,
        "mean_drift": -0.25,
        "mean_abs_drift": 0.5,
        "drift_std": 0.125,
        "mean_energy": 3.0,
        "energy_std": 1.0,
        "mean_decay": 0.75,
        "min_energy": 2.0,
        "max_energy": 4.0,
    }
    return ChronoSummary(**{**known, **changed})


def harmonics():
    peak = ChronoPeak(frequency=2.5, magnitude=0.5, phase=0.0, amplitude=1.0)
    return ChronoHarmonics(4, 0.4, 10.0, 5.0, [0.25, 0.5, 0.0], [3.0, 0.0, 0.0], peak, None)


def report(**changed):
    known = {
        "status": "clamp",
        "average_drift": 0.5,
        "mean_energy": 3.0,
        "mean_decay": 0.75,
        "drift_peak": None,
        "energy_peak": None,
        "suggested_max_scale": 2.5,
        "suggested_pressure": 0.25,
        "diagnostic": "drift 0.5 > 0.35",
        "spiralk_script": "soft (radix, 4.000, 0.5, true);",
    }
    return MaintainerReport(**{**known, **changed})


def fragment(time=None, *metrics, notes=(), **scalars):
    """A fragment with metrics (name, value, district) and notes."""
    built = AtlasFragment(time, **scalars)
    for metric in metrics:
        built.push_metric(*metric)
    for note in notes:
        built.push_note(note)
    return built


@st.composite
def fragments(draw):
    """Any fragment that says something."""
    metrics = draw(METRICS)
    notes = draw(st.lists(st.sampled_from("abcd"), max_size=4))
    scalars = {
        "loop_support": draw(st.floats(0.0, 1e300)),
        "z_signal": draw(st.none() | FINITE),
        "collapse_total": draw(st.none() | FINITE),
        "maintainer_status": draw(st.sampled_from((None, "stable", "clamp"))),
    }
    return fragment(draw(TIMES), *metrics, notes=[*notes, "seen"], **scalars)
