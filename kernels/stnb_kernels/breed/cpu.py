"""Numba: one decision after the other; there are too few carriers to share out."""

from __future__ import annotations

import numpy as np
from numba import njit

from stnb_kernels.bank import (
    ANCHOR_UID,
    ANCHORS,
    CONFLICT,
    COUNT,
    CRYSTALLIZED,
    EMPTY,
    FREQUENCY,
    IDENTITY,
    IMAG,
    MERGED,
    PARENT,
    PRUNED,
    REAL,
    REFUSED,
    SPLIT,
    STATE,
    WIDTH,
)
from stnb_kernels.breed import CHILD, numbers, rules
from stnb_kernels.recall.cpu import amplitude
from stnb_kernels.review import OFFENDER
from stnb_kernels.spectrum import REVIEWED

shared = rules.compiled(njit, amplitude)
found, unite, size_of, higher, close = shared.found, shared.unite, shared.size_of, shared.higher, shared.close
rank_of, carrier_at, asks, serves, faded = (
    shared.rank_of,
    shared.carrier_at,
    shared.asks,
    shared.serves,
    shared.faded,
)


@njit
def at_rank(score, counts, m, turns, rank):
    """The turn whose score comes at this rank."""
    for turn in range(turns):
        if rank_of(score, counts, m, turns, turn) == rank:
            return turn
    return 0


@njit
def served(real, counts, k, frequency, calm):
    """Whether another carrier in order lies there already."""
    for j in range(counts[COUNT]):  # noqa: SIM110
        if j != k and serves(real, j, frequency, calm):
            return True
    return False


@njit
def split(phase, frequency, energy, uid, real, whole, counts, score, offenders, limits, conflict):
    narrowing, narrowest, calm = limits[:3]
    m = counts[COUNT]
    turns = min(REVIEWED, m)
    for rank in range(turns):
        turn = at_rank(score, counts, m, turns, rank)
        k, place = carrier_at(counts, m, turn), offenders[OFFENDER, turn]
        if not asks(real, whole, k, place, narrowing, narrowest, conflict):
            continue
        if served(real, counts, k, np.float64(frequency[place]), calm):
            continue
        if counts[COUNT] == real.shape[1]:
            counts[REFUSED] += 1
            continue
        width = np.float64(real[WIDTH, k]) * narrowing
        real[WIDTH, k], real[CONFLICT, k] = width, 0.0
        found(phase, frequency, energy, uid, real, whole, counts, place, CHILD, width, whole[IDENTITY, k])
        counts[SPLIT] += 1


@njit
def alike(real, j, k, distance, coherence):
    """Whether two carriers could be one."""
    a, width = np.float64(real[FREQUENCY, j]), np.float64(real[WIDTH, j])
    if not close(a, width, np.float64(real[FREQUENCY, k]), np.float64(real[WIDTH, k]), distance):
        return False
    x, y = np.float64(real[REAL, j]), np.float64(real[IMAG, j])
    agreement = x * np.float64(real[REAL, k]) + y * np.float64(real[IMAG, k])
    return agreement > coherence * size_of(real, j) * size_of(real, k)


@njit
def above(real, whole, j, k):
    """Whether carrier j ranks above carrier k."""
    return higher(whole[STATE, j], size_of(real, j), j, whole[STATE, k], size_of(real, k), k)


@njit
def merge(real, whole, counts, into, distance, coherence):
    """Write whom each carrier merges with into row 0 of `into`, −1 for none, and let those take them in."""
    m = counts[COUNT]
    for k in range(m):
        best = EMPTY
        if whole[STATE, k] != CRYSTALLIZED:
            for j in range(m):
                if (
                    j != k
                    and alike(real, j, k, distance, coherence)
                    and above(real, whole, j, k)
                    and (best < 0 or above(real, whole, j, best))
                ):
                    best = j
        into[0, k], into[1, k] = best, 0
    uids, phases, scores = (
        np.empty(ANCHORS, np.int32),
        np.empty(ANCHORS, np.float64),
        np.empty(ANCHORS, real.dtype),
    )
    for k in range(m):
        root = into[0, k]
        if root >= 0 and into[0, root] < 0:
            into[1, root] = 1
    for k in range(m):
        root = into[0, k]
        if root >= 0 and into[1, root] == 0:
            into[0, k] = EMPTY
    for root in range(m):
        if into[1, root] == 1 and whole[STATE, root] != CRYSTALLIZED:
            unite(real, whole, into, m, root, uids, phases, scores)


@njit
def close_ranks(real, whole, counts, into, prune_after):
    """Move the carriers that stay together, in their order, and clear the columns behind them."""
    m, kept = counts[COUNT], 0
    for k in range(m):
        if into[0, k] >= 0:
            counts[MERGED] += 1
        elif into[1, k] == 0 and faded(whole, k, prune_after):
            counts[PRUNED] += 1
        else:
            if kept < k:
                real[:, kept] = real[:, k]
                whole[:, kept] = whole[:, k]
            kept += 1
    for k in range(kept, m):
        real[:, k] = 0.0
        whole[:, k] = 0
        whole[ANCHOR_UID:, k] = EMPTY
        whole[PARENT, k] = EMPTY
    counts[COUNT] = kept


@njit(cache=True)
def breed(
    phase, frequency, energy, uid, real, whole, counts, score, offenders, into, limits, conflict, prune_after
):
    if counts[COUNT] == 0:
        return
    split(phase, frequency, energy, uid, real, whole, counts, score, offenders, limits, conflict)
    merge(real, whole, counts, into, limits[3], limits[4])
    close_ranks(real, whole, counts, into, prune_after)


def run(oscillators, bank, spectrum, law):
    columns = oscillators.phase, oscillators.frequency, oscillators.energy, oscillators.uid
    scratch = spectrum.score, spectrum.found, spectrum.into
    conflict = bank.real.dtype.type(law.split_conflict)
    breed(
        *columns, bank.real, bank.whole, bank.counts, *scratch, numbers(law), conflict, int(law.prune_after)
    )
