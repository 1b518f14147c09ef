"""ψ: its smoothing, its weights, its events, and what it refuses."""

import copy
import math
import pickle
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue, NonFiniteValue
from stnb.psi.components import COMPONENTS
from stnb.psi.meter import PsiConfig, PsiEvent, PsiMeter, PsiReading

INPUTS = ("loss", "grad_l2", "update_ratio", "act_drift", "attn_entropy", "band_energy")
NUMBER = st.floats(0, 1e6)
INPUT = st.fixed_dictionaries(dict.fromkeys(INPUTS, NUMBER))
WEIGHTS = st.fixed_dictionaries(dict.fromkeys(COMPONENTS, st.floats(-10, 10)))
ALPHA = st.floats(0.01, 0.99)


def _meter(**settings):
    return PsiMeter(PsiConfig(enabled=True, **settings))


def _raw(values):
    return {
        "loss": abs(values["loss"]),
        "grad_norm": math.log(1 + values["grad_l2"]),
        **{name: values[name] for name in INPUTS[2:]},
    }


def test_smoothing__is_halfway_for_one_half():
    meter = _meter(components="loss", ema_alpha=0.5)
    assert meter.update(loss=1.0) == (PsiReading(1.0, {"loss": 1.0}, 0), [])
    assert meter.update(loss=-3.0) == (PsiReading(2.0, {"loss": 2.0}, 1), [])


@given(st.lists(INPUT, min_size=1, max_size=6), ALPHA, WEIGHTS)
def test_total__is_the_weighted_sum_of_smoothed_values(steps, alpha, weights):
    meter = _meter(components=COMPONENTS, ema_alpha=alpha, weights=weights)
    known = None
    for step, values in enumerate(steps):
        raw = _raw(values)
        known = raw if known is None else {n: alpha * raw[n] + (1 - alpha) * known[n] for n in raw}
        reading, events = meter.update(**values)
        assert reading.breakdown == pytest.approx(known, rel=1e-12)
        expected = math.fsum(weights[name] * value for name, value in known.items())
        assert reading.total == pytest.approx(expected, rel=1e-9, abs=1e-6)
        assert (reading.step, events) == (step, [])


@given(INPUT, ALPHA, st.integers(1, 5), st.integers(1, 8))
def test_constant_input__is_its_own_mean(values, alpha, rate, steps):
    meter = _meter(components=COMPONENTS, ema_alpha=alpha, sample_rate=rate)
    for _ in range(steps):
        reading, _ = meter.update(**values)
        assert reading.breakdown == pytest.approx(_raw(values), rel=1e-12)


def test_steps_between_samples__repeat_what_is_known():
    meter = _meter(components="loss", ema_alpha=0.5, sample_rate=2)
    totals = [meter.update(loss=loss)[0].total for loss in (1.0, 99.0, 3.0, 99.0)]
    assert totals == [1.0, 1.0, 2.0, 2.0]


def test_a_meter_that_is_off__reads_nothing():
    meter = PsiMeter(PsiConfig(thresholds={"loss": 1.0}))
    for step in range(3):
        assert meter.update(loss=5.0 * step) == (PsiReading(0.0, {}, step), [])


def test_events__tell_each_crossing_once():
    meter = _meter(components="loss, grad", ema_alpha=0.5, thresholds={"loss": 2.0})
    seen = [meter.update(loss=loss, grad_l2=loss)[1] for loss in (1.0, 3.0, 4.0, 5.0, 0.0, 2.0, 2.0, 0.0)]
    assert seen == [
        [],
        [],  # 2.0 is on the threshold, not above it
        [PsiEvent("loss", 3.0, 2.0, up=True, step=2)],
        [],
        [],  # 4.0 → 2.0
        [],  # on the threshold still
        [],
        [PsiEvent("loss", 1.0, 2.0, up=False, step=7)],
    ]


def test_events__need_a_value_to_come_from():
    assert _meter(components="loss", thresholds={"loss": 2.0}).update(loss=5.0)[1] == []


@given(st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0]), min_size=2, max_size=30))
def test_events__are_the_strict_crossings(losses):
    meter = _meter(components="loss", ema_alpha=0.5, thresholds={"loss": 2.0})
    smoothed, found, expected = [], [], []
    for loss in losses:
        reading, events = meter.update(loss=loss)
        smoothed.append(reading.breakdown["loss"])
        found += [(event.step, event.up) for event in events]
    for step, (old, new) in enumerate(pairwise(smoothed), start=1):
        if old <= 2.0 < new or new < 2.0 <= old:
            expected.append((step, new > 2.0))
    assert found == expected


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_values_that_are_not_finite__leave_no_trace(name, value):
    meter = _meter(components=COMPONENTS)
    first, _ = meter.update(loss=1.0)
    with pytest.raises(NonFiniteValue, match=name):
        meter.update(**{name: value})
    second, _ = meter.update(loss=1.0)
    assert (second.step, second.breakdown) == (1, first.breakdown)


def test_bad_input__is_refused():
    with pytest.raises(InvalidValue, match=r"grad_l2 = -1.0 is negative"):
        _meter().update(grad_l2=-1.0)
    with pytest.raises(TypeError, match="loss = '1'"):
        _meter().update(loss="1")  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="config is of type dict"):
        PsiMeter({})  # pyright: ignore[reportArgumentType]
    heavy = _meter(components="loss", weights={"loss": 1e300})
    with pytest.raises(NonFiniteValue, match="exceeds float64"):
        heavy.update(loss=1e300)
    assert heavy.update(loss=1.0)[0].total == 1e300


def test_records__are_values():
    reading, event = PsiReading(1.0, {"loss": 1.0}, 3), PsiEvent("loss", 3.0, 2.0, up=True, step=3)
    for record in (reading, event):
        assert pickle.loads(pickle.dumps(record)) == copy.deepcopy(record) == record
    assert reading.as_dict() == {"total": 1.0, "breakdown": {"loss": 1.0}, "step": 3}
    assert event.as_dict()["up"] is True


def test_readings__do_not_change_afterwards():
    meter = _meter(components="loss")
    first, _ = meter.update(loss=1.0)
    first.breakdown["loss"] = 7.0
    assert meter.update(loss=1.0)[0].breakdown == {"loss": 1.0}
