"""Oscillators and carriers without matter, stepped by the kernels themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import stnb_kernels as kernels
from stnb_kernels.bank import CONFLICT, COUNT, FREQUENCY, IMAG, ORDER, REAL, STATE, WIDTH, Bank, Oscillators
from stnb_kernels.law import CarrierLaw
from stnb_kernels.spectrum import Spectrum

__all__ = ["QUIET", "SpectralWorld"]

QUIET = CarrierLaw(temperature=0.0, anchor_chance=0.0, feed_chance=0.0)


class SpectralWorld:
    """float64 unless asked otherwise; oscillators sorted by frequency, so that a place is a uid."""

    def __init__(self, frequency, *, energy=1.0, phase=None, law=QUIET, carriers=64, seed=0, dtype="float64"):
        n = len(frequency)
        ordered = np.sort(np.asarray(frequency)).astype(dtype)
        drawn = np.random.default_rng(seed).uniform(0, 2 * np.pi, n) if phase is None else phase
        numbers = np.arange(n, dtype=np.int32)
        self.o = Oscillators(
            np.array(np.broadcast_to(drawn, n), dtype=dtype),
            ordered,
            np.array(np.broadcast_to(energy, n), dtype=dtype),
            numbers,
            numbers.copy(),
        )
        self.bank = Bank.allocate(carriers, self.o.phase)
        self.spectrum = Spectrum.allocate(n, carriers, self.o.phase)
        self.spectrum.arrange(ordered, width_min=law.width_min)
        self.law, self.seed = law, seed

    def found(self, frequency, *, width=0.35, c=1.0, state=0):
        """A carrier of one's own."""
        k = self.count
        self.bank.real[[FREQUENCY, WIDTH, REAL, IMAG], k] = frequency, width, np.real(c), np.imag(c)
        self.bank.whole[STATE, k] = state
        self.bank.counts[COUNT] += 1

    def set(self, **changes):
        self.law = replace(self.law, **changes)

    @property
    def count(self):
        return int(self.bank.counts[COUNT])

    @property
    def c(self):
        return self.bank.real[REAL, : self.count] + 1j * self.bank.real[IMAG, : self.count]

    @property
    def frequencies(self):
        return self.bank.real[FREQUENCY, : self.count]

    @property
    def order(self):
        return self.bank.real[ORDER, : self.count]

    @property
    def conflict(self):
        return self.bank.real[CONFLICT, : self.count]

    @property
    def state(self):
        return self.bank.whole[STATE, : self.count]

    def flow(self, algorithm="brute"):
        """Sums, phases and carriers only: no births, no deaths, no memory."""
        kernels.tune_carriers(self.o, self.bank, self.spectrum, algorithm=algorithm)
        kernels.swing_oscillators(
            self.o, self.bank, self.spectrum, self.law, seed=self.seed, algorithm=algorithm
        )
        kernels.evolve_carriers(self.o, self.bank, self.spectrum, self.law, seed=self.seed)

    def step(self, backend=None, algorithm=None):
        """A whole step."""
        o, bank, s, law, seed = self.o, self.bank, self.spectrum, self.law, {"seed": self.seed}
        on = {"backend": backend}
        kernels.tune_carriers(o, bank, s, algorithm=algorithm, **on)
        kernels.review_carriers(o, bank, s, law, **on)
        kernels.swing_oscillators(o, bank, s, law, algorithm=algorithm, **seed, **on)
        kernels.evolve_carriers(o, bank, s, law, **seed, **on)
        kernels.recall_anchors(o, bank, s, law, **seed, **on)
        kernels.remember_anchors(o, bank, s, law, **seed, **on)
        kernels.breed_carriers(o, bank, s, law, **on)
        kernels.spawn_carriers(o, bank, s, law, **on)
