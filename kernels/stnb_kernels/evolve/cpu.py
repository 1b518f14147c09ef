"""Numba: one carrier after the other; there are too few of them to share out."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stnb_kernels.bank import (
    AGE,
    CONFLICT,
    COUNT,
    FREQUENCY,
    IDENTITY,
    IMAG,
    ORDER,
    QUIET,
    REAL,
    STATE,
    STEP,
    SUPPORT,
    WIDTH,
)
from stnb_kernels.evolve import CARRIER_STREAM, motion
from stnb_kernels.random.cpu import block, normal_pair

advance = njit(motion.advance, error_model="numpy")
mature = njit(motion.mature)
LEAST_REACH = motion.LEAST_REACH
STREAM = np.uint64(CARRIER_STREAM)


@njit
def noise_of(identity, step, k0, k1):
    """Two standard normals."""
    w = block(np.uint64(identity), STREAM, np.uint64(step), k0, k1)
    u0 = np.float64(w[0] >> np.uint64(8)) * 2.0**-24
    u1 = np.float64(w[1] >> np.uint64(8)) * 2.0**-24
    return normal_pair(u0, u1)


@njit(error_model="numpy")
def repelled(seen, m, k):
    """Σ_j (Ω_k − Ω_j) exp(−((Ω_k − Ω_j)/max(σ_k + σ_j, 10⁻³))²)."""
    total, own, width = 0.0, np.float64(seen[0, k]), np.float64(seen[1, k])
    for j in range(m):
        apart = own - seen[0, j]
        u = apart / max(width + seen[1, j], LEAST_REACH)
        total += apart * math.exp(-u * u)
    return total


@njit(cache=True, error_model="numpy")
def evolve(real, whole, counts, sums, seen, k0, k1, rates, after):
    m, step = counts[COUNT], counts[STEP]
    if rates[11] != 0.0:
        for k in range(m):
            seen[0, k], seen[1, k] = real[FREQUENCY, k], real[WIDTH, k]
    for k in range(m):
        push, noise = 0.0, (0.0, 0.0)
        if rates[11] != 0.0:
            push = rates[11] * repelled(seen, m, k)
        if rates[7] > 0.0:
            noise = noise_of(whole[IDENTITY, k], step, k0, k1)
        (
            real[REAL, k],
            real[IMAG, k],
            real[CONFLICT, k],
            real[ORDER, k],
            real[FREQUENCY, k],
            real[WIDTH, k],
        ) = advance(
            np.float64(real[REAL, k]),
            np.float64(real[IMAG, k]),
            np.float64(real[CONFLICT, k]),
            np.float64(real[FREQUENCY, k]),
            np.float64(real[WIDTH, k]),
            whole[STATE, k],
            (np.float64(sums[0, k]), np.float64(sums[1, k]), np.float64(sums[2, k]), np.float64(sums[3, k])),
            noise,
            push,
            rates,
        )
        real[SUPPORT, k] = sums[2, k]
        whole[STATE, k], whole[AGE, k], whole[QUIET, k] = mature(
            np.int64(whole[STATE, k]),
            np.int64(whole[AGE, k]),
            np.int64(whole[QUIET, k]),
            np.float64(real[REAL, k]),
            np.float64(real[IMAG, k]),
            np.float64(real[CONFLICT, k]),
            np.float64(real[SUPPORT, k]),
            rates,
            after,
        )


def run(bank, spectrum, law, seed):
    key = np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)
    evolve(bank.real, bank.whole, bank.counts, spectrum.sums, spectrum.seen, *key, *motion.numbers(law))
