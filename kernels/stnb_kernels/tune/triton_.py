"""Triton: a tile of carriers against a share of the oscillators per program; sums in registers, one exponential a pair.

Each lane of a tile keeps its own four sums until the end, so a pair costs a multiply-add for u, its square, an
exponential and four multiply-adds. Frequencies count from the middle ω_p of the program's share, which the sort keeps
close to every gate that hears it: u = (ω − ω_p)/σ + (ω_p − Ω)/σ is off by ε|u|, and the shift is summed as a(ω − ω_p).
Partial sums are added by a second kernel in a fixed order.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl

from stnb_kernels.bank import COUNT, FREQUENCY, SMALLEST_ENERGY, WIDTH
from stnb_kernels.languages import triton_interpreted
from stnb_kernels.spectrum import CHUNK
from stnb_kernels.triton_math import FAR, ROOT_LOG2E, exp2_of_negative, sine_and_cosine

LEAST = tl.constexpr(SMALLEST_ENERGY)
SPAN = tl.constexpr(CHUNK)
FREQUENCY_ROW, WIDTH_ROW = tl.constexpr(FREQUENCY), tl.constexpr(WIDTH)
COUNT_AT = tl.constexpr(COUNT)

CARRIERS, LANES, WARPS = 32, 64, 4
CHUNKS_AT_ONCE = 32
REDUCE_CARRIERS, REDUCE_PARTS = 4, 128
# Programs that keep every multiprocessor busy: few long ones while there are few carriers, many short ones beyond.
PROGRAMS, MANY_PROGRAMS, MANY_BLOCKS = (8, 8, 8) if triton_interpreted() else (528, 2112, 8)


@triton.jit
def phasor_of(phase, energy):
    amplitude = tl.sqrt(tl.maximum(energy, LEAST))
    sine, cosine = sine_and_cosine(phase)
    return amplitude * cosine, amplitude * sine, amplitude


@triton.jit(do_not_specialize=["n", "share", "first_part"])
def brute(
    phase,
    frequency,
    energy,
    real,
    capacity,
    counts,
    phasor,
    room,
    wide,
    partial,
    n,
    share,
    first_part,
    CARRIERS: tl.constexpr,
    LANES: tl.constexpr,
    ONLY_WIDE: tl.constexpr,
):
    part = tl.program_id(0)
    k = tl.program_id(1) * CARRIERS + tl.arange(0, CARRIERS)
    count = tl.load(counts + COUNT_AT)
    exists = k < count
    centre = tl.load(real + FREQUENCY_ROW * capacity + k, mask=exists, other=0.0)
    scale = (1.0 / tl.load(real + WIDTH_ROW * capacity + k, mask=exists, other=1.0)) * ROOT_LOG2E
    first = part * share
    last = tl.minimum(first + share, n)
    middle = tl.load(frequency + tl.minimum((first + last) // 2, n - 1))
    off_centre = (middle - centre) * scale
    re = tl.zeros([CARRIERS, LANES], dtype=tl.float32)
    im = tl.zeros([CARRIERS, LANES], dtype=tl.float32)
    support = tl.zeros([CARRIERS, LANES], dtype=tl.float32)
    shift = tl.zeros([CARRIERS, LANES], dtype=tl.float32)
    lane = tl.arange(0, LANES)
    writes = (tl.program_id(1) == 0) & (not ONLY_WIDE)
    if (tl.program_id(1) * CARRIERS < count) | writes:
        for at in range(first, last, LANES):
            hears = True
            if ONLY_WIDE:
                hears = tl.load(wide + at // SPAN) != 0
            if hears:
                i = at + lane
                inside = i < last
                w = tl.load(frequency + i, mask=inside, other=0.0)
                x, y, a = phasor_of(
                    tl.load(phase + i, mask=inside, other=0.0), tl.load(energy + i, mask=inside, other=0.0)
                )
                if writes:
                    tl.store(phasor + i, x, mask=inside)
                    tl.store(phasor + room + i, y, mask=inside)
                    tl.store(phasor + 2 * room + i, a, mask=inside)
                x = tl.where(inside, x, 0.0)
                y = tl.where(inside, y, 0.0)
                a = tl.where(inside, a, 0.0)
                w -= middle
                off = a * w
                u = w[None, :] * scale[:, None] + off_centre[:, None]
                t = exp2_of_negative(-u * u)
                re += t * x[None, :]
                im += t * y[None, :]
                support += t * a[None, :]
                shift += t * off[None, :]
    row = partial + (first_part + part) * 4 * capacity + k
    held = tl.sum(support, axis=1)
    tl.store(row, tl.sum(re, axis=1), mask=exists)
    tl.store(row + capacity, tl.sum(im, axis=1), mask=exists)
    tl.store(row + 2 * capacity, held, mask=exists)
    tl.store(row + 3 * capacity, tl.sum(shift, axis=1) + (middle - centre) * held, mask=exists)


@triton.jit(do_not_specialize=["parts"])
def add_parts(partial, capacity, counts, parts, sums, CARRIERS: tl.constexpr, PARTS: tl.constexpr):
    k = tl.program_id(0) * CARRIERS + tl.arange(0, CARRIERS)
    q = tl.program_id(1)
    exists = k < tl.load(counts + COUNT_AT)
    total = tl.zeros([PARTS, CARRIERS], dtype=tl.float32)
    for first in range(0, parts, PARTS):
        part = first + tl.arange(0, PARTS)
        at = partial + (part[:, None] * 4 + q) * capacity + k[None, :]
        total += tl.load(at, mask=(part[:, None] < parts) & exists[None, :], other=0.0)
    tl.store(sums + q * capacity + k, tl.where(exists, tl.sum(total, axis=0), 0.0), mask=k < capacity)


@triton.jit(do_not_specialize=["n"])
def chunk_moments(
    phase,
    frequency,
    energy,
    phasor,
    room,
    centres,
    moments,
    columns,
    n,
    ORDER: tl.constexpr,
    MOST: tl.constexpr,
):
    c = tl.program_id(0)
    i = c * SPAN + tl.arange(0, SPAN)
    inside = i < n
    away = tl.where(inside, tl.load(frequency + i, mask=inside, other=0.0) - tl.load(centres + c), 0.0)
    x, y, a = phasor_of(
        tl.load(phase + i, mask=inside, other=0.0), tl.load(energy + i, mask=inside, other=0.0)
    )
    tl.store(phasor + i, x, mask=inside)
    tl.store(phasor + room + i, y, mask=inside)
    tl.store(phasor + 2 * room + i, a, mask=inside)
    power = tl.where(inside, 1.0, 0.0)
    for order in tl.static_range(ORDER):
        at = moments + order * columns + c
        tl.store(at, tl.sum(x * power, axis=0))
        tl.store(at + MOST * columns, tl.sum(y * power, axis=0))
        tl.store(at + 2 * MOST * columns, tl.sum(a * power, axis=0))
        power *= away * (1.0 / (order + 1))


@triton.jit(do_not_specialize=["chunks", "share"])
def hear_moments(
    real,
    capacity,
    counts,
    centres,
    wide,
    moments,
    columns,
    partial,
    chunks,
    share,
    ORDER: tl.constexpr,
    MOST: tl.constexpr,
    CARRIERS: tl.constexpr,
    CHUNKS: tl.constexpr,
):
    part = tl.program_id(0)
    k = tl.program_id(1) * CARRIERS + tl.arange(0, CARRIERS)
    count = tl.load(counts + COUNT_AT)
    exists = k < count
    centre = tl.load(real + FREQUENCY_ROW * capacity + k, mask=exists, other=0.0)
    inverse = 1.0 / tl.load(real + WIDTH_ROW * capacity + k, mask=exists, other=1.0)
    re = tl.zeros([CARRIERS, CHUNKS], dtype=tl.float32)
    im = tl.zeros([CARRIERS, CHUNKS], dtype=tl.float32)
    support = tl.zeros([CARRIERS, CHUNKS], dtype=tl.float32)
    slope = tl.zeros([CARRIERS, CHUNKS], dtype=tl.float32)
    last = tl.minimum((part + 1) * share, chunks)
    if tl.program_id(1) * CARRIERS < count:
        for at in range(part * share, last, CHUNKS):
            c = at + tl.arange(0, CHUNKS)
            inside = c < last
            narrow = inside & (tl.load(wide + c, mask=inside, other=1) == 0)
            u = (tl.load(centres + c, mask=inside, other=0.0)[None, :] - centre[:, None]) * inverse[:, None]
            near = tl.abs(u) < FAR
            u = tl.where(near, u, 0.0)
            g = tl.where(near, exp2_of_negative(-(u * ROOT_LOG2E) * (u * ROOT_LOG2E)), 0.0)
            below = tl.zeros([CARRIERS, CHUNKS], dtype=tl.float32)
            hermite = below + 1.0
            for order in tl.static_range(ORDER):
                m = moments + order * columns + c
                x = tl.load(m, mask=narrow, other=0.0)
                y = tl.load(m + MOST * columns, mask=narrow, other=0.0)
                a = tl.load(m + 2 * MOST * columns, mask=narrow, other=0.0)
                above = 2.0 * (u * hermite - order * below)
                weight = g * hermite
                re += weight * x[None, :]
                im += weight * y[None, :]
                support += weight * a[None, :]
                slope += g * above * a[None, :]
                g = -g * inverse[:, None]
                below = hermite
                hermite = above
    row = partial + part * 4 * capacity + k
    tl.store(row, tl.sum(re, axis=1), mask=exists)
    tl.store(row + capacity, tl.sum(im, axis=1), mask=exists)
    tl.store(row + 2 * capacity, tl.sum(support, axis=1), mask=exists)
    tl.store(row + 3 * capacity, tl.sum(slope, axis=1) * 0.5 / inverse, mask=exists)


def supports(oscillators, *_):
    return oscillators.phase.dtype == torch.float32, "Triton passes scalars as float32; use torch for float64"


def shares(items, unit, most, blocks):
    """How many parts, and how many items each, in whole units: enough programs, and no more parts than fit."""
    programs = MANY_PROGRAMS if blocks >= MANY_BLOCKS else PROGRAMS
    parts = max(1, min(most, triton.cdiv(programs, blocks), triton.cdiv(items, unit)))
    share = triton.cdiv(triton.cdiv(items, parts), unit) * unit
    return max(1, triton.cdiv(items, share)), share


def sum_pairs(oscillators, bank, spectrum, first_part, most, *, only_wide):
    """Launch `brute` on at most so many parts from the given one; return how many it wrote."""
    n, capacity = oscillators.phase.shape[0], bank.capacity
    blocks = triton.cdiv(capacity, CARRIERS)
    parts, share = shares(n, LANES, most, blocks)
    brute[(parts, blocks)](
        oscillators.phase,
        oscillators.frequency,
        oscillators.energy,
        bank.real,
        capacity,
        bank.counts,
        spectrum.phasor,
        spectrum.phasor.shape[1],
        spectrum.wide,
        spectrum.partial,
        n,
        share,
        first_part,
        CARRIERS=CARRIERS,
        LANES=LANES,
        ONLY_WIDE=only_wide,
        num_warps=WARPS,
    )
    return parts


def sum_chunks(oscillators, bank, spectrum, most):
    """Launch the two kernels of the moments on at most so many parts; return how many they wrote."""
    n, capacity, chunks = oscillators.phase.shape[0], bank.capacity, spectrum.chunks
    columns, orders = spectrum.moments.shape[2], spectrum.moments.shape[1]
    chunk_moments[(chunks,)](
        oscillators.phase,
        oscillators.frequency,
        oscillators.energy,
        spectrum.phasor,
        spectrum.phasor.shape[1],
        spectrum.centre,
        spectrum.moments,
        columns,
        n,
        ORDER=spectrum.order,
        MOST=orders,
        num_warps=4,
    )
    blocks = triton.cdiv(capacity, CARRIERS)
    parts, share = shares(chunks, CHUNKS_AT_ONCE, most, blocks)
    hear_moments[(parts, blocks)](
        bank.real,
        capacity,
        bank.counts,
        spectrum.centre,
        spectrum.wide,
        spectrum.moments,
        columns,
        spectrum.partial,
        chunks,
        share,
        ORDER=spectrum.order,
        MOST=orders,
        CARRIERS=CARRIERS,
        CHUNKS=CHUNKS_AT_ONCE,
        num_warps=WARPS,
    )
    return parts


def run(oscillators, bank, spectrum, algorithm):
    most = spectrum.partial.shape[0]
    if oscillators.phase.shape[0] == 0:
        spectrum.sums.zero_()
        return
    if algorithm == "brute":
        parts = sum_pairs(oscillators, bank, spectrum, 0, most, only_wide=False)
    elif spectrum.wide_chunks == 0:
        parts = sum_chunks(oscillators, bank, spectrum, most)
    else:
        parts = sum_chunks(oscillators, bank, spectrum, most // 2)
        parts += sum_pairs(oscillators, bank, spectrum, parts, most // 2, only_wide=True)
    grid = (triton.cdiv(bank.capacity, REDUCE_CARRIERS), 4)
    add_parts[grid](
        spectrum.partial,
        bank.capacity,
        bank.counts,
        parts,
        spectrum.sums,
        CARRIERS=REDUCE_CARRIERS,
        PARTS=REDUCE_PARTS,
    )
