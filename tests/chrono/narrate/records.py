"""Records to tell of, made by hand: whatever has the right fields is a record."""

import dataclasses
import re
from types import SimpleNamespace

from hypothesis import strategies as st

from stnb.chrono.frame import ChronoFrame

NAMES = ("homotopy", "functor", "recursive", "projection", "infinity")
TITLES = ("Above", "Here", "Beneath", "∞ projection", "∞ tower")
ENERGY = st.one_of(st.just(0.0), st.floats(1e-9, 1e9))
BANDS = st.lists(ENERGY, min_size=5, max_size=5)
DRIFT = st.floats(-1e3, 1e3)


@dataclasses.dataclass
class Resonance:
    """Energies and nothing else."""

    values: list

    def energies(self):
        return dict(zip(NAMES, self.values, strict=True))


def frame(energies, *, step=0, dt=0.1, drift=0.0, decay=0.0, timestamp=None):
    """A frame of the given five energies."""
    time = (step + 1) * dt if timestamp is None else timestamp
    return ChronoFrame(step, time, dt, -1.0 + drift, drift, sum(energies), decay, *energies)


@st.composite
def timelines(draw, most=24):
    """Frames whose decay follows from their energies."""
    rows = draw(st.lists(st.tuples(BANDS, DRIFT, st.floats(0.01, 10.0)), min_size=1, max_size=most))
    frames, before, time = [], None, 0.0
    for step, (energies, drift, dt) in enumerate(rows):
        time += dt
        decay = 0.0 if before is None else (before - sum(energies)) / dt
        frames.append(frame(energies, step=step, dt=dt, drift=drift, decay=decay, timestamp=time))
        before = sum(energies)
    return frames


def atlas(**changes):
    """An atlas frame with everything known."""
    fields = {
        "timestamp": 1.6,
        "loop_support": 3.0,
        "collapse_total": 0.25,
        "z_signal": -0.125,
        "script_hint": "soft (radix, 2.000, 0.25, true);\nsoft (kl, 1.500, 0.3, true);",
        "maintainer_status": "rewrite",
        "maintainer_diagnostic": "mean decay -0.075 is below 0.",
        "suggested_max_scale": 2.7,
        "suggested_pressure": 0.3,
        "metrics": [metric("timeline.drift", 0.02), metric("loop gain", 1.5, "Surface")],
        "notes": ["maintainer:rewrite", "source:κ-7"],
        "summary": summary(),
        "harmonics": harmonics(),
    }
    fields |= changes
    methods = ("metrics", "notes", "summary", "harmonics")
    return SimpleNamespace(
        **{name: (lambda value=value: value) if name in methods else value for name, value in fields.items()}
    )


def metric(name, value, district=None):
    return SimpleNamespace(name=name, value=value, district=district)


def summary(**changes):
    fields = {
        "frames": 16,
        "duration": 1.6,
        "mean_energy": 2.0236,
        "energy_std": 0.1379,
        "mean_drift": -0.0041,
        "drift_std": 0.0072,
    }
    return SimpleNamespace(**(fields | changes))


def harmonics():
    peak = SimpleNamespace(frequency=1.875, magnitude=0.0635, phase=0.5)
    return SimpleNamespace(dominant_drift=None, dominant_energy=peak)


def numbers(text):
    """Every number of a text, in the order of reading; signs count where they are written."""
    return [float(found) for found in re.findall(r"[+-]?\d+(?:\.\d+)?(?:e[+-]\d+)?", text)]


def percents(lines):
    """The percentages of lines, as tenths of a percent."""
    return [round(10 * float(found)) for line in lines for found in re.findall(r"(\d+\.\d)%", line)]
