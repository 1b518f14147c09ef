"""Hints by their table, and a script that a reader of its grammar takes in again."""

import copy
import json
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb.chrono.loop import SoftHint, synthesise
from stnb.chrono.timeline import Timeline
from stnb.telemetry import HubState, LoopbackEnvelope
from tests.golden_cases import session_case

STATEMENT = re.compile(r"soft \((\w+), (-?\d+\.\d{3}), (\d+(?:\.\d+)?(?:e-?\d+)?), (true)\);")
LIMITS = {
    "radix": ((2, 16), (0.25, 0.9)),
    "segments": ((1, 8), (0.3, 0.5)),
    "tile_cols": ((32, 512), (0.3, 1.1)),
    "kl": ((1, 9), (0.05, 1.2)),
    "wg": ((64, 2048), (0.05, 1.5)),
}
ROW = st.tuples(st.floats(1e-3, 10), st.floats(-20, 20), st.floats(0, 1e9))


def filled(rows):
    timeline = Timeline()
    for dt, drift, energy in rows:
        timeline.append(dt=dt, curvature_drift=drift, total_energy=energy)
    return timeline


def read(script):
    """(field, value, weight) of every line."""
    lines = script.split("\n")
    assert lines[0] == ""
    found = [STATEMENT.fullmatch(line) for line in lines[1:]]
    assert all(found)
    return [(m[1], float(m[2]), float(m[3])) for m in found]


def test_the_text_form():
    _, output, _ = session_case("spiralk_synthesize")
    assert synthesise("", [SoftHint("radix", 2.5, 0.5), SoftHint("tile_cols", 64.0, 0.25)]) == output
    assert str(SoftHint("radix", 2.5, 0.5)) == "soft(radix,2.500,0.5,true)"


@pytest.mark.parametrize("base", ["radix: 4", "radix: 4;", "radix: 4; \n"])
def test_a_program_is_closed_before_it_goes_on(base):
    closed = base if ";" in base else base + ";"
    assert synthesise(base, [SoftHint("kl", 1.0, 0.5)]) == closed + "\nsoft (kl, 1.000, 0.5, true);"
    assert synthesise("", []) == ""


@given(st.lists(ROW, min_size=1, max_size=40))
def test_hints_follow_their_table(rows):
    signal = filled(rows).loop_signal()
    s, h = signal.summary, signal.harmonics
    a, b = min(s.mean_abs_drift, 4.0), max(s.max_energy - s.min_energy, 0.0)
    expected = [
        ("radix", np.clip(2 + 4 * a, 2, 16), np.clip(0.25 + a, 0.25, 0.9)),
        ("segments", np.clip(1 + 2 * b**0.25, 1, 8), 0.3 + 0.2 * min(a, 1)),
        ("tile_cols", np.clip(64 + 8 * s.mean_energy, 32, 512), np.clip(0.3 + 0.1 * math.sqrt(b), 0.3, 1.1)),
    ]
    if h and h.dominant_drift:
        peak = h.dominant_drift
        expected.append(
            (
                "kl",
                np.clip(1 + peak.frequency * max(s.duration, 1e-3), 1, 9),
                np.clip(peak.magnitude, 0.05, 1.2),
            )
        )
    if h and h.dominant_energy:
        peak = h.dominant_energy
        expected.append(
            ("wg", np.clip(128 + 48 * peak.frequency, 64, 2048), np.clip(peak.magnitude, 0.05, 1.5))
        )
    found = read(signal.spiralk_script)
    assert [field for field, *_ in found] == [field for field, *_ in expected]
    for (field, value, weight), (_, wanted, heavy) in zip(found, expected, strict=True):
        assert value == pytest.approx(wanted, abs=0.000501)
        assert weight == float(heavy)
        (low, high), (least, most) = LIMITS[field]
        assert low <= value <= high
        assert least <= weight <= most
    assert signal.spiralk_hints == [
        line.replace(" ", "").rstrip(";") for line in signal.spiralk_script.split("\n")[1:]
    ]


def test_one_frame_has_no_spectrum_but_a_script():
    signal = filled([(0.5, 0.0, 2.0)]).loop_signal()
    assert signal.harmonics is None
    assert signal.spiralk_hints == [
        "soft(radix,2.000,0.25,true)",
        "soft(segments,1.000,0.3,true)",
        "soft(tile_cols,80.000,0.3,true)",
    ]


def test_the_window_is_32_frames_unless_told():
    timeline = filled([(0.1, math.sin(step), 1.0 + step) for step in range(50)])
    assert timeline.loop_signal().summary == timeline.summary(32)
    assert timeline.loop_signal().harmonics == timeline.harmonics(32, 16)
    assert timeline.loop_signal(None, bins=3).harmonics == timeline.harmonics(None, 3)
    assert timeline.loop_signal(7).summary.frames == 7


def test_an_envelope_takes_a_signal():
    signal = filled([(0.1, math.sin(step), 1.0 + step) for step in range(5)]).loop_signal()
    envelope = LoopbackEnvelope(signal)
    assert envelope.timestamp == signal.summary.latest_timestamp == pytest.approx(0.5)
    assert json.loads(json.dumps(envelope.as_dict()))["loop_signal"] == signal.as_dict()
    hub = HubState()
    hub.set_chrono_loop(signal)
    assert hub.get_chrono_loop() == copy.deepcopy(signal) == signal
