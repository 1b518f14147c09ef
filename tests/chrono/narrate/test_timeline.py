"""A timeline in words: what it quotes is what its frames amount to."""

import dataclasses
import math
import statistics

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue, NonFiniteValue, NonPositiveTemperature
from stnb.chrono.narrate import NO_HISTORY, describe_timeline, narrate_timeline, timeline_story
from stnb.zspace import LanguageWaveEncoder

from .records import frame, numbers, timelines


def _near(quoted, value):
    """Half a thousandth, and the rounding of sums of numbers up to 1e10."""
    return quoted == pytest.approx(value, rel=1e-9, abs=5.1e-4)


@given(timelines())
def test_timeline__quotes_duration_energy_and_drift(frames):
    energies, drifts = [f.total_energy for f in frames], [f.curvature_drift for f in frames]
    mean_decay = statistics.fmean(f.energy_decay for f in frames)
    assume(max(energies) > 1e-6)
    told = describe_timeline(frames)
    duration, count, mean, spread, *rest = numbers(told)
    assert count == len(frames)
    assert _near(duration, sum(f.dt for f in frames))
    assert _near(mean, statistics.fmean(energies))
    assert spread == pytest.approx(statistics.pstdev(energies), rel=1e-6, abs=1e-3)
    assert _near(rest[-2], statistics.fmean(drifts))
    assert rest[-1] == pytest.approx(statistics.pstdev(drifts), rel=1e-6, abs=1e-3)
    assert rest[:-2] == ([] if mean_decay == 0 else [pytest.approx(abs(mean_decay), rel=1e-6, abs=1e-3)])


@given(timelines())
def test_timeline__bounds_and_count_are_those_of_the_frames(frames):
    counted, low, high, *swings = narrate_timeline(frames).highlights
    energies = [f.total_energy for f in frames]
    assert numbers(counted) == [len(frames)]
    assert numbers(low) == [float(f"{min(energies):.3f}")]
    assert numbers(high) == [float(f"{max(energies):.3f}")]
    assert len(swings) == (2 if len(frames) > 1 else 0)
    assert all(swings)


@given(timelines())
def test_timeline__drift_has_a_sign(frames):
    drifting = describe_timeline(frames).split("drifts by ")[1]
    assert drifting[0] in "+-"
    assert (drifting[0] == "-") == (numbers(drifting)[0] < 0)


@given(timelines(), st.floats(1e-6, 1e6))
def test_timeline__temperature_leaves_the_words_alone(frames, temperature):
    told = narrate_timeline(frames)
    assert timeline_story(frames, temperature) == timeline_story(iter(frames)) == told.story()
    assert describe_timeline(tuple(frames)) == told.summary


@pytest.mark.parametrize(
    ("decay", "said"),
    [(-0.075, "grows by 0.075 per"), (0.075, "relaxes by 0.075 per"), (0.0, "holds steady")],
)
def test_timeline__says_where_the_energy_goes(decay, said):
    assert said in describe_timeline([frame([1.0] * 5, decay=decay)])


def test_timeline__reads_well():
    frames = [
        frame([1.0, 0, 0, 0, 0], drift=0.01),
        frame([2.0, 0, 0, 0, 0], step=1, drift=-0.03, decay=-10.0),
    ]
    told = narrate_timeline(frames)
    assert told.summary == (
        "Over 0.200 units of time and 2 frames the energy is 1.500 ± 0.500 on average and grows by 5.000 per unit "
        "of time; the curvature drifts by -0.010 ± 0.020 a frame."
    )
    assert told.highlights == [
        "Frames: 2",
        "Lowest energy: 1.000",
        "Highest energy: 2.000",
        "Drift harmonic: frequency 5.000, magnitude 0.020",
        "Energy harmonic: frequency 5.000, magnitude 0.500",
    ]


@pytest.mark.parametrize("k", [1, 3, 11, 14])
def test_timeline__finds_the_frequency_of_a_swing(k):
    """cos(2π·k·i/n) of amplitude 0.5 at n = 32, dt = 0.1: frequency k/3.2, magnitude 0.25."""
    drifts = [0.5 * math.cos(2 * math.pi * k * i / 32) for i in range(32)]
    frames = [frame([1.0] * 5, step=i, drift=drift) for i, drift in enumerate(drifts)]
    *_, drift, energy = narrate_timeline(frames).highlights
    assert numbers(drift) == [pytest.approx(k / 3.2, abs=5.1e-4), 0.25]
    assert energy == "Energy harmonic: none, it does not swing"


def test_timeline__one_frame_is_said_as_one():
    told = narrate_timeline([frame([1.0] * 5)])
    assert "and 1 frame the" in told.summary
    assert len(told.highlights) == 3


def test_timeline__without_energy_is_quiescent():
    told = narrate_timeline([frame([0.0] * 5, drift=0.5), frame([2.0**-24, 0, 0, 0, 0], step=1, drift=0.5)])
    assert "quiescent" in told.summary
    assert numbers(told.summary) == [0.2, 2, 0.0, 0.0, 0.5, 0.0]


@pytest.mark.parametrize("empty", [[], (), iter([])])
def test_timeline__without_history_says_how_to_begin(empty):
    assert describe_timeline(empty) == NO_HISTORY
    assert "resonate_over_time" in NO_HISTORY


def test_timeline_story__without_history_is_the_hint_alone():
    assert timeline_story([]) == (NO_HISTORY, [])


def test_timeline__no_history_can_be_spoken_as_a_sentence():
    assert LanguageWaveEncoder(-1.0, 0.6).encode_wave(NO_HISTORY).cols == len(NO_HISTORY)


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("frames", [[], [frame([1.0] * 5)]], ids=["empty", "one"])
def test_timeline_story__refuses_a_temperature_that_is_none(temperature, frames):
    with pytest.raises(NonPositiveTemperature):
        timeline_story(frames, temperature)


@pytest.mark.parametrize("temperature", ["0.6", None, True, [0.6, 0.7]])
def test_timeline_story__refuses_a_temperature_of_the_wrong_type(temperature):
    with pytest.raises(TypeError):
        timeline_story([], temperature)


@pytest.mark.parametrize("thing", [None, 1.0, "", "frames", b"", {}, {0: 1}, object(), frame([1.0] * 5)])
def test_timeline__anything_else_is_refused(thing):
    with pytest.raises(TypeError, match="frames"):
        describe_timeline(thing)


def test_timeline__what_is_no_frame_is_refused_by_its_place():
    with pytest.raises(TypeError, match=r"frames\[1\]"):
        describe_timeline([frame([1.0] * 5), 0.5])


@pytest.mark.parametrize("field", ["timestamp", "dt", "total_energy", "curvature_drift", "energy_decay"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_timeline__damaged_numbers_are_refused_by_place_and_name(field, value):
    frames = [frame([1.0] * 5), dataclasses.replace(frame([1.0] * 5, step=1), **{field: value})]
    error = InvalidValue if field == "dt" and value < 0 else NonFiniteValue
    with pytest.raises((error, NonFiniteValue), match=rf"frames\[1\]\.{field}"):
        describe_timeline(frames)


@pytest.mark.parametrize(("field", "value"), [("dt", 0.0), ("dt", -0.1), ("total_energy", -1.0)])
def test_timeline__impossible_numbers_are_refused_by_place_and_name(field, value):
    with pytest.raises(InvalidValue, match=rf"frames\[0\]\.{field}"):
        describe_timeline([dataclasses.replace(frame([1.0] * 5), **{field: value})])
