"""What a recorded frame adds."""

import json
from types import SimpleNamespace

import pytest
from hypothesis import given

from stnb.chrono.atlas import AtlasFragment, AtlasStore, fragment_of
from stnb.chrono.loop import signal_of

from .samples import FINITE, harmonics, report, summary


def test_fragment__says_what_was_measured_and_judged():
    loop = signal_of(summary(), harmonics())
    frame = fragment_of(summary(), harmonics(), report(), loop).to_frame()
    assert frame is not None
    assert {metric.name: metric.value for metric in frame.metrics()} == {
        "timeline.frames": 4.0,
        "timeline.energy": 3.0,
        "timeline.drift": -0.25,
        "timeline.decay": 0.75,
        "maintainer.average_drift": 0.5,
        "maintainer.mean_energy": 3.0,
        "maintainer.mean_decay": 0.75,
    }
    assert [district.name for district in frame.districts()] == ["Concourse", "Surface"]
    assert (frame.timestamp, frame.loop_support, frame.notes()) == (0.5, 1.0, ["maintainer:clamp"])
    assert (frame.maintainer_status, frame.maintainer_diagnostic) == ("clamp", "drift 0.5 > 0.35")
    assert (frame.suggested_max_scale, frame.suggested_pressure) == (2.5, 0.25)
    assert (frame.summary(), frame.harmonics()) == (summary(), harmonics())
    assert loop.spiralk_script is not None
    assert frame.script_hint == loop.spiralk_script.strip()
    json.dumps(frame.as_dict(), allow_nan=False)


@pytest.mark.parametrize(
    "loop", [None, SimpleNamespace(spiralk_script=None), SimpleNamespace(spiralk_script="")]
)
def test_fragment__takes_the_script_of_the_maintainer_where_the_loop_has_none(loop):
    assert fragment_of(summary(), None, report(), loop).script_hint == report().spiralk_script
    assert fragment_of(summary(), None, report(spiralk_script=None), loop).script_hint is None


def test_fragment__of_nothing_recorded_is_empty():
    assert fragment_of(None, None, report(status="dormant"), None) == AtlasFragment()
    assert AtlasStore().merge(fragment_of(None)) is None


def test_fragment__without_a_report_says_nothing_of_the_maintainer():
    built = fragment_of(summary())
    frame = built.to_frame()
    assert frame is not None
    assert frame.metrics_with_prefix("maintainer") == frame.notes() == []
    assert frame.maintainer_status is None


@given(FINITE, FINITE)
def test_fragment__copies_every_number_to_the_bit(drift, energy):
    frame = fragment_of(summary(mean_drift=drift), None, report(mean_energy=energy)).to_frame()
    assert frame is not None
    assert frame.metric_value("timeline.drift") == drift
    assert frame.metric_value("maintainer.mean_energy") == energy


def test_fragment__support_counts_the_recorded_frames():
    store = AtlasStore()
    for number in range(5):
        store.merge(fragment_of(summary(frames=number + 1, latest_timestamp=0.1 * (number + 1))))
    assert [frame.loop_support for frame in store.route()] == [1.0, 2.0, 3.0, 4.0, 5.0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((SimpleNamespace(latest_timestamp=1.0),), "summary .* has no frames"),
        ((summary(), None, SimpleNamespace(status="stable")), "report .* has no average_drift"),
        ((summary(), None, None, "soft"), "loop_signal .* has no spiralk_script"),
    ],
)
def test_fragment__refuses_other_records(arguments, words):
    with pytest.raises(TypeError, match=words):
        fragment_of(*arguments)
