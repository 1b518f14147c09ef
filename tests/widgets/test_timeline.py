"""Timeline as a session uses it, over a transport that keeps what was sent."""

import gc
import json
import time
import weakref
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from stnb_widgets import Timeline
from stnb_widgets.base import KEYFRAME_BYTES
from stnb_widgets.film import FILM_FRAME_BYTES
from stnb_widgets.parcel import unpack
from stnb_widgets.quantize import LOST, TOP
from stnb_widgets.timeline.frame import MOST_FRAME_BYTES

from .conftest import Wire

SCHEMA = json.loads((Path(__file__).parents[2] / "widgets/stnb_widgets/static/scene.schema.json").read_text())
NAMES = {"kinetic": "J", "potential": "J", "loss": "", "drift": ""}


def conforms(value, name):
    import jsonschema

    plain = json.loads(json.dumps(value))
    jsonschema.validate(plain, {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


@pytest.fixture
def timeline(monkeypatch):
    monkeypatch.setenv("STNB_HOST", "local")
    widget = Timeline(
        channels=NAMES,
        groups={"energy": ["kinetic", "potential"]},
        scales={"loss": "log"},
        title="Energies",
        group="run",
    )
    widget.wire = widget._wire = Wire()
    yield widget
    widget.close()


def fill(widget, rows=5000, first=0, seed=0):
    rng = np.random.default_rng(seed)
    steps = np.arange(first, first + rows)
    values = {
        name: np.sin(steps / 50) * (i + 1) + rng.normal(size=rows)
        for i, name in enumerate(widget.scene["channels"])
    }
    values["loss"] = np.exp(-steps / 1000) + 1e-6
    widget.extend(steps, 0.01 * steps, values)
    return steps, values


def newest(widget):
    widget._stale = True
    widget.flush()
    return unpack(widget.get_state()["keyframe"])


def seen(parcel, part, c):
    """Places along the axis of a channel of an unpacked frame."""
    low, high = parcel.header["bounds"][c]
    codes = parcel.arrays[part][c].astype(float)
    return np.where(codes == LOST, np.nan, low + codes * (high - low) / TOP), (high - low) / TOP / 2


def test_a_frame_says_what_was_appended(timeline):
    steps, values = fill(timeline)
    parcel = newest(timeline)
    header = parcel.header
    conforms(header, "timeline_frame")
    assert (header["step"], header["total"], header["shown"]) == (4999, 5000, list(NAMES))
    assert header["latest"] == [values[name][-1] for name in NAMES]
    edges = header["origin"] + parcel.arrays["edges"].astype(np.int64) * header["stride"]
    for c, name in enumerate(NAMES):
        true = np.log10(values[name]) if name == "loss" else values[name]
        low, half = seen(parcel, "low", c)
        high, _ = seen(parcel, "high", c)
        ends = [*edges[:-1], steps[-1] + 1]
        expected = [(true[a:b].min(), true[a:b].max()) for a, b in pairwise(ends)]
        np.testing.assert_allclose(low, [least for least, _ in expected], atol=1.001 * half)
        np.testing.assert_allclose(high, [most for _, most in expected], atol=1.001 * half)
    times = header["times"][0] + parcel.arrays["times"] * (header["times"][1] - header["times"][0]) / TOP
    np.testing.assert_allclose(times, 0.01 * edges, atol=50 / TOP)
    timeline.assert_clean()


def test_traits_follow_the_schema(timeline):
    conforms(timeline.scene, "timeline_scene")
    conforms(timeline.state, "timeline_state")
    timeline.show_window(3, 9)
    conforms(timeline.state, "timeline_state")


def test_gaps_are_marked_and_counted(timeline):
    values = np.arange(3000.0)
    values[1000:2000] = np.nan
    values[2500] = np.inf
    timeline.extend(np.arange(3000), np.arange(3000.0), {"kinetic": values})
    parcel = newest(timeline)
    assert parcel.header["holes"][:2] == [1001, 3000]
    mean, _ = seen(parcel, "mean", 0)
    bits = np.unpackbits(parcel.arrays["holes"][0], bitorder="little")[: len(mean)].astype(bool)
    size = parcel.header["size"]
    assert bits[2500 // size]
    assert np.isfinite(mean[2500 // size])
    assert np.isnan(mean[1100 // size : 1900 // size]).all()
    assert bits[1100 // size : 1900 // size].all()
    assert not bits[: 1000 // size].any()
    assert parcel.header["latest"][1] is None
    assert "potential nan" in timeline.alt_text


def test_rows_are_the_same_as_blocks(timeline):
    steps, values = fill(timeline, rows=700)
    other = Timeline(channels=NAMES)
    for i, step in enumerate(steps):
        other.append(int(step), 0.01 * step, {name: values[name][i] for name in NAMES})
    for one, two in zip(timeline.history.read(0, 700), other.history.read(0, 700), strict=True):
        np.testing.assert_array_equal(one, two)
    other.append(700, 7.0, {"loss": 1})
    np.testing.assert_array_equal(other.history.read(700, 701)[2], [[np.nan, np.nan, 1, np.nan]])
    other.close()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda t: t.append(9, 0.0, {"mass": 1.0}), KeyError, "no channel is named 'mass'"),
        (
            lambda t: t.append(9, 0.0, dict.fromkeys(["a", "b", "c", "d"], 1.0)),
            KeyError,
            "no channel is named 'a'",
        ),
        (lambda t: t.append(9, 0.0, dict.fromkeys(NAMES, "high")), TypeError, "channel 'kinetic' has 'high'"),
        (
            lambda t: t.append(9, 0.0, {**dict.fromkeys(NAMES, 1.0), "loss": [1, 2]}),
            (TypeError, ValueError),
            "loss|inhomogeneous",
        ),
        (lambda t: t.append(-1, 0.0, {}), ValueError, "step is -1"),
        (lambda t: t.append(1.5, 0.0, {}), TypeError, "integer"),
        (lambda t: t.append(4, 0.0, {}), ValueError, "x is 4.0 after 4.0"),
        (lambda t: t.extend([5, 6], [0.0], {}), ValueError, r"times has shape \(1,\)"),
        (
            lambda t: t.extend([5, 6], [0.0, 1.0], {"loss": [1.0]}),
            ValueError,
            r"channel 'loss' has shape \(1,\)",
        ),
        (lambda t: t.extend([5, 5], [0.0, 1.0], {}), ValueError, "x is 5.0 after 5.0"),
        (lambda t: t.extend([5.0], [0.0], {}), TypeError, "steps has dtype float64"),
        (lambda t: t.extend([5], [0.0], {"loss": ["x"]}), TypeError, "channel 'loss' has dtype <U1"),
        (lambda t: t.event(-2, "x"), ValueError, "at step -2"),
        (lambda t: t.event(2, None), TypeError, "label of an event is None"),
        (lambda t: t.show_window(5, 5), ValueError, "from 5 to 5"),
        (lambda t: t.show_window(0, np.nan), ValueError, "from 0 to nan"),
        (lambda t: t.follow(0), ValueError, "span is 0"),
        (lambda t: t.show_channels([]), ValueError, "no channel is left"),
        (lambda t: t.show_channels("loss"), TypeError, "give a list of names"),
        (lambda t: t.set_scale("loss", "cubic"), ValueError, "choose one of linear, log, symlog"),
        (lambda t: t.save_window("x.txt"), ValueError, "as .csv or .parquet"),
    ],
)
def test_bad_input_is_refused_before_anything_changes(timeline, call, error, message):
    timeline.extend(range(5), np.zeros(5), dict.fromkeys(NAMES, np.ones(5)))
    before = (len(timeline.history), dict(timeline.state), len(timeline._happenings))
    with pytest.raises(error, match=message):
        call(timeline)
    assert (len(timeline.history), timeline.state, len(timeline._happenings)) == before
    timeline.append(5, 0.0, {})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"channels": {}}, "names 0; a Timeline has 1 to 64"),
        ({"channels": dict.fromkeys(map(str, range(65)), "")}, "names 65"),
        ({"channels": {"a": ""}, "groups": {"g": ["a"], "h": ["a"]}}, "'a' is in groups more than once"),
        ({"channels": {"a": ""}, "scales": {"a": "cubic"}}, "scale of 'a' is 'cubic'"),
        ({"channels": {"a": ""}, "history": np.zeros((3, 2))}, r"history has shape \(3, 2\)"),
    ],
)
def test_a_timeline_that_cannot_be_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Timeline(**options)


@pytest.mark.parametrize("channels", [1, 8, 64])
def test_no_frame_is_too_large(channels):
    widget = Timeline(channels=dict.fromkeys((f"c{i}" for i in range(channels)), ""))
    widget.show_channels(list(widget.scene["channels"]))
    rows = 40_000
    widget.extend(
        np.arange(rows),
        np.arange(rows),
        {name: np.random.default_rng(0).normal(size=rows) for name in widget.scene["channels"]},
    )
    for i in range(300):
        widget.event(i * 100, "x" * 200, kind=f"kind {i % 7}")
    widget._receive("window", {"first": 0, "last": rows, "span": None, "width": 8000})
    frame = widget._link.latest
    parcel = frame.parcel(1, 10**9)
    conforms({**parcel.header, "arrays": []}, "timeline_frame")
    assert parcel.nbytes == frame.nbytes <= MOST_FRAME_BYTES
    assert len(frame.window) > 128
    assert (len(parcel.header["events"]), parcel.header["event_total"]) == (100, 300)
    assert len(widget.get_state()["keyframe"]) <= KEYFRAME_BYTES
    assert all(len(packed) < FILM_FRAME_BYTES + 20_000 for packed in widget.film())
    small = frame.parcel(1, 20_000)
    assert small.nbytes <= 20_000
    np.testing.assert_array_equal(np.nanmin(frame.window.low, axis=0), seen_least(small))
    widget.close()


def seen_least(parcel):
    return [low for low, _ in parcel.header["bounds"]]


def test_the_window_is_what_was_asked_for(timeline, say):
    fill(timeline, rows=20_000)
    say(timeline, type="view", view="v", visible=True, gone=False)
    say(
        timeline,
        type="intent",
        name="window",
        value={"first": 4000, "last": 4100, "span": None, "width": 600},
    )
    parcel = newest(timeline)
    assert timeline.window == (4000.0, 4100.0)
    assert timeline.state["window"] == [4000.0, 4100.0]
    assert (parcel.header["asked"], parcel.header["size"]) == ([4000.0, 4100.0], 1)
    edges = parcel.header["origin"] + parcel.arrays["edges"].astype(int)
    assert (edges[0], edges[-1]) == (3949, 4151), "half a window more on both sides, and one sample"
    timeline.follow(500)
    assert newest(timeline).header["asked"] == [19_499.0, 19_999.0]
    fill(timeline, rows=10, first=20_000)
    assert newest(timeline).header["asked"] == [19_509.0, 20_009.0]
    timeline.show_window(50_000, 60_000)
    parcel = newest(timeline)
    assert len(parcel.arrays["edges"]) >= 2, "outside of the run the nearest sample is kept"
    timeline.assert_clean()


def test_wishes_are_done_and_nonsense_is_counted(timeline, say):
    heard = []
    timeline.on_intent(lambda name, value: heard.append((name, value)))
    fill(timeline)
    say(timeline, type="intent", name="show", value=["loss", "kinetic"])
    say(timeline, type="intent", name="scale", value={"name": "kinetic", "scale": "symlog"})
    say(timeline, type="intent", name="brush", value=[10, 20])
    say(timeline, type="intent", name="seek", value=12)
    assert timeline.shown == ("kinetic", "loss")
    assert timeline.state["scales"] == {
        "kinetic": "symlog",
        "potential": "symlog",
        "loss": "log",
        "drift": "linear",
    }
    assert (timeline.brush, timeline.moment, timeline.state["brush"]) == ((10.0, 20.0), 12, [10.0, 20.0])
    assert [name for name, _ in heard] == ["show", "scale", "brush", "seek"]
    timeline.assert_clean()
    before = dict(timeline.state)
    nonsense = [
        ("window", None),
        ("window", {"first": 5, "last": 1}),
        ("window", {"first": "a", "last": 1}),
        ("window", {"first": 0, "last": float("inf")}),
        ("window", {"first": True, "last": 3}),
        ("show", []),
        ("show", ["x"]),
        ("show", "loss"),
        ("show", 3),
        ("scale", None),
        ("scale", {"name": "loss", "scale": "x"}),
        ("brush", [2, 1]),
        ("brush", 3),
        ("brush", [float("nan"), 1]),
        ("seek", -1),
        ("seek", "now"),
    ]
    for name, value in nonsense:
        say(timeline, type="intent", name=name, value=value)
    assert timeline.stats.errors == len(nonsense)
    assert timeline.state == before
    say(timeline, type="intent", name="brush", value=None)
    assert timeline.brush is None


def test_events_are_kept_in_order_and_cut(timeline):
    fill(timeline)
    for step, label in ((400, "later"), (30, "é" * 200), (31, "<b>not bold</b>")):
        timeline.event(step, label, "birth")
    header = newest(timeline).header
    assert [event[0] for event in header["events"]] == [30, 31, 400]
    assert len(header["events"][0][1]) == 80
    assert header["events"][1][1] == "<b>not bold</b>"
    timeline.show_window(2000, 2100)
    assert newest(timeline).header["events"] == []


def test_appending_is_cheap():
    widget = Timeline(channels=dict.fromkeys((f"c{i}" for i in range(10)), ""))
    row = {f"c{i}": float(i) for i in range(10)}
    times = []
    for step in range(5000):
        began = time.perf_counter()
        widget.append(step, 0.1 * step, row)
        times.append(time.perf_counter() - began)
    assert np.median(times) < 20e-6
    widget.close()


def test_frames_are_made_only_when_they_go_somewhere(timeline, say):
    say(timeline, type="view", view="v", visible=True, gone=False)
    for step in range(20_000):
        timeline.append(step, 0.0, {"loss": 1.0})
    assert timeline.stats.offered < 200
    timeline.flush()
    assert unpack(timeline.keyframe).header["step"] == 19_999


def test_a_closed_timeline_is_silent_and_forgotten(tmp_path):
    widget = Timeline(channels={"a": ""}, folder=tmp_path)
    widget.extend(np.arange(600_000), np.zeros(600_000), {"a": np.zeros(600_000)})
    assert list(tmp_path.iterdir())
    widget.close()
    widget.append(1, 0.0, {"a": 1.0})
    widget.extend([2], [0.0], {"a": [1.0]})
    assert len(widget.history) == 0
    assert list(tmp_path.iterdir()) == []
    reference = weakref.ref(widget)
    del widget
    gc.collect()
    assert reference() is None
