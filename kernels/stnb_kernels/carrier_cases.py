"""Random banks for the parity cases of the ops that move carriers.

Integers must agree exactly, so a decision may not hang on a rounding. Each op's cases look at what its decisions
compare, computed by the reference, and draw carriers again whose margin is below `MARGIN`. The kernels compute in
float64 and store in the bank's type, so numbers that are compared are off by 2⁻²⁴ of themselves at most; plain torch
computes in float32 with fewer than `ROUNDINGS` roundings, 2·10⁻⁵. Equal numbers stay equal and are drawn on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_kernels.bank import (
    AGE,
    ANCHOR_PHASE,
    ANCHOR_SCORE,
    ANCHOR_UID,
    ANCHORS,
    BORN,
    CONFLICT,
    COUNT,
    COUNTS,
    FREQUENCY,
    IDENTITY,
    IMAG,
    PARENT,
    QUIET,
    REAL,
    STATE,
    STEP,
    WIDTH,
    Bank,
    Oscillators,
)
from stnb_kernels.parity import to_numpy
from stnb_kernels.spectral_cases import on_device
from stnb_kernels.spectrum import Spectrum

if TYPE_CHECKING:
    from stnb_kernels.law import CarrierLaw

__all__ = [
    "MARGIN",
    "ROUNDINGS",
    "CarrierCase",
    "apart",
    "columns_of",
    "copied",
    "draw_carriers",
    "epsilon",
    "mismatch",
    "placed",
    "scratch",
]

OSCILLATORS = (0, 1, 7, 60, 1000, 20_000)
CAPACITIES = (1, 2, 8, 63, 64, 300)
RUBBISH = 77
MARGIN = 1e-4
ROUNDINGS = 160

RESTING = ("gain", "books", "fed", "ticket")
"""Scratch that is zero between calls."""


@dataclass(frozen=True)
class CarrierCase:
    """Oscillators and carriers at some step, and what earlier ops left in the scratch."""

    oscillators: Oscillators
    bank: Bank
    spectrum: Spectrum
    law: CarrierLaw
    seed: int

    def __str__(self) -> str:
        o, b = self.oscillators, self.bank
        return f"{len(o.phase)} {o.phase.dtype} oscillators, {int(b.counts[COUNT])} of {b.capacity} carriers"


def epsilon(case: CarrierCase) -> float:
    """Spacing of the case's float type at 1."""
    return float(np.finfo(case.bank.real.dtype).eps)


def apart(a: Any, b: Any) -> Any:
    """How far two angles lie apart."""
    away = np.abs(np.asarray(a, np.float64) - np.asarray(b, np.float64)) % (2 * np.pi)
    return np.minimum(away, 2 * np.pi - away)


def scratch(n: int, capacity: int, like: Any) -> Spectrum:
    """Scratch full of rubbish, but for what rests at zero."""
    spectrum = Spectrum.allocate(n, capacity, like)
    for field in fields(spectrum):
        value = getattr(spectrum, field.name)
        if isinstance(value, np.ndarray) and field.name not in RESTING:
            value[...] = RUBBISH
    return spectrum


def draw_oscillators(rng: np.random.Generator, n: int, dtype: str) -> Oscillators:
    """A band or a few lines; energies of which many are equal or zero."""
    frequency = rng.uniform(0, 2, n) if rng.integers(2) else rng.choice(rng.uniform(0, 2, 5), n)
    energy = rng.exponential(1, n) if rng.integers(2) else rng.choice([0.0, 0.25, 1.0], n)
    uid = rng.permutation(n).astype(np.int32)
    return Oscillators(
        rng.uniform(0, 2 * np.pi, n).astype(dtype),
        np.sort(frequency).astype(dtype),
        energy.astype(dtype),
        uid,
        np.argsort(uid).astype(np.int32),
    )


def draw_anchors(rng: np.random.Generator, bank: Bank, k: int, n: int) -> None:
    """Oscillators, each once, in some of the slots; scores of which some are equal, zero or negative."""
    held = rng.permutation(ANCHORS)[: rng.choice([0, 3, ANCHORS - 1, ANCHORS])]
    held = held[:n]
    bank.whole[ANCHOR_UID:, k] = -1
    known = rng.integers(0, min(n, 3 * ANCHORS), 4 * ANCHORS) if n else np.zeros(0, int)
    names = np.unique(known)
    held = held[: len(names)]
    bank.whole[ANCHOR_UID + held, k] = rng.permutation(names)[: len(held)]
    bank.real[ANCHOR_PHASE : ANCHOR_PHASE + ANCHORS, k] = rng.uniform(-np.pi, np.pi, ANCHORS)
    score = rng.choice([-0.5, 0.0, 0.25, 0.5], ANCHORS) if rng.integers(2) else rng.normal(0.3, 0.5, ANCHORS)
    bank.real[ANCHOR_SCORE : ANCHOR_SCORE + ANCHORS, k] = score


