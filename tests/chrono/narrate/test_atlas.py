"""An atlas in words: everything that is known is said, and what is not known is not."""

import math
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue, NonFiniteValue, NonPositiveTemperature
from stnb.chrono.narrate import atlas_story, describe_atlas, narrate_atlas

from .records import Resonance, atlas, frame, metric, numbers, summary

NOTHING = dict.fromkeys(
    [
        "collapse_total",
        "z_signal",
        "script_hint",
        "maintainer_status",
        "maintainer_diagnostic",
        "suggested_max_scale",
        "suggested_pressure",
        "summary",
        "harmonics",
    ]
) | {"metrics": [], "notes": []}
SCALARS = {
    "suggested_max_scale": "Suggested clamp",
    "suggested_pressure": "Suggested pressure",
    "loop_support": "Loop support",
    "collapse_total": "Collapse total",
    "z_signal": "Z bias",
}
MIDDLING = st.floats(-1e9, 1e9)


def test_atlas__reads_well():
    told = narrate_atlas(atlas())
    assert told.summary == (
        "At time 1.600 the atlas covers 16 frames over 1.600 units of time: the mean energy is 2.024 ± 0.138, "
        "the mean drift -0.004 ± 0.007. The maintainer's status is rewrite: mean decay -0.075 is below 0."
    )
    assert told.highlights == [
        "Suggested clamp of the scale: 2.700",
        "Suggested pressure: 0.300",
        "Loop support: 3.000",
        "Collapse total: 0.250",
        "Z bias: -0.125",
        "Drift harmonic: none, it does not swing",
        "Energy harmonic: frequency 1.875, magnitude 0.064",
        "Metric timeline.drift: +0.020",
        "Metric loop gain (Surface): 1.500",
        "Note: maintainer:rewrite",
        "Note: source:κ-7",
        "Script: soft (radix, 2.000, 0.25, true); soft (kl, 1.500, 0.3, true);",
    ]


def test_atlas__what_is_not_known_is_not_said():
    told = narrate_atlas(atlas(**NOTHING))
    assert told.summary == "At time 1.600 the atlas holds no summary of a timeline."
    assert told.highlights == ["Loop support: 3.000"]


@given(st.fixed_dictionaries(dict.fromkeys(SCALARS, MIDDLING)))
def test_atlas__quotes_its_scalars(values):
    lines = narrate_atlas(atlas(**(NOTHING | values))).highlights
    assert [line.split(":")[0].split(" of")[0] for line in lines] == list(SCALARS.values())
    assert [numbers(line)[-1] for line in lines] == [float(f"{values[name]:.3f}") for name in SCALARS]


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6), MIDDLING, st.integers(0, 10**6))
def test_atlas__quotes_its_summary(duration, energy, spread, drift, count):
    told = describe_atlas(
        atlas(
            **NOTHING
            | {
                "summary": summary(
                    frames=count,
                    duration=duration,
                    mean_energy=energy,
                    energy_std=spread,
                    mean_drift=drift,
                    drift_std=spread,
                )
            }
        )
    )
    rounded = [float(f"{value:.3f}") for value in (duration, energy, spread, drift, spread)]
    assert numbers(told) == [1.6, count, *rounded]
    assert f"the mean drift {'-' if rounded[3] < 0 else '+'}" in told


@given(
    st.lists(st.tuples(st.text(), MIDDLING, st.none() | st.text()), max_size=6),
    st.lists(st.text(), max_size=6),
)
def test_atlas__any_words_make_whole_lines(metrics, notes):
    told = narrate_atlas(atlas(**NOTHING | {"metrics": [metric(*each) for each in metrics], "notes": notes}))
    assert len(told.highlights) == 1 + len(metrics) + sum(bool(note.split()) for note in notes)
    for line in [told.summary, *told.highlights]:
        assert line.splitlines() == [line]
        assert line.encode("utf-8")
    for line, (_, value, _) in zip(told.highlights[1:], metrics, strict=False):
        assert float(line.rsplit(": ", 1)[1]) == float(f"{value:.3f}")


@pytest.mark.parametrize(
    ("status", "diagnostic", "said"),
    [
        ("stable", None, "The maintainer's status is stable."),
        (None, "all is well.", "The maintainer finds: all is well."),
        ("stable", "", "The maintainer's status is stable."),
        ("  clamp\n", "drift 0.7 > 0.35", "The maintainer's status is clamp: drift 0.7 > 0.35."),
    ],
)
def test_atlas__the_maintainer_may_be_brief(status, diagnostic, said):
    told = describe_atlas(atlas(maintainer_status=status, maintainer_diagnostic=diagnostic))
    assert told.endswith(f". {said}")


def test_atlas__a_name_of_nothing_still_has_a_line():
    assert "Metric unnamed: 1.000" in narrate_atlas(atlas(metrics=[metric(" ", 1.0)])).highlights


@given(st.floats(1e-6, 1e6))
def test_atlas_story__temperature_leaves_the_words_alone(temperature):
    assert atlas_story(atlas(), temperature) == atlas_story(atlas()) == narrate_atlas(atlas()).story()


def test_atlas__of_the_hub_is_told_whole():
    recorded = pytest.importorskip("stnb.telemetry.atlas")
    fragment = recorded.AtlasFragment(2.5, loop_support=1.0, maintainer_status="stable", z_signal=0.5)
    fragment.push_metric("timeline.energy", 1.25)
    fragment.push_note("maintainer:stable")
    told = narrate_atlas(fragment.to_frame())
    assert told.summary.startswith("At time 2.500 ")
    assert told.highlights == [
        "Loop support: 1.000",
        "Z bias: +0.500",
        "Metric timeline.energy: 1.250",
        "Note: maintainer:stable",
    ]


@pytest.mark.parametrize("temperature", [0.0, -0.5, math.nan, math.inf])
def test_atlas_story__refuses_a_temperature_that_is_none(temperature):
    with pytest.raises(NonPositiveTemperature):
        atlas_story(atlas(), temperature)


@pytest.mark.parametrize(
    "thing", [None, 1.0, "atlas", [], {}, object(), Resonance([1.0] * 5), frame([1.0] * 5)]
)
def test_atlas__anything_else_is_refused(thing):
    with pytest.raises(TypeError, match="atlas"):
        describe_atlas(thing)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"timestamp": math.nan}, NonFiniteValue),
        ({"timestamp": None}, TypeError),
        ({"z_signal": math.inf}, NonFiniteValue),
        ({"loop_support": "3"}, TypeError),
        ({"maintainer_status": 3}, TypeError),
        ({"script_hint": b"soft"}, TypeError),
        ({"metrics": [metric("x", math.nan)]}, NonFiniteValue),
        ({"metrics": [metric(None, 1.0)]}, TypeError),
        ({"metrics": [metric("x", 1.0, 3)]}, TypeError),
        ({"metrics": [("x", 1.0)]}, TypeError),
        ({"notes": [3]}, TypeError),
        ({"summary": summary(mean_energy=math.nan)}, NonFiniteValue),
        ({"summary": summary(energy_std=-1.0)}, InvalidValue),
        ({"summary": summary(frames=1.5)}, TypeError),
        ({"summary": object()}, TypeError),
        ({"harmonics": object()}, TypeError),
        ({"harmonics": SimpleNamespace(dominant_drift=object(), dominant_energy=None)}, TypeError),
    ],
)
def test_atlas__damaged_parts_are_refused(changes, error):
    with pytest.raises(error):
        describe_atlas(atlas(**changes))
