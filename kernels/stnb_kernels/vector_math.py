"""Exponential, sine and cosine for Numba that the compiler can turn into vector instructions.

    2^x = 2^i · 2^f,  i = round(x),  |f| ≤ ½:       2^f by its Taylor polynomial, 2^i by setting the exponent's bits
    sin, cos of θ:  r = θ − q·π/2,  q = round(2θ/π):  Taylor polynomials on |r| ≤ π/4, exchanged and signed by q mod 4

The polynomials are cut where the next term is below the type's rounding: (ln 2/2)⁸/8! = 5·10⁻⁹ for float32 and
(ln 2/2)¹⁴/14! = 4·10⁻¹⁸ for float64; (π/4)¹⁰/10! = 2·10⁻⁸ and (π/4)¹⁸/18! = 2·10⁻¹⁸. Angles are those of a circle,
|θ| < 100: π/2 in two parts leaves an error below one rounding of θ.
"""

from __future__ import annotations

import math

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

__all__ = ["FAR", "bits_of", "exp2_of_negative", "sine_and_cosine"]

LN2 = math.log(2.0)
F32, F64 = np.float32, np.float64
EXP32 = tuple(F32(LN2**n / math.factorial(n)) for n in range(8))
EXP64 = tuple(LN2**n / math.factorial(n) for n in range(14))
SINE32 = tuple(F32((-1) ** n / math.factorial(2 * n + 1)) for n in range(5))
COSINE32 = tuple(F32((-1) ** n / math.factorial(2 * n)) for n in range(5))
HALF_TURN32 = (F32(math.pi / 2), F32(math.pi / 2 - float(F32(math.pi / 2))))
LEAST32, LEAST64 = F32(-126.0), -1022.0
"""Beyond these 2^x is counted as the smallest normal number."""


FAR = 27.0
"""Gates beyond so many widths are left out of expansions: e^{−729} is nothing."""


@intrinsic
def float32_of_bits(typing_context, bits):
    def build(context, builder, signature, args):
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.int32), build


@intrinsic
def float64_of_bits(typing_context, bits):
    def build(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), build


@intrinsic
def bits_of(typing_context, x):
    """A float's bits as an integer of its width; of two floats that are not negative the larger has the larger one."""
    whole, width = (types.int32, 32) if x == types.float32 else (types.int64, 64)

    def build(context, builder, signature, args):
        return builder.bitcast(args[0], ir.IntType(width))

    return whole(x), build


def exp2_of_negative(x: float) -> float:
    """2^x for x ≤ 0."""
    return 2.0**x


def sine_and_cosine(angle: float) -> tuple[float, float]:
    """Sin θ and cos θ."""
    return math.sin(angle), math.cos(angle)


@overload(exp2_of_negative, inline="always")
def _exp2(x):
    if x == types.float32:

        def of32(x):
            x = max(x, LEAST32)
            i = np.int32(x - F32(0.5))
            f = x - F32(i)
            p = EXP32[7]
            p = p * f + EXP32[6]
            p = p * f + EXP32[5]
            p = p * f + EXP32[4]
            p = p * f + EXP32[3]
            p = p * f + EXP32[2]
            p = p * f + EXP32[1]
            p = p * f + EXP32[0]
            return p * float32_of_bits((i + np.int32(127)) << np.int32(23))

        return of32

    def of64(x):
        x = max(x, LEAST64)
        i = np.int64(x - 0.5)
        f = x - F64(i)
        p = EXP64[13]
        p = p * f + EXP64[12]
        p = p * f + EXP64[11]
        p = p * f + EXP64[10]
        p = p * f + EXP64[9]
        p = p * f + EXP64[8]
        p = p * f + EXP64[7]
        p = p * f + EXP64[6]
        p = p * f + EXP64[5]
        p = p * f + EXP64[4]
        p = p * f + EXP64[3]
        p = p * f + EXP64[2]
        p = p * f + EXP64[1]
        p = p * f + EXP64[0]
        return p * float64_of_bits((i + np.int64(1023)) << np.int64(52))

    return of64


@overload(sine_and_cosine, inline="always")
def _sine_and_cosine(angle):
    if angle == types.float32:

        def of32(angle):
            q = np.int32(np.floor(angle * F32(2.0 / math.pi) + F32(0.5)))
            r = angle - F32(q) * HALF_TURN32[0] - F32(q) * HALF_TURN32[1]
            s = r * r
            sine = r * ((((SINE32[4] * s + SINE32[3]) * s + SINE32[2]) * s + SINE32[1]) * s + SINE32[0])
            cosine = (((COSINE32[4] * s + COSINE32[3]) * s + COSINE32[2]) * s + COSINE32[1]) * s + COSINE32[0]
            turned = (q & np.int32(1)) == np.int32(1)
            a, b = (cosine, sine) if turned else (sine, cosine)
            if (q & np.int32(2)) != np.int32(0):
                a = -a
            if ((q + np.int32(1)) & np.int32(2)) != np.int32(0):
                b = -b
            return a, b

        return of32

    def of64(angle):
        return math.sin(angle), math.cos(angle)

    return of64
