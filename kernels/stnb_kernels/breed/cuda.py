"""Numba-CUDA: one block decides who splits and who goes; the search for whom to merge with is shared out.

Every carrier is looked after by `LANES` threads that compare it with the bank, a tile of it in shared memory at a
time. A bank of up to `ONE_BLOCK` carriers is dealt with in one launch, a larger one in three.
"""

from __future__ import annotations

import functools
import math

from numba import cuda, float32, float64, int32

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
    REALS,
    REFUSED,
    SPLIT,
    STATE,
    WHOLES,
    WIDTH,
)
from stnb_kernels.breed import CHILD, numbers, rules
from stnb_kernels.languages import cuda_simulated
from stnb_kernels.launch import blocks_for, device_array, stream_of
from stnb_kernels.recall.cuda import amplitude
from stnb_kernels.review import OFFENDER
from stnb_kernels.spectrum import REVIEWED

THREADS = 32 if cuda_simulated() else 256
LANES = 4
EACH = THREADS // LANES
"""Carriers that a block looks after at a time."""
ONE_BLOCK = 16 if cuda_simulated() else 256

shared = rules.compiled(functools.partial(cuda.jit, device=True), amplitude)
found, unite, higher, close = shared.found, shared.unite, shared.higher, shared.close
rank_of, carrier_at, asks, serves, faded = (
    shared.rank_of,
    shared.carrier_at,
    shared.asks,
    shared.serves,
    shared.faded,
)


@cuda.jit(device=True)
def split_in_order(t, phase, frequency, energy, uid, real, whole, counts, score, offenders, limits, conflict):
    """Serve the requests one after the other; all threads look whether somebody is there already."""
    queue = cuda.shared.array(REVIEWED, int32)
    taken = cuda.shared.array(1, int32)
    narrowing, narrowest, calm, _, _ = limits
    m = counts[COUNT]
    turns = min(int32(REVIEWED), m)
    if t < REVIEWED:
        if t < turns:
            k = carrier_at(counts, m, t)
            wants = asks(real, whole, k, offenders[OFFENDER, t], narrowing, narrowest, conflict)
            queue[rank_of(score, counts, m, turns, t)] = t if wants else int32(EMPTY)
        else:
            queue[t] = int32(EMPTY)
    cuda.syncthreads()
    for rank in range(REVIEWED):
        turn = queue[rank]
        if turn < 0:
            continue
        k, place = carrier_at(counts, m, turn), offenders[OFFENDER, turn]
        if t == 0:
            taken[0] = 0
        cuda.syncthreads()
        centre = float64(frequency[place])
        for j in range(t, counts[COUNT], THREADS):
            if j != k and serves(real, j, centre, calm):
                taken[0] = 1
        cuda.syncthreads()
        if t == 0 and taken[0] == 0:
            if counts[COUNT] == real.shape[1]:
                counts[REFUSED] += 1
            else:
                width = float64(real[WIDTH, k]) * narrowing
                real[WIDTH, k] = width
                real[CONFLICT, k] = 0.0
                found(
                    phase,
                    frequency,
                    energy,
                    uid,
                    real,
                    whole,
                    counts,
                    place,
                    CHILD,
                    width,
                    whole[IDENTITY, k],
                )
                counts[SPLIT] += 1
        cuda.syncthreads()


