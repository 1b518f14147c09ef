"""The definition: whole blocks of Philox words, then the laws, in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.random import philox

if TYPE_CHECKING:
    from jaxtyping import Float, UInt64

__all__ = ["hash32", "hash_normals", "run", "uniforms", "words"]


def words(blocks: int, seed: int, stream: int, step: int) -> UInt64[np.ndarray, "blocks 4"]:
    """The four 32-bit words of each of the first `blocks` counters."""
    c0 = np.arange(blocks, dtype=np.uint64)
    c1 = np.full(blocks, stream, dtype=np.uint64)
    c2 = np.full(blocks, step, dtype=np.uint64)
    c3 = np.zeros(blocks, dtype=np.uint64)
    k0, k1 = np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)
    for _ in range(philox.ROUNDS):
        c0, c1, c2, c3 = philox.mix(c0, c1, c2, c3, k0, k1)
        k0, k1 = philox.advance_key(k0, k1)
    return np.stack([c0, c1, c2, c3], axis=1)


def uniforms(n: int, dtype: np.dtype, seed: int, stream: int, step: int) -> Float[np.ndarray, " n"]:
    """The first n uniforms of a stream, exact in float64."""
    if dtype == np.float32:
        w = words(-(-n // 4), seed, stream, step).reshape(-1)[:n]
        return (w >> np.uint64(8)).astype(np.float64) * 2.0**-24
    pairs = words(-(-n // 2), seed, stream, step).reshape(-1, 2)[:n]
    high, low = pairs[:, 0] >> np.uint64(5), pairs[:, 1] >> np.uint64(6)
    return (high * np.uint64(2**26) + low).astype(np.float64) * 2.0**-53


def run(out: Float[np.ndarray, " n"], seed: int, stream: int, step: int, law: str) -> None:
    n = len(out)
    if law == "uniform":
        out[:] = uniforms(n, out.dtype, seed, stream, step)
        return
    u = uniforms(n + n % 2, out.dtype, seed, stream, step)
    radius, angle = np.sqrt(-2.0 * np.log1p(-u[0::2])), 2.0 * np.pi * u[1::2]
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    out[:] = pairs.reshape(-1)[:n]


def hash32(x: UInt64[np.ndarray, " n"]) -> UInt64[np.ndarray, " n"]:
    """A 32-bit integer mixer: `x ^= x>>16; x *= a; x ^= x>>15; x *= b; x ^= x>>16` modulo 2³²."""
    x = np.asarray(x, dtype=np.uint64) & philox.LOW
    x = ((x ^ (x >> np.uint64(16))) * np.uint64(0x7FEB352D)) & philox.LOW
    x = ((x ^ (x >> np.uint64(15))) * np.uint64(0x846CA68B)) & philox.LOW
    return x ^ (x >> np.uint64(16))


def hash_normals(seed: int, index: int) -> tuple[float, float]:
    """Two normals of the pair (seed, index) by hashing; kept to compare with older data, not for new streams."""
    key = np.uint64(seed) ^ np.uint64((index * 0x9E3779B9) & 0xFFFFFFFF)
    s0 = hash32(np.array([key]))
    s1 = hash32(s0 + np.uint64(1))
    u0, u1 = (max(float(s[0] & np.uint64(0xFFFFFF)) / 2.0**24, 1e-7) for s in (s0, s1))
    radius = float(np.sqrt(-2.0 * np.log(u0)))
    return radius * float(np.cos(2 * np.pi * u1)), radius * float(np.sin(2 * np.pi * u1))
