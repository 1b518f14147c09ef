"""Amplitudes that are heard: the envelope, the joins, the bytes, and what is refused."""

import builtins
import io
import math
import os
import wave as riff

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import CapacityError, EmptyInput, InvalidValue, MissingExtraError, NonFiniteValue
from stnb.chrono.sound import LONGEST, audio, tone

AMPLITUDES = st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=12)
# A bound on slopes of subnormal numbers underflows before the numbers do.
NORMAL = st.lists(st.floats(-1e12, 1e12, allow_subnormal=False), min_size=1, max_size=12)
RATES = st.sampled_from([8_000, 11_025, 44_100])
MOMENTS = st.floats(1 / 440, 0.05)


def _names(folder):
    return [path.name for path in folder.iterdir()]


def _read(source):
    with riff.open(source, "rb") as file:
        frames = file.readframes(file.getnframes())
        return file.getparams(), np.frombuffer(frames, dtype="<i2")


@given(AMPLITUDES, RATES, MOMENTS)
def test_tone__starts_and_ends_at_rest_and_never_clips(wave, rate, moment):
    heard = tone(wave, rate=rate, moment=moment)
    assert heard[0] == 0.0
    assert heard[-1] == 0.0
    assert float(np.abs(heard).max()) <= 1.0
    assert len(heard) == math.ceil(len(wave) * moment * rate) + 1


@given(NORMAL, RATES, MOMENTS)
def test_tone__never_jumps(wave, rate, moment):
    """|s'| ≤ 2π·pitch·|e| + |e'|, and |e'| ≤ (π/2)·(step between amplitudes)/(half a moment or a whole one)."""
    heights = np.array(wave) / max(1.0, np.abs(wave).max())
    steepest = (
        np.pi
        / 2
        * max(
            2 * abs(heights[0]) / moment,
            2 * abs(heights[-1]) / moment,
            float(np.abs(np.diff(heights)).max(initial=0.0)) / moment,
        )
    )
    bound = (2 * np.pi * 440 * np.abs(heights).max() + steepest) / rate
    assert float(np.abs(np.diff(tone(wave, rate=rate, moment=moment))).max()) <= bound * (1 + 1e-9)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=9), st.floats(1e-3, 1.0))
def test_tone__is_linear_in_amplitudes_up_to_one(wave, share):
    whole = tone(wave, rate=8_000, moment=0.01)
    part = tone([share * a for a in wave], rate=8_000, moment=0.01)
    np.testing.assert_allclose(part, share * whole, rtol=0, atol=1e-15)


def test_tone__is_the_stated_formula():
    """Halfway in, in each middle, three quarters of the way from p to q, and halfway out: where 500 Hz is no zero."""
    p, q, r = 0.2, 0.9, 0.5
    heard = tone([p, q, r], rate=8_000, pitch=500.0, moment=0.101)
    most = p + (q - p) * (1 - math.cos(0.75 * math.pi)) / 2
    for time, envelope in [
        (0.02525, p / 2),
        (0.0505, p),
        (0.12625, most),
        (0.1515, q),
        (0.2525, r),
        (0.27775, r / 2),
    ]:
        carrier = math.sin(2 * math.pi * 500.0 * time)
        assert abs(carrier) > 0.7
        assert heard[round(time * 8_000)] == pytest.approx(envelope * carrier, abs=1e-12)


def test_tone__keeps_its_pitch():
    heard = tone([1.0] * 20, rate=8_000, pitch=500.0, moment=0.1)
    spectrum = np.abs(np.fft.rfft(heard[:-1]))
    assert np.argmax(spectrum) * 8_000 / (len(heard) - 1) == pytest.approx(500.0)


def test_tone__louder_than_one_is_scaled_as_a_whole():
    np.testing.assert_allclose(tone([2.0, 8.0, 4.0]), tone([0.25, 1.0, 0.5]), rtol=0, atol=1e-15)


def test_tone__silence_is_silent():
    assert not tone([0.0, 0.0]).any()


@pytest.mark.parametrize(
    "wave",
    [(0.25, 0.5), np.array([0.25, 0.5], np.float32), torch.tensor([0.25, 0.5]), iter([0.25, 0.5])],
    ids=["tuple", "numpy", "torch", "iterator"],
)
def test_tone__takes_any_list_of_numbers(wave):
    np.testing.assert_array_equal(tone(wave), tone([0.25, 0.5]))


