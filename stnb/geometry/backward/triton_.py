"""Triton: from the derivative g by a map's result to those by its operands, one kernel a map, each row read once.

Every kernel differentiates the scalar φ = ⟨g, f(x, y)⟩ of a row, g held constant. Written with differentials, φ is a sum
of one-number terms times dq, da, db, … and of ⟨vector, dx⟩; then

    da = −2c⟨x, dx⟩,   db = −2c⟨y, dy⟩,   dF = 2c⟨D, dD⟩ for F = c‖D‖²,   dq = dF/(ab) − q·da/a − q·db/b for q = F/(ab)

are put in from the innermost function outwards. Nothing of the forward kernel is kept: the sums are taken again, which
is cheaper than to read them. Only the derivatives that are asked for (FIRST, SECOND) are written.
"""

# ruff: noqa: SIM300

from __future__ import annotations

import triton
import triton.language as tl

from stnb.geometry.stable import ASINH, TANH
from stnb.geometry.triton_ import (
    RIM32,
    RIM64,
    SATURATED,
    SERIES_END,
    asinh_ratio,
    gap,
    places,
    read,
    real,
    stretch,
    tamed,
    tanh_ratio_and_sech2,
)

TANH_SLOPES = tl.constexpr(tuple(n * term for n, term in enumerate(TANH))[1:])
ASINH_SLOPES = tl.constexpr(tuple(n * term for n, term in enumerate(ASINH))[1:])
LAST = tl.constexpr(len(TANH) - 2)


@triton.jit
def dot(x, y):
    return tl.sum(x * y, 1)


@triton.jit
def tanh_slope(q, ratio, sech2):
    """(tanh √q / √q)′ = (1/cosh² √q − tanh √q / √q)/(2q)."""
    small = q < SERIES_END
    low = tl.where(small, q, 0.0)
    series = low * TANH_SLOPES[LAST] + TANH_SLOPES[LAST - 1]
    for i in tl.static_range(2, LAST + 1):
        series = series * low + TANH_SLOPES[LAST - i]
    return tl.where(small, series, (sech2 - ratio) / (2.0 * tl.where(small, 1.0, q)))


@triton.jit
def asinh_slope(q, ratio):
    """(asinh √q / √q)′ = (1/√(1 + q) − asinh √q / √q)/(2q)."""
    small = q < SERIES_END
    low = tl.where(small, q, 0.0)
    series = low * ASINH_SLOPES[LAST] + ASINH_SLOPES[LAST - 1]
    for i in tl.static_range(2, LAST + 1):
        series = series * low + ASINH_SLOPES[LAST - i]
    high = tl.where(small, 1.0, q)
    return tl.where(small, series, (1.0 / tl.sqrt(1.0 + high) - ratio) / (2.0 * high))


@triton.jit
def before_clip(g, y, bits, expected, KIND: tl.constexpr):
    """The derivative by y before the map clipped it to L·ŷ, ŷ = y/‖y‖: L/‖y‖ · (g − ⟨g, ŷ⟩ŷ), and g where it did not."""
    RIM: tl.constexpr = RIM64 if KIND == tl.float64 else RIM32
    if tl.max(tl.where(expected > 64.0 * RIM, 0, 1), 0) > 0:
        y = y.to(KIND).to(tl.float64)
        inside = gap(y, bits, KIND) >= RIM * (2.0 - RIM)
        peak = tl.where(inside, 1.0, tl.max(tl.abs(y), 1))
        y = y / peak[:, None]
        square = tl.where(inside, 1.0, dot(y, y))
        across = g - (dot(g, y) / square)[:, None] * y
        landing = 1.0 / tl.sqrt(real(bits)) * (1.0 - 2.0 * RIM)
        g = tl.where(inside[:, None], g, (landing / (tl.sqrt(square) * peak))[:, None] * across)
    return g


@triton.jit
def write(out, at, there, values, KIND: tl.constexpr, WANTED: tl.constexpr):
    if WANTED:
        tl.store(out + at, values.to(KIND), mask=there)


