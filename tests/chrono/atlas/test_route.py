"""The figures of a route."""

import json
import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb.chrono.atlas import AtlasRoute, AtlasStore

from .samples import FINITE, fragment, fragments


def _route(*frames):
    return AtlasRoute(tuple(built.to_frame() for built in frames))


def test_summary__worked_by_hand():
    route = _route(
        fragment(1.0, ("z.a", 2.0), ("z.b", 4.0), loop_support=1.0, z_signal=0.5),
        fragment(2.0, ("loop.a", 7.0), loop_support=2.0),
        fragment(4.0, ("z.a", 5.0), loop_support=6.0, z_signal=0.25, collapse_total=9.0),
    )
    assert route.summary() == {
        "frames": 3,
        "latest_timestamp": 4.0,
        "loop_support": {
            "mean": 3.0,
            "std": pytest.approx(math.sqrt(14 / 3)),
            "min": 1.0,
            "max": 6.0,
            "total": 9.0,
            "trend": 5.0,
        },
        "collapse_total": {"latest": 9.0, "trend": 0.0},
        "z_signal": {"latest": 0.25, "trend": -0.25},
        "districts": {
            "Concourse": {
                "coverage": 1,
                "mean": 7.0,
                "latest": 7.0,
                "min": 7.0,
                "max": 7.0,
                "delta": 0.0,
                "std_dev": 0.0,
            },
            "Substrate": {
                "coverage": 2,
                "mean": 4.0,
                "latest": 5.0,
                "min": 3.0,
                "max": 5.0,
                "delta": 2.0,
                "std_dev": 1.0,
            },
        },
    }


def test_summary__of_an_empty_route():
    nothing = {"latest": None, "trend": None}
    told = AtlasRoute().summary()
    assert told["loop_support"].pop("total") == 0.0
    assert set(told["loop_support"].values()) == {None}
    assert {**told, "loop_support": None} == {
        "frames": 0,
        "latest_timestamp": None,
        "loop_support": None,
        "collapse_total": nothing,
        "z_signal": nothing,
        "districts": {},
    }


@given(st.lists(FINITE, min_size=1, max_size=8), st.sampled_from([1.0, -1.0]))
def test_summary__extremes_are_those_of_the_data(values, sign):
    values = [sign * abs(value) for value in values]
    route = _route(*(fragment(1.0, ("z", value), z_signal=value) for value in values))
    told = route.summary()["districts"]["Substrate"]
    assert (told["min"], told["max"], told["latest"]) == (min(values), max(values), values[-1])
    assert told["min"] <= told["mean"] <= told["max"]
    assert (told["std_dev"] == 0.0) == (len(set(values)) == 1) or told["std_dev"] < 1e-300
    assert told["delta"] == values[-1] - values[0]
    assert route.summary()["z_signal"] == {"latest": values[-1], "trend": values[-1] - values[0]}


def test_summary__of_huge_numbers_stays_within_floats():
    top = sys.float_info.max
    route = _route(
        fragment(1.0, ("z.a", -top), z_signal=-top, loop_support=top),
        fragment(2.0, ("z.a", top), z_signal=top, loop_support=top),
    )
    told = route.summary()
    assert (told["loop_support"]["mean"], told["loop_support"]["total"]) == (top, top)
    assert (told["z_signal"]["trend"], told["districts"]["Substrate"]["std_dev"]) == (top, top)
    frame = fragment(1.0, ("z.a", -top), ("z.b", top)).to_frame()
    assert frame is not None
    assert frame.districts()[0].span == top


@given(st.lists(fragments(), max_size=4))
def test_summary__goes_through_strict_json(said):
    route = _route(*said)
    for told in (route.summary(), route.as_dict()):
        assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_route__is_settled():
    route = _route(fragment(1.0, ("z", 1.0)), fragment(2.0, ("z", 2.0)))
    route.frames.clear()
    assert route.length == len(route) == len(list(route)) == 2
    assert not route.is_empty()
    assert route.latest() is route.frames[-1]


def test_route__is_empty_before_any_frame():
    route = AtlasStore().route()
    assert (route.length, route.frames, route.latest(), route.is_empty()) == (0, [], None, True)


def test_route__takes_frames_only():
    with pytest.raises(TypeError, match=r"frames\[0\].*dict"):
        AtlasRoute(({},))  # pyright: ignore[reportArgumentType]
