"""Windows of a timeline made of numbers alone."""

import math
from dataclasses import replace
from itertools import pairwise

from stnb.chrono.harmonics import ChronoHarmonics, ChronoPeak
from stnb.chrono.summary import ChronoSummary


def window(*, drift=0.0, energy=1.0, decay=0.0, spread=0.0):
    """A summary of 32 frames."""
    return ChronoSummary(
        frames=32,
        duration=3.2,
        latest_timestamp=3.2,
        mean_drift=-drift,
        mean_abs_drift=drift,
        drift_std=0.0,
        mean_energy=energy,
        energy_std=spread / 2,
        mean_decay=decay,
        min_energy=energy,
        max_energy=energy + spread,
    )


def peak(magnitude, frequency=2.0):
    return ChronoPeak(frequency=frequency, magnitude=magnitude, phase=0.5, amplitude=2 * magnitude)


def spectra(*, drift=None, energy=None, duration=3.2):
    return ChronoHarmonics(32, duration, 10.0, 5.0, [], [], drift, energy)


def summary_of(energies, dt):
    """The summary of frames without drift."""
    decays = [0.0, *((a - b) / dt for a, b in pairwise(energies))]
    n = len(energies)
    mean = math.fsum(energies) / n
    return replace(
        window(energy=mean, decay=math.fsum(decays) / n),
        duration=n * dt,
        min_energy=min(energies),
        max_energy=max(energies),
        energy_std=math.sqrt(math.fsum((e - mean) ** 2 for e in energies) / n),
    )


def strongest(series, dt):
    """The strongest frequency of a series above zero."""
    n = len(series)
    powers = []
    for k in range(1, n // 2 + 1):
        re = math.fsum(v * math.cos(2 * math.pi * k * i / n) for i, v in enumerate(series))
        im = math.fsum(v * math.sin(2 * math.pi * k * i / n) for i, v in enumerate(series))
        powers.append((math.hypot(re, im) / n, k / (n * dt)))
    return peak(*max(powers))
