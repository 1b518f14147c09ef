"""Every rule is driven into its state and out of it again; worked numbers; what holds for any window."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue, NonFiniteValue
from stnb.chrono.maintainer import MaintainerConfig, assess
from stnb.chrono.maintainer.report import SEVERITY

from .windows import peak, spectra, strongest, summary_of, window

CONFIG = MaintainerConfig()
SIZE = st.floats(0, 1e6)
SIGNED = st.floats(-1e6, 1e6)
PEAK = st.none() | st.builds(peak, SIZE, st.floats(0, 100))
SPECTRA = st.none() | st.builds(lambda d, e: spectra(drift=d, energy=e), PEAK, PEAK)
THRESHOLD = st.floats(1e-3, 10)
CONFIGS = st.builds(
    lambda j, g, h, floor, low, more, step: MaintainerConfig(
        jitter_threshold=j,
        growth_threshold=g,
        harmonic_threshold=h,
        energy_floor=floor,
        clamp_min=low,
        clamp_max=low + more,
        pressure_step=step,
    ),
    *(THRESHOLD,) * 3,
    st.floats(0, 1),
    st.floats(0.1, 5),
    st.floats(0, 5),
    st.floats(1e-3, 3),
)


def _severity(report):
    return SEVERITY.index(report.status)


@pytest.mark.parametrize(("drift", "scale"), [(0.36, 2.97222), (0.5, 2.7), (0.7, 2.5), (1.4, 2.25)])
def test_scale__falls_as_jitter_grows(drift, scale):
    report = assess(CONFIG, window(drift=drift))
    assert report.status == "clamp"
    assert report.suggested_max_scale == pytest.approx(scale, abs=5e-6)
    assert report.suggested_pressure == pytest.approx(0.12 * (1 + drift / 0.35))


def test_growth__of_four_frames_asks_for_a_rewrite():
    energies = [2.0, 2.01, 2.02, 2.03]
    summary = summary_of(energies, dt=0.1)
    beat = strongest(energies, dt=0.1)
    assert beat.magnitude < CONFIG.growth_threshold
    report = assess(CONFIG, summary, spectra(energy=beat, duration=0.4))
    assert report.mean_decay == pytest.approx(-0.075)
    assert (report.status, report.suggested_max_scale) == ("rewrite", None)
    assert report.suggested_pressure == pytest.approx(0.3)
    assert report.should_rewrite()
    assert report.diagnostic == "energy growth 0.075 exceeds growth_threshold 0.05"


def test_jitter__is_tolerated_up_to_its_threshold():
    assert assess(CONFIG, window(drift=0.35)).status == "stable"
    above = assess(CONFIG, window(drift=math.nextafter(0.35, 1)))
    assert above.status == "clamp"
    assert above.diagnostic == "mean |drift| 0.35000000000000003 exceeds jitter_threshold 0.35"
    assert assess(CONFIG.replace(jitter_threshold=0.4), window(drift=0.36)).status == "stable"


def test_growth__is_tolerated_up_to_its_threshold():
    assert assess(CONFIG, window(decay=-0.05)).status == "stable"
    assert assess(CONFIG, window(decay=-0.06)).status == "rewrite"
    assert assess(CONFIG, window(decay=0.06)).status == "stable"
    assert assess(CONFIG.replace(growth_threshold=0.06), window(decay=-0.06)).status == "stable"


def test_drift_peak__is_tolerated_up_to_the_threshold_of_jitter():
    assert assess(CONFIG, window(), spectra(drift=peak(0.35))).status == "stable"
    report = assess(CONFIG, window(), spectra(drift=peak(0.7)))
    assert (report.status, report.suggested_max_scale, report.suggested_pressure) == ("clamp", 2.5, None)
    assert report.diagnostic == "drift peak 0.7 exceeds jitter_threshold 0.35"


def test_energy_peak__is_measured_in_mean_energies():
    assert assess(CONFIG, window(energy=4.0), spectra(energy=peak(1.0))).status == "stable"
    assert assess(CONFIG, window(energy=1e6), spectra(energy=peak(2e5))).status == "stable"
    report = assess(CONFIG, window(energy=2.0), spectra(energy=peak(1.0)))
    assert report.status == "rewrite"
    assert report.suggested_pressure == pytest.approx(0.36)
    assert report.diagnostic == "energy peak over mean energy 0.5 exceeds harmonic_threshold 0.25"
    lenient = CONFIG.replace(harmonic_threshold=0.5)
    assert assess(lenient, window(energy=2.0), spectra(energy=peak(1.0))).status == "stable"


def test_dormancy__ends_above_the_floor_or_when_a_rule_fires():
    asleep = assess(CONFIG, window(energy=1e-3))
    assert asleep.status == "dormant"
    assert "energy_floor 0.001" in asleep.diagnostic
    assert assess(CONFIG, window(energy=1.001e-3)).status == "stable"
    assert assess(CONFIG, window(energy=1e-3, drift=0.5)).status == "clamp"


def test_a_drift_peak__does_not_soften_a_rewrite():
    report = assess(CONFIG, window(drift=0.7, decay=-1.0), spectra(drift=peak(1.4), energy=peak(0.3)))
    assert report.status == "rewrite"
    assert report.suggested_max_scale == 2.25
    assert report.suggested_pressure == 1.0
    assert [reason.split(" exceeds")[0] for reason in report.diagnostic.split("; ")] == [
        "mean |drift| 0.7",
        "energy growth 1",
        "drift peak 1.4",
        "energy peak over mean energy 0.3",
    ]


def test_pressure__is_the_largest_that_fired():
    jitter, growth = window(drift=1.4), window(decay=-0.06)
    both = assess(CONFIG, window(drift=1.4, decay=-0.06))
    assert both.suggested_pressure == assess(CONFIG, jitter).suggested_pressure == pytest.approx(0.6)
    assert assess(CONFIG, growth).suggested_pressure == pytest.approx(0.264)


def test_no_frames__are_dormant_and_without_a_script():
    report = assess(CONFIG, None)
    assert report.as_dict() == {
        "status": "dormant",
        "average_drift": 0.0,
        "mean_energy": 0.0,
        "mean_decay": 0.0,
        "drift_peak": None,
        "energy_peak": None,
        "suggested_max_scale": None,
        "suggested_pressure": None,
        "diagnostic": report.diagnostic,
        "spiralk_script": None,
    }
    assert "no frames" in report.diagnostic


@given(CONFIGS, SIZE, SIZE, SIGNED, SPECTRA)
def test_reports__stay_in_their_ranges_and_change_nothing(config, drift, energy, decay, harmonics):
    summary = window(drift=drift, energy=energy, decay=decay)
    report = assess(config, summary, harmonics)
    if report.suggested_max_scale is not None:
        assert config.clamp_min <= report.suggested_max_scale <= config.clamp_max
    if report.suggested_pressure is not None:
        assert 0 < report.suggested_pressure <= 1
    if report.status in ("dormant", "stable"):
        assert report.suggested_max_scale is None
        assert report.suggested_pressure is None
    else:
        assert (report.suggested_max_scale, report.suggested_pressure) != (None, None)
    assert report.should_rewrite() == (report.status == "rewrite")
    assert report.diagnostic
    assert report.spiralk_script
    assert summary == window(drift=drift, energy=energy, decay=decay)
    assert assess(config, summary, harmonics) == report


@given(CONFIGS, SIZE, SIZE, SIZE, SIGNED, SIZE, SPECTRA)
def test_severity__rises_with_jitter_and_with_growth(config, drift, more, energy, decay, faster, harmonics):
    calm = assess(config, window(drift=drift, energy=energy, decay=decay), harmonics)
    jittery = assess(config, window(drift=drift + more, energy=energy, decay=decay), harmonics)
    growing = assess(config, window(drift=drift, energy=energy, decay=decay - faster), harmonics)
    assert _severity(calm) <= min(_severity(jittery), _severity(growing))
    assert (calm.suggested_pressure or 0) <= (jittery.suggested_pressure or 0)
    assert (calm.suggested_pressure or 0) <= (growing.suggested_pressure or 0)
    assert (jittery.suggested_max_scale or math.inf) <= (calm.suggested_max_scale or math.inf)


def test_bad_input__is_refused():
    with pytest.raises(TypeError, match="config is of type dict; give a MaintainerConfig"):
        assess({}, window())  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="int has no duration"):
        assess(CONFIG, 3)
    with pytest.raises(TypeError, match="harmonics is of type int"):
        assess(CONFIG, window(), 3)
    with pytest.raises(NonFiniteValue, match="mean_energy"):
        assess(CONFIG, window(energy=math.nan))
    with pytest.raises(NonFiniteValue, match="magnitude"):
        assess(CONFIG, window(), spectra(drift=peak(math.nan)))
    with pytest.raises(InvalidValue, match=r"mean_abs_drift = -1.0 is negative"):
        assess(CONFIG, window(drift=-1.0))
    with pytest.raises(InvalidValue, match=r"min_energy = 1.0 is above max_energy = 0.0"):
        assess(CONFIG, window(spread=-1.0))
    with pytest.raises(InvalidValue, match="without a summary"):
        assess(CONFIG, None, spectra())
