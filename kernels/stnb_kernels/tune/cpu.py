"""Numba: tiles of oscillators against all carriers, or chunks and their moments; both in vector instructions.

Parts of fixed bounds run in parallel and are added in order, so that threads do not change the result.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from stnb_kernels.bank import COUNT, FREQUENCY, SMALLEST_ENERGY, WIDTH
from stnb_kernels.spectrum import CHUNK, SUMS
from stnb_kernels.vector_math import FAR, exp2_of_negative, sine_and_cosine

ROOT_LOG2E = math.sqrt(math.log2(math.e))
"""e^{−u²} = 2^{−(u·this)²}."""

# Sums may be rearranged into vectors; nothing else may change.
VECTORS = {"reassoc", "contract", "nsz"}
PART = 4096


@njit(cache=True, fastmath=VECTORS, error_model="numpy")
def write_phasors(phase, energy, re, im, amplitude):
    for i in range(phase.shape[0]):
        a = np.sqrt(max(energy[i], amplitude.dtype.type(SMALLEST_ENERGY)))
        s, c = sine_and_cosine(phase[i])
        re[i], im[i], amplitude[i] = a * c, a * s, a


@njit(cache=True, fastmath=VECTORS, error_model="numpy")
def hear(frequency, re, im, amplitude, centre, scale):
    """The four sums of one carrier over some oscillators."""
    zero = frequency.dtype.type(0)
    x, y, support, shift = zero, zero, zero, zero
    for i in range(frequency.shape[0]):
        away = frequency[i] - centre
        u = away * scale
        t = exp2_of_negative(-u * u)
        w = t * amplitude[i]
        x += t * re[i]
        y += t * im[i]
        support += w
        shift += w * away
    return x, y, support, shift


@njit(cache=True, parallel=True, error_model="numpy")
def brute(phase, frequency, energy, real, counts, phasor, partial, sums):
    n, m = phase.shape[0], counts[COUNT]
    size = max(PART, (n + partial.shape[0] - 1) // partial.shape[0])
    parts = (n + size - 1) // size
    for part in prange(parts):
        mine = partial[part]
        mine[:, :m] = 0
        for first in range(part * size, min(n, (part + 1) * size), CHUNK):
            last = min(n, first + CHUNK, (part + 1) * size)
            re, im, amplitude = phasor[0, first:last], phasor[1, first:last], phasor[2, first:last]
            write_phasors(phase[first:last], energy[first:last], re, im, amplitude)
            for k in range(m):
                scale = real.dtype.type(ROOT_LOG2E) / real[WIDTH, k]
                heard = hear(frequency[first:last], re, im, amplitude, real[FREQUENCY, k], scale)
                for q in range(SUMS):
                    mine[q, k] += heard[q]
    sums[:] = 0
    for part in range(parts):
        for q in range(SUMS):
            for k in range(m):
                sums[q, k] += partial[part, q, k]


@njit(cache=True, fastmath=VECTORS, error_model="numpy")
def weigh(re, im, amplitude, power, away, share):
    """Sums over some oscillators times their powers, and the next powers."""
    zero = re.dtype.type(0)
    x, y, a = zero, zero, zero
    for i in range(re.shape[0]):
        x += re[i] * power[i]
        y += im[i] * power[i]
        a += amplitude[i] * power[i]
        power[i] *= away[i] * share
    return x, y, a


@njit(cache=True, error_model="numpy")
def chunk_moments(frequency, re, im, amplitude, centre, order, power, away, moments):
    """Σ a (ω − ω_c)^n / n! for a = A cos θ, A sin θ, A."""
    of = frequency.dtype.type
    power[:] = of(1)
    away[:] = frequency - centre
    for n in range(order):
        x, y, a = weigh(re, im, amplitude, power, away, of(1) / of(n + 1))
        moments[0, n], moments[1, n], moments[2, n] = x, y, a


@njit(cache=True, error_model="numpy")
def hear_moments(moments, centres, wide, centre, width, order):
    """The four sums of one carrier over the chunks that are not wide."""
    x, y, support, slope = 0.0, 0.0, 0.0, 0.0
    for c in range(centres.shape[0]):
        if wide[c]:
            continue
        u = (np.float64(centres[c]) - np.float64(centre)) / width
        if abs(u) > FAR:
            continue
        g = math.exp(-u * u)
        below, hermite = 0.0, 1.0
        for n in range(order):
            above = 2.0 * u * hermite - 2.0 * n * below
            x += g * hermite * moments[0, n, c]
            y += g * hermite * moments[1, n, c]
            support += g * hermite * moments[2, n, c]
            slope += g * above * moments[2, n, c]
            g /= -width
            below, hermite = hermite, above
    return x, y, support, 0.5 * width * slope


@njit(cache=True, parallel=True, error_model="numpy")
def by_moments(phase, frequency, energy, real, counts, phasor, scratch, moments, centres, wide, order, sums):
    n, m = phase.shape[0], counts[COUNT]
    chunks = (n + CHUNK - 1) // CHUNK
    for c in prange(chunks):
        first, last = c * CHUNK, min(n, (c + 1) * CHUNK)
        re, im, amplitude = phasor[0, first:last], phasor[1, first:last], phasor[2, first:last]
        write_phasors(phase[first:last], energy[first:last], re, im, amplitude)
        power, away = scratch[0, first:last], scratch[1, first:last]
        mine = moments[:, :, c]
        chunk_moments(frequency[first:last], re, im, amplitude, centres[c], order, power, away, mine)
    sums[:] = 0
    for k in prange(m):
        width = np.float64(real[WIDTH, k])
        x, y, support, shift = hear_moments(moments, centres[:chunks], wide, real[FREQUENCY, k], width, order)
        scale = real.dtype.type(ROOT_LOG2E) / real[WIDTH, k]
        for c in range(chunks):
            if wide[c]:
                first, last = c * CHUNK, min(n, (c + 1) * CHUNK)
                re, im, amplitude = phasor[0, first:last], phasor[1, first:last], phasor[2, first:last]
                heard = hear(frequency[first:last], re, im, amplitude, real[FREQUENCY, k], scale)
                x += heard[0]
                y += heard[1]
                support += heard[2]
                shift += heard[3]
        sums[0, k], sums[1, k], sums[2, k], sums[3, k] = x, y, support, shift


def run(oscillators, bank, spectrum, algorithm):
    columns = (oscillators.phase, oscillators.frequency, oscillators.energy, bank.real, bank.counts)
    if algorithm == "brute":
        brute(*columns, spectrum.phasor, spectrum.partial, spectrum.sums)
        return
    plan = (spectrum.field, spectrum.moments, spectrum.centre, spectrum.wide, spectrum.order)
    by_moments(*columns, spectrum.phasor, *plan, spectrum.sums)
