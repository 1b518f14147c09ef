"""The rules of splitting and merging: the one definition that Numba and Numba-CUDA share, in float64.

The functions hold only scalar arithmetic that means the same to both compilers. `j` and
`k` are columns of carriers.
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_kernels.bank import (
    ANCHOR_PHASE,
    ANCHOR_SCORE,
    ANCHOR_UID,
    ANCHORS,
    BORN,
    CONFLICT,
    COUNT,
    CRYSTALLIZED,
    EMPTY,
    FREQUENCY,
    IDENTITY,
    IMAG,
    PARENT,
    QUIET,
    REAL,
    REALS,
    STATE,
    STEP,
    VOLATILE,
    WHOLES,
    WIDTH,
)
from stnb_kernels.review import OFFENDER
from stnb_kernels.spectrum import REVIEWED

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compiled"]

TURN = 2.0 * math.pi


def compiled(jit: Callable[[Any], Any], amplitude: Any) -> SimpleNamespace:  # noqa: C901
    """The rules as functions of one compiler; `amplitude` is its √max(E, 10⁻⁸)."""

    @jit
    def found(phase, frequency, energy, uid, real, whole, counts, place, size, width, parent):  # noqa: ANN001, ANN202
        """A carrier of this size and width at an oscillator, in the next free column."""
        k, angle = counts[COUNT], np.float64(phase[place])
        for row in range(REALS):
            real[row, k] = 0.0
        for row in range(WHOLES):
            whole[row, k] = EMPTY if row >= ANCHOR_UID else 0
        real[FREQUENCY, k], real[WIDTH, k] = frequency[place], width
        real[REAL, k], real[IMAG, k] = size * math.cos(angle), size * math.sin(angle)
        real[ANCHOR_SCORE, k], whole[ANCHOR_UID, k] = amplitude(energy[place]), uid[place]
        whole[IDENTITY, k], whole[PARENT, k] = counts[BORN], parent
        counts[BORN] += 1
        counts[COUNT] += 1

    @jit
    def size_of(real, k):  # noqa: ANN001, ANN202
        """|C|."""
        x, y = np.float64(real[REAL, k]), np.float64(real[IMAG, k])
        return math.sqrt(x * x + y * y)

    @jit
    def higher(state, size, j, other_state, other_size, k):  # noqa: ANN001, ANN202
        """Whether carrier j ranks above carrier k."""
        if state != other_state:
            return state > other_state
        return size > other_size or (size == other_size and j < k)

    @jit
    def close(a, width_a, b, width_b, distance):  # noqa: ANN001, ANN202
        """Whether two frequencies lie close by the narrower gate."""
        return abs(a - b) < distance * min(width_a, width_b)

    @jit
    def angle_of(x, y):  # noqa: ANN001, ANN202
        """The phase of a carrier."""
        return math.atan2(np.float64(y), np.float64(x))

    @jit
    def keep_best(real, whole, k, uids, phases, scores, count):  # noqa: ANN001, ANN202
        """Put a carrier's anchors among the best so far, the earlier of equals first, each oscillator once.

        Their phases lose the carrier's own: they count from 0.
        """
        angle = angle_of(real[REAL, k], real[IMAG, k])
        for j in range(ANCHORS):
            uid, score = whole[ANCHOR_UID + j, k], real[ANCHOR_SCORE + j, k]
            if uid < 0:
                continue
            phase = np.float64(real[ANCHOR_PHASE + j, k]) + angle
            last = 0
            while last < count and uids[last] != uid:
                last += 1
            if last < count:
                if not score > scores[last]:
                    continue
            elif count < ANCHORS:
                count += 1
            else:
                last = ANCHORS - 1
                if not score > scores[last]:
                    continue
            while last > 0 and scores[last - 1] < score:
                uids[last], phases[last], scores[last] = uids[last - 1], phases[last - 1], scores[last - 1]
                last -= 1
            uids[last], phases[last], scores[last] = uid, phase, score
        return count

    @jit
    def unite(real, whole, into, m, root, uids, phases, scores):  # noqa: ANN001, ANN202
        """A carrier becomes the mean of those that it takes in and itself, with the best of their anchors."""
        total = re = im = frequency = width = conflict = 0.0
        angle = angle_of(real[REAL, root], real[IMAG, root])
        count = keep_best(real, whole, root, uids, phases, scores, 0)
        for member in range(-1, m):
            k = root if member < 0 else member
            if member >= 0 and into[0, k] != root:
                continue
            size = size_of(real, k)
            total += size
            re += size * np.float64(real[REAL, k])
            im += size * np.float64(real[IMAG, k])
            frequency += size * np.float64(real[FREQUENCY, k])
            width += size * np.float64(real[WIDTH, k])
            conflict += size * np.float64(real[CONFLICT, k])
            if member >= 0:
                count = keep_best(real, whole, k, uids, phases, scores, count)
        if total > 0.0:
            real[FREQUENCY, root], real[WIDTH, root] = frequency / total, width / total
            real[CONFLICT, root] = conflict / total
            angle = angle_of(re / total, im / total)
            real[REAL, root], real[IMAG, root] = re / total, im / total
        for j in range(ANCHORS):
            if j < count:
                away = phases[j] - angle
                whole[ANCHOR_UID + j, root] = uids[j]
                real[ANCHOR_PHASE + j, root] = away - TURN * math.floor((away + math.pi) / TURN)
                real[ANCHOR_SCORE + j, root] = scores[j]
            else:
                whole[ANCHOR_UID + j, root] = EMPTY
                real[ANCHOR_PHASE + j, root], real[ANCHOR_SCORE + j, root] = 0.0, 0.0

    @jit
    def carrier_at(counts, m, turn):  # noqa: ANN001, ANN202
        """The carrier whose turn it is; in 32 bits, which are quicker to divide."""
        return np.int32((counts[STEP] % m * np.int32(REVIEWED) + turn) % m)

    @jit
    def rank_of(score, counts, m, turns, turn):  # noqa: ANN001, ANN202
        """How many turns have a higher score, or an equal one and a lower carrier."""
        before = 0
        for other in range(turns):
            a, b = score[OFFENDER, other], score[OFFENDER, turn]
            if a > b or (a == b and carrier_at(counts, m, other) < carrier_at(counts, m, turn)):
                before += 1
        return before

    @jit
    def asks(real, whole, k, place, narrowing, narrowest, conflict):  # noqa: ANN001, ANN202
        """Whether a carrier wants a child."""
        wide = np.float64(real[WIDTH, k]) * narrowing >= narrowest
        return place >= 0 and whole[STATE, k] != CRYSTALLIZED and wide and real[CONFLICT, k] > conflict

    @jit
    def serves(real, j, frequency, calm):  # noqa: ANN001, ANN202
        """Whether a carrier in order lies within half its own width of a frequency."""
        away = abs(frequency - np.float64(real[FREQUENCY, j]))
        return away < 0.5 * np.float64(real[WIDTH, j]) and 1.0 - np.float64(real[CONFLICT, j]) >= calm

    @jit
    def faded(whole, k, prune_after):  # noqa: ANN001, ANN202
        """Whether a carrier was quiet for too long."""
        return whole[STATE, k] == VOLATILE and whole[QUIET, k] >= prune_after

    return SimpleNamespace(
        found=found,
        size_of=size_of,
        higher=higher,
        close=close,
        unite=unite,
        rank_of=rank_of,
        carrier_at=carrier_at,
        asks=asks,
        serves=serves,
        faded=faded,
    )
