"""Amplitudes made audible: a steady tone that swells and fades with them, played in a notebook or kept as a WAV."""

from __future__ import annotations

import io
import math
import os
import wave as riff
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import CapacityError, EmptyInput, InvalidValue, MissingExtraError
from stnb._core.files import write_whole
from stnb._core.numbers import finite, positive, whole

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = ["LONGEST", "audio", "tone"]

RATE = 22_050
RATES = (8_000, 192_000)  # samples a second that players know
PITCH = 440.0
MOMENT = 0.1
LONGEST = 600.0  # seconds
LOUDEST = 32_767  # of 16 bits
SUFFIX = ".wav"


def audio(
    wave: Iterable[float],
    path: str | os.PathLike[str] | None = None,
    *,
    rate: int = RATE,
    pitch: float = PITCH,
    moment: float = MOMENT,
) -> Any:
    """Hear amplitudes: every one of them is a moment of one steady tone, as loud as it says.

    The sound is `tone(wave, …)` as mono 16-bit PCM, sample = round(32767·s): it never clips and never clicks, and a
    temperature that makes the amplitudes smaller makes it quieter. The same input gives the same bytes.

    Args:
        wave: Finite amplitudes, one at least, such as those of `speak`.
        path: A file that ends in .wav; it appears whole or not at all. None plays in the notebook.
        rate: Samples a second, from 8,000 to 192,000.
        pitch: Of the tone in Hz, below half the rate.
        moment: Seconds an amplitude lasts, at least one period of the tone.

    Returns:
        The path that was written, as a `pathlib.Path`, or else an `IPython.display.Audio`, which a notebook shows as a
        player when it is the last value of a cell.

    Raises:
        MissingExtraError: without a path where IPython is not installed.
    """
    target = None if path is None else _checked_target(path)
    content = _pcm(tone(wave, rate=rate, pitch=pitch, moment=moment), rate)
    if target is None:
        return _player(content)
    write_whole(target, content)
    return target


def tone(
    wave: Iterable[float], *, rate: int = RATE, pitch: float = PITCH, moment: float = MOMENT
) -> np.ndarray:
    """s(t) = e(t)·sin(2π·pitch·t) at t = 0, 1/rate, 2/rate, … to the end of the last moment: samples in [−1, 1].

    The envelope e passes through aᵢ/max(1, max|a|) in the middle of moment i and through 0 at both ends; between two
    of these it follows half a cosine, p + (q − p)·(1 − cos πu)/2 with u ∈ [0, 1]. It has no jump and no corner, so
    nothing clicks, and it never leaves [p, q], so nothing clips. Amplitudes up to 1 keep their loudness, which is
    linear in them. A negative amplitude turns the tone upside down. A convention of this project.
    """
    heights = _checked_wave(wave)
    rate, pitch, moment = _checked_sound(rate, pitch, moment)
    length = len(heights) * moment
    if length > LONGEST:
        raise CapacityError(
            f"{len(heights)} amplitudes of {moment!r} s last {length:.6g} s; {LONGEST:g} s is the most. "
            "Give fewer amplitudes, or a shorter `moment`."
        )
    times = np.arange(math.ceil(length * rate) + 1) / rate
    loudest = max(1.0, float(np.abs(heights).max()))
    return _envelope(heights / loudest, times / moment) * np.sin(2.0 * np.pi * pitch * times)


def _envelope(heights: Float[np.ndarray, " n"], places: Float[np.ndarray, " t"]) -> Float[np.ndarray, " t"]:
    """Heights in the middle of their moments, nothing at both ends and after, joined by half cosines."""
    n = len(heights)
    knots = np.concatenate([[0.0], np.arange(n) + 0.5, [float(n)]])
    values = np.concatenate([[0.0], heights, [0.0]])
    left = np.clip(np.searchsorted(knots, places, side="right") - 1, 0, n)
    u = np.clip((places - knots[left]) / (knots[left + 1] - knots[left]), 0.0, 1.0)
    share = 0.5 - 0.5 * np.cos(np.pi * u)
    return values[left] * (1.0 - share) + values[left + 1] * share


def _checked_wave(wave: Any) -> Float[np.ndarray, " n"]:
    if isinstance(wave, str | bytes | bytearray | Mapping | AbstractSet) or not isinstance(wave, Iterable):
        raise TypeError(f"wave is of type {type(wave).__name__}; give a list of amplitudes.")
    listed = [finite(f"wave[{index}]", value) for index, value in enumerate(wave)]
    if not listed:
        raise EmptyInput("wave is empty; give one amplitude at least.")
    return np.array(listed, dtype=np.float64)


def _checked_sound(rate: Any, pitch: Any, moment: Any) -> tuple[int, float, float]:
    rate = whole("rate", rate)
    if not RATES[0] <= rate <= RATES[1]:
        raise InvalidValue(
            f"rate = {rate} is outside {RATES[0]} … {RATES[1]}; give one inside, such as {RATE}."
        )
    pitch, moment = positive("pitch", pitch), positive("moment", moment)
    if not pitch < rate / 2:
        raise InvalidValue(
            f"pitch = {pitch!r} Hz needs a rate above {2 * pitch:g}; raise `rate` from {rate}."
        )
    if not moment >= 1.0 / pitch:
        raise InvalidValue(
            f"moment = {moment!r} s is shorter than a period of {pitch:g} Hz; give {1.0 / pitch:.6g} s or more."
        )
    return rate, pitch, moment


def _pcm(samples: Float[np.ndarray, " t"], rate: int) -> bytes:
    buffer = io.BytesIO()
    with riff.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.rint(LOUDEST * samples).astype("<i2").tobytes())
    return buffer.getvalue()


def _player(content: bytes) -> Any:
    try:
        from IPython.display import Audio
    except ImportError as error:
        raise MissingExtraError(
            "playing needs IPython; pip install 'stnb[lab]', or give a path to write a WAV file."
        ) from error
    return Audio(data=content)


def _checked_target(path: Any) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path is of type {type(path).__name__}; give the name of a WAV file.")
    target = Path(path)
    if target.suffix.lower() != SUFFIX:
        raise InvalidValue(
            f"path = {str(target)!r} does not end in {SUFFIX}; WAV is the format that is written."
        )
    return target
