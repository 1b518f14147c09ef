"""Triton: one kernel a map, several rows a program, everything from the sums to the rim in one pass over memory.

Formulas are those of `stnb.geometry.maps`, `mobius`, `metric` and `adam`. All arithmetic is float64, also for float32
rows: one number a row costs little beside the memory. Numbers arrive as the bits of a float64, since Triton hands
Python floats over as float32. No sum here that has to be exact contains a product that is not, so a compiler that
fuses multiplications with additions changes none of them.
"""

# ruff: noqa: SIM300

from __future__ import annotations

import torch
import triton
import triton.language as tl

from stnb.geometry.maps import LARGE
from stnb.geometry.rim import RIM
from stnb.geometry.stable import ASINH, SMALL, TANH

TANH_SERIES, ASINH_SERIES, LAST = tl.constexpr(TANH), tl.constexpr(ASINH), tl.constexpr(len(TANH) - 1)
SERIES_END = tl.constexpr(SMALL)
BIAS, FRACTION_BITS, HALF = tl.constexpr(1023), tl.constexpr(52), tl.constexpr(1 << 51)
SPLIT_BITS, COARSE_BITS = tl.constexpr(27), tl.constexpr(26)
CLOSE = tl.constexpr(0.125)
RIM32, RIM64 = tl.constexpr(RIM[torch.float32]), tl.constexpr(RIM[torch.float64])
LIMIT32, LIMIT64 = tl.constexpr(LARGE[torch.float32]), tl.constexpr(LARGE[torch.float64])
SATURATED, ROOT_SATURATED = tl.constexpr(2.0**100), tl.constexpr(2.0**50)


@triton.jit
def real(bits):
    return bits.to(tl.int64).to(tl.float64, bitcast=True)


@triton.jit
def places(n, d, ROWS: tl.constexpr, COLUMNS: tl.constexpr, FULL: tl.constexpr):
    """Offsets of a program's coordinates, and which of them there are."""
    row = (tl.program_id(0) * ROWS + tl.arange(0, ROWS)).to(tl.int64)
    column = tl.arange(0, COLUMNS)
    there = (row < n)[:, None]
    if FULL:
        at = row[:, None] * COLUMNS + column[None, :]
    else:
        at = row[:, None] * d + column[None, :]
        there = there & (column < d)[None, :]
    return row, at, there


@triton.jit
def read(x, at, there):
    return tl.load(x + at, mask=there, other=0.0).to(tl.float64)


@triton.jit
def rounder(exponent):
    """1.5·2^(exponent + 52): added and taken away again, it leaves a multiple of 2^exponent."""
    return real(((exponent + FRACTION_BITS + BIAS) << FRACTION_BITS) | HALF)


@triton.jit
def exact_gap(x, bits):
    """1 − c‖x‖² for x = h + l with h on a grid, as in `stnb.geometry.rim`; c and Σh² are split in two halves each."""
    bits = bits.to(tl.int64)
    root = -(((bits >> FRACTION_BITS) - BIAS) >> 1)
    grid = rounder(root - COARSE_BITS)
    h = (x + grid) - grid
    whole = tl.sum(h * h, 1)
    rest = tl.sum((x + h) * (x - h), 1)
    c = real(bits)
    ch = real((bits >> SPLIT_BITS) << SPLIT_BITS)
    cl = c - ch
    coarse = rounder(2 * root - COARSE_BITS)
    sh = (whole + coarse) - coarse
    sl = whole - sh
    return ((((1.0 - ch * sh) - ch * sl) - cl * sh) - cl * sl) - c * rest


@triton.jit
def gap(x, bits, KIND: tl.constexpr):
    a = 1.0 - real(bits) * tl.sum(x * x, 1)
    if KIND == tl.float64:
        a = tl.where(a < CLOSE, exact_gap(x, bits), a)
    return a


@triton.jit
def log1p(w):
    """For w ≥ 0; the rounding of 1 + w is divided out."""
    above = 1.0 + w
    grown = above - 1.0
    some = grown > 0.0
    return tl.where(some, tl.log(above) * (w / tl.where(some, grown, 1.0)), w)


