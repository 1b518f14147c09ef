"""Contexts as frequencies that lie far apart.

The n bytes before a position are its context of order n. Contexts are numbered from the shortest on,

    key = first(n) + Σ_{j=1…n} b_{t−j}·256^{j−1},   first(1) = 32,  first(n+1) = first(n) + 256ⁿ

and the number goes to one of 2^B slots by the golden-ratio sequence, whose points are spread more evenly than random
ones at every length:

    slot = ⌊2^B·frac(key·φ⁻¹)⌋,    ω = 3·gate_min·slot

Distinct slots are at least 3·gate_min apart, where a gate of width gate_min lets e⁻⁹ through. Two keys that differ by
d lie at least 1/(√5·d) apart on the circle (Hurwitz), so B = 27 bits hold all 16,843,040 contexts of order 0 to 3
without two in one slot. With fewer bits, or longer contexts, some share a slot and with it a carrier.

Order 0 has no bytes to tell one place from another. Since a carrier remembers eight successors only, the empty
context is a fan of 256/8 = 32 keys, one for each group ⌊successor/8⌋.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from stnb_kernels.bank import ANCHORS

from stnb.manifold.carriers.config import CarrierConfig

if TYPE_CHECKING:
    from jaxtyping import Float64, UInt8, UInt64

__all__ = [
    "ANCHORS",
    "FAN",
    "GATE_MIN",
    "LONGEST",
    "context_frequency",
    "fan_frequencies",
    "stream_frequencies",
]

GATE_MIN = CarrierConfig.gate_width_min
"""Narrowest gate in rad/s."""
SPACING = 3.0 * GATE_MIN
FAN = 256 // ANCHORS
LONGEST = 6
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""2⁶⁴/φ, rounded to an odd number: frac(key·φ⁻¹) is key·GOLDEN modulo 2⁶⁴, over 2⁶⁴."""


def context_frequency(keys: UInt64[np.ndarray, "*_"], bits: int) -> Float64[np.ndarray, "*_"]:
    """ω of numbered contexts, in rad/s."""
    slot = (keys * GOLDEN) >> np.uint64(64 - bits)
    return SPACING * slot.astype(np.float64)


def fan_frequencies(bits: int) -> Float64[np.ndarray, " 32"]:
    """ω of the empty context, one for each group of eight successors."""
    return context_frequency(np.arange(FAN, dtype=np.uint64), bits)


def stream_frequencies(
    data: UInt8[np.ndarray, " n"], history: UInt8[np.ndarray, " h"], orders: tuple[int, ...], bits: int
) -> Float64[np.ndarray, "n o"]:
    """ω of the contexts before each byte of `data`, one column an order ≥ 1; NaN where the stream is too young.

    Args:
        data: Bytes of the stream.
        history: Bytes just before them, as many as the longest order or all there are.
        orders: Lengths of the contexts.
        bits: Logarithm of the number of slots.
    """
    longest = max(orders, default=0)
    absent = max(0, longest - len(history))
    stream = np.concatenate([np.zeros(absent, np.uint64), history, data]).astype(np.uint64)
    start = len(stream) - len(data)
    omega = np.full((len(data), len(orders)), np.nan)
    packed = np.zeros(len(data), dtype=np.uint64)
    first = np.uint64(FAN)
    for length in range(1, longest + 1):
        earlier = stream[start - length : len(stream) - length]
        packed |= earlier << np.uint64(8 * (length - 1))
        if length in orders:
            young = max(0, length - len(history))
            omega[young:, orders.index(length)] = context_frequency(first + packed[young:], bits)
        first += np.uint64(256**length)
    return omega
