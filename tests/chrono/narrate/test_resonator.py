"""The narrator: one door to all words, and the sound."""

import doctest
import importlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import (
    EmptyInput,
    InvalidDimensions,
    NonFiniteValue,
    NonHyperbolicCurvature,
    NonPositiveTemperature,
)
from stnb.chrono import narrate as words
from stnb.chrono.narrate import TextResonator
from stnb.zspace import LanguageWaveEncoder

from .records import BANDS, Resonance, atlas, frame, timelines

TEMPERATURE = st.floats(1e-3, 1e3)
CURVATURE = st.floats(-10.0, -0.01)


@given(BANDS, timelines(most=6), CURVATURE, TEMPERATURE)
def test_narrator__says_the_same_as_the_functions_whatever_its_temper(bands, frames, curvature, temperature):
    narrator, resonance = TextResonator(curvature, temperature), Resonance(bands)
    assert narrator.describe_resonance(resonance) == words.describe_resonance(resonance)
    assert narrator.describe_frame(frames[0]) == words.describe_frame(frames[0])
    assert narrator.describe_timeline(frames) == words.describe_timeline(frames)
    assert narrator.describe_atlas(atlas()) == words.describe_atlas(atlas())


@given(BANDS, timelines(most=6))
def test_narrate__tells_each_record_by_what_it_offers(bands, frames):
    narrator, resonance = TextResonator(-1.0, 0.6), Resonance(bands)
    assert narrator.narrate(resonance) == words.narrate_resonance(resonance)
    assert narrator.narrate(frames[-1]) == words.narrate_frame(frames[-1])
    assert narrator.narrate(frames) == words.narrate_timeline(frames)
    assert narrator.narrate(iter(frames)) == words.narrate_timeline(frames)
    assert narrator.narrate(atlas()) == words.narrate_atlas(atlas())
    assert narrator.narrate([]).summary == words.NO_HISTORY


@pytest.mark.parametrize("thing", [None, 1.0, "text", {}, object(), [1.0], np.zeros(3), Resonance])
def test_narrate__anything_else_is_refused(thing):
    with pytest.raises(TypeError):
        TextResonator(-1.0, 0.6).narrate(thing)


@given(timelines(), TEMPERATURE, st.integers(1, 4))
def test_speak__is_the_voice_of_the_encoder(frames, temperature, samples):
    heard = TextResonator(-1.0, temperature).speak(frames, samples_per_frame=samples)
    assert heard == LanguageWaveEncoder(-2.0, temperature).speak(frames, samples_per_frame=samples)
    assert len(heard) == samples * len(frames)
    assert all(0.0 <= amplitude <= temperature for amplitude in heard)


@given(timelines(), TEMPERATURE)
def test_speak__is_linear_in_the_temperature(frames, temperature):
    loud, soft = (np.array(TextResonator(-1.0, t).speak(frames)) for t in (2 * temperature, temperature))
    np.testing.assert_allclose(loud, 2 * soft, rtol=1e-12)


@given(st.text(min_size=1, max_size=60), TEMPERATURE)
def test_language_wave__is_the_spectrum_of_the_sentence(text, temperature):
    """The wave is kept in float32, hence the tolerance."""
    heard = TextResonator(-1.0, temperature).language_wave(text)
    points = np.array([ord(character) % 1024 for character in text]) / 1024
    n = len(text)
    expected = np.abs(np.fft.fft(temperature * (points + np.sin(np.arange(1, n + 1) / n))))
    np.testing.assert_allclose(heard, expected, rtol=0, atol=3e-7 * max(1.0, expected[0]))


def test_language_wave__of_a_record_is_that_of_its_sentence():
    narrator = TextResonator(-1.0, 0.6)
    resonance = Resonance([1.0, 0.5, 0.25, 0.0, 0.0])
    sentence = narrator.describe_resonance(resonance)
    assert narrator.language_wave(resonance) == narrator.language_wave(sentence)
    assert len(narrator.language_wave(resonance)) == len(sentence)
    assert narrator.language_wave([]) == narrator.language_wave(words.NO_HISTORY)


def test_language_wave__needs_something_to_say():
    with pytest.raises(EmptyInput):
        TextResonator(-1.0, 0.6).language_wave("")
    with pytest.raises(TypeError):
        TextResonator(-1.0, 0.6).language_wave(3)


def test_narrator__knows_its_temper():
    narrator = TextResonator(-0.75, 0.55)
    assert (narrator.curvature(), narrator.temperature()) == (-0.75, 0.55)
    assert repr(narrator) == "TextResonator(-0.75, 0.55)"
    assert {narrator, TextResonator(-0.75, 0.55)} == {narrator}
    assert narrator != TextResonator(-0.75, 0.56)
    assert narrator != LanguageWaveEncoder(-0.75, 0.55)


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan, math.inf, -math.inf])
def test_narrator__refuses_a_temperature_that_is_none(temperature):
    with pytest.raises(NonPositiveTemperature):
        TextResonator(-1.0, temperature)


@pytest.mark.parametrize("curvature", [0.0, 1.0, math.nan, -math.inf])
def test_narrator__refuses_a_curvature_that_is_not_hyperbolic(curvature):
    with pytest.raises(NonHyperbolicCurvature):
        TextResonator(curvature, 0.6)


@pytest.mark.parametrize(
    ("curvature", "temperature"), [("-1", 0.6), (None, 0.6), (-1.0, "0.6"), (-1.0, None)]
)
def test_narrator__refuses_what_is_no_number(curvature, temperature):
    with pytest.raises(TypeError):
        TextResonator(curvature, temperature)


@pytest.mark.parametrize(
    ("frames", "samples", "error"),
    [
        (None, 1, TypeError),
        ({}, 1, TypeError),
        ("", 1, TypeError),
        ("frames", 1, TypeError),
        ([0.5], 1, TypeError),
        (frame([1.0] * 5), 1, TypeError),
        ([frame([math.nan, 0, 0, 0, 0])], 1, NonFiniteValue),
        ([frame([1.0] * 5)], 0, InvalidDimensions),
        ([frame([1.0] * 5)], 1.0, TypeError),
    ],
)
def test_speak__refuses_what_is_no_timeline(frames, samples, error):
    with pytest.raises(error):
        TextResonator(-1.0, 0.6).speak(frames, samples_per_frame=samples)


@pytest.mark.parametrize("module", ["helpers", "narrative", "resonator"])
def test_examples__come_out_as_printed(module):
    tried = doctest.testmod(importlib.import_module(f"stnb.chrono.narrate.{module}"))
    assert tried.attempted > 0
    assert tried.failed == 0