@triton.jit(do_not_specialize=["n", "d", "bits"])
def add(
    x, y, g, gx, gy, n, d, bits: tl.int64,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, FULL: tl.constexpr,
    FIRST: tl.constexpr, SECOND: tl.constexpr,
):  # fmt: skip
    """φ = (a⟨g, S⟩ + F⟨g, x⟩)/M, M = F + ab, F = c‖S‖², S = x + y, ζ = (⟨g, S⟩ − b⟨g, x⟩)/M.

    ∂x = (a/M)·(g − 2cζ·S) + (F/M)·(g − 2cζ·x)
    ∂y = (a/M)·(g − 2cζ·S + 2cφ·y)
    """
    _row, at, there = places(n, d, ROWS, COLUMNS, FULL)
    KIND: tl.constexpr = x.dtype.element_ty
    p, q, w = read(x, at, there), read(y, at, there), read(g, at, there)
    c = real(bits)
    a, b = gap(p, bits, KIND), gap(q, bits, KIND)
    S = p + q
    far = c * dot(S, S)
    share = 1.0 / (far + a * b)
    total = (a * share)[:, None] * S + (far * share)[:, None] * p
    w = before_clip(w, total, bits, a * b * share, KIND)
    along, wx = dot(w, S), dot(w, p)
    twice = 2.0 * c * share
    zeta, phi = twice * (along - b * wx), twice * (a * along + far * wx)
    bent = w - zeta[:, None] * S
    by_x = (a * share)[:, None] * bent + (far * share)[:, None] * (w - zeta[:, None] * p)
    write(gx, at, there, by_x, KIND, FIRST)
    write(gy, at, there, (a * share)[:, None] * (bent + phi[:, None] * q), KIND, SECOND)


@triton.jit(do_not_specialize=["n", "d", "bits"])
def distance(
    x, y, g, gx, gy, n, d, bits: tl.int64,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, FULL: tl.constexpr,
    FIRST: tl.constexpr, SECOND: tl.constexpr, SQUARED: tl.constexpr,
):  # fmt: skip
    """By q: 1/√(c·q(1 + q)) for d, and 4/c · asinh √q / √(q(1 + q)) for d²; times 2c·(D/(ab) + q·x/a) by x, D = x − y.

    By y it is 2c·(−D/(ab) + q·y/b). Where q = 0 the derivative of d is taken as 0.
    """
    row, at, there = places(n, d, ROWS, COLUMNS, FULL)
    KIND: tl.constexpr = x.dtype.element_ty
    p, q = read(x, at, there), read(y, at, there)
    w = tl.load(g + row, mask=row < n, other=0.0).to(tl.float64)
    c = real(bits)
    a, b = gap(p, bits, KIND), gap(q, bits, KIND)
    D = p - q
    both = a * b
    ratio = c * dot(D, D) / both
    if SQUARED:
        slope = 8.0 * asinh_ratio(ratio) / tl.sqrt(1.0 + ratio)
    else:
        tip = ratio == 0.0
        slope = tl.where(tip, 0.0, 2.0 * tl.sqrt(c) / tl.sqrt(tl.where(tip, 1.0, ratio * (1.0 + ratio))))
    w = w * slope
    apart = (w / both)[:, None] * D
    write(gx, at, there, apart + (w * ratio / a)[:, None] * p, KIND, FIRST)
    write(gy, at, there, (w * ratio / b)[:, None] * q - apart, KIND, SECOND)


@triton.jit(do_not_specialize=["n", "d", "bits"])
def log(
    x, y, g, gx, gy, n, d, bits: tl.int64,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, FULL: tl.constexpr,
    FIRST: tl.constexpr, SECOND: tl.constexpr,
):  # fmt: skip
    """φ = fh, f = R/(b√(1 + q)), R = asinh √q / √q, h = a⟨g, D⟩ − F⟨g, x⟩, F = c‖D‖², D = y − x.

    ∂x = −V − fF·g − 2cA·x,   A = f⟨g, D⟩ − Qq/a,   Q = f′h = (R′(1 + q) − R/2)/(b(1 + q)√(1 + q)) · h
    ∂y = V − 2cB·y,           B = −(Qq + φ)/b
    V  = fa·g + 2c(Q/(ab) − f⟨g, x⟩)·D
    """
    _row, at, there = places(n, d, ROWS, COLUMNS, FULL)
    KIND: tl.constexpr = x.dtype.element_ty
    p, q, w = read(x, at, there), read(y, at, there), read(g, at, there)
    c = real(bits)
    a, b = gap(p, bits, KIND), gap(q, bits, KIND)
    D = q - p
    far = c * dot(D, D)
    ratio = far / (a * b)
    R = asinh_ratio(ratio)
    above = 1.0 + ratio
    below = b * tl.sqrt(above)
    factor = R / below
    wD, wx = dot(w, D), dot(w, p)
    h = a * wD - far * wx
    Q = (asinh_slope(ratio, R) * above - 0.5 * R) / (below * above) * h
    V = (factor * a)[:, None] * w + (2.0 * c * (Q / (a * b) - factor * wx))[:, None] * D
    bend = 2.0 * c * (factor * wD - Q * ratio / a)
    rise = 2.0 * c * (Q * ratio + factor * h) / b
    write(gx, at, there, -V - (factor * far)[:, None] * w - bend[:, None] * p, KIND, FIRST)
    write(gy, at, there, V + rise[:, None] * q, KIND, SECOND)