@triton.jit
def one_minus_exp(t):
    """1 − e^(−t) for t > 0, and e^(−t)."""
    e = tl.exp(-t)
    near = e > 0.25
    return tl.where(near, (1.0 - e) * t / -tl.log(tl.where(near, e, 0.5)), 1.0 - e), e


@triton.jit
def tanh_ratio_and_sech2(q):
    """Both tanh √q / √q and 1/cosh² √q."""
    small = q < SERIES_END
    low = tl.where(small, q, 0.0)
    series = low * TANH_SERIES[LAST] + TANH_SERIES[LAST - 1]
    for i in tl.static_range(2, LAST + 1):
        series = series * low + TANH_SERIES[LAST - i]
    t = tl.sqrt(tl.where(small, 1.0, q))
    rise, decay = one_minus_exp(2.0 * t)
    above = 1.0 + decay
    ratio = tl.where(small, series, rise / (above * t))
    return ratio, tl.where(small, 1.0 - low * series * series, 4.0 * decay / (above * above))


@triton.jit
def asinh_of_root(q, t):
    return log1p(t + q / (1.0 + tl.sqrt(1.0 + q)))


@triton.jit
def asinh_ratio(q):
    """The ratio asinh √q / √q."""
    small = q < SERIES_END
    low = tl.where(small, q, 0.0)
    series = low * ASINH_SERIES[LAST] + ASINH_SERIES[LAST - 1]
    for i in tl.static_range(2, LAST + 1):
        series = series * low + ASINH_SERIES[LAST - i]
    high = tl.where(small, 1.0, q)
    t = tl.sqrt(high)
    return tl.where(small, series, asinh_of_root(high, t) / t)


@triton.jit
def clipped(y, bits, KIND: tl.constexpr):
    """Rows beyond the rim scaled to land one rim inside; in float64 a hundred roundings may ask for one more."""
    RIM: tl.constexpr = RIM64 if KIND == tl.float64 else RIM32
    wide = y.to(tl.float64)
    inside = gap(wide, bits, KIND) >= RIM * (2.0 - RIM)
    scaled = wide / tl.where(inside, 1.0, tl.max(tl.abs(wide), 1))[:, None]
    length = tl.sqrt(tl.where(inside, 1.0, tl.sum(scaled * scaled, 1)))
    landing = 1.0 / tl.sqrt(real(bits)) * (1.0 - 2.0 * RIM)
    landed = tl.where(inside[:, None], y, (scaled * (landing / length)[:, None]).to(KIND))
    if KIND == tl.float64:
        inside = gap(landed, bits, KIND) >= RIM * (2.0 - RIM)
        landed = tl.where(inside[:, None], landed, landed * (1.0 - RIM))
    return landed


@triton.jit
def kept(y, bits, expected, KIND: tl.constexpr):
    """The points in their own type, clipped where the map expects a gap of a few rims."""
    RIM: tl.constexpr = RIM64 if KIND == tl.float64 else RIM32
    y = y.to(KIND)
    if tl.max(tl.where(expected > 64.0 * RIM, 0, 1), 0) > 0:
        y = clipped(y, bits, KIND)
    return y


@triton.jit
def tamed(v, KIND: tl.constexpr):
    """V, ‖v‖² and the factor by which v was shortened, as a vector whose square overflows is."""
    LIMIT: tl.constexpr = LIMIT64 if KIND == tl.float64 else LIMIT32
    squared = tl.sum(v * v, 1)
    short = squared < LIMIT * LIMIT
    factor = tl.full(squared.shape, 1.0, tl.float64)
    if tl.max(tl.where(short, 0, 1), 0) > 0:
        peak = tl.where(short, 1.0, tl.max(tl.abs(v), 1))
        v = tl.where(short[:, None], v, v / peak[:, None] * LIMIT)
        squared = tl.sum(v * v, 1)
        factor = tl.where(short, factor, LIMIT / peak)
    return v, squared, factor


@triton.jit
def stretch(uu, s, a, c):
    """k, q, tanh √q / √q and 1/cosh² √q of w = k·u in `stnb.geometry.maps`, where a step that saturates is shortened."""
    q = uu * c * (s / a) * (s / a)
    short = q < SATURATED
    t = tl.sqrt(c) * tl.sqrt(uu) * (tl.abs(s) / a)
    s = tl.where(short, s, s / tl.where(short, 1.0, t) * ROOT_SATURATED)
    q = tl.where(short, q, SATURATED)
    ratio, sech2 = tanh_ratio_and_sech2(q)
    return s * ratio / a, q, ratio, sech2


