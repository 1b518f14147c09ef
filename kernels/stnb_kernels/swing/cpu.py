"""Numba: tiles of oscillators against all carriers, or polynomials around the middles of chunks."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from stnb_kernels.bank import COUNT, CRYSTALLIZED, FREQUENCY, IMAG, REAL, STATE, STEP, WIDTH
from stnb_kernels.random.cpu import block, normal_pair
from stnb_kernels.spectrum import CHUNK
from stnb_kernels.swing import PHASE_STREAM
from stnb_kernels.tune.cpu import ROOT_LOG2E, VECTORS
from stnb_kernels.vector_math import FAR, exp2_of_negative

TURN = 2.0 * math.pi


@njit(cache=True, fastmath=VECTORS, error_model="numpy")
def feel(frequency, centre, scale, x, y, re, im, coverage):
    """Add one carrier to the field at some oscillators."""
    for i in range(frequency.shape[0]):
        u = (frequency[i] - centre) * scale
        t = exp2_of_negative(-u * u)
        re[i] += t * x
        im[i] += t * y
        coverage[i] += t


@njit(cache=True, error_model="numpy")
def expand(real, state, m, boost, centre, order, local):
    """Coefficients of the field around one frequency."""
    local[:, :] = 0
    for k in range(m):
        width = np.float64(real[WIDTH, k])
        u = (np.float64(centre) - np.float64(real[FREQUENCY, k])) / width
        if abs(u) > FAR:
            continue
        g = math.exp(-u * u)
        more = 1.0 + boost if state[k] == CRYSTALLIZED else 1.0
        x, y = more * real[REAL, k], more * real[IMAG, k]
        below, hermite = 0.0, 1.0
        for n in range(order):
            local[0, n] += g * hermite * x
            local[1, n] += g * hermite * y
            local[2, n] += g * hermite
            below, hermite = hermite, 2.0 * u * hermite - 2.0 * n * below
            g /= -width * (n + 1)


@njit(cache=True, error_model="numpy")
def evaluate(frequency, centre, order, local, re, im, coverage):
    """The field at some oscillators from its coefficients."""
    for i in range(frequency.shape[0]):
        away = frequency[i] - centre
        x, y, c = local[0, order - 1], local[1, order - 1], local[2, order - 1]
        for n in range(order - 2, -1, -1):
            x, y, c = x * away + local[0, n], y * away + local[1, n], c * away + local[2, n]
        re[i], im[i], coverage[i] = x, y, c


@njit(cache=True, error_model="numpy")
def turned(phase, real):
    """The angle in [0, 2π) in the type of `real`."""
    wrapped = real.type(phase - TURN * math.floor(phase / TURN))
    return wrapped if wrapped >= real.type(0) and wrapped < real.type(TURN) else real.type(0)


@njit(cache=True, error_model="numpy")
def shake(phase, first, last, spread, step, k0, k1):
    """Add noise to places first … last; `first` is a multiple of four."""
    for b in range(first // 4, (last + 3) // 4):
        w = block(np.uint64(b), np.uint64(PHASE_STREAM), np.uint64(step), k0, k1)
        a0, a1 = normal_pair(
            np.float64(w[0] >> np.uint64(8)) * 2.0**-24, np.float64(w[1] >> np.uint64(8)) * 2.0**-24
        )
        a2, a3 = normal_pair(
            np.float64(w[2] >> np.uint64(8)) * 2.0**-24, np.float64(w[3] >> np.uint64(8)) * 2.0**-24
        )
        noise = (a0, a1, a2, a3)
        for i in range(4 * b, min(4 * b + 4, last)):
            phase[i] = turned(np.float64(phase[i]) + spread * noise[i - 4 * b], phase.dtype)


@njit(cache=True, parallel=True, error_model="numpy")
def swing(
    phase,
    frequency,
    phasor,
    field,
    coverage,
    real,
    whole,
    counts,
    local,
    centres,
    wide,
    order,
    moments,
    dt,
    coupling,
    boost,
    spread,
    k0,
    k1,
):
    n, m = phase.shape[0], counts[COUNT]
    for c in prange((n + CHUNK - 1) // CHUNK):
        first, last = c * CHUNK, min(n, (c + 1) * CHUNK)
        heard = frequency[first:last]
        re, im, near = field[0, first:last], field[1, first:last], coverage[first:last]
        if moments and not wide[c]:
            mine = local[:, :order, c]
            expand(real, whole[STATE], m, boost, centres[c], order, mine)
            evaluate(heard, centres[c], order, mine, re, im, near)
        else:
            re[:] = 0
            im[:] = 0
            near[:] = 0
            for k in range(m):
                more = 1.0 + boost if whole[STATE, k] == CRYSTALLIZED else 1.0
                x, y = real.dtype.type(more * real[REAL, k]), real.dtype.type(more * real[IMAG, k])
                scale = real.dtype.type(ROOT_LOG2E) / real[WIDTH, k]
                feel(heard, real[FREQUENCY, k], scale, x, y, re, im, near)
        for i in range(first, last):
            pull = phasor[0, i] * field[1, i] - phasor[1, i] * field[0, i]
            moved = np.float64(phase[i]) + dt * (np.float64(frequency[i]) + coupling * np.float64(pull))
            phase[i] = turned(moved, phase.dtype)
        if spread > 0:
            shake(phase, first, last, spread, counts[STEP], k0, k1)


def run(oscillators, bank, spectrum, law, seed, algorithm):
    swing(
        oscillators.phase,
        oscillators.frequency,
        spectrum.phasor,
        spectrum.field,
        spectrum.coverage,
        bank.real,
        bank.whole,
        bank.counts,
        spectrum.local,
        spectrum.centre,
        spectrum.wide,
        spectrum.order,
        algorithm == "moments",
        law.dt,
        law.coupling,
        law.boost,
        math.sqrt(2.0 * law.temperature * law.dt),
        np.uint64(seed & 0xFFFFFFFF),
        np.uint64(seed >> 32),
    )
