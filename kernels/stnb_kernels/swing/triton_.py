"""Triton: a tile of oscillators per program, carrier after carrier; or polynomials around the middles of chunks."""

from __future__ import annotations

import math

import torch
import triton
import triton.language as tl

from stnb_kernels.bank import COUNT, CRYSTALLIZED, FREQUENCY, IMAG, REAL, STATE, STEP, WIDTH
from stnb_kernels.random.triton_ import normal_pair, words
from stnb_kernels.spectrum import CHUNK
from stnb_kernels.swing import PHASE_STREAM
from stnb_kernels.triton_math import FAR, ROOT_LOG2E, UNSCALE, exp2_of_negative

SPAN = tl.constexpr(CHUNK)
TURN = tl.constexpr(2.0 * math.pi)
COUNT_AT, STEP_AT = tl.constexpr(COUNT), tl.constexpr(STEP)
ROWS = tl.constexpr((FREQUENCY, WIDTH, REAL, IMAG))
STATE_ROW, CRYSTAL = tl.constexpr(STATE), tl.constexpr(CRYSTALLIZED)
STREAM = tl.constexpr(PHASE_STREAM)

GATES, CARRIERS, CHUNKS_AT_ONCE = 128, 32, 16


@triton.jit
def prepare_gates(real, whole, counts, capacity, boost, gates, GATES: tl.constexpr):
    """Centre, scale and pull of the carriers; those that do not exist pull at nothing."""
    k = tl.program_id(0) * GATES + tl.arange(0, GATES)
    inside = k < capacity
    exists = k < tl.load(counts + COUNT_AT)
    state = tl.load(whole + STATE_ROW * capacity + k, mask=exists, other=0)
    more = tl.where(exists, tl.where(state == CRYSTAL, 1.0 + boost, 1.0), 0.0)
    width = tl.load(real + ROWS[1] * capacity + k, mask=exists, other=1.0)
    tl.store(gates + k, tl.load(real + ROWS[0] * capacity + k, mask=exists, other=0.0), mask=inside)
    tl.store(gates + capacity + k, (1.0 / width) * ROOT_LOG2E, mask=inside)
    re = tl.load(real + ROWS[2] * capacity + k, mask=exists, other=0.0)
    im = tl.load(real + ROWS[3] * capacity + k, mask=exists, other=0.0)
    tl.store(gates + 2 * capacity + k, more * re, mask=inside)
    tl.store(gates + 3 * capacity + k, more * im, mask=inside)


@triton.jit
def feel(w, gates, capacity, count):
    """The field and the coverage at some frequencies, carrier after carrier."""
    re = tl.zeros_like(w)
    im = tl.zeros_like(w)
    coverage = tl.zeros_like(w)
    for k in range(count):
        u = (w - tl.load(gates + k)) * tl.load(gates + capacity + k)
        t = exp2_of_negative(-u * u)
        re += t * tl.load(gates + 2 * capacity + k)
        im += t * tl.load(gates + 3 * capacity + k)
        coverage += t
    return re, im, coverage


