"""Numba-CUDA: one block of words per thread."""

from __future__ import annotations

import math

import numpy as np
from numba import cuda, float32, float64

from stnb_kernels.launch import THREADS, blocks_for, device_array, stream_of
from stnb_kernels.random import philox

mix = cuda.jit(philox.mix, device=True)
advance_key = cuda.jit(philox.advance_key, device=True)
ROUNDS = philox.ROUNDS


@cuda.jit(device=True)
def block(counter, stream, step, k0, k1):
    c0, c1, c2, c3 = counter, stream, step, np.uint64(0)
    for _ in range(ROUNDS):
        c0, c1, c2, c3 = mix(c0, c1, c2, c3, k0, k1)
        k0, k1 = advance_key(k0, k1)
    return c0, c1, c2, c3


@cuda.jit(device=True)
def unit53(a, b):
    return float64((a >> np.uint64(5)) * np.uint64(2**26) + (b >> np.uint64(6))) * float64(2.0**-53)


@cuda.jit(device=True)
def normal_pair32(u0, u1):
    radius = math.sqrt(float32(-2.0) * math.log(float32(1.0) - u0))
    angle = float32(2.0 * math.pi) * u1
    return radius * math.cos(angle), radius * math.sin(angle)


@cuda.jit(device=True)
def normal_pair64(u0, u1):
    radius = math.sqrt(-2.0 * math.log1p(-u0))
    return radius * math.cos(2.0 * math.pi * u1), radius * math.sin(2.0 * math.pi * u1)


@cuda.jit(cache=True)
def fill32(out, n, stream, step, k0, k1, normal):
    b = cuda.grid(1)
    i = 4 * b
    if i >= n:
        return
    w0, w1, w2, w3 = block(np.uint64(b), stream, step, k0, k1)
    scale = float32(2.0**-24)
    v0 = float32(w0 >> np.uint64(8)) * scale
    v1 = float32(w1 >> np.uint64(8)) * scale
    v2 = float32(w2 >> np.uint64(8)) * scale
    v3 = float32(w3 >> np.uint64(8)) * scale
    if normal:
        v0, v1 = normal_pair32(v0, v1)
        v2, v3 = normal_pair32(v2, v3)
    out[i] = v0
    if i + 1 < n:
        out[i + 1] = v1
    if i + 2 < n:
        out[i + 2] = v2
    if i + 3 < n:
        out[i + 3] = v3


@cuda.jit(cache=True)
def fill64(out, n, stream, step, k0, k1, normal):
    b = cuda.grid(1)
    i = 2 * b
    if i >= n:
        return
    w0, w1, w2, w3 = block(np.uint64(b), stream, step, k0, k1)
    v0, v1 = unit53(w0, w1), unit53(w2, w3)
    if normal:
        v0, v1 = normal_pair64(v0, v1)
    out[i] = v0
    if i + 1 < n:
        out[i + 1] = v1


def run(out, seed, stream, step, law):
    n = out.shape[0]
    if n == 0:
        return
    target = device_array(out)
    key = np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)
    kernel, width = (fill32, 4) if target.dtype == np.float32 else (fill64, 2)
    grid = blocks_for(-(-n // width))
    kernel[grid, THREADS, stream_of(out)](
        target, n, np.uint64(stream), np.uint64(step), *key, law == "normal"
    )