@triton.jit(do_not_specialize=["n", "d", "bits"])
def exp(
    x, v, g, gx, gv, n, d, bits: tl.int64,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, FULL: tl.constexpr,
    FIRST: tl.constexpr, SECOND: tl.constexpr,
):  # fmt: skip
    """φ = ⟨g, x⟩ + PG, G = ⟨g, w⟩ + T⟨g, x⟩, P = a/N, N = c‖B‖² + aS, B = x + w, w = kv, k = R/a, T = qR², S = 1 − T.

    W  = P·g − 2c(PG/N)·B                           by w
    K  = ⟨W, v⟩R′/a + (⟨g, x⟩ + aG/N)·P·RS          by q = c‖v‖²/a², where R′ = (S − R)/(2q)
    ∂v = k·W + (2cK/a²)·v
    ∂x = W + (1 − PS)·g − 2c(G(1 − PS)/N − (⟨W, v⟩k + 2Kq)/a)·x

    A step that saturates is held at its length: there q is constant and K = 0.
    """
    _row, at, there = places(n, d, ROWS, COLUMNS, FULL)
    KIND: tl.constexpr = x.dtype.element_ty
    p, w = read(x, at, there), read(g, at, there)
    u, uu, shortened = tamed(read(v, at, there), KIND)
    c = real(bits)
    a = gap(p, bits, KIND)
    k, q, R, S = stretch(uu, tl.full([ROWS], 1.0, tl.float64), a, c)
    T = q * R * R
    B = p + k[:, None] * u
    N = c * dot(B, B) + a * S
    P = a / N
    moved = p + ((P * T)[:, None] * p + (P * k)[:, None] * u)
    arrival = P * S
    w = before_clip(w, moved, bits, arrival, KIND)
    wx = dot(w, p)
    G = k * dot(w, u) + T * wx
    W = P[:, None] * w - (2.0 * c * P * G / N)[:, None] * B
    Wu = dot(W, u)
    K = Wu * tanh_slope(q, R, S) / a + (wx + P * G) * P * R * S
    K = tl.where(q < SATURATED, K, 0.0)
    bend = 2.0 * c * (G * (1.0 - arrival) / N - (Wu * k + 2.0 * K * q) / a)
    by_x = W + (1.0 - arrival)[:, None] * w - bend[:, None] * p
    by_v = k[:, None] * W + (2.0 * c * K / (a * a))[:, None] * u
    write(gx, at, there, by_x, KIND, FIRST)
    write(gv, at, there, shortened[:, None] * by_v, KIND, SECOND)


@triton.jit(do_not_specialize=["n", "d", "bits"])
def exp0(
    v, g, gv, n, d, bits: tl.int64,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, FULL: tl.constexpr,
    FIRST: tl.constexpr,
):  # fmt: skip
    """∂v = R·g + 2cR′⟨g, v⟩·v, R = tanh √q / √q, q = c‖v‖²."""
    _row, at, there = places(n, d, ROWS, COLUMNS, FULL)
    KIND: tl.constexpr = v.dtype.element_ty
    w = read(g, at, there)
    u, uu, shortened = tamed(read(v, at, there), KIND)
    c = real(bits)
    q = c * uu
    R, S = tanh_ratio_and_sech2(q)
    w = before_clip(w, R[:, None] * u, bits, S, KIND)
    found = R[:, None] * w + (2.0 * c * tanh_slope(q, R, S) * dot(w, u))[:, None] * u
    write(gv, at, there, shortened[:, None] * found, KIND, FIRST)


@triton.jit(do_not_specialize=["n", "d", "bits"])
def log0(
    y, g, gy, n, d, bits: tl.int64,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, FULL: tl.constexpr,
    FIRST: tl.constexpr,
):  # fmt: skip
    """∂y = R/√b · g + 2c⟨g, y⟩(R′(1 + q) + R/2)/(b√b) · y, R = asinh √q / √q, q = c‖y‖²/b."""
    _row, at, there = places(n, d, ROWS, COLUMNS, FULL)
    KIND: tl.constexpr = y.dtype.element_ty
    q, w = read(y, at, there), read(g, at, there)
    c = real(bits)
    b = gap(q, bits, KIND)
    ratio = c * dot(q, q) / b
    R = asinh_ratio(ratio)
    root = tl.sqrt(b)
    rise = 2.0 * c * dot(w, q) * (asinh_slope(ratio, R) * (1.0 + ratio) + 0.5 * R) / (b * root)
    write(gy, at, there, (R / root)[:, None] * w + rise[:, None] * q, KIND, FIRST)
