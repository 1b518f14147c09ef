"""The definition, in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.bank import (
    AGE,
    CONFLICT,
    COUNT,
    CRYSTALLIZED,
    FREQUENCY,
    IDENTITY,
    IMAG,
    ORDER,
    QUIET,
    REAL,
    STABLE,
    STATE,
    STEP,
    SUPPORT,
    VOLATILE,
    WIDTH,
)
from stnb_kernels.evolve import CARRIER_STREAM
from stnb_kernels.swing.reference import carriers, normals_of

if TYPE_CHECKING:
    from jaxtyping import Float

    from stnb_kernels.bank import Bank
    from stnb_kernels.law import CarrierLaw
    from stnb_kernels.spectrum import Spectrum

__all__ = ["repelled", "run"]


def repelled(frequency: Float[np.ndarray, " m"], width: Float[np.ndarray, " m"]) -> Float[np.ndarray, " m"]:
    """Σ_j (Ω_k − Ω_j) exp(−((Ω_k − Ω_j)/max(σ_k + σ_j, 10⁻³))²)."""
    apart = frequency[:, None] - frequency[None]
    reach = np.maximum(width[:, None] + width[None], 1e-3)
    return (apart * np.exp(-((apart / reach) ** 2))).sum(axis=1)


def run(bank: Bank, spectrum: Spectrum, law: CarrierLaw, seed: int) -> None:
    m = int(bank.counts[COUNT])
    real, whole = bank.real[:, :m], bank.whole[:, :m]
    drive_re, drive_im, support, shift = spectrum.sums[:, :m].astype(np.float64)
    frequency, width = real[FREQUENCY].astype(np.float64), real[WIDTH].astype(np.float64)
    state = whole[STATE].copy()
    free = state != CRYSTALLIZED
    heard = support > law.support_floor
    order = np.minimum(np.hypot(drive_re, drive_im) / np.where(heard, support, 1.0), 1.0) * heard

    follow = np.array([law.follow_volatile, law.follow_stable, 0.0])[state]
    starving = law.hunger * np.maximum(0.0, 1.0 - order**2 / law.upkeep)
    total = follow + np.where(free, law.damping + starving, 0.0)
    kept = np.exp(-total * law.dt)
    gain = np.where(total > 0, -np.expm1(-total * law.dt) / np.where(total > 0, total, 1.0), law.dt)
    target = (drive_re + 1j * drive_im) / (support + law.support_floor)
    c = np.exp(1j * frequency * law.dt) * (kept * carriers(bank) + follow * gain * target)
    if law.temperature > 0:
        boost = np.where(free, 1.0, 1.0 + law.boost)
        spread = np.sqrt(law.temperature * follow * gain * (1.0 + kept) / (boost * np.maximum(support, 1.0)))
        noise = normals_of(whole[IDENTITY], seed, CARRIER_STREAM, int(bank.counts[STEP]))
        c = c + spread * (noise[0] + 1j * noise[1])

    conflict = real[CONFLICT].astype(np.float64)
    conflict = conflict - np.expm1(-law.conflict_rate * law.dt) * np.where(heard, 1.0 - order - conflict, 0.0)
    moved = -np.expm1(-law.recentre_rate * law.dt) * np.where(
        heard, shift / np.where(heard, support, 1.0), 0.0
    )
    moved = moved + law.dt * law.repulsion * repelled(frequency, width)

    real[REAL], real[IMAG] = c.real, c.imag
    real[CONFLICT], real[ORDER], real[SUPPORT] = conflict, order, support
    real[FREQUENCY] = np.where(free, frequency + moved, frequency)
    real[WIDTH] = np.clip(width, law.width_min, law.width_max)
    _mature(bank, law, m)


def _mature(bank: Bank, law: CarrierLaw, m: int) -> None:
    """The state machine and the count of quiet steps, from the numbers as they are stored."""
    real, whole = bank.real[:, :m].astype(np.float64), bank.whole[:, :m]
    state, calm = whole[STATE].copy(), 1.0 - real[CONFLICT]
    ready = (state == VOLATILE) & (calm >= law.stable_order)
    firm = (state == STABLE) & (calm >= law.crystal_order)
    firm &= (real[CONFLICT] <= law.crystal_conflict) & (real[SUPPORT] >= law.crystal_support)
    age = np.where(ready | firm, whole[AGE] + 1, np.where(state == CRYSTALLIZED, whole[AGE], 0))
    up = (ready & (age >= law.stable_after)) | (firm & (age >= law.crystal_after))
    whole[STATE] = state + up
    whole[AGE] = np.where(up & (state == VOLATILE), 0, age)
    quiet = (whole[STATE] == VOLATILE) & (np.hypot(real[REAL], real[IMAG]) < law.prune_amplitude)
    whole[QUIET] = np.where(quiet, whole[QUIET] + 1, 0)
