"""Which frequencies the drift and the energy of a timeline swing with."""

from __future__ import annotations

import cmath
import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.fft

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from jaxtyping import Complex128, Float64

__all__ = ["ChronoHarmonics", "ChronoPeak", "analyse"]

UNEVEN = 1.05
TIE = 1e-12
CLEAR_OF_THE_EDGES = 3
THREADED = 8192


@dataclasses.dataclass(frozen=True)
class ChronoPeak:
    """The strongest frequency of a series.

    Attributes:
        frequency: k·sample_rate/n, that of the bin with the greatest magnitude.
        magnitude: |X_k|/n, half the amplitude of a sine that fits the window.
        phase: arg X_k: A·cos(2π·frequency·t + phase), with t = 0 at the first sample.
        amplitude: 2|X_k|/n, the A above; |X_k|/n at the Nyquist frequency, which has no mirror image.
        refined_frequency: where between the bins a lone sine would be; None within three bins of either end.
    """

    frequency: float
    magnitude: float
    phase: float
    amplitude: float
    refined_frequency: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The attributes by name."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class ChronoHarmonics:
    """The spectra of curvature drift and total energy over a window of n frames.

    power[k] = |X_k|/n with the discrete Fourier transform X of the series: an amplitude, whatever its name says, and
    half that of a sine; k = 0 is the mean. Bin k stands for k·sample_rate/n, and a sine between two bins leaks into
    both.

    Attributes:
        frames: n.
        duration: T = Σ dt.
        sample_rate: n/T.
        nyquist: half of that, the highest frequency there is.
        drift_power: of curvature_drift, the lowest bins that were asked for.
        energy_power: of total_energy.
        dominant_drift: the strongest of all bins above 0, also beyond the listed ones; None for a constant series.
        dominant_energy: the same of total_energy.
        resampled: whether the `dt` differed by more than 5 %, so that the series were read at even times first, along
            straight lines between the frames.
    """

    frames: int
    duration: float
    sample_rate: float
    nyquist: float
    drift_power: list[float]
    energy_power: list[float]
    dominant_drift: ChronoPeak | None
    dominant_energy: ChronoPeak | None
    resampled: bool = False

    def frequencies(self) -> list[float]:
        """The frequency of every listed bin."""
        return [k * self.sample_rate / self.frames for k in range(len(self.drift_power))]

    def as_dict(self) -> dict[str, Any]:
        """The attributes by name, peaks as dicts."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of `as_dict`."""
        peaks = {name: saved[name] for name in ("dominant_drift", "dominant_energy")}
        found = {name: None if peak is None else ChronoPeak(**peak) for name, peak in peaks.items()}
        return cls(**{**saved, **found})


def analyse(
    dt: Float64[np.ndarray, " n"], drift_and_energy: Float64[np.ndarray, "s n"], bins: int
) -> ChronoHarmonics:
    """The harmonics of two frames or more: drift in the first row, energy in the second; the rows are used up."""
    n = len(dt)
    duration = float(dt.sum())
    uneven = bool(dt.max() > UNEVEN * dt.min())
    series = _evenly(dt, drift_and_energy) if uneven else drift_and_energy
    centre = _centre(series)
    series -= centre[:, None]
    spectra = np.asarray(scipy.fft.rfft(series, workers=2 if n >= THREADED else 1))
    magnitudes = np.abs(spectra)
    listed = magnitudes[:, :bins] / n
    listed[:, 0] = np.abs(centre + np.real(spectra[:, 0]) / n)
    rate = n / duration
    drift, energy = (_peak(*pair, n, rate) for pair in zip(spectra, magnitudes, strict=True))
    return ChronoHarmonics(
        n, duration, rate, rate / 2, listed[0].tolist(), listed[1].tolist(), drift, energy, uneven
    )


def _evenly(dt: np.ndarray, series: np.ndarray) -> Float64[np.ndarray, "s n"]:
    """The series at n even times up to that of the last frame; what comes before the first frame is as it."""
    there = np.cumsum(dt)
    wanted = there[-1] * (np.arange(1, len(dt) + 1) / len(dt))
    return np.stack([np.interp(wanted, there, row) for row in series])


def _centre(series: np.ndarray) -> Float64[np.ndarray, " s"]:
    """Halfway between the extremes: what a constant series is, to the bit, so that nothing is left of it."""
    low = series.min(1)
    return low + (series.max(1) - low) / 2


def _peak(
    spectrum: Complex128[np.ndarray, " f"], magnitudes: Float64[np.ndarray, " f"], n: int, rate: float
) -> ChronoPeak | None:
    """The lowest of the strongest bins above 0; bins that differ by rounding alone are equally strong."""
    strongest = 1 + int(magnitudes[1:].argmax())
    top = magnitudes[strongest]
    if top == 0:
        return None
    k = 1 + int((magnitudes[1 : strongest + 1] >= top * (1 - TIE)).argmax())
    magnitude = float(magnitudes[k]) / n
    amplitude = magnitude if 2 * k == n else 2 * magnitude
    return ChronoPeak(
        k * rate / n, magnitude, cmath.phase(spectrum[k]), amplitude, _between_bins(spectrum, k, n, rate)
    )


def _between_bins(spectrum: np.ndarray, k: int, n: int, rate: float) -> float | None:
    """(k ± δ)·rate/n with δ = (2r − 1)/(r + 1), r = |H_{k±1}|/|H_k| towards the stronger neighbour.

    H is the spectrum under a Hann window, H_k = X_k/2 − (X_{k−1} + X_{k+1})/4; the formula is exact for a lone
    complex oscillation in the limit of many samples.
    """
    if not CLEAR_OF_THE_EDGES <= k <= n // 2 - CLEAR_OF_THE_EDGES:
        return None
    around = spectrum[k - 2 : k + 3]
    below, here, above = np.abs(around[1:-1] / 2 - (around[:-2] + around[2:]) / 4)
    ratio = float(max(below, above) / here)
    shift = (2 * ratio - 1) / (ratio + 1)
    return (k + (shift if above >= below else -shift)) * rate / n
