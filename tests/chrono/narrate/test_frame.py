"""A frame in words: when, how much, how far."""

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue, NonFiniteValue
from stnb.chrono.narrate import describe_frame, narrate_frame

from .records import BANDS, DRIFT, TITLES, Resonance, frame, numbers, percents

LOUD = BANDS.filter(lambda bands: sum(bands) > 1e-6)


@given(LOUD, DRIFT, st.floats(0.0, 1e6))
def test_frame__quotes_time_energy_and_drift(bands, drift, time):
    told = describe_frame(frame(bands, drift=drift, timestamp=time))
    expected = [float(f"{value:.3f}") for value in (time, sum(bands), drift)]
    assert numbers(told) == expected
    assert ("by -" in told) == (expected[2] < 0)
    assert ("by +" in told) == (expected[2] >= 0)


@given(LOUD, st.floats(-1e6, 1e6))
def test_frame__shares_add_up_and_the_decay_follows(bands, decay):
    *shares, last = narrate_frame(frame(bands, decay=decay)).highlights
    assert [line.startswith(title) for line, title in zip(shares, TITLES, strict=True)] == [True] * 5
    assert sum(percents(shares)) == 1000
    assert numbers(last) == [float(f"{decay:.3f}")]
    assert ("growing" in last, "relaxing" in last, "steady" in last) == (decay < 0, decay > 0, decay == 0)


def test_frame__names_the_first_of_equal_layers():
    assert "above, in the homotopy flow" in describe_frame(frame([1.0] * 5))
    assert "in the ∞ projection" in describe_frame(frame([0.0, 0.0, 0.5, 1.0, 1.0]))


def test_frame__reads_well():
    told = describe_frame(frame([1.0, 0.25, 0.0, 0.0, 0.0], drift=-0.0126, timestamp=0.3))
    assert told == (
        "At time 0.300 the energy is 1.250, most of all above, in the homotopy flow; "
        "the curvature drifts by -0.013."
    )


@given(DRIFT)
def test_frame__without_energy_is_quiescent_and_still_drifts(drift):
    told = narrate_frame(frame([1e-9, 0, 0, 0, 0], drift=drift))
    assert "quiescent" in told.summary
    assert numbers(told.summary) == [0.1, 0.0, float(f"{drift:.3f}")]
    assert percents(told.highlights) == [0] * 5


@pytest.mark.parametrize("field", ["timestamp", "total_energy", "curvature_drift", "energy_decay"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_frame__damaged_numbers_are_refused_by_name(field, value):
    with pytest.raises(NonFiniteValue, match=field):
        describe_frame(dataclasses.replace(frame([1.0] * 5), **{field: value}))


def test_frame__negative_energy_is_refused():
    with pytest.raises(InvalidValue, match="total_energy"):
        describe_frame(dataclasses.replace(frame([1.0] * 5), total_energy=-1.0))


@pytest.mark.parametrize(
    "thing", [None, 1.0, "frame", [], object(), Resonance([1.0] * 5), [frame([1.0] * 5)]]
)
def test_frame__anything_else_is_refused(thing):
    with pytest.raises(TypeError):
        describe_frame(thing)


@dataclasses.dataclass
class _Bare:
    timestamp: float = 0.1
    total_energy: float = 1.0
    curvature_drift: float = 0.0
    energy_decay: float = 0.0


def test_frame__without_ratios_is_refused_by_name():
    with pytest.raises(TypeError, match="homotopy_ratio"):
        describe_frame(_Bare())


def test_frame__a_text_for_a_number_is_refused():
    with pytest.raises(TypeError, match="timestamp"):
        describe_frame(dataclasses.replace(frame([1.0] * 5), timestamp="0.1"))
