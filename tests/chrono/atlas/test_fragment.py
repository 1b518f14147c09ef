"""What a fragment takes in, and what it leaves out."""

import copy
import math
import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import NonFiniteValue, NonPositiveWeight
from stnb.chrono.atlas import AtlasFragment

from .samples import FINITE, fragment, fragments, harmonics

ODD = (math.nan, math.inf, -math.inf, 10**400, np.float32("nan"))


@given(
    st.lists(st.tuples(st.just(False), st.sampled_from(ODD)) | st.tuples(st.just(True), FINITE), max_size=12)
)
def test_push__drops_and_counts_what_is_not_finite(pushed):
    built = fragment(1.0, *((f"z.m{index}", value) for index, (_, value) in enumerate(pushed)))
    kept = [value for good, value in pushed if good]
    assert built.dropped == len(pushed) - len(kept)
    assert built.is_empty() == (not kept)
    frame = built.to_frame()
    assert [metric.value for metric in frame.metrics()] == kept if frame else not kept


def test_push__a_nameless_metric_is_none_and_an_empty_note_is_none():
    built = fragment(1.0, ("  ", 2.0), notes=["", " \n"])
    assert built.is_empty()
    assert built.dropped == 1
    assert built.to_frame() is None


def test_push__trims_and_the_latest_wins():
    built = fragment(1.0, (" z.bias ", 1.0), ("weather", 5), ("z.bias", 2.0), notes=["a", "b", " a "])
    frame = built.to_frame()
    assert frame is not None
    assert [metric.as_tuple() for metric in frame.metrics()] == [
        ("weather", 5.0, None),
        ("z.bias", 2.0, None),
    ]
    assert frame.notes() == ["b", "a"]


def test_push__one_metric_a_name_and_district():
    built = fragment(1.0, ("z.bias", 1.0, "Harbour"), ("z.bias", 2.0), ("z.bias", 3.0, "Substrate"))
    frame = built.to_frame()
    assert frame is not None
    assert [metric.value for metric in frame.metrics()] == [1.0, 3.0]
    assert frame.metric_value("z.bias") == 3.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((3, 1.0), "name = 3"),
        (("z", "high"), "value = 'high'"),
        (("z", None), "value"),
        (("z", True), "value"),
        (("z", 1.0, 5), "district = 5"),
    ],
)
def test_push__refuses_other_types_and_stays_as_it_was(arguments, words):
    built = fragment(1.0, ("z", 0.5))
    before = copy.deepcopy(built)
    with pytest.raises(TypeError, match=words):
        built.push_metric(*arguments)
    with pytest.raises(TypeError, match="text"):
        built.push_note(7)  # pyright: ignore[reportArgumentType]
    assert built == before


@pytest.mark.parametrize("odd", ODD)
def test_scalars__that_are_not_finite_say_nothing(odd):
    built = AtlasFragment(1.0, z_signal=odd, collapse_total=odd, suggested_pressure=0.5)
    assert (built.z_signal, built.collapse_total, built.suggested_pressure) == (None, None, 0.5)
    assert built.dropped == 2


@pytest.mark.parametrize(
    ("given_", "error", "words"),
    [
        ({"timestamp": math.nan}, NonFiniteValue, "timestamp = nan"),
        ({"timestamp": "now"}, TypeError, "timestamp = 'now'"),
        ({"loop_support": -0.5}, NonPositiveWeight, "loop_support = -0.5"),
        ({"loop_support": math.nan}, NonFiniteValue, "loop_support = nan"),
        ({"z_signal": "up"}, TypeError, "z_signal = 'up'"),
        ({"maintainer_status": 3}, TypeError, "maintainer_status = 3"),
        ({"script_hint": b"soft"}, TypeError, "script_hint"),
    ],
)
def test_fragment__refuses_what_it_cannot_mean(given_, error, words):
    with pytest.raises(error, match=words):
        AtlasFragment(**given_)


@pytest.mark.parametrize(
    "said",
    [
        {"loop_support": 0.5},
        {"z_signal": 0.0},
        {"script_hint": "soft"},
        {"maintainer_status": "stable"},
        {"summary": {"frames": 1}},
    ],
)
def test_empty__ends_with_any_word(said):
    assert AtlasFragment(3.0).is_empty()
    assert AtlasFragment(3.0, script_hint="  ").is_empty()
    assert not AtlasFragment(3.0, **said).is_empty()


@pytest.mark.parametrize("time", [None, 0.0, -1.0])
def test_frame__needs_a_time_above_0(time):
    assert fragment(time, ("z", 1.0)).to_frame() is None


def test_fragment__its_single_values_are_settled():
    with pytest.raises(FrozenInstanceError):
        AtlasFragment(1.0).z_signal = 2.0  # pyright: ignore[reportAttributeAccessIssue]


def test_fragment__copies_what_can_change():
    spectrum = harmonics()
    built = AtlasFragment(1.0, harmonics=spectrum)
    spectrum.drift_power.append(9.0)
    assert built.harmonics == harmonics()


@given(fragments())
def test_fragment__survives_copying_and_pickling(built):
    assert copy.deepcopy(built) == pickle.loads(pickle.dumps(built)) == built
    twin = copy.deepcopy(built)
    twin.push_note("only here")
    assert twin != built


def test_a_calm_verdict_takes_the_suggestions_of_a_stern_one_back():
    stern = AtlasFragment(
        1.0, maintainer_status="clamp", maintainer_diagnostic="jitter", suggested_max_scale=2.5
    )
    calm = AtlasFragment(2.0, maintainer_status="stable", maintainer_diagnostic="calm")
    after = calm.merged_into(stern.to_frame())
    assert (after.maintainer_status, after.suggested_max_scale) == ("stable", None)
    silent = AtlasFragment(3.0)
    silent.push_metric("timeline.energy", 1.0)
    kept = silent.merged_into(stern.to_frame())
    assert (kept.maintainer_status, kept.suggested_max_scale) == ("clamp", 2.5)