@cuda.jit(device=True)
def seek(t, group, m, real, whole, into, limits):
    """Whom each carrier of a group merges with: the highest in rank that is like it, or nobody."""
    frequencies = cuda.shared.array(THREADS, float64)
    widths = cuda.shared.array(THREADS, float64)
    res = cuda.shared.array(THREADS, float64)
    ims = cuda.shared.array(THREADS, float64)
    sizes = cuda.shared.array(THREADS, float64)
    states = cuda.shared.array(THREADS, int32)
    bests = cuda.shared.array(THREADS, int32)
    _, _, _, distance, coherence = limits
    k, lane = group * int32(EACH) + t // int32(LANES), t % int32(LANES)
    frequency = width = x = y = size = best_size = float64(0.0)
    state = best_state = int32(CRYSTALLIZED)
    best = int32(EMPTY)
    if k < m:
        frequency, width = float64(real[FREQUENCY, k]), float64(real[WIDTH, k])
        x, y = float64(real[REAL, k]), float64(real[IMAG, k])
        size, state = math.sqrt(x * x + y * y), whole[STATE, k]
    for first in range(0, m, THREADS):
        j = first + t
        if j < m:
            frequencies[t] = real[FREQUENCY, j]
            widths[t] = real[WIDTH, j]
            res[t] = real[REAL, j]
            ims[t] = real[IMAG, j]
            sizes[t] = math.sqrt(res[t] * res[t] + ims[t] * ims[t])
            states[t] = whole[STATE, j]
        cuda.syncthreads()
        if state != CRYSTALLIZED:
            for q in range(lane, min(THREADS, m - first), LANES):
                if (
                    close(frequencies[q], widths[q], frequency, width, distance)
                    and first + q != k
                    and x * res[q] + y * ims[q] > coherence * sizes[q] * size
                    and higher(states[q], sizes[q], first + q, state, size, k)
                    and (best < 0 or higher(states[q], sizes[q], first + q, best_state, best_size, best))
                ):
                    best, best_state, best_size = int32(first + q), states[q], sizes[q]
        cuda.syncthreads()
    sizes[t] = best_size
    states[t] = best_state
    bests[t] = best
    cuda.syncthreads()
    if lane == 0 and k < m:
        for q in range(t + 1, t + LANES):
            if bests[q] >= 0 and (
                best < 0 or higher(states[q], sizes[q], bests[q], best_state, best_size, best)
            ):
                best, best_state, best_size = bests[q], states[q], sizes[q]
        into[0, k] = best
        into[1, k] = 0


@functools.cache
def settle_of(real_type):
    """The device function that unites, removes and closes ranks, for one float type."""

    @cuda.jit(device=True)
    def close_ranks(t, m, real, whole, counts, into, prune_after):
        """Move the carriers that stay together, in their order, and clear the columns behind them."""
        before = cuda.shared.array(THREADS, int32)
        gone = cuda.shared.array(2, int32)
        numbers_of = cuda.local.array(REALS, real_type)
        wholes_of = cuda.local.array(WHOLES, int32)
        if t < 2:
            gone[t] = 0
        kept = int32(0)
        for first in range(0, m, THREADS):
            k, stays = int32(first + t), int32(0)
            cuda.syncthreads()
            if k < m:
                if into[0, k] >= 0:
                    cuda.atomic.add(gone, 0, 1)
                elif into[1, k] == 0 and faded(whole, k, prune_after):
                    cuda.atomic.add(gone, 1, 1)
                else:
                    stays = int32(1)
                for row in range(REALS):
                    numbers_of[row] = real[row, k]
                for row in range(WHOLES):
                    wholes_of[row] = whole[row, k]
            before[t] = stays
            cuda.syncthreads()
            reach = int32(1)
            while reach < THREADS:
                other = before[t - reach] if t >= reach else int32(0)
                cuda.syncthreads()
                before[t] += other
                cuda.syncthreads()
                reach *= int32(2)
            target = kept + before[t] - int32(1)
            if stays == 1 and target < k:
                for row in range(REALS):
                    real[row, target] = numbers_of[row]
                for row in range(WHOLES):
                    whole[row, target] = wholes_of[row]
            kept += before[THREADS - 1]
        cuda.syncthreads()
        for k in range(kept + t, m, THREADS):
            for row in range(REALS):
                real[row, k] = 0.0
            for row in range(WHOLES):
                whole[row, k] = EMPTY if row >= ANCHOR_UID or row == PARENT else 0
        if t == 0:
            counts[COUNT] = kept
            counts[MERGED] += gone[0]
            counts[PRUNED] += gone[1]

    @cuda.jit(device=True)
    def settle(t, m, real, whole, counts, into, prune_after):
        """Let carriers take others in, remove those and the faded ones."""
        busy = cuda.shared.array(1, int32)
        uids = cuda.local.array(ANCHORS, int32)
        phases = cuda.local.array(ANCHORS, float64)
        scores = cuda.local.array(ANCHORS, real_type)
        if t == 0:
            busy[0] = 0
        cuda.syncthreads()
        for k in range(t, m, THREADS):
            root = into[0, k]
            if root >= 0 and into[0, root] < 0:
                into[1, root] = 1
                busy[0] = 1
            elif faded(whole, k, prune_after):
                busy[0] = 1
        cuda.syncthreads()
        quiet = busy[0] == 0
        if quiet:
            return
        for k in range(t, m, THREADS):
            root = into[0, k]
            if root >= 0 and into[1, root] == 0:
                into[0, k] = EMPTY
        cuda.syncthreads()
        for root in range(t, m, THREADS):
            if into[1, root] == 1 and whole[STATE, root] != CRYSTALLIZED:
                unite(real, whole, into, m, root, uids, phases, scores)
        cuda.syncthreads()
        close_ranks(t, m, real, whole, counts, into, prune_after)

    return settle


