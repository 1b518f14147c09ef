"""Triton: a share of the oscillators and all reviewed carriers per program, then the best of all shares."""

from __future__ import annotations

import torch
import triton
import triton.language as tl

from stnb_kernels.bank import ANCHOR_UID, ANCHORS, COUNT, FREQUENCY, IMAG, REAL, STEP, WIDTH
from stnb_kernels.languages import triton_interpreted
from stnb_kernels.spectrum import PARTS, REVIEWED
from stnb_kernels.triton_math import ROOT_LOG2E, exp2_of_negative

COUNT_AT, STEP_AT = tl.constexpr(COUNT), tl.constexpr(STEP)
ROWS = tl.constexpr((FREQUENCY, WIDTH, REAL, IMAG))
TURNS = tl.constexpr(REVIEWED)
ANCHOR_ROW, ANCHOR_ROWS = tl.constexpr(ANCHOR_UID), tl.constexpr(ANCHORS)
ROOM = tl.constexpr(PARTS)
NOWHERE = tl.constexpr(2**31 - 1)
LANES, WARPS = 256, 4
PROGRAMS = 4 if triton_interpreted() else 264


@triton.jit
def best_of(score, place):
    """Along the last axis, the largest score and the first place that has it; nowhere if none is positive."""
    axis: tl.constexpr = len(score.shape) - 1
    top = tl.max(score, axis=axis)
    reached = score == (top[:, None] if axis == 1 else top)
    first = tl.min(tl.where(reached, place, NOWHERE), axis=axis)
    return top, tl.where(top > 0, first, NOWHERE)


@triton.jit(do_not_specialize=["n", "share"])
def search(
    frequency,
    uid,
    phasor,
    room,
    real,
    whole,
    counts,
    capacity,
    floor,
    n,
    share,
    block_score,
    block_found,
    LANES: tl.constexpr,
):
    part = tl.program_id(0)
    count = tl.load(counts + COUNT_AT)
    turn = tl.arange(0, TURNS)
    k = ((tl.load(counts + STEP_AT).to(tl.int64) * TURNS + turn) % tl.maximum(count, 1)).to(tl.int32)
    exists = turn < count
    centre = tl.load(real + ROWS[0] * capacity + k, mask=exists, other=0.0)
    scale = (1.0 / tl.load(real + ROWS[1] * capacity + k, mask=exists, other=1.0)) * ROOT_LOG2E
    x = tl.load(real + ROWS[2] * capacity + k, mask=exists, other=0.0)
    y = tl.load(real + ROWS[3] * capacity + k, mask=exists, other=0.0)
    r = tl.sqrt(x * x + y * y)
    cosine = x / tl.where(r > 0, r, 1.0)
    sine = y / tl.where(r > 0, r, 1.0)
    least = tl.where(r > 0, floor, float("inf"))
    lane = tl.arange(0, LANES)
    worst = tl.zeros([TURNS, LANES], dtype=tl.float32)
    best = tl.zeros([TURNS, LANES], dtype=tl.float32)
    offender = tl.zeros([TURNS, LANES], dtype=tl.int32)
    ally = tl.zeros([TURNS, LANES], dtype=tl.int32)
    first = part * share
    last = tl.where(count > 0, tl.minimum(first + share, n), first)
    for at in range(first, last, LANES):
        i = at + lane
        inside = i < last
        u = (tl.load(frequency + i, mask=inside, other=0.0)[None, :] - centre[:, None]) * scale[:, None]
        t = exp2_of_negative(-u * u)
        re = tl.load(phasor + i, mask=inside, other=0.0)
        im = tl.load(phasor + room + i, mask=inside, other=0.0)
        weight = t * tl.load(phasor + 2 * room + i, mask=inside, other=0.0)[None, :]
        support = t * (re[None, :] * cosine[:, None] + im[None, :] * sine[:, None])
        loud = weight > least[:, None]
        stress = tl.where(loud, weight - support, 0.0)
        offender = tl.where(stress > worst, i[None, :], offender)
        worst = tl.maximum(worst, stress)
        better = loud & (support > best)
        who = tl.load(uid + i, mask=inside, other=-1)
        for j in tl.static_range(ANCHOR_ROWS):
            anchor = tl.load(whole + (ANCHOR_ROW + j) * capacity + k, mask=exists, other=-1)
            better = better & (who[None, :] != anchor[:, None])
        ally = tl.where(better, i[None, :], ally)
        best = tl.where(better, support, best)
    at = turn * ROOM + part
    score, place = best_of(worst, offender)
    tl.store(block_score + at, score)
    tl.store(block_found + at, place)
    score, place = best_of(best, ally)
    tl.store(block_score + TURNS * ROOM + at, score)
    tl.store(block_found + TURNS * ROOM + at, place)


@triton.jit(do_not_specialize=["parts"])
def choose(block_score, block_found, parts, score, found):
    at = tl.program_id(0)
    part = tl.arange(0, ROOM)
    there = part < parts
    scores = tl.load(block_score + at * ROOM + part, mask=there, other=0.0)
    top, place = best_of(scores, tl.load(block_found + at * ROOM + part, mask=there, other=NOWHERE))
    tl.store(score + at, tl.where(top > 0, top, 0.0))
    tl.store(found + at, tl.where(top > 0, place, -1))


def supports(oscillators, *_):
    return oscillators.phase.dtype == torch.float32, "Triton passes scalars as float32; use torch for float64"


def run(oscillators, bank, spectrum, law):
    n = oscillators.phase.shape[0]
    parts = max(1, min(PARTS, PROGRAMS, triton.cdiv(n, LANES)))
    share = max(1, triton.cdiv(triton.cdiv(n, parts), LANES)) * LANES
    parts = max(1, triton.cdiv(n, share))
    search[(parts,)](
        oscillators.frequency,
        oscillators.uid,
        spectrum.phasor,
        spectrum.phasor.shape[1],
        bank.real,
        bank.whole,
        bank.counts,
        bank.capacity,
        law.weight_floor,
        n,
        share,
        spectrum.block_score,
        spectrum.block_found,
        LANES=LANES,
        num_warps=WARPS,
    )
    choose[(2 * REVIEWED,)](spectrum.block_score, spectrum.block_found, parts, spectrum.score, spectrum.found)
