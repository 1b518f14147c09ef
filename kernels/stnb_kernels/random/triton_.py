"""Triton: a tile of blocks of words per program."""

from __future__ import annotations

import torch
import triton
import triton.language as tl

TILE = tl.constexpr(256)


@triton.jit
def words(counter, stream, step, k0, k1):
    """Philox-4×32-10 on uint32 lanes."""
    c0 = counter.to(tl.uint32)
    zero = c0 * 0
    c1 = zero + stream.to(tl.uint32)
    c2 = zero + step.to(tl.uint32)
    c3 = zero
    k0 = zero + k0.to(tl.uint32)
    k1 = zero + k1.to(tl.uint32)
    m0 = zero + 0xD2511F53
    m1 = zero + 0xCD9E8D57
    for _ in tl.static_range(10):
        h0 = tl.umulhi(m0, c0)
        h1 = tl.umulhi(m1, c2)
        l0 = m0 * c0
        l1 = m1 * c2
        c0 = h1 ^ c1 ^ k0
        c1 = l1
        c2 = h0 ^ c3 ^ k1
        c3 = l0
        k0 += 0x9E3779B9
        k1 += 0xBB67AE85
    return c0, c1, c2, c3


@triton.jit
def normal_pair(u0, u1):
    radius = tl.sqrt(-2.0 * tl.log(1.0 - u0))
    angle = 6.283185307179586 * u1
    return radius * tl.cos(angle), radius * tl.sin(angle)


@triton.jit(do_not_specialize=["n", "stream", "step", "k0", "k1"])
def fill32(out, n, stream, step, k0, k1, NORMAL: tl.constexpr):
    b = tl.program_id(0) * TILE + tl.arange(0, TILE)
    w0, w1, w2, w3 = words(b, stream, step, k0, k1)
    v0 = (w0 >> 8).to(tl.float32) * 5.9604644775390625e-08
    v1 = (w1 >> 8).to(tl.float32) * 5.9604644775390625e-08
    v2 = (w2 >> 8).to(tl.float32) * 5.9604644775390625e-08
    v3 = (w3 >> 8).to(tl.float32) * 5.9604644775390625e-08
    if NORMAL:
        v0, v1 = normal_pair(v0, v1)
        v2, v3 = normal_pair(v2, v3)
    i = b.to(tl.int64) * 4
    tl.store(out + i, v0, mask=i < n)
    tl.store(out + i + 1, v1, mask=i + 1 < n)
    tl.store(out + i + 2, v2, mask=i + 2 < n)
    tl.store(out + i + 3, v3, mask=i + 3 < n)


@triton.jit
def unit53(a, b):
    high = (a >> 5).to(tl.uint64)
    low = (b >> 6).to(tl.uint64)
    return (high * 67108864 + low).to(tl.float64) * 1.1102230246251565e-16


@triton.jit(do_not_specialize=["n", "stream", "step", "k0", "k1"])
def fill64(out, n, stream, step, k0, k1, NORMAL: tl.constexpr):
    b = tl.program_id(0) * TILE + tl.arange(0, TILE)
    w0, w1, w2, w3 = words(b, stream, step, k0, k1)
    v0 = unit53(w0, w1)
    v1 = unit53(w2, w3)
    if NORMAL:
        v0, v1 = normal_pair(v0, v1)
    i = b.to(tl.int64) * 2
    tl.store(out + i, v0, mask=i < n)
    tl.store(out + i + 1, v1, mask=i + 1 < n)


def run(out, seed, stream, step, law):
    n = out.shape[0]
    if n == 0:
        return
    kernel, width = (fill32, 4) if out.dtype == torch.float32 else (fill64, 2)
    grid = (triton.cdiv(triton.cdiv(n, width), TILE.value),)
    kernel[grid](out, n, stream, step, seed & 0xFFFFFFFF, seed >> 32, NORMAL=law == "normal")
