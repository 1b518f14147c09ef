"""Readings flattened, summed up, refused."""

import json
import math
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue, NonFiniteValue
from stnb.inference import ZSpaceTelemetryFrame
from stnb.inference.telemetry import merge_telemetry, reliability

from .cases import READINGS

NESTED = st.recursive(
    st.floats(-10, 10),
    lambda inner: st.dictionaries(st.text("xyz", min_size=1, max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), NESTED))
def test_flattening__keeps_every_leaf_under_its_path(nested):
    def walk(source, path):
        for name, value in source.items():
            if isinstance(value, dict):
                yield from walk(value, [*path, name])
            else:
                yield ".".join([*path, name]), value

    flat = merge_telemetry(nested)
    assert flat == dict(walk(nested, []))
    assert merge_telemetry(flat) == flat


def test_leaves__that_are_no_numbers_are_left_out():
    mixed = {"n": 1, "t": "x", "b": True, "z": None, "l": [1.0], "a": np.float32(2), "s": torch.tensor(3.0)}
    assert merge_telemetry({"p": mixed}) == {"p.n": 1.0, "p.a": 2.0, "p.s": 3.0}
    assert merge_telemetry(None, {}, {"a": 1.0}, {"a": 2.0}) == {"a": 2.0}


@given(READINGS)
def test_frame__is_the_formula(payload):
    frame, v = ZSpaceTelemetryFrame(payload), np.array(list(payload.values()))
    assert frame.mean == pytest.approx(v.mean(), rel=1e-12, abs=1e-12)
    assert frame.variance == pytest.approx(v.var(), rel=1e-9, abs=1e-12)
    assert frame.amplitude == v.max() - v.min()
    assert frame.energy == pytest.approx((v**2).sum(), rel=1e-12, abs=0)
    p, q = v[v > 0].sum(), -v[v < 0].sum()
    assert frame.balance == pytest.approx((p - q) / (p + q + 1e-9), rel=1e-9, abs=1e-9)
    assert frame.focus == math.tanh(1.5 * frame.balance)
    assert 0.0 < reliability(frame) <= 1.0


def test_counts__are_kept_but_say_nothing_about_agreement():
    plain, counting = {"a.mean": 1.0, "a.drift": 0.5}, {"a.count": 1e9, "count": 7.0}
    with_counts, without = ZSpaceTelemetryFrame(plain | counting), ZSpaceTelemetryFrame(plain)
    assert with_counts.payload == plain | counting
    assert (with_counts.variance, with_counts.energy) == (without.variance, without.energy)
    assert reliability(with_counts) == reliability(without)
    account = ZSpaceTelemetryFrame({"discount": 1e3, "a": 0.0})
    assert account.amplitude == 1e3


def test_frame__of_nothing_is_neutral():
    frame = ZSpaceTelemetryFrame({"name": "psi"})
    assert frame.payload == {}
    assert (frame.mean, frame.variance, frame.focus) == (0.0, 0.0, 0.0)
    assert reliability(frame) == reliability(None) == 1.0


def test_frame__cannot_be_told_its_statistics_and_travels():
    with pytest.raises(TypeError):
        ZSpaceTelemetryFrame({"a": 1.0}, mean=2.0)
    frame = ZSpaceTelemetryFrame({"a": {"b": 1.0}, "c": -2.0})
    assert ZSpaceTelemetryFrame(frame) == frame
    assert pickle.loads(pickle.dumps(frame)) == frame
    assert json.loads(json.dumps(frame.as_dict(), allow_nan=False)) == frame.as_dict()


def test_readings__that_would_poison_statistics_are_refused():
    for bad in (math.nan, -math.inf):
        with pytest.raises(NonFiniteValue, match=r"telemetry 'a\.b'"):
            ZSpaceTelemetryFrame({"a": {"b": bad}})
    with pytest.raises(InvalidValue, match=r"'big' = -1e\+200 has no finite square"):
        ZSpaceTelemetryFrame({"small": 1.0, "big": -1e200})
    endless: dict = {}
    endless["again"] = endless
    with pytest.raises(InvalidValue, match="contain itself"):
        merge_telemetry(endless)