@triton.jit
def depart(x, u, uu, s, a, c):
    """p, r, gap of the arrival, tanh² and a/N of `stnb.geometry.maps.Departure`."""
    k, q, ratio, sech2 = stretch(uu, s, a, c)
    blended = x + k[:, None] * u
    pull = a / (c * tl.sum(blended * blended, 1) + a * sech2)
    tanh2 = q * ratio * ratio
    return pull * tanh2, pull * k, pull * sech2, tanh2, pull


@triton.jit(do_not_specialize=["n", "d", "bits"])
def add(
    x, y, out, n, d, bits: tl.int64,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, FULL: tl.constexpr,
):  # fmt: skip
    _row, at, there = places(n, d, ROWS, COLUMNS, FULL)
    KIND: tl.constexpr = out.dtype.element_ty
    p, q = read(x, at, there), read(y, at, there)
    a = gap(p, bits, KIND)
    both = a * gap(q, bits, KIND)
    S = p + q
    far = real(bits) * tl.sum(S * S, 1)
    share = 1.0 / (far + both)
    total = (a * share)[:, None] * S + (far * share)[:, None] * p
    tl.store(out + at, kept(total, bits, both * share, KIND), mask=there)


@triton.jit(do_not_specialize=["n", "d", "bits"])
def distance(
    x, y, out, n, d, bits: tl.int64,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, FULL: tl.constexpr, SQUARED: tl.constexpr,
):  # fmt: skip
    row, at, there = places(n, d, ROWS, COLUMNS, FULL)
    KIND: tl.constexpr = out.dtype.element_ty
    p, q = read(x, at, there), read(y, at, there)
    D = p - q
    c = real(bits)
    ratio = c * tl.sum(D * D, 1) / (gap(p, bits, KIND) * gap(q, bits, KIND))
    if SQUARED:
        root = asinh_ratio(ratio)
        length = (4.0 / c) * ratio * root * root
    else:
        length = (2.0 / tl.sqrt(c)) * asinh_of_root(ratio, tl.sqrt(ratio))
    tl.store(out + row, length.to(KIND), mask=row < n)


@triton.jit(do_not_specialize=["n", "d", "bits"])
def log(
    x, y, out, n, d, bits: tl.int64,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, FULL: tl.constexpr,
):  # fmt: skip
    _row, at, there = places(n, d, ROWS, COLUMNS, FULL)
    KIND: tl.constexpr = out.dtype.element_ty
    p, q = read(x, at, there), read(y, at, there)
    a, b = gap(p, bits, KIND), gap(q, bits, KIND)
    D = q - p
    far = real(bits) * tl.sum(D * D, 1)
    ratio = far / (a * b)
    factor = asinh_ratio(ratio) / (b * tl.sqrt(1.0 + ratio))
    found = (factor * a)[:, None] * D - (factor * far)[:, None] * p
    tl.store(out + at, found.to(KIND), mask=there)


@triton.jit(do_not_specialize=["n", "d", "bits"])
def exp(
    x, v, out, n, d, bits: tl.int64,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, FULL: tl.constexpr,
):  # fmt: skip
    _row, at, there = places(n, d, ROWS, COLUMNS, FULL)
    KIND: tl.constexpr = out.dtype.element_ty
    here = read(x, at, there)
    u, uu, _factor = tamed(read(v, at, there), KIND)
    s = tl.full([ROWS], 1.0, tl.float64)
    p, r, arrival, _tanh2, _pull = depart(here, u, uu, s, gap(here, bits, KIND), real(bits))
    moved = here + (p[:, None] * here + r[:, None] * u)
    tl.store(out + at, kept(moved, bits, arrival, KIND), mask=there)


@triton.jit(do_not_specialize=["n", "d", "bits"])
def exp0(
    v, out, n, d, bits: tl.int64,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, FULL: tl.constexpr,
):  # fmt: skip
    _row, at, there = places(n, d, ROWS, COLUMNS, FULL)
    KIND: tl.constexpr = out.dtype.element_ty
    u, uu, _factor = tamed(read(v, at, there), KIND)
    ratio, sech2 = tanh_ratio_and_sech2(real(bits) * uu)
    tl.store(out + at, kept(ratio[:, None] * u, bits, sech2, KIND), mask=there)