@cuda.jit
def split_carriers(phase, frequency, energy, uid, real, whole, counts, score, offenders, limits, conflict):
    t = int32(cuda.threadIdx.x)
    if counts[COUNT] > 0:
        split_in_order(
            t, phase, frequency, energy, uid, real, whole, counts, score, offenders, limits, conflict
        )


@cuda.jit
def seek_roots(real, whole, counts, into, limits):
    m = counts[COUNT]
    if int32(cuda.blockIdx.x) * int32(EACH) < m:
        seek(int32(cuda.threadIdx.x), int32(cuda.blockIdx.x), m, real, whole, into, limits)


@functools.cache
def kernels_of(real_type):
    """All in one, and the last of three, for one float type."""
    settle = settle_of(real_type)

    @cuda.jit
    def breed(
        phase,
        frequency,
        energy,
        uid,
        real,
        whole,
        counts,
        score,
        offenders,
        into,
        limits,
        conflict,
        prune_after,
    ):
        t = int32(cuda.threadIdx.x)
        if counts[COUNT] == 0:
            return
        split_in_order(
            t, phase, frequency, energy, uid, real, whole, counts, score, offenders, limits, conflict
        )
        m = counts[COUNT]
        for group in range((m + int32(EACH - 1)) // int32(EACH)):
            seek(t, int32(group), m, real, whole, into, limits)
            cuda.syncthreads()
        settle(t, m, real, whole, counts, into, prune_after)

    @cuda.jit
    def settle_carriers(real, whole, counts, into, prune_after):
        settle(int32(cuda.threadIdx.x), counts[COUNT], real, whole, counts, into, prune_after)

    return breed, settle_carriers


def run(oscillators, bank, spectrum, law):
    capacity = bank.capacity
    if capacity == 0:
        return
    stream = stream_of(bank.real)
    columns = oscillators.phase, oscillators.frequency, oscillators.energy, oscillators.uid
    columns = [device_array(a) for a in columns]
    real, whole, counts = (device_array(a) for a in (bank.real, bank.whole, bank.counts))
    score, offenders, into = (device_array(a) for a in (spectrum.score, spectrum.found, spectrum.into))
    conflict, limits, prune_after = real.dtype.type(law.split_conflict), numbers(law), int(law.prune_after)
    breed, settle_carriers = kernels_of(float32 if real.dtype.itemsize == 4 else float64)
    split = *columns, real, whole, counts, score, offenders
    if capacity <= ONE_BLOCK:
        breed[1, THREADS, stream](*split, into, limits, conflict, prune_after)
        return
    split_carriers[1, THREADS, stream](*split, limits, conflict)
    seek_roots[blocks_for(capacity, EACH), THREADS, stream](real, whole, counts, into, limits)
    settle_carriers[1, THREADS, stream](real, whole, counts, into, prune_after)
