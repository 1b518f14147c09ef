"""The definition, one decision after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_kernels.angles import wrap
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
    MERGED,
    PARENT,
    PRUNED,
    QUIET,
    REAL,
    REFUSED,
    SPLIT,
    STATE,
    VOLATILE,
    WIDTH,
)
from stnb_kernels.breed import CHILD
from stnb_kernels.review import OFFENDER
from stnb_kernels.review.reference import reviewed
from stnb_kernels.swing.reference import carriers
from stnb_kernels.tune.reference import amplitudes

if TYPE_CHECKING:
    from jaxtyping import Bool

    from stnb_kernels.bank import Bank, Oscillators
    from stnb_kernels.law import CarrierLaw
    from stnb_kernels.spectrum import Spectrum

__all__ = ["found", "run"]


def found(
    bank: Bank, oscillators: Oscillators, place: int, *, size: float, width: float, parent: int
) -> None:
    """A carrier of this size and width at an oscillator, in the next free column."""
    k, phase = int(bank.counts[COUNT]), float(oscillators.phase[place])
    bank.real[:, k] = 0
    bank.whole[:, k] = 0
    bank.real[FREQUENCY, k], bank.real[WIDTH, k] = oscillators.frequency[place], width
    bank.real[REAL, k], bank.real[IMAG, k] = size * np.cos(phase), size * np.sin(phase)
    bank.real[ANCHOR_SCORE, k] = amplitudes(oscillators.energy[place : place + 1])[0]
    bank.whole[ANCHOR_UID:, k] = EMPTY
    bank.whole[ANCHOR_UID, k] = oscillators.uid[place]
    bank.whole[IDENTITY, k], bank.whole[PARENT, k] = bank.counts[BORN], parent
    bank.counts[BORN] += 1
    bank.counts[COUNT] += 1


def run(oscillators: Oscillators, bank: Bank, spectrum: Spectrum, law: CarrierLaw) -> None:
    _split(oscillators, bank, spectrum, law)
    merged, roots = _merge(bank, law)
    m = int(bank.counts[COUNT])
    faded = (bank.whole[STATE, :m] == VOLATILE) & (bank.whole[QUIET, :m] >= law.prune_after)
    faded &= ~(merged | roots)
    _close_ranks(bank, ~(merged | faded))
    bank.counts[MERGED] += merged.sum()
    bank.counts[PRUNED] += faded.sum()


def _split(oscillators: Oscillators, bank: Bank, spectrum: Spectrum, law: CarrierLaw) -> None:
    turns = reviewed(bank)
    for turn in np.lexsort((turns, -spectrum.score[OFFENDER, : len(turns)])):
        k, place = int(turns[turn]), int(spectrum.found[OFFENDER, turn])
        width = float(bank.real[WIDTH, k]) * law.narrowing
        asks = place >= 0 and bank.whole[STATE, k] != CRYSTALLIZED and width >= law.width_min
        if not (asks and bank.real[CONFLICT, k] > law.split_conflict):
            continue
        m = int(bank.counts[COUNT])
        away = np.abs(float(oscillators.frequency[place]) - bank.real[FREQUENCY, :m].astype(np.float64))
        near = away < 0.5 * bank.real[WIDTH, :m].astype(np.float64)
        near &= 1.0 - bank.real[CONFLICT, :m].astype(np.float64) >= law.stable_order
        near[k] = False
        if near.any():
            continue
        if m == bank.capacity:
            bank.counts[REFUSED] += 1
            continue
        bank.real[WIDTH, k], bank.real[CONFLICT, k] = width, 0
        found(bank, oscillators, place, size=CHILD, width=width, parent=int(bank.whole[IDENTITY, k]))
        bank.counts[SPLIT] += 1


def _merge(bank: Bank, law: CarrierLaw) -> tuple[Bool[np.ndarray, " m"], Bool[np.ndarray, " m"]]:
    """Take carriers in: true for those that were, then for those that did."""
    m = int(bank.counts[COUNT])
    c = carriers(bank)
    size, state = np.abs(c), bank.whole[STATE, :m]
    frequency, width = bank.real[FREQUENCY, :m].astype(np.float64), bank.real[WIDTH, :m].astype(np.float64)
    rank = sorted(range(m), key=lambda k: (-int(state[k]), -float(size[k]), k))

    def alike(j: int, k: int) -> bool:
        close = abs(frequency[j] - frequency[k]) < law.merge_distance * min(width[j], width[k])
        return close and (c[j] * c[k].conjugate()).real > law.merge_coherence * size[j] * size[k]

    into = np.full(m, EMPTY)
    for at, k in enumerate(rank):
        if state[k] != CRYSTALLIZED:
            into[k] = next((j for j in rank[:at] if alike(j, k)), EMPTY)
    merged = np.array([j >= 0 and into[j] == EMPTY for j in into], dtype=bool)
    roots = np.isin(np.arange(m), into[merged])
    for root in np.flatnonzero(roots):
        if state[root] != CRYSTALLIZED:
            _unite(bank, [int(k) for k in (root, *np.flatnonzero(merged & (into == root)))], c, size)
    return merged, roots


def _unite(bank: Bank, members: list[int], c: np.ndarray, size: np.ndarray) -> None:
    """The first member becomes the mean of all, with the best of their anchors, each where its phase was."""
    root, weight = members[0], size[members]
    angle = np.angle(c)
    mean = c[root]
    if weight.sum() > 0:
        for row in (FREQUENCY, WIDTH, CONFLICT):
            bank.real[row, root] = (weight * bank.real[row, members].astype(np.float64)).sum() / weight.sum()
        mean = (weight * c[members]).sum() / weight.sum()
        bank.real[REAL, root], bank.real[IMAG, root] = mean.real, mean.imag
    anchors = [
        (
            int(bank.whole[ANCHOR_UID + j, k]),
            float(bank.real[ANCHOR_PHASE + j, k]) + angle[k] - np.angle(mean),
            bank.real[ANCHOR_SCORE + j, k],
        )
        for k in members
        for j in range(ANCHORS)
        if bank.whole[ANCHOR_UID + j, k] >= 0
    ]
    best: dict[int, tuple[float, float]] = {}
    for uid, phase, score in sorted(anchors, key=lambda a: -float(a[2])):
        best.setdefault(uid, (phase, score))
    for j in range(ANCHORS):
        uid, (phase, score) = list(best.items())[j] if j < len(best) else (EMPTY, (0.0, 0.0))
        bank.whole[ANCHOR_UID + j, root] = uid
        bank.real[ANCHOR_PHASE + j, root], bank.real[ANCHOR_SCORE + j, root] = wrap(phase), score


def _close_ranks(bank: Bank, stays: np.ndarray) -> None:
    """Move the carriers that stay together, in their order, and clear the columns behind them."""
    m, kept = len(stays), int(stays.sum())
    bank.real[:, :kept], bank.whole[:, :kept] = bank.real[:, :m][:, stays], bank.whole[:, :m][:, stays]
    bank.real[:, kept:m] = 0
    bank.whole[:, kept:m] = 0
    bank.whole[ANCHOR_UID:, kept:m] = EMPTY
    bank.whole[PARENT, kept:m] = EMPTY
    bank.counts[COUNT] = kept
