"""Small banks for the tests of the ops that move carriers."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
from stnb_kernels import bank as rows
from stnb_kernels.bank import Bank, Oscillators
from stnb_kernels.law import CarrierLaw
from stnb_kernels.parity import to_numpy
from stnb_kernels.spectral_cases import on_device
from stnb_kernels.spectrum import Spectrum

BACKENDS = ("cpu", "torch", "cuda", "reference")
"""`cuda` runs under its simulator where there is no GPU."""


@dataclass
class World:
    """Oscillators, carriers and scratch in NumPy arrays, and a law."""

    oscillators: Oscillators
    bank: Bank
    spectrum: Spectrum
    law: CarrierLaw

    def run(self, op: Any, *, backend: str = "cpu", **kwargs: Any) -> World:
        """The world after an op; this one stays as it is."""
        after = [on_device(part, backend) for part in (self.oscillators, self.bank, self.spectrum)]
        op(*after, self.law, backend=backend, **kwargs)
        return World(*(_on_host(part) for part in after), self.law)

    @property
    def count(self) -> int:
        return int(self.bank.counts[rows.COUNT])

    @property
    def c(self) -> np.ndarray:
        """C of the carriers that exist."""
        real = self.bank.real[:, : self.count].astype(np.float64)
        return real[rows.REAL] + 1j * real[rows.IMAG]

    def anchors(self, k: int) -> dict[int, tuple[float, float]]:
        """Phase and score of a carrier's anchors by uid, in the order of their slots."""
        column = self.bank.real[:, k], self.bank.whole[:, k]
        return {
            int(column[1][rows.ANCHOR_UID + j]): (
                float(column[0][rows.ANCHOR_PHASE + j]),
                float(column[0][rows.ANCHOR_SCORE + j]),
            )
            for j in range(rows.ANCHORS)
            if column[1][rows.ANCHOR_UID + j] >= 0
        }


def _on_host(value: Any) -> Any:
    if is_dataclass(value):
        return type(value)(**{f.name: _on_host(getattr(value, f.name)) for f in fields(value)})
    return to_numpy(value) if hasattr(value, "shape") else value


def world(frequency, energy, capacity, *, phase=None, law=None, dtype=np.float64) -> World:
    """Oscillators of these frequencies and energies and an empty bank; uids as given, columns sorted."""
    frequency, energy = np.asarray(frequency, dtype), np.asarray(energy, dtype)
    n = len(frequency)
    order = np.argsort(frequency, kind="stable").astype(np.int32)
    where = np.empty(n, np.int32)
    where[order] = np.arange(n)
    angles = np.zeros(n, dtype) if phase is None else np.asarray(phase, dtype)
    oscillators = Oscillators(angles[order], frequency[order], energy[order], order, where)
    bank = Bank.allocate(capacity, oscillators.phase)
    spectrum = Spectrum.allocate(n, capacity, oscillators.phase)
    spectrum.found[:] = rows.EMPTY
    return World(oscillators, bank, spectrum, law or CarrierLaw())


def add(w: World, frequency: float, c: complex = 1.0, **values: Any) -> int:
    """Append a carrier; further values by the name of their row. `anchors` maps uid to (phase, score)."""
    k, bank = w.count, w.bank
    bank.whole[rows.ANCHOR_UID :, k] = rows.EMPTY
    bank.whole[: rows.ANCHOR_UID, k] = 0
    bank.real[:, k] = 0
    bank.whole[rows.IDENTITY, k] = bank.counts[rows.BORN]
    bank.real[rows.FREQUENCY, k], bank.real[rows.WIDTH, k] = frequency, values.pop("width", w.law.width)
    bank.real[rows.REAL, k], bank.real[rows.IMAG, k] = np.real(c), np.imag(c)
    for j, (uid, (phase, score)) in enumerate(values.pop("anchors", {}).items()):
        bank.whole[rows.ANCHOR_UID + j, k] = uid
        bank.real[rows.ANCHOR_PHASE + j, k], bank.real[rows.ANCHOR_SCORE + j, k] = phase, score
    for name, value in values.items():
        row = getattr(rows, name.upper())
        (bank.whole if name in ("state", "age", "quiet", "parent") else bank.real)[row, k] = value
    bank.counts[[rows.COUNT, rows.BORN]] += 1
    return k


def random_world(seed: int, *, n: int = 60, capacity: int = 12, count: int | None = None) -> World:
    """Oscillators in a band and carriers of every state among them, with sums as `tune` and `review` find them."""
    from stnb_kernels.review import review_carriers
    from stnb_kernels.tune import tune_carriers

    rng = np.random.default_rng(seed)
    w = world(rng.uniform(0, 2, n), rng.uniform(0.2, 1, n), capacity, phase=rng.uniform(0, 6.28, n))
    w.bank.counts[rows.STEP] = rng.integers(100)
    for _ in range(int(rng.integers(capacity + 1)) if count is None else count):
        uids = rng.permutation(n)[: rng.integers(rows.ANCHORS + 1)]
        add(
            w,
            rng.uniform(0, 2),
            rng.uniform(0, 1) * np.exp(1j * rng.uniform(-3, 3)),
            width=rng.uniform(0.1, 1),
            state=rng.integers(3),
            age=rng.integers(24),
            quiet=rng.integers(25),
            conflict=rng.uniform(0, 1),
            anchors={int(u): (rng.uniform(-3, 3), rng.uniform(0.1, 1)) for u in uids},
        )
    tune_carriers(w.oscillators, w.bank, w.spectrum, algorithm="brute", backend="reference")
    review_carriers(w.oscillators, w.bank, w.spectrum, w.law, backend="reference")
    return w
