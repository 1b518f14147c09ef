"""Reading a frame."""

import copy
import html
import json
import math
import pickle
import re
from dataclasses import FrozenInstanceError
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given

from stnb._core.errors import InvalidValue, NonFiniteValue, NonPositiveWeight
from stnb.chrono.atlas import AtlasFrame

from .samples import fragment, fragments, harmonics, summary


def _frame():
    built = fragment(
        2.5,
        ("timeline.energy", 3.0),
        ("timeline.drift", -1.0),
        ("z.bias", 0.25),
        notes=["maintainer:clamp", "a < b"],
        loop_support=1.5,
        summary=summary(),
        harmonics=harmonics(),
        maintainer_status="clamp",
        maintainer_diagnostic="drift 0.5 > 0.35",
    )
    frame = built.to_frame()
    assert frame is not None
    return frame


def test_metrics__by_name_and_by_prefix():
    frame = _frame()
    assert frame.metric_value("timeline.drift") == -1.0
    assert frame.metric_value("timeline") is None
    assert [metric.name for metric in frame.metrics_with_prefix("timeline.")] == [
        "timeline.energy",
        "timeline.drift",
    ]
    assert frame.metrics_with_prefix("") == frame.metrics()


def test_frame__nothing_that_it_hands_out_changes_it():
    frame = _frame()
    before = frame.as_dict()
    for handed in (frame.metrics(), frame.notes(), frame.districts(), frame.districts()[0].metrics()):
        handed.clear()
    spectrum = frame.harmonics()
    assert spectrum is not None
    spectrum.drift_power.append(9.0)
    frame.as_dict()["notes"].append("mine")
    assert frame.as_dict() == before
    with pytest.raises(FrozenInstanceError):
        frame.timestamp = 9.0  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(FrozenInstanceError):
        frame.metrics()[0].value = 9.0  # pyright: ignore[reportAttributeAccessIssue]


@given(fragments())
def test_dict__goes_through_strict_json(built):
    frame = built.to_frame()
    assert json.loads(json.dumps(frame.as_dict(), allow_nan=False)) == frame.as_dict()


def test_dict__holds_everything():
    told = json.loads(json.dumps(_frame().as_dict()))
    assert told["summary"] == summary().as_dict()
    assert told["harmonics"] == harmonics().as_dict()
    assert told["metrics"][2] == {"name": "z.bias", "value": 0.25, "district": None}
    assert told["districts"][1] == {"name": "Surface", "mean": 1.0, "span": 4.0, "metrics": told_names(told)}
    assert told["notes"] == ["maintainer:clamp", "a < b"]
    assert (told["maintainer_status"], told["loop_support"], told["z_signal"]) == ("clamp", 1.5, None)


def told_names(told):
    return [metric["name"] for metric in told["metrics"] if metric["name"].startswith("timeline")]


def test_dict__writes_arrays_as_lists_and_refuses_what_json_cannot_hold():
    frame = fragment(1.0, summary={"energies": np.arange(3), 7: (np.float32(0.5),)}).to_frame()
    assert frame is not None
    assert json.loads(json.dumps(frame.as_dict()))["summary"] == {"energies": [0, 1, 2], "7": [0.5]}
    frame = fragment(1.0, summary={"frames": SimpleNamespace()}).to_frame()
    assert frame is not None
    with pytest.raises(TypeError, match=r"summary\['frames'\].*SimpleNamespace"):
        frame.as_dict()


@given(fragments())
def test_frame__survives_copying_and_pickling(built):
    frame = built.to_frame()
    assert copy.deepcopy(frame) == pickle.loads(pickle.dumps(frame)) == frame


def test_html__is_a_table_of_districts():
    shown = _frame()._repr_html_()
    rows = re.findall(r"<tr><th scope='row'[^>]*>(.*?)</th><td[^>]*>(.*?)</td><td[^>]*>(.*?)</td>", shown)
    assert rows == [("Substrate", "0.25", "0"), ("Surface", "1", "4")]
    assert "<caption>atlas at 2.5, clamp, support 1.5</caption>" in shown
    assert "timeline.energy = 3<br>timeline.drift = -1" in shown
    assert "drift 0.5 &gt; 0.35; maintainer:clamp; a &lt; b" in shown


def test_html__escapes_names():
    name = "<script>alert(1)</script>"
    built = fragment(1.0, (name, 1.0, name), notes=[name], maintainer_status=name)
    frame = built.to_frame()
    assert frame is not None
    assert name not in frame._repr_html_()
    assert frame._repr_html_().count(html.escape(name)) == 4


def test_repr__is_short():
    assert repr(_frame()) == "AtlasFrame(timestamp=2.5, maintainer_status='clamp', 3 metrics, 2 notes)"


@pytest.mark.parametrize(
    ("given_", "error", "words"),
    [
        ({"timestamp": 0.0}, InvalidValue, "timestamp = 0.0"),
        ({"timestamp": math.nan}, InvalidValue, "timestamp = nan"),
        ({"loop_support": -1.0}, NonPositiveWeight, "loop_support = -1.0"),
        ({"z_signal": math.nan}, NonFiniteValue, "z_signal = nan"),
        ({"maintainer_status": 1}, TypeError, "maintainer_status = 1"),
    ],
)
def test_frame__refuses_what_it_cannot_mean(given_, error, words):
    with pytest.raises(error, match=words):
        AtlasFrame(**{"timestamp": 1.0, **given_})
