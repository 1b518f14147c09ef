"""Random spectra for the parity cases of the spectral ops."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_kernels.bank import (
    ANCHOR_UID,
    BORN,
    COUNT,
    FREQUENCY,
    IDENTITY,
    IMAG,
    REAL,
    STATE,
    STEP,
    WIDTH,
    Bank,
    Oscillators,
)
from stnb_kernels.law import CarrierLaw
from stnb_kernels.parity import to_device
from stnb_kernels.spectrum import ALGORITHMS, Spectrum

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = ["SpectralCase", "arranged", "draw_spectrum", "on_device"]

COUNTS = (0, 1, 7, 60, 511, 513, 3000, 20_000)
CAPACITIES = (1, 2, 8, 63, 64, 65, 300)
RUBBISH = 77


@dataclass(frozen=True)
class SpectralCase:
    """Oscillators and carriers at some step."""

    oscillators: Oscillators
    bank: Bank
    law: CarrierLaw
    algorithm: str
    seed: int

    def __str__(self) -> str:
        o = self.oscillators
        return (
            f"{len(o.phase)} {o.phase.dtype} oscillators, {int(self.bank.counts[COUNT])} of {self.bank.capacity} "
            f"carriers, {self.algorithm}"
        )


def frequencies(rng: np.random.Generator, n: int) -> Float[np.ndarray, " n"]:
    """A flat band, a few lines, a narrow band, or one with long tails."""
    kind = rng.integers(4)
    if kind == 0:
        return rng.uniform(0, 2, n)
    if kind == 1:
        return rng.choice(rng.uniform(0, 2, 3), n)
    if kind == 2:
        return rng.normal(1, 0.02, n)
    return rng.standard_cauchy(n) * 0.1


def draw_spectrum(rng: np.random.Generator, *, small: bool, backend: str) -> SpectralCase:
    """Oscillators anywhere, carriers of every state among them; columns that do not exist hold rubbish."""
    counts, capacities = (COUNTS[:5], CAPACITIES[:5]) if small else (COUNTS, CAPACITIES)
    n, capacity = int(rng.choice(counts)), int(rng.choice(capacities))
    dtype = "float32" if backend in ("metal", "triton") else str(rng.choice(["float32", "float64"]))
    heard = np.sort(frequencies(rng, n).astype(dtype))
    uid = rng.permutation(n).astype(np.int32)
    oscillators = Oscillators(
        rng.uniform(0, 2 * np.pi, n).astype(dtype),
        heard,
        (rng.exponential(1, n) * rng.integers(0, 2, n)).astype(dtype),
        uid,
        np.argsort(uid).astype(np.int32),
    )
    bank = Bank.allocate(capacity, oscillators.phase)
    m = int(rng.integers(capacity + 1))
    bank.real[:], bank.whole[STATE] = RUBBISH, RUBBISH
    low, high = (float(heard[0]), float(heard[-1])) if n else (0.0, 1.0)
    bank.real[FREQUENCY, :m] = rng.uniform(max(low, -5), min(high, 5), m) if low < high else low
    law = CarrierLaw(temperature=float(rng.choice([0.0, 0.01])))
    bank.real[WIDTH, :m] = rng.uniform(law.width_min, law.width_max, m)
    bank.real[REAL, :m], bank.real[IMAG, :m] = rng.normal(0, 0.5, (2, m)) * rng.integers(0, 2, m)
    bank.whole[STATE, :m] = rng.integers(0, 3, m)
    bank.whole[IDENTITY, :m] = rng.permutation(m)
    if n:
        bank.whole[ANCHOR_UID:, :m] = rng.integers(-1, n, bank.whole[ANCHOR_UID:, :m].shape)
    bank.counts[[COUNT, STEP, BORN]] = m, rng.integers(0, 10_000), m
    algorithm = str(rng.choice(ALGORITHMS))
    return SpectralCase(oscillators, bank, law, algorithm, int(rng.integers(0, 2**63)))


def on_device(value: Any, backend: str) -> Any:
    """A dataclass of arrays where the back end wants it; anything else as it is."""
    if isinstance(value, np.ndarray):
        return to_device(value, backend)
    if not is_dataclass(value):
        return value
    return type(value)(**{f.name: on_device(getattr(value, f.name), backend) for f in fields(value)})  # pyright: ignore[reportCallIssue]


def arranged(case: SpectralCase, backend: str) -> Spectrum:
    """Scratch full of rubbish, arranged for the case's frequencies, where the back end wants it."""
    o = case.oscillators
    spectrum = Spectrum.allocate(len(o.phase), case.bank.capacity, o.phase)
    for field in fields(spectrum):
        value = getattr(spectrum, field.name)
        if isinstance(value, np.ndarray) and field.name not in ("gain", "books"):
            value[...] = RUBBISH
    spectrum.arrange(o.frequency, width_min=case.law.width_min)
    return on_device(spectrum, backend)
