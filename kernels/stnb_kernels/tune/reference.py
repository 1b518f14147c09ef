"""The definition: every pair, in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.bank import COUNT, FREQUENCY, SMALLEST_ENERGY, WIDTH

if TYPE_CHECKING:
    from jaxtyping import Complex128, Float

    from stnb_kernels.bank import Bank, Oscillators
    from stnb_kernels.spectrum import Spectrum

__all__ = ["amplitudes", "phasors", "run", "tuning"]


def amplitudes(energy: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """A = √max(E, 10⁻⁸)."""
    return np.sqrt(np.maximum(energy.astype(np.float64), SMALLEST_ENERGY))


def phasors(oscillators: Oscillators) -> Complex128[np.ndarray, " n"]:
    """Z = A e^{iθ}."""
    phase = oscillators.phase.astype(np.float64)
    return amplitudes(oscillators.energy) * (np.cos(phase) + 1j * np.sin(phase))


def tuning(
    frequency: Float[np.ndarray, " n"], centre: Float[np.ndarray, " m"], width: Float[np.ndarray, " m"]
) -> Float[np.ndarray, "m n"]:
    """T_ik, one row a carrier."""
    away = frequency.astype(np.float64)[None] - centre.astype(np.float64)[:, None]
    return np.exp(-((away / width.astype(np.float64)[:, None]) ** 2))


def run(oscillators: Oscillators, bank: Bank, spectrum: Spectrum, algorithm: str) -> None:
    del algorithm
    m = int(bank.counts[COUNT])
    centre = bank.real[FREQUENCY, :m]
    heard = tuning(oscillators.frequency, centre, bank.real[WIDTH, :m])
    z = phasors(oscillators)
    drive = heard @ z
    weight = heard * amplitudes(oscillators.energy)
    away = oscillators.frequency.astype(np.float64)[None] - centre.astype(np.float64)[:, None]
    spectrum.phasor[:, : len(z)] = np.real(z), np.imag(z), amplitudes(oscillators.energy)
    spectrum.sums[:] = 0
    spectrum.sums[:, :m] = [np.real(drive), np.imag(drive), weight.sum(axis=1), (weight * away).sum(axis=1)]