@triton.jit(do_not_specialize=["n", "d", "bits"])
def log0(
    y, out, n, d, bits: tl.int64,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, FULL: tl.constexpr,
):  # fmt: skip
    _row, at, there = places(n, d, ROWS, COLUMNS, FULL)
    KIND: tl.constexpr = out.dtype.element_ty
    q = read(y, at, there)
    b = gap(q, bits, KIND)
    factor = asinh_ratio(real(bits) * tl.sum(q * q, 1) / b) / tl.sqrt(b)
    tl.store(out + at, (factor[:, None] * q).to(KIND), mask=there)


@triton.jit(do_not_specialize=["n", "d", "bits"])
def transport(
    x, y, v, out, n, d, bits: tl.int64,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, FULL: tl.constexpr,
):  # fmt: skip
    _row, at, there = places(n, d, ROWS, COLUMNS, FULL)
    KIND: tl.constexpr = out.dtype.element_ty
    p, w = read(x, at, there), read(v, at, there)
    q = read(y, at, there)
    a, b = gap(p, bits, KIND), gap(q, bits, KIND)
    D = q - p
    c = real(bits)
    far = c * tl.sum(D * D, 1)
    xw, Dw = tl.sum(p * w, 1), tl.sum(D * w, 1)
    twice = 2.0 * c / (far + a * b)
    along = twice * (a * Dw - far * xw)
    across = -twice * ((b + far) * xw + (1.0 - a) * Dw)
    turned = w + (along[:, None] * p + across[:, None] * D)
    tl.store(out + at, ((b / a)[:, None] * turned).to(KIND), mask=there)


@triton.jit(do_not_specialize=["n", "d", "bits", "rate", "keep", "keep2", "unbias2", "eps", "decay"])
def adam(
    x, g, m, v, most, n, d, bits: tl.int64,
    rate: tl.int64, keep: tl.int64, keep2: tl.int64, unbias2: tl.int64, eps: tl.int64, decay: tl.int64,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, FULL: tl.constexpr,
    AMSGRAD: tl.constexpr,
):  # fmt: skip
    """One step in place: moments, x ← exp_x(−η m̂/(√v̂ + ε)), m carried along, x kept inside."""
    row, at, there = places(n, d, ROWS, COLUMNS, FULL)
    KIND: tl.constexpr = x.dtype.element_ty
    c = real(bits)
    here = read(x, at, there)
    a = gap(here, bits, KIND)
    slope, squared, _factor = tamed(read(g, at, there) + real(decay) * here, KIND)
    quarter = 0.25 * a * a
    second = real(keep2) * tl.load(v + row, mask=row < n, other=0.0).to(tl.float64)
    second = second + (1.0 - real(keep2)) * quarter * squared
    tl.store(v + row, second.to(KIND), mask=row < n)
    if AMSGRAD:
        second = tl.maximum(second, tl.load(most + row, mask=row < n, other=0.0).to(tl.float64))
        tl.store(most + row, second.to(KIND), mask=row < n)
    u = real(keep) * read(m, at, there) + ((1.0 - real(keep)) * quarter)[:, None] * slope
    s = -real(rate) / (tl.sqrt(second / real(unbias2)) + real(eps))
    uu, xu = tl.sum(u * u, 1), tl.sum(here * u, 1)
    p, r, b, tanh2, pull = depart(here, u, uu, s, a, c)
    moved = here + (p[:, None] * here + r[:, None] * u)
    tl.store(x + at, kept(moved, bits, b, KIND), mask=there)
    Du = p * xu + r * uu
    far = a * pull * tanh2
    twice = 2.0 * c / (pull * a)
    bend = (b + far) * xu + (1.0 - a) * Du
    shrink = b / a
    along = shrink * (1.0 - twice * r * bend)
    back = shrink * twice * (a * Du - far * xu - p * bend)
    tl.store(m + at, (along[:, None] * u + back[:, None] * here).to(KIND), mask=there)