def draw_carriers(rng: np.random.Generator, *, small: bool, backend: str, law: CarrierLaw) -> CarrierCase:
    """Carriers of every state, some silent, some alike, with anchors; columns that do not exist hold rubbish."""
    n = int(rng.choice(OSCILLATORS[:4] if small else OSCILLATORS))
    capacity = int(rng.choice(CAPACITIES[:5] if small else CAPACITIES))
    dtype = "float32" if backend in ("metal", "triton") else str(rng.choice(["float32", "float64"]))
    oscillators = draw_oscillators(rng, n, dtype)
    bank = Bank.allocate(capacity, oscillators.phase)
    counts = np.array([0, capacity, rng.integers(capacity + 1), rng.integers(capacity + 1)])
    m = int(rng.choice(counts))
    bank.real[:], bank.whole[:] = RUBBISH, RUBBISH
    centres = rng.uniform(0, 2, 4)
    bank.real[FREQUENCY, :m] = (
        rng.uniform(0, 2, m) if rng.integers(2) else rng.choice(centres, m) + rng.normal(0, 0.05, m)
    )
    bank.real[FREQUENCY, : m // 4] = centres[0]
    bank.real[WIDTH, :m] = rng.uniform(0.5 * law.width_min, 1.2 * law.width_max, m)
    size = rng.choice([0.0, 0.5, 1.0, np.nan], m)
    size = np.where(np.isnan(size), rng.exponential(0.5, m), size)
    angle = rng.choice(rng.uniform(-np.pi, np.pi, 6), m)
    bank.real[REAL, :m], bank.real[IMAG, :m] = (
        size * np.cos(angle) + 0.0,
        size * np.sin(angle) + 0.0,
    )  # no −0: no phase
    bank.real[CONFLICT, :m] = rng.choice([0.0, 0.2, 0.5, 1.0], m) if rng.integers(2) else rng.uniform(0, 1, m)
    bank.real[CONFLICT + 1 : ANCHOR_PHASE, :m] = rng.uniform(0, 5, (ANCHOR_PHASE - CONFLICT - 1, m))
    bank.whole[STATE, :m] = rng.integers(0, 3, m)
    near = np.array([0, law.stable_after - 1, law.stable_after, law.crystal_after - 1, law.crystal_after])
    bank.whole[AGE, :m] = rng.choice(near, m)
    bank.whole[QUIET, :m] = rng.choice([0, law.prune_after - 1, law.prune_after, law.prune_after + 5], m)
    bank.whole[IDENTITY, :m] = 1000 + rng.permutation(m)
    bank.whole[PARENT, :m] = rng.integers(-1, 1000, m)
    for k in range(m):
        draw_anchors(rng, bank, k, n)
    bank.counts[:] = rng.integers(0, 100, COUNTS)
    bank.counts[[COUNT, STEP, BORN]] = m, rng.integers(0, 10_000), 5000
    return CarrierCase(
        oscillators, bank, scratch(n, capacity, oscillators.phase), law, int(rng.integers(0, 2**63))
    )


def copied(case: CarrierCase) -> tuple[Oscillators, Bank, Spectrum]:
    """The case's arrays to work on."""
    return placed(case, "reference")


def placed(case: CarrierCase, backend: str) -> tuple[Oscillators, Bank, Spectrum]:
    """Copies of the case's arrays where the back end wants them."""
    return tuple(on_device(part, backend) for part in (case.oscillators, case.bank, case.spectrum))  # pyright: ignore[reportReturnType]


def columns_of(bank: Bank) -> dict[str, np.ndarray]:
    """The bank's numbers by what they may be off by: nothing but the reals and the angles."""
    real = to_numpy(bank.real)
    angles = slice(ANCHOR_PHASE, ANCHOR_PHASE + ANCHORS)
    return {
        "carriers": np.delete(real, angles, axis=0),
        "anchor phases": real[angles],
        "whole": to_numpy(bank.whole),
        "counts": to_numpy(bank.counts),
    }


def mismatch(case: CarrierCase, name: str, value: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Error and tolerance: integers identical, angles modulo 2π, reals over their magnitude or 1."""
    if value.dtype.kind in "iu":
        return float(np.count_nonzero(value != expected)), 0.0
    if "phase" in name:
        return float(apart(value, expected).max(initial=0.0)), ROUNDINGS * epsilon(case)
    scale = np.maximum(np.abs(expected.astype(np.float64)), 1.0)
    return float((np.abs(value - expected) / scale).max(initial=0.0)), ROUNDINGS * epsilon(case)
