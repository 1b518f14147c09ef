"""How strongly each frequency is in a stretch of samples.

    A_k = 2 |sum_j w_j (x_j - mean x) exp(-2 pi i j k / N)| / sum_j w_j,   w the Hann window,   f_k = k / (N h)

for samples h steps apart: a sine of amplitude a that fills the stretch gives a peak of height a. The sum is filled up
with zeros to at least four times its length, so the height of a peak between two frequencies is read at most 1 % low.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from stnb_widgets.timeline.pyramid import Pyramid

__all__ = ["MOST_SAMPLES", "Spectrum", "amplitude_spectrum", "harmonics"]

MOST_SAMPLES = 131_072
_LEAST_SAMPLES = 8
_MOST_POINTS = 1024
_UNEVEN = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Amplitudes at frequencies in cycles per step, and what was done to the samples before."""

    frequency: np.ndarray
    amplitude: np.ndarray
    notes: tuple[str, ...]

    def peak(self) -> tuple[float, float]:
        """Frequency and amplitude of the strongest one above zero."""
        at = 1 + int(np.argmax(self.amplitude[1:]))
        return float(self.frequency[at]), float(self.amplitude[at])

    def thinned(self, most: int = _MOST_POINTS) -> tuple[np.ndarray, np.ndarray]:
        """At most `most` points: of neighbouring frequencies the strongest."""
        group = -(-len(self.amplitude) // most)
        starts = np.arange(0, len(self.amplitude), group)
        padded = np.pad(self.amplitude, (0, len(starts) * group - len(self.amplitude)), constant_values=-1.0)
        chosen = starts + padded.reshape(-1, group).argmax(axis=1)
        return self.frequency[chosen], self.amplitude[chosen]


def amplitude_spectrum(steps: np.ndarray, values: np.ndarray) -> Spectrum:
    """The spectrum of values (n,) at rising steps (n,); gaps and uneven steps are bridged, and named."""
    finite = np.isfinite(values)
    if finite.sum() < _LEAST_SAMPLES:
        raise ValueError(
            f"{int(finite.sum())} finite samples are in the window; at least {_LEAST_SAMPLES} are needed: zoom out"
        )
    notes = []
    apart = np.diff(steps)
    spacing = float((steps[-1] - steps[0]) / (len(steps) - 1))
    even = bool((np.abs(apart - spacing) <= _UNEVEN * spacing).all())
    if not even:
        notes.append(f"uneven steps, resampled every {spacing:.4g} steps")
    if not finite.all():
        notes.append(f"{int((~finite).sum()):,} gaps bridged by straight lines")
    grid = steps if even else np.linspace(steps[0], steps[-1], len(steps))
    if not even or not finite.all():
        values = np.interp(grid, steps[finite], values[finite])
    return Spectrum(*_hann(values.astype(np.float64), spacing), tuple(notes))


def harmonics(history: Pyramid, channel: int, ends: tuple[float, float]) -> dict[str, Any]:
    """The spectrum of one channel in a window for a browser, of means where it holds more than 131,072 samples."""
    window = history.window(*ends, MOST_SAMPLES, [channel])
    spectrum = amplitude_spectrum(window.edges[:-1], window.digest.mean[:, 0].astype(np.float64))
    frequency, amplitude = spectrum.thinned()
    means = [f"means of {window.size:,} samples"] if window.size > 1 else []
    return {
        "frequency": [float(f"{x:.7g}") for x in frequency],
        "amplitude": [float(f"{x:.6g}") for x in amplitude],
        "peak": list(spectrum.peak()),
        "note": ", ".join([f"Hann window over {len(window):,} values", *means, *spectrum.notes]),
    }


def _hann(values: np.ndarray, spacing: float) -> tuple[np.ndarray, np.ndarray]:
    count = len(values)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(count) / count)
    length = 1 << int(np.ceil(np.log2(4 * count)))
    size = float(np.abs(values).max()) or 1.0
    scaled = values / size
    transform = np.fft.rfft((scaled - scaled.mean()) * window, length)
    return np.fft.rfftfreq(length, spacing), size * 2 * np.abs(transform) / window.sum()
