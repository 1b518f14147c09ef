"""The record itself, and the script that goes with it."""

import copy
import json
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue
from stnb.chrono.loop import signal_of
from stnb.chrono.maintainer import MaintainerConfig, MaintainerReport, assess

from .windows import peak, spectra, window

CONFIG = MaintainerConfig()
SIZE = st.floats(0, 1e300)
LINE = re.compile(r"soft \((\w+), (\d+\.\d{3}), (\d+(?:\.\d+)?), true\);")
RANGES = {
    "radix": (2, 16, 0.25, 0.9),
    "segments": (1, 8, 0.3, 0.5),
    "tile_cols": (32, 512, 0.3, 1.1),
    "kl": (1, 9, 0.05, 1.2),
    "wg": (64, 2048, 0.05, 1.5),
}


def test_script__is_that_of_the_loop_signal():
    summary = window(drift=0.5, energy=2.0, spread=16.0)
    harmonics = spectra(drift=peak(0.4, 1.5), energy=peak(3.0, 2.0), duration=3.2)
    script = assess(CONFIG, summary, harmonics).spiralk_script
    assert script == signal_of(summary, harmonics).spiralk_script
    assert script == (
        "\nsoft (radix, 4.000, 0.75, true);"
        "\nsoft (segments, 5.000, 0.4, true);"
        "\nsoft (tile_cols, 80.000, 0.7, true);"
        "\nsoft (kl, 5.800, 0.4, true);"
        "\nsoft (wg, 224.000, 1.5, true);"
    )


@given(SIZE, SIZE, SIZE, SIZE, SIZE, st.floats(0, 1e3))
def test_script__can_be_read_back_whatever_was_seen(drift, energy, spread, d, e, frequency):
    harmonics = spectra(drift=peak(d, frequency), energy=peak(e, frequency))
    script = assess(CONFIG, window(drift=drift, energy=energy, spread=spread), harmonics).spiralk_script
    assert script is not None
    rules = [LINE.fullmatch(line) for line in script.split("\n")[1:]]
    assert [rule and rule[1] for rule in rules] == list(RANGES)
    for rule in rules:
        assert rule is not None
        low, high, light, heavy = RANGES[rule[1]]
        assert low <= float(rule[2]) <= high
        assert light <= float(rule[3]) <= heavy


def test_script__is_the_same_whatever_is_suggested():
    calm, alarmed = assess(CONFIG, window(energy=1.0)), assess(CONFIG, window(energy=1.0, decay=-1.0))
    assert (calm.status, alarmed.status) == ("stable", "rewrite")
    assert calm.spiralk_script == alarmed.spiralk_script


def test_as_dict__is_ready_for_json():
    report = assess(CONFIG, window(drift=0.7), spectra(drift=peak(0.4), energy=peak(0.1)))
    found = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert found["drift_peak"] == peak(0.4).as_dict()
    assert (found["status"], found["average_drift"]) == ("clamp", 0.7)


def test_report__is_a_value():
    report = assess(CONFIG, window(drift=0.7), spectra(drift=peak(0.4)))
    assert pickle.loads(pickle.dumps(report)) == copy.deepcopy(report) == report
    with pytest.raises(AttributeError):
        report.status = "stable"  # pyright: ignore[reportAttributeAccessIssue]


def test_report__names_its_status_rightly():
    with pytest.raises(InvalidValue, match="'rewrit' is no status; did you mean 'rewrite'"):
        MaintainerReport("rewrit", 0.0, 0.0, 0.0, None, None, None, None, "why", None)


def test_html__shows_the_numbers_and_escapes_words():
    shown = assess(CONFIG, window(drift=0.7), spectra(drift=peak(0.4)))._repr_html_()
    assert "maintainer: clamp" in shown
    assert "<td>2.5</td>" in shown
    assert "0.4 at 2" in shown
    assert "soft (radix" in shown
    odd = MaintainerReport("stable", 0.0, 0.0, 0.0, None, None, None, None, "<b>", None)._repr_html_()
    assert "&lt;b&gt;" in odd
    assert "<pre>" not in odd
