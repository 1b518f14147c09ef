"""Device functions that the Triton kernels of the spectral layer share."""

from __future__ import annotations

import math

import triton
import triton.language as tl

from stnb_kernels.languages import triton_interpreted

__all__ = ["FAR", "ROOT_LOG2E", "UNSCALE", "exp2_of_negative", "sine_and_cosine"]

ROOT_LOG2E = tl.constexpr(math.sqrt(math.log2(math.e)))
"""e^{−u²} = 2^{−(u·this)²}."""
UNSCALE = tl.constexpr(1.0 / math.sqrt(math.log2(math.e)))

FAR = tl.constexpr(9.0)
"""Gates beyond so many widths are left out of expansions: e^{−81} is nothing, and Hermite polynomials overflow there."""

# tl.exp2 takes care of results below 2⁻¹²⁶, at the price of three instructions; the hardware's own flushes them to 0.
FLUSHES = tl.constexpr(not triton_interpreted())

QUARTER = tl.constexpr(2.0 / math.pi)
HALF_PI_HIGH = tl.constexpr(1.57079637050628662109375)
HALF_PI_LOW = tl.constexpr(-4.37113900018624283e-8)


@triton.jit
def exp2_of_negative(x):
    """2^x for x ≤ 0."""
    if FLUSHES:
        return tl.inline_asm_elementwise(
            "ex2.approx.ftz.f32 $0, $1;", "=f,f", [x], dtype=tl.float32, is_pure=True, pack=1
        )
    return tl.exp2(x)


@triton.jit
def sine_and_cosine(angle):
    """Sin and cos of an angle of a few turns: Taylor polynomials on |r| ≤ π/4, as on the CPU."""
    q = tl.floor(angle * QUARTER + 0.5)
    r = angle - q * HALF_PI_HIGH
    r = r - q * HALF_PI_LOW
    s = r * r
    sine = r + r * s * (-1.0 / 6.0 + s * (1.0 / 120.0 + s * (-1.0 / 5040.0 + s * (1.0 / 362880.0))))
    cosine = 1.0 + s * (-0.5 + s * (1.0 / 24.0 + s * (-1.0 / 720.0 + s * (1.0 / 40320.0))))
    turn = q.to(tl.int32)
    odd = (turn & 1) != 0
    a = tl.where(odd, cosine, sine)
    b = tl.where(odd, sine, cosine)
    return tl.where((turn & 2) != 0, -a, a), tl.where(((turn + 1) & 2) != 0, -b, b)
