"""Text as waves and as points: exact transforms, symmetry, and rows that stay in the ball."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import (
    EmptyInput,
    InvalidDimensions,
    InvalidValue,
    NonFiniteValue,
    NonHyperbolicCurvature,
    NonPositiveTemperature,
)
from stnb.geometry import TENSOR_MARGIN
from stnb.zspace import LanguageWaveEncoder
from tests.golden_cases import session_case

TEXT = st.text(min_size=1, max_size=40)
CURVATURE = st.floats(-10.0, -0.01)


@pytest.mark.parametrize("name", ["spiral", "SpiralTorch", "single_char", "non_ascii"])
def test_encode_wave__matches_the_worked_cases(name):
    given_, expected, tolerance = session_case(f"encode_wave_{name}")
    wave = LanguageWaveEncoder(-1.0, given_["temperature"]).encode_wave(given_["text"])
    np.testing.assert_allclose([[z.real, z.imag] for z in wave.data()], expected, atol=tolerance)


@pytest.mark.parametrize("name", ["hello_t0.5", "a_t0.5", "hello_t0.7"])
def test_encode_z_space__matches_the_worked_cases(name):
    given_, expected, tolerance = session_case(f"encode_z_space_{name}")
    encoder = LanguageWaveEncoder(given_["curvature"], given_["temperature"])
    np.testing.assert_allclose(encoder.encode_z_space(given_["text"]).tolist(), expected, atol=tolerance)


def defined_wave(text, temperature):
    """The sum of the definition, term by term."""
    n = len(text)
    i = np.arange(n)
    x = temperature * (np.array([ord(u) % 1024 for u in text]) / 1024 + np.abs(np.sin((i + 1) / n)))
    return np.exp(-2j * np.pi * np.outer(i, i) / n) @ x, x


@given(TEXT, st.floats(1e-2, 10.0))
def test_encode_wave__is_the_transform_of_the_signal(text, temperature):
    encoder = LanguageWaveEncoder(-1.0, temperature)
    wave = np.array(encoder.encode_wave(text).data())
    expected, x = defined_wave(text, temperature)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(wave, expected, atol=1e-6 * scale)
    np.testing.assert_allclose(wave[1:], np.conj(wave[:0:-1]), atol=0)
    assert wave[0].real == pytest.approx(x.sum(), rel=1e-6)
    assert wave[0].imag == 0
    doubled = np.array(LanguageWaveEncoder(-1.0, 2 * temperature).encode_wave(text).data())
    np.testing.assert_allclose(doubled, 2 * wave, rtol=1e-6, atol=1e-6 * scale)


@given(TEXT, CURVATURE, st.floats(1e-2, 10.0), st.sampled_from(["none", "rms"]))
def test_encode_z_space__follows_its_definition(text, curvature, temperature, row_scale):
    encoder = LanguageWaveEncoder(curvature, temperature, row_scale=row_scale)
    row = np.array(encoder.encode_z_space(text).tolist()[0])
    c, n = -curvature, len(text)
    X, _ = defined_wave(text, temperature)
    v = np.empty(2 * n)
    v[0::2], v[1::2] = (np.tanh(np.sqrt(c) * np.abs(X)) * part(np.angle(X)) for part in (np.cos, np.sin))
    v = v / np.sqrt(n) if row_scale == "rms" else v
    length = np.sqrt(c) * np.linalg.norm(v)
    expected = np.tanh(length) * v / length
    reach = np.sqrt(c) * np.linalg.norm(row)
    assert reach < 1 - 0.9 * TENSOR_MARGIN
    if np.tanh(length) < 1 - 2 * TENSOR_MARGIN:
        np.testing.assert_allclose(row, expected, atol=3e-6 / np.sqrt(c))


@pytest.mark.parametrize("curvature", [-1e-3, -1.0, -50.0])
def test_long_texts_stay_in_the_ball(curvature):
    text = "spiral torch " * 800
    row = np.array(LanguageWaveEncoder(curvature, 1.0).encode_z_space(text).tolist()[0])
    assert -curvature * (row @ row) < 1
    calm = LanguageWaveEncoder(curvature, 1.0, row_scale="rms").encode_z_space(text)
    assert calm.squared_l2_norm() <= (row @ row) * (1 + 1e-6)
    if curvature >= -1:  # beyond that √c alone carries a vector of length 1 to the rim
        assert calm.squared_l2_norm() < 0.9 * (row @ row)
    assert calm.shape() == (1, 2 * len(text))


def test_characters_are_counted_as_code_points():
    encoder = LanguageWaveEncoder(-1.0, 0.5)
    assert encoder.encode_wave("😀").shape() == (1, 1)
    assert encoder.encode_wave("日本😀").shape() == (1, 3)
    assert encoder.encode_z_space("e\u0301").shape() == (1, 4)
    assert encoder.encode_wave("\ud800").shape() == (1, 1)
    assert encoder.encode_wave("a") == encoder.encode_wave(chr(ord("a") + 1024))
    assert encoder.encode_z_space("twice") == encoder.encode_z_space("twice")


def test_bad_input():
    for curvature in (0.0, 1.0, float("nan"), float("-inf")):
        with pytest.raises(NonHyperbolicCurvature):
            LanguageWaveEncoder(curvature, 0.5)
    for temperature in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(NonPositiveTemperature):
            LanguageWaveEncoder(-1.0, temperature)
    with pytest.raises(InvalidValue, match="'rms'"):
        LanguageWaveEncoder(-1.0, 0.5, row_scale="rmss")
    encoder = LanguageWaveEncoder(-1.0, 0.5)
    for call in (encoder.encode_wave, encoder.encode_z_space):
        with pytest.raises(EmptyInput):
            call("")
        with pytest.raises(TypeError):
            call(b"bytes")


def frame(energy, drift=0.0):
    return SimpleNamespace(total_energy=energy, curvature_drift=drift)


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.floats(-50, 50)), max_size=8),
    st.integers(1, 4),
    st.floats(1e-2, 10),
)
def test_speak__follows_its_definition(pairs, k, temperature):
    frames = [frame(*pair) for pair in pairs]
    heard = LanguageWaveEncoder(-1.0, temperature).speak(frames, samples_per_frame=k)
    assert len(heard) == len(frames) * k
    assert all(0 <= a <= temperature * (1 + 1e-12) for a in heard)
    loudest = max((energy for energy, _ in pairs), default=0.0)
    for (energy, drift), a in zip(pairs, heard[::k], strict=True):
        u = (energy / loudest) ** 0.5 if loudest else 0.0
        assert a == pytest.approx(temperature * u * (1 + np.tanh(abs(drift))) / 2, abs=1e-9 * temperature)
    doubled = LanguageWaveEncoder(-1.0, 2 * temperature).speak(frames, samples_per_frame=k)
    assert doubled == pytest.approx([2 * a for a in heard], rel=1e-12)


def test_speak__is_silent_without_energy_and_linear_between_frames():
    encoder = LanguageWaveEncoder(-1.0, 2.0)
    assert encoder.speak([]) == []
    assert encoder.speak([frame(0.0), frame(0.0)]) == [0.0, 0.0]
    assert encoder.speak([frame(0.0), frame(4.0)], samples_per_frame=2) == [0.0, 0.5, 1.0, 1.0]


def test_speak__refuses_what_is_no_frame():
    encoder = LanguageWaveEncoder(-1.0, 2.0)
    with pytest.raises(TypeError, match=r"frames\[1\]"):
        encoder.speak([frame(1.0), object()])
    with pytest.raises(NonFiniteValue, match=r"frames\[0\].total_energy"):
        encoder.speak([frame(float("nan"))])
    with pytest.raises(InvalidValue, match="negative"):
        encoder.speak([frame(-1.0)])
    with pytest.raises(InvalidDimensions):
        encoder.speak([frame(1.0)], samples_per_frame=0)
