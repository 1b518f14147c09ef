"""Text as a wave, and the wave as a point of the ball: no vocabulary, no training, no randomness."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from stnb._core.errors import EmptyInput, InvalidValue, NonPositiveTemperature, nearest
from stnb._core.numbers import positive
from stnb.geometry import TENSOR_MARGIN, Ball
from stnb.zspace.complex_tensor import ComplexTensor
from stnb.zspace.tensor import Tensor
from stnb.zspace.voice import amplitudes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jaxtyping import Complex, Float

__all__ = ["LanguageWaveEncoder"]

ALPHABET = 1024
FARTHEST = 1.0 - 2.0 * TENSOR_MARGIN  # of the radius; float32 rounds by far less than the rest of the margin
ROW_SCALES = ("none", "rms")


class LanguageWaveEncoder:
    """Text of n characters with code points uᵢ, i = 0 … n − 1, as a wave of n frequencies and a point of the ball.

        xᵢ = τ·((uᵢ mod 1024)/1024 + |sin((i + 1)/n)|)            the signal
        X_k = Σᵢ xᵢ·exp(−2πi·ki/n)                                the wave, all n bins
        v = (ρ₀cos φ₀, ρ₀sin φ₀, ρ₁cos φ₁, …),  ρ_k = tanh(√c|X_k|),  φ_k = arg X_k
        z = exp₀(v), no nearer to the rim than 2e-5                the point, 2n coordinates

    The signal is a convention of this project, the rest follows from it. It says which characters stand where, not
    what they mean: characters whose code points are 1024 apart look the same, and the sine depends on the place alone.
    ‖v‖ grows like √n, so from about a hundred characters on z lies at the rim; `row_scale="rms"` divides v by √n.

    Args:
        curvature: κ < 0.
        temperature: τ > 0, in which the wave is linear.
        row_scale: "none" or "rms".

    >>> LanguageWaveEncoder(-1.0, 0.5).encode_z_space("spiral").shape()
    (1, 12)
    """

    __slots__ = ("_ball", "_row_scale", "_temperature")

    def __init__(self, curvature: float, temperature: float, *, row_scale: str = "none") -> None:
        self._ball = Ball(curvature)
        self._temperature = positive("temperature", temperature, NonPositiveTemperature)
        if row_scale not in ROW_SCALES:
            raise InvalidValue(f"row_scale = {row_scale!r} is unknown; {nearest(str(row_scale), ROW_SCALES)}")
        self._row_scale = row_scale

    def curvature(self) -> float:
        """κ."""
        return self._ball.curvature

    def temperature(self) -> float:
        """τ."""
        return self._temperature

    def encode_wave(self, text: str) -> ComplexTensor:
        """X as one row of n complex numbers; X_{n−k} is the conjugate of X_k, and X₀ = Σ xᵢ."""
        return ComplexTensor.from_torch(
            torch.from_numpy(_whole(self._half(text), len(text)).astype(np.complex64))
        )

    def encode_z_space(self, text: str) -> Tensor:
        """Z as one row of 2n coordinates, lowest frequency first."""
        wave = self._half(text)
        n, root = len(text), math.sqrt(self._ball.c)
        magnitude = np.abs(wave)
        shrink = np.tanh(root * magnitude) / np.where(magnitude > 0, magnitude, 1.0)
        tangent = _whole(wave * shrink, n)
        if self._row_scale == "rms":
            tangent /= math.sqrt(n)
        lanes = tangent.view(np.float64)
        reach = root * math.sqrt(lanes @ lanes)
        scale = min(math.tanh(reach), FARTHEST) / reach if reach > 0 else 1.0
        return Tensor.from_torch(torch.from_numpy((scale * lanes).astype(np.float32)))

    def speak(self, frames: Iterable[Any], *, samples_per_frame: int = 1) -> list[float]:
        """How loud each frame of a timeline is, in [0, τ]: √energy relative to the loudest, raised by drift."""
        return amplitudes(frames, self._temperature, samples_per_frame)

    def _half(self, text: str) -> Complex[np.ndarray, " k"]:
        """X_k for k = 0 … ⌊n/2⌋."""
        if not isinstance(text, str):
            raise TypeError(f"text is of type {type(text).__name__}; give a str.")
        if not text:
            raise EmptyInput("text is empty; give at least one character.")
        return np.fft.rfft(self._temperature * _signal(text))

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, LanguageWaveEncoder) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        scale = "" if self._row_scale == "none" else f", row_scale={self._row_scale!r}"
        return f"LanguageWaveEncoder({self.curvature()!r}, {self._temperature!r}{scale})"

    def _key(self) -> tuple[float, float, str]:
        return self.curvature(), self._temperature, self._row_scale


def _signal(text: str) -> Float[np.ndarray, " n"]:
    """x/τ. The sine's argument lies in (0, 1], where it is positive."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    n = len(points)
    return (points % ALPHABET) / ALPHABET + np.sin(np.arange(1, n + 1) / n)


def _whole(half: Complex[np.ndarray, " k"], n: int) -> Complex[np.ndarray, " n"]:
    """All n bins of a real signal's transform: the upper ones are the conjugates of the lower."""
    return np.concatenate([half, np.conj(half[1 : (n + 1) // 2][::-1])])
