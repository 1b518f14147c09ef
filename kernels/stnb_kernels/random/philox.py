"""Philox-4×32-10 on 64-bit integers: the one definition that NumPy, Numba and Numba-CUDA share.

The functions hold only integer operations that mean the same to the interpreter, to Numba on the CPU and to
Numba-CUDA. Words travel as uint64 below 2³², so that a product of two never overflows.
"""

from __future__ import annotations

import numpy as np

__all__ = ["LOW", "ROUNDS", "advance_key", "mix"]

ROUNDS = 10
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
MULTIPLIER_0 = np.uint64(0xD2511F53)
MULTIPLIER_1 = np.uint64(0xCD9E8D57)
WEYL_0 = np.uint64(0x9E3779B9)
WEYL_1 = np.uint64(0xBB67AE85)


def mix(c0, c1, c2, c3, k0, k1):  # noqa: ANN001, ANN201
    """One round: two 32×32→64 products, their halves crossed and keyed."""
    p0 = MULTIPLIER_0 * c0
    p1 = MULTIPLIER_1 * c2
    return (p1 >> HALF) ^ c1 ^ k0, p1 & LOW, (p0 >> HALF) ^ c3 ^ k1, p0 & LOW


def advance_key(k0, k1):  # noqa: ANN001, ANN201
    """The key of the next round."""
    return (k0 + WEYL_0) & LOW, (k1 + WEYL_1) & LOW
