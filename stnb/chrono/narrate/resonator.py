"""The narrator: records of a session in words, and in sound."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.numbers import real
from stnb.chrono.narrate.atlas import is_atlas, narrate_atlas
from stnb.chrono.narrate.frame import is_frame, narrate_frame
from stnb.chrono.narrate.resonance import narrate_resonance
from stnb.chrono.narrate.timeline import listed_frames, narrate_timeline
from stnb.zspace.encoder import LanguageWaveEncoder

if TYPE_CHECKING:
    from stnb.chrono.narrate.narrative import ResonanceNarrative

__all__ = ["TextResonator"]


class TextResonator:
    """Says what resonances, frames, timelines and atlases hold, and lets timelines be heard.

    The words follow from the record alone: no chance, no locale, no state, and neither the curvature nor the
    temperature changes them. The temperature is how loud the sound may get.

    Args:
        curvature: κ < 0 of the encoder that turns sentences into waves.
        temperature: τ > 0, in which every amplitude is linear.

    >>> TextResonator(-1.0, 0.55).speak([])
    []
    """

    __slots__ = ("_encoder",)

    def __init__(self, curvature: float, temperature: float) -> None:
        self._encoder = LanguageWaveEncoder(real("curvature", curvature), temperature)

    def curvature(self) -> float:
        """κ."""
        return self._encoder.curvature()

    def temperature(self) -> float:
        """τ."""
        return self._encoder.temperature()

    def describe_resonance(self, resonance: Any) -> str:
        """Total energy and the layer with most of it."""
        return narrate_resonance(resonance).summary

    def describe_frame(self, frame: Any) -> str:
        """Time, energy and drift of a frame."""
        return narrate_frame(frame).summary

    def describe_timeline(self, frames: Iterable[Any]) -> str:
        """Means and spreads of energy and drift, and whether the energy grows or relaxes."""
        return narrate_timeline(frames).summary

    def describe_atlas(self, atlas: Any) -> str:
        """What the atlas covers and the maintainer's verdict."""
        return narrate_atlas(atlas).summary

    def narrate(self, obj: Any) -> ResonanceNarrative:
        """Summary and highlights of whichever of the four this is: what it offers decides.

        Raises:
            TypeError: for anything else.
        """
        if callable(getattr(obj, "energies", None)):
            return narrate_resonance(obj)
        if is_atlas(obj):
            return narrate_atlas(obj)
        if is_frame(obj):
            return narrate_frame(obj)
        if isinstance(obj, Iterable):
            return narrate_timeline(obj)
        raise TypeError(
            f"obj is of type {type(obj).__name__}; give a resonance, a frame, a list of frames or an atlas frame."
        )

    def speak(self, frames: Iterable[Any], *, samples_per_frame: int = 1) -> list[float]:
        """How loud each frame is, in [0, τ]: √energy relative to the loudest, raised by drift."""
        return self._encoder.speak(listed_frames(frames), samples_per_frame=samples_per_frame)

    def language_wave(self, text: Any) -> list[float]:
        """|X_k| of a sentence, one amplitude a character: the text itself, or what is said about a record.

        They tell which letters stand where, not what the record did; `speak` tells that.
        """
        sentence = text if isinstance(text, str) else self.narrate(text).summary
        wave = np.asarray(self._encoder.encode_wave(sentence)).astype(np.complex128)
        return np.abs(wave[0]).tolist()

    def __eq__(self, other: object) -> bool:
        return self._encoder == other._encoder if isinstance(other, TextResonator) else NotImplemented

    def __hash__(self) -> int:
        return hash((TextResonator, self._encoder))

    def __repr__(self) -> str:
        return f"TextResonator({self.curvature()!r}, {self.temperature()!r})"
