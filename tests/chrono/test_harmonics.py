"""Sines whose frequency, size and phase are known, constants that have none, and steps of unequal length."""

import json
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stnb.chrono.harmonics import analyse
from stnb.chrono.timeline import Timeline

PHASE = st.floats(-3.1, 3.1)
AMPLITUDE = st.floats(1e-3, 1e3)


def filled(dt, drift, energy=None):
    timeline = Timeline(len(drift))
    energy = np.zeros(len(drift)) if energy is None else energy
    for step, x, e in zip(
        np.broadcast_to(dt, len(drift)).tolist(), drift.tolist(), energy.tolist(), strict=True
    ):
        timeline.append(dt=step, curvature_drift=x, total_energy=e)
    return timeline


def apart(a, b):
    """The angle between two phases, in degrees."""
    return abs(math.degrees((a - b + math.pi) % (2 * math.pi) - math.pi))


def test_worked_frequencies():
    sine = lambda n: np.sin(2 * np.pi * 2 * 0.1 * np.arange(n))  # noqa: E731
    leaky = filled(0.1, sine(32)).harmonics()
    assert leaky.sample_rate == pytest.approx(10)
    assert leaky.nyquist == pytest.approx(5)
    assert leaky.frequencies()[1] == pytest.approx(0.3125)
    assert leaky.dominant_drift.frequency == pytest.approx(1.875)
    assert leaky.dominant_drift.refined_frequency == pytest.approx(2.0, abs=0.003)
    exact = filled(0.1, sine(30)).harmonics()
    assert exact.dominant_drift.frequency == pytest.approx(2.0)
    assert exact.dominant_drift.magnitude == pytest.approx(0.5)
    assert exact.dominant_drift.amplitude == pytest.approx(1.0)
    assert apart(exact.dominant_drift.phase, -math.pi / 2) < 1e-9
    assert exact.dominant_energy is None
    assert len(filled(0.1, sine(64)).harmonics(bins=20).drift_power) == 20


@given(st.integers(3, 300), st.data(), AMPLITUDE, PHASE, st.floats(1e-3, 10))
def test_a_sine_on_a_bin_is_found_exactly(n, data, amplitude, phase, dt):
    k = data.draw(st.integers(1, (n - 1) // 2))
    wave = amplitude * np.cos(2 * np.pi * k * np.arange(n) / n + phase)
    found = filled(dt, wave, 2 * amplitude + wave).harmonics(bins=1)
    for peak in (found.dominant_drift, found.dominant_energy):
        assert peak.frequency == pytest.approx(k / (n * dt), rel=1e-12)
        assert peak.magnitude == pytest.approx(amplitude / 2, rel=1e-9)
        assert peak.amplitude == 2 * peak.magnitude
        assert apart(peak.phase, phase) < 1e-6
        if peak.refined_frequency is not None:
            assert peak.refined_frequency == pytest.approx(peak.frequency, rel=1e-6)
    assert found.energy_power == pytest.approx([2 * amplitude], rel=1e-9)


@given(st.integers(64, 400), st.floats(0.05, 0.45), PHASE)
def test_a_sine_between_bins_is_found_within_half_a_bin(n, cycles, phase):
    wave = np.cos(2 * np.pi * cycles * np.arange(n) + phase)
    k = cycles * n
    assume(6 < k < n / 2 - 6)
    peak = filled(1.0, wave).harmonics().dominant_drift
    assert abs(peak.frequency - cycles) <= 0.5 / n * (1 + 0.02)
    assert abs(peak.refined_frequency - cycles) <= 0.02 / n


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60), st.integers(1, 40))
def test_power_is_the_transform_over_n(values, bins):
    series = np.array(values)
    found = filled(0.1, series).harmonics(bins=bins)
    n = len(series)
    expected = np.abs(np.fft.rfft(series))[:bins] / n
    assert len(found.drift_power) == min(bins, n // 2 + 1)
    assert found.drift_power == pytest.approx(expected.tolist(), abs=1e-13 * (1 + np.abs(series).max()))
    assert (found.frames, found.duration) == (n, pytest.approx(0.1 * n))
    if found.dominant_drift:
        full = np.abs(np.fft.rfft(series - series.mean()))[1:] / n
        assert found.dominant_drift.magnitude == pytest.approx(full.max(), abs=1e-13 * np.abs(series).max())


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=61))
def test_parseval(values):
    series = np.array(values)
    n = len(series)
    power = np.array(filled(1.0, series).harmonics(bins=n).drift_power)
    twice = np.full(len(power), 2.0)
    twice[0] = 1.0
    if n % 2 == 0:
        twice[-1] = 1.0
    assert (twice * power**2).sum() == pytest.approx((series**2).mean(), rel=1e-10, abs=1e-300)


