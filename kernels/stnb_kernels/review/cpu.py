"""Numba: tiles of oscillators in parallel, the best of each, then the best of all in their order."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from stnb_kernels.bank import ANCHOR_UID, ANCHORS, COUNT, EMPTY, FREQUENCY, IMAG, REAL, STEP, WIDTH
from stnb_kernels.review import ALLY, OFFENDER
from stnb_kernels.spectrum import CHUNK, REVIEWED
from stnb_kernels.tune.cpu import ROOT_LOG2E, VECTORS
from stnb_kernels.vector_math import bits_of, exp2_of_negative

PART = 16384
SLACK = 1e-5


@njit(cache=True, fastmath=VECTORS, error_model="numpy")
def loudest(frequency, re, im, amplitude, centre, scale, cosine, sine, floor):
    """The bits of the largest stress and of the largest support, whoever has them."""
    zero = frequency.dtype.type(0)
    worst, best = bits_of(zero), bits_of(zero)
    for i in range(frequency.shape[0]):
        u = (frequency[i] - centre) * scale
        t = exp2_of_negative(-u * u)
        weight, support = t * amplitude[i], t * (re[i] * cosine + im[i] * sine)
        loud = weight > floor
        stress = weight - support if loud else zero
        support = support if loud and support > zero else zero
        stress = max(zero, stress)
        worst = max(worst, bits_of(stress))
        best = max(best, bits_of(support))
    return worst, best


@njit(cache=True, error_model="numpy")
def search(frequency, re, im, amplitude, uid, anchors, centre, scale, cosine, sine, floor, worst, best):
    """What is above these scores: the best offender and the best ally, and their places."""
    offender, ally = EMPTY, EMPTY
    for i in range(frequency.shape[0]):
        u = (frequency[i] - centre) * scale
        t = exp2_of_negative(-u * u)
        weight, support = t * amplitude[i], t * (re[i] * cosine + im[i] * sine)
        if weight <= floor:
            continue
        if weight - support > worst:
            worst, offender = weight - support, i
        if support > best:
            known = False
            for j in range(ANCHORS):
                known |= anchors[j] == uid[i]
            if not known:
                best, ally = support, i
    return worst, offender, best, ally


@njit(cache=True, parallel=True, error_model="numpy")
def review(frequency, uid, phasor, real, whole, counts, floor, block_score, block_found, score, found):
    n, m = frequency.shape[0], counts[COUNT]
    size = max(PART, (n + block_score.shape[2] - 1) // block_score.shape[2])
    parts, turns = (n + size - 1) // size, min(REVIEWED, m)
    score[:] = 0
    found[:] = EMPTY
    for part in prange(parts):
        first, last = part * size, min(n, (part + 1) * size)
        for turn in range(turns):
            k = (np.int64(counts[STEP]) * REVIEWED + turn) % m
            x, y = np.float64(real[REAL, k]), np.float64(real[IMAG, k])
            block_score[:, turn, part] = 0
            block_found[:, turn, part] = EMPTY
            r = np.sqrt(x * x + y * y)
            if r == 0:
                continue
            of = real.dtype.type
            scale, cosine, sine = of(ROOT_LOG2E) / real[WIDTH, k], of(x / r), of(y / r)
            worst, best = of(0), of(0)
            for at in range(first, last, CHUNK):
                tile = slice(at, min(last, at + CHUNK))
                columns = (frequency[tile], phasor[0, tile], phasor[1, tile], phasor[2, tile])
                gate = (real[FREQUENCY, k], scale, cosine, sine, of(floor))
                loud = loudest(*columns, *gate)
                # The two compilations may round differently: look closely also where it is nearly a tie.
                slack = of(1) - of(SLACK)
                if loud[0] < bits_of(worst * slack) and loud[1] < bits_of(best * slack):
                    continue
                scores = search(*columns, uid[tile], whole[ANCHOR_UID:, k], *gate, worst, best)
                worst, best = scores[0], scores[2]
                if scores[1] >= 0:
                    block_score[OFFENDER, turn, part], block_found[OFFENDER, turn, part] = (
                        worst,
                        at + scores[1],
                    )
                if scores[3] >= 0:
                    block_score[ALLY, turn, part], block_found[ALLY, turn, part] = best, at + scores[3]
    for row in range(2):
        for turn in range(turns):
            for part in range(parts):
                if block_score[row, turn, part] > score[row, turn]:
                    score[row, turn] = block_score[row, turn, part]
                    found[row, turn] = block_found[row, turn, part]


def run(oscillators, bank, spectrum, law):
    review(
        oscillators.frequency,
        oscillators.uid,
        spectrum.phasor,
        bank.real,
        bank.whole,
        bank.counts,
        law.weight_floor,
        spectrum.block_score,
        spectrum.block_found,
        spectrum.score,
        spectrum.found,
    )
