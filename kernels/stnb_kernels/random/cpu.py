"""Numba: one block of words per iteration."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from stnb_kernels.random import philox

mix = njit(philox.mix, inline="always")
advance_key = njit(philox.advance_key, inline="always")
ROUNDS = philox.ROUNDS
TWO_PI = 2.0 * math.pi


@njit(inline="always")
def block(counter, stream, step, k0, k1):
    c0, c1, c2, c3 = counter, stream, step, np.uint64(0)
    for _ in range(ROUNDS):
        c0, c1, c2, c3 = mix(c0, c1, c2, c3, k0, k1)
        k0, k1 = advance_key(k0, k1)
    return c0, c1, c2, c3


@njit(inline="always")
def unit53(a, b):
    return np.float64((a >> np.uint64(5)) * np.uint64(2**26) + (b >> np.uint64(6))) * 2.0**-53


@njit(inline="always")
def normal_pair(u0, u1):
    radius = math.sqrt(-2.0 * math.log1p(-u0))
    return radius * math.cos(TWO_PI * u1), radius * math.sin(TWO_PI * u1)


@njit(parallel=True, cache=True)
def fill32(out, stream, step, k0, k1, normal):
    n = out.shape[0]
    for b in prange((n + 3) // 4):
        w = block(np.uint64(b), stream, step, k0, k1)
        v0 = np.float64(w[0] >> np.uint64(8)) * 2.0**-24
        v1 = np.float64(w[1] >> np.uint64(8)) * 2.0**-24
        v2 = np.float64(w[2] >> np.uint64(8)) * 2.0**-24
        v3 = np.float64(w[3] >> np.uint64(8)) * 2.0**-24
        if normal:
            v0, v1 = normal_pair(v0, v1)
            v2, v3 = normal_pair(v2, v3)
        i = 4 * b
        out[i] = v0
        if i + 1 < n:
            out[i + 1] = v1
        if i + 2 < n:
            out[i + 2] = v2
        if i + 3 < n:
            out[i + 3] = v3


@njit(parallel=True, cache=True)
def fill64(out, stream, step, k0, k1, normal):
    n = out.shape[0]
    for b in prange((n + 1) // 2):
        w = block(np.uint64(b), stream, step, k0, k1)
        v0, v1 = unit53(w[0], w[1]), unit53(w[2], w[3])
        if normal:
            v0, v1 = normal_pair(v0, v1)
        i = 2 * b
        out[i] = v0
        if i + 1 < n:
            out[i + 1] = v1


def run(out, seed, stream, step, law):
    kernel = fill32 if out.dtype == np.float32 else fill64
    key = np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)
    kernel(out, np.uint64(stream), np.uint64(step), *key, law == "normal")