@given(st.floats(-1e9, 1e9), st.integers(2, 200), st.booleans())
def test_a_constant_series_has_no_peak(value, n, uneven):
    dt = np.where(np.arange(n) % 2, 0.1, 0.3) if uneven else 0.1
    found = filled(dt, np.full(n, value), np.full(n, abs(value))).harmonics(bins=n)
    assert found.resampled == uneven
    assert found.dominant_drift is found.dominant_energy is None
    assert found.drift_power == [abs(value)] + [0.0] * (n // 2)


@given(st.lists(st.floats(-10, 10), min_size=4, max_size=50), st.floats(-100, 100))
def test_a_shift_changes_the_mean_alone(values, shift):
    series = np.array(values)
    plain = filled(1.0, series).harmonics(bins=50)
    moved = filled(1.0, series + shift).harmonics(bins=50)
    assert moved.drift_power[1:] == pytest.approx(plain.drift_power[1:], abs=1e-12)
    assert moved.drift_power[0] == pytest.approx(abs(series.mean() + shift), abs=1e-12)


def test_the_lowest_of_equal_peaks_wins():
    i = np.arange(48)
    for low, high in ((3, 7), (5, 6), (2, 20)):
        wave = np.cos(2 * np.pi * low * i / 48 + 0.3) + np.cos(2 * np.pi * high * i / 48 - 1.1)
        assert filled(1.0, wave).harmonics().dominant_drift.frequency == pytest.approx(low / 48)


def test_the_highest_frequency_has_no_mirror_image():
    peak = filled(0.5, 3.0 * np.where(np.arange(8) % 2, -1, 1)).harmonics().dominant_drift
    assert (peak.frequency, peak.magnitude, peak.amplitude, peak.refined_frequency) == (1.0, 3.0, 3.0, None)
    two = filled(1.0, np.array([1.0, -1.0])).harmonics()
    assert (two.dominant_drift.magnitude, two.drift_power) == (1.0, [0.0, 1.0])


@given(st.integers(0, 2**31), st.integers(4, 12), PHASE)
def test_unequal_steps_are_read_at_even_times(seed, k, phase):
    """Straight lines between frames flatten a sine of 20 samples a turn by 1 % or so, and turn it by no more."""
    n = 20 * k
    dt = np.random.default_rng(seed).uniform(0.8, 1.25, n)
    dt *= n / dt.sum()
    wave = np.cos(2 * np.pi * k / n * np.cumsum(dt) + phase)
    found = filled(dt, wave).harmonics()
    assert found.resampled
    assert found.dominant_drift.frequency == pytest.approx(k / n, rel=1e-9)
    assert found.dominant_drift.amplitude == pytest.approx(1.0, abs=0.05)
    assert apart(found.dominant_drift.phase, phase + 2 * math.pi * k / n) < 2.0


@pytest.mark.parametrize(("spread", "resampled"), [(1.049, False), (1.051, True)])
def test_steps_that_differ_by_less_than_a_twentieth_are_equal(spread, resampled):
    dt = np.where(np.arange(40) == 20, spread, 1.0)
    assert filled(dt, np.arange(40.0)).harmonics().resampled is resampled


def test_a_long_series_uses_the_same_definition():
    n = 20_000
    series = np.random.default_rng(0).standard_normal((2, n))
    found = analyse(np.full(n, 0.1), series.copy(), 5)
    assert found.drift_power == pytest.approx((np.abs(np.fft.rfft(series[0]))[:5] / n).tolist(), abs=1e-15)


def test_harmonics_are_a_record():
    found = filled(0.1, np.sin(np.arange(20.0))).harmonics(bins=4)
    assert json.loads(json.dumps(found.as_dict())) == found.as_dict()
    assert found.as_dict()["dominant_drift"] == found.dominant_drift.as_dict()
