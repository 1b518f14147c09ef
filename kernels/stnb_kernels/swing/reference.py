"""The definition: every pair, in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.bank import COUNT, CRYSTALLIZED, FREQUENCY, IMAG, REAL, STATE, STEP, WIDTH
from stnb_kernels.random.reference import uniforms, words
from stnb_kernels.swing import PHASE_STREAM
from stnb_kernels.tune.reference import tuning

if TYPE_CHECKING:
    from jaxtyping import Complex128, Float, Int32

    from stnb_kernels.bank import Bank, Oscillators
    from stnb_kernels.law import CarrierLaw
    from stnb_kernels.spectrum import Spectrum

__all__ = ["carriers", "normals", "normals_of", "run", "turned"]

TURN = 2.0 * np.pi


def carriers(bank: Bank) -> Complex128[np.ndarray, " m"]:
    """C of the carriers that exist."""
    m = int(bank.counts[COUNT])
    return bank.real[REAL, :m].astype(np.float64) + 1j * bank.real[IMAG, :m].astype(np.float64)


def normals(n: int, seed: int, stream: int, step: int) -> Float[np.ndarray, " n"]:
    """The first n standard normals of a stream, from 24-bit uniforms."""
    u = uniforms(n + n % 2, np.dtype(np.float32), seed, stream, step)
    radius, angle = np.sqrt(-2.0 * np.log1p(-u[0::2])), TURN * u[1::2]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).reshape(-1)[:n]


def normals_of(
    identity: Int32[np.ndarray, " n"], seed: int, stream: int, step: int
) -> Float[np.ndarray, "2 n"]:
    """Two standard normals for each identity: the uniforms of its own block of random words."""
    w = words(int(identity.max(initial=-1)) + 1, seed, stream, step)[identity]
    u = (w[:, :2] >> np.uint64(8)).astype(np.float64) * 2.0**-24
    radius, angle = np.sqrt(-2.0 * np.log1p(-u[:, 0])), TURN * u[:, 1]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)])


def turned(phase: Float[np.ndarray, " n"], dtype: np.dtype) -> Float[np.ndarray, " n"]:
    """The angle in [0, 2π) in the given type, whose rounding may not reach 2π."""
    wrapped = (phase - TURN * np.floor(phase / TURN)).astype(dtype)
    return np.where((wrapped >= 0) & (wrapped < dtype.type(TURN)), wrapped, 0)


def run(
    oscillators: Oscillators,
    bank: Bank,
    spectrum: Spectrum,
    law: CarrierLaw,
    seed: int,
    algorithm: str,
) -> None:
    del algorithm
    m, n = int(bank.counts[COUNT]), len(oscillators.phase)
    heard = tuning(oscillators.frequency, bank.real[FREQUENCY, :m], bank.real[WIDTH, :m])
    boost = np.where(bank.whole[STATE, :m] == CRYSTALLIZED, 1.0 + law.boost, 1.0)
    field = (boost * carriers(bank)) @ heard
    z = spectrum.phasor[0, :n].astype(np.float64) + 1j * spectrum.phasor[1, :n].astype(np.float64)
    pull = (z.conj() * field).imag
    phase = oscillators.phase.astype(np.float64)
    phase = phase + law.dt * (oscillators.frequency.astype(np.float64) + law.coupling * pull)
    if law.temperature > 0:
        noise = normals(n, seed, PHASE_STREAM, int(bank.counts[STEP]))
        phase = phase + np.sqrt(2.0 * law.temperature * law.dt) * noise
    oscillators.phase[:] = turned(phase, oscillators.phase.dtype)
    spectrum.coverage[:n] = heard.sum(axis=0)
