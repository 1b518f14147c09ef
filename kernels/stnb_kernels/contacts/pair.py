"""What a pair that touches adds to a particle's sums on a GPU, and what becomes of the sums.

A pair is computed twice, once for each partner, from the same numbers. What differs only by the own mass is taken out
of the sums, so that the rest of a pair has one value, or one up to its sign.
"""

# Device functions are typed by Numba.
# ruff: noqa: ANN001, ANN201, ANN202
# pyright: reportAssignmentType=false, reportCallIssue=false, reportRedeclaration=false

from __future__ import annotations

import functools
import math

from numba import cuda, float32, float64, uint32

from stnb_kernels.contacts import UNSHARED
from stnb_kernels.languages import cuda_simulated

NOTHING = 9
"""How many sums there are."""


def approximation(name):
    """A float32 instruction of the GPU as a device function: at most two units off, subnormal numbers count as 0."""
    from llvmlite import ir
    from numba.cuda.extending import intrinsic

    @intrinsic
    def call(typing_context, x):
        del typing_context, x

        def generate(context, builder, signature, arguments):
            del context, signature
            kind = ir.FunctionType(ir.FloatType(), [ir.FloatType()])
            return builder.call(ir.InlineAsm(kind, f"{name}.approx.ftz.f32 $0, $1;", "=f,f"), arguments)

        return float32(float32), generate

    return call


@functools.cache
def arithmetic_of(real):
    """The device functions for 1/x, for 1/√x and for a product that is rounded before anything is taken from it.

    A product fused with a difference is exact: the difference of two temperatures would depend on which comes first.
    """
    one = real(1.0)
    if cuda_simulated() or real == float64:

        @cuda.jit(device=True)
        def inverse(x):
            return one / x

        @cuda.jit(device=True)
        def inverse_root(x):
            return one / real(math.sqrt(x))
    else:
        inverse, inverse_root = approximation("rcp"), approximation("rsqrt")
    if cuda_simulated():

        @cuda.jit(device=True)
        def product(a, b):
            return a * b
    else:
        from numba.cuda import libdevice

        rounded = libdevice.fmul_rn if real == float32 else libdevice.dmul_rn

        @cuda.jit(device=True)
        def product(a, b):
            return rounded(a, b)

    return inverse, inverse_root, product


@functools.cache
def meet_of(real):
    """The device function that adds one pair that touches to a particle's sums, up to the factor 1/m of the particle.

    The sums are impulse (3), push (3), J·(1 + e)·μ·|v_n|, J·|v_n| and the heat by conduction. `lightness` is
    1/m_i + 1/m_j, `warmer` is T_j − T_i, `calm` and `crowd` are 1/c and 1/k.
    """
    inverse, inverse_root, _ = arithmetic_of(real)
    zero, half, one, unshared = real(0.0), real(0.5), real(1.0), real(UNSHARED)

    @cuda.jit(device=True)
    def meet(sums, dx, dy, dz, d2, radial, lightness, warmer, calm, crowd, settings):
        reach, bounce, conduct, per_c = settings
        jx, jy, jz, sx, sy, sz, fulls, speeds, gained = sums
        near, reduced = inverse_root(d2), inverse(lightness)
        overlap = max(reach - d2 * near, zero)
        speed = max(-radial * near, zero)
        full = bounce * reduced * speed
        impulse = full * calm
        link = conduct * overlap * (reach - half * overlap)
        flow = link * inverse(one + link * lightness * per_c)
        along, part = impulse * near, overlap * reduced * min(one, unshared * crowd) * near
        momentum = jx + along * dx, jy + along * dy, jz + along * dz
        push = sx + part * dx, sy + part * dy, sz + part * dz
        return (
            *momentum,
            *push,
            fulls + impulse * full,
            speeds + impulse * speed,
            gained + warmer * flow * crowd,
        )

    return meet


@functools.cache
def write_of(real):
    """The device function that turns a particle's sums into its new velocity and heat, its push and its account."""
    inverse, *_ = arithmetic_of(real)
    half, quarter, one = real(0.5), real(0.25), real(1.0)

    @cuda.jit(device=True)
    def write(p, sums, state, outputs, e, relaxation):
        jx, jy, jz, sx, sy, sz, fulls, speeds, gained = sums
        _, v, mass, heat = state
        out, out_heat, push, account = outputs
        p = uint32(p)
        light = inverse(mass[p])
        energy = half * light * (fulls - (jx * jx + jy * jy + jz * jz)) + quarter * (one - e) * speeds
        out[0][p], out[1][p], out[2][p] = v[0][p] + jx * light, v[1][p] + jy * light, v[2][p] + jz * light
        out_heat[p] = heat[p] + (energy + gained)
        part = relaxation * light
        push[0][p], push[1][p], push[2][p] = part * sx, part * sy, part * sz
        account[p] = energy

    return write