def test_audio__writes_what_the_tone_says(tmp_path):
    written = audio([0.1, 0.7, 0.3], tmp_path / "voice.wav", rate=16_000)
    assert written == tmp_path / "voice.wav"
    params, samples = _read(str(written))
    assert (params.nchannels, params.sampwidth, params.framerate) == (1, 2, 16_000)
    np.testing.assert_array_equal(samples, np.rint(32_767 * tone([0.1, 0.7, 0.3], rate=16_000)))
    assert 0.6 * 32_767 < samples.max() <= 0.7 * 32_767
    assert _names(tmp_path) == ["voice.wav"]


def test_audio__plays_the_very_bytes_it_would_write(tmp_path):
    display = pytest.importorskip("IPython.display")
    player = audio([0.1, 0.7, 0.3])
    assert isinstance(player, display.Audio)
    assert player.data == audio([0.1, 0.7, 0.3], str(tmp_path / "a.WAV")).read_bytes()
    assert 'type="audio/wav"' in player._repr_html_()
    assert _read(io.BytesIO(player.data))[0].framerate == 22_050


def test_audio__without_ipython_names_the_remedy(monkeypatch, tmp_path):
    real = builtins.__import__

    def without(name, *rest, **options):
        if name.startswith("IPython"):
            raise ImportError(name)
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match="path"):
        audio([0.5])
    assert audio([0.5], tmp_path / "a.wav").exists()


def test_audio__a_failed_write_leaves_the_old_file(monkeypatch, tmp_path):
    target = audio([0.5], tmp_path / "a.wav")
    before = target.read_bytes()

    def fail(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        audio([0.9, 0.1], target)
    assert target.read_bytes() == before
    assert _names(tmp_path) == ["a.wav"]


@pytest.mark.parametrize(
    ("wave", "error"),
    [
        ([], EmptyInput),
        ([0.1, math.nan], NonFiniteValue),
        ([math.inf], NonFiniteValue),
        (0.5, TypeError),
        (None, TypeError),
        ("0.5", TypeError),
        (b"\x01", TypeError),
        ({0.5: 1.0}, TypeError),
        ({0.5, 0.25}, TypeError),
        (["0.5"], TypeError),
        ([True], TypeError),
        ([[0.5, 0.25]], TypeError),
        ([1j], TypeError),
        (torch.zeros(2, 2), TypeError),
        ([0.5] * (int(LONGEST / 0.1) + 1), CapacityError),
    ],
)
def test_audio__refuses_what_is_no_wave(wave, error, tmp_path):
    with pytest.raises(error):
        audio(wave, tmp_path / "a.wav")
    assert _names(tmp_path) == []


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"rate": 7_999}, InvalidValue),
        ({"rate": 192_001}, InvalidValue),
        ({"rate": -1}, InvalidValue),
        ({"rate": 22_050.0}, TypeError),
        ({"rate": True}, TypeError),
        ({"pitch": 0.0}, InvalidValue),
        ({"pitch": math.nan}, InvalidValue),
        ({"pitch": 11_025.0}, InvalidValue),
        ({"pitch": "A4"}, TypeError),
        ({"moment": 0.002}, InvalidValue),
        ({"moment": math.nan}, InvalidValue),
        ({"moment": math.inf}, InvalidValue),
        ({"moment": None}, TypeError),
    ],
)
def test_audio__refuses_what_cannot_sound(options, error, tmp_path):
    with pytest.raises(error):
        audio([0.5], tmp_path / "a.wav", **options)
    assert _names(tmp_path) == []


@pytest.mark.parametrize(("path", "error"), [("a.mp3", InvalidValue), ("a", InvalidValue), (3, TypeError)])
def test_audio__refuses_what_is_no_wav(path, error):
    with pytest.raises(error):
        audio([0.5], path)


def test_audio__a_folder_that_is_not_there_is_said_plainly(tmp_path):
    with pytest.raises(FileNotFoundError):
        audio([0.5], tmp_path / "nowhere" / "a.wav")