@triton.jit
def noise_at(i, step, k0, k1):
    """The standard normal number at each place."""
    w0, w1, w2, w3 = words(i // 4, i * 0 + STREAM, step, k0, k1)
    second = i % 4 >= 2
    u0 = (tl.where(second, w2, w0) >> 8).to(tl.float32) * 5.9604644775390625e-08
    u1 = (tl.where(second, w3, w1) >> 8).to(tl.float32) * 5.9604644775390625e-08
    even, odd = normal_pair(u0, u1)
    return tl.where(i % 2 == 0, even, odd)


@triton.jit(do_not_specialize=["n", "k0", "k1"])
def turn_phases(
    phase,
    frequency,
    phasor,
    room,
    gates,
    capacity,
    counts,
    coverage,
    centres,
    wide,
    local,
    columns,
    n,
    dt,
    coupling,
    spread,
    k0,
    k1,
    ORDER: tl.constexpr,
    MOST: tl.constexpr,
    NOISE: tl.constexpr,
):
    c = tl.program_id(0)
    i = c * SPAN + tl.arange(0, SPAN)
    inside = i < n
    w = tl.load(frequency + i, mask=inside, other=0.0)
    count = tl.load(counts + COUNT_AT)
    if ORDER == 0:
        re, im, near = feel(w, gates, capacity, count)
    else:
        re = tl.zeros_like(w)
        im = tl.zeros_like(w)
        near = tl.zeros_like(w)
        if tl.load(wide + c) != 0:
            re, im, near = feel(w, gates, capacity, count)
        else:
            away = w - tl.load(centres + c)
            for down in tl.static_range(ORDER):
                at = local + (ORDER - 1 - down) * columns + c
                re = re * away + tl.load(at)
                im = im * away + tl.load(at + MOST * columns)
                near = near * away + tl.load(at + 2 * MOST * columns)
    tl.store(coverage + i, near, mask=inside)
    x = tl.load(phasor + i, mask=inside, other=0.0)
    y = tl.load(phasor + room + i, mask=inside, other=0.0)
    moved = tl.load(phase + i, mask=inside, other=0.0) + dt * (w + coupling * (x * im - y * re))
    if NOISE:
        moved += spread * noise_at(i, tl.load(counts + STEP_AT), k0, k1)
    wrapped = moved - TURN * tl.floor(moved / TURN)
    tl.store(phase + i, tl.where((wrapped >= 0) & (wrapped < TURN), wrapped, 0.0), mask=inside)


@triton.jit(do_not_specialize=["chunks"])
def expand_field(
    gates,
    capacity,
    counts,
    centres,
    local,
    columns,
    chunks,
    ORDER: tl.constexpr,
    MOST: tl.constexpr,
    CARRIERS: tl.constexpr,
    CHUNKS: tl.constexpr,
):
    """Coefficients of the field around the middle of each chunk, a few orders at a time to stay in registers."""
    c = tl.program_id(0) * CHUNKS + tl.arange(0, CHUNKS)
    own = tl.program_id(1)
    inside = c < chunks
    middle = tl.load(centres + c, mask=inside, other=0.0)
    count = tl.load(counts + COUNT_AT)
    re0 = tl.zeros([CARRIERS, CHUNKS], dtype=tl.float32)
    im0 = tl.zeros([CARRIERS, CHUNKS], dtype=tl.float32)
    near0 = tl.zeros([CARRIERS, CHUNKS], dtype=tl.float32)
    re1 = tl.zeros([CARRIERS, CHUNKS], dtype=tl.float32)
    im1 = tl.zeros([CARRIERS, CHUNKS], dtype=tl.float32)
    near1 = tl.zeros([CARRIERS, CHUNKS], dtype=tl.float32)
    for first in range(0, count, CARRIERS):
        k = first + tl.arange(0, CARRIERS)
        exists = k < count
        inverse = tl.load(gates + capacity + k, mask=exists, other=1.0)[:, None] * UNSCALE
        x = tl.load(gates + 2 * capacity + k, mask=exists, other=0.0)[:, None]
        y = tl.load(gates + 3 * capacity + k, mask=exists, other=0.0)[:, None]
        u = (middle[None, :] - tl.load(gates + k, mask=exists, other=0.0)[:, None]) * inverse
        near = exists[:, None] & (tl.abs(u) < FAR)
        u = tl.where(near, u, 0.0)
        g = tl.where(near, exp2_of_negative(-(u * ROOT_LOG2E) * (u * ROOT_LOG2E)), 0.0)
        below = tl.zeros([CARRIERS, CHUNKS], dtype=tl.float32)
        hermite = below + 1.0
        for order in tl.static_range(ORDER):
            if order // 2 == own:
                t = g * hermite
                if order % 2 == 0:
                    re0 += t * x
                    im0 += t * y
                    near0 += t
                else:
                    re1 += t * x
                    im1 += t * y
                    near1 += t
            above = 2.0 * (u * hermite - order * below)
            below = hermite
            hermite = above
            g = -g * inverse * (1.0 / (order + 1))
    at = local + 2 * own * columns + c
    tl.store(at, tl.sum(re0, axis=0), mask=inside)
    tl.store(at + MOST * columns, tl.sum(im0, axis=0), mask=inside)
    tl.store(at + 2 * MOST * columns, tl.sum(near0, axis=0), mask=inside)
    at += columns
    tl.store(at, tl.sum(re1, axis=0), mask=inside)
    tl.store(at + MOST * columns, tl.sum(im1, axis=0), mask=inside)
    tl.store(at + 2 * MOST * columns, tl.sum(near1, axis=0), mask=inside)


def supports(oscillators, *_):
    return oscillators.phase.dtype == torch.float32, "Triton passes scalars as float32; use torch for float64"


def run(oscillators, bank, spectrum, law, seed, algorithm):
    n, capacity = oscillators.phase.shape[0], bank.capacity
    if n == 0:
        return
    prepare_gates[(triton.cdiv(capacity, GATES),)](
        bank.real, bank.whole, bank.counts, capacity, law.boost, spectrum.gates, GATES=GATES
    )
    orders, columns = spectrum.local.shape[1], spectrum.local.shape[2]
    order = spectrum.order if algorithm == "moments" else 0
    if order:
        expand_field[(triton.cdiv(spectrum.chunks, CHUNKS_AT_ONCE), order // 2)](
            spectrum.gates,
            capacity,
            bank.counts,
            spectrum.centre,
            spectrum.local,
            columns,
            spectrum.chunks,
            ORDER=order,
            MOST=orders,
            CARRIERS=CARRIERS,
            CHUNKS=CHUNKS_AT_ONCE,
        )
    turn_phases[(triton.cdiv(n, CHUNK),)](
        oscillators.phase,
        oscillators.frequency,
        spectrum.phasor,
        spectrum.phasor.shape[1],
        spectrum.gates,
        capacity,
        bank.counts,
        spectrum.coverage,
        spectrum.centre,
        spectrum.wide,
        spectrum.local,
        columns,
        n,
        law.dt,
        law.coupling,
        math.sqrt(2.0 * law.temperature * law.dt),
        seed & 0xFFFFFFFF,
        seed >> 32,
        ORDER=order,
        MOST=orders,
        NOISE=law.temperature > 0,
        num_warps=4,
    )
