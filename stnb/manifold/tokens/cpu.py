"""Numba: driving carriers byte by byte, and reading a distribution out of them.

One thread: every byte depends on what the one before left behind. The laws are those of
`stnb.manifold.tokens.memory` and `stnb.manifold.tokens.readout`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

NOWHERE = -1
NEW, REPLACED, FAILED = 0, 1, 2
VOLATILE, STABLE, CRYSTAL = 0, 1, 2
GOLDEN_TURN = 0.6180339887498949
FADED = 1e-12
"""A context with less evidence says nothing."""


@njit(cache=True)
def rate(state, rules):
    """Decay per byte of a carrier in a state."""
    if state == VOLATILE:
        return rules.volatile
    if state == STABLE:
        return rules.stable
    return 0.0


@njit(cache=True)
def rank(bank, omega):
    """How many carriers have a frequency below ω."""
    low, high = 0, bank.counts[NEW]
    while low < high:
        middle = (low + high) // 2
        if bank.frequency[bank.order[middle]] < omega:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True)
def tuning(bank, k, omega):
    """exp(−((ω − Ω)/σ)²)."""
    x = (omega - bank.frequency[k]) / bank.width[k]
    return np.exp(-x * x)


@njit(cache=True)
def locate(bank, omega, rules):
    """The carrier nearest in frequency and its tuning, or NOWHERE when its gate does not admit ω."""
    above = rank(bank, omega)
    best, tuned = NOWHERE, 0.0
    for position in range(max(0, above - 1), min(bank.counts[NEW], above + 1)):
        k = np.int64(bank.order[position])
        t = tuning(bank, k, omega)
        if t > tuned:
            best, tuned = k, t
    if tuned >= rules.admission:
        return best, tuned
    return NOWHERE, 0.0


@njit(cache=True)
def weakest(bank, now, rules):
    """The carrier of least present mass that has not crystallized, when that is below the limit; the first of equals."""
    best, least = NOWHERE, rules.prune_below
    for k in range(bank.counts[NEW]):
        if bank.state[k] < CRYSTAL:
            mass = bank.mass[k] * np.exp(-rate(bank.state[k], rules) * (now - bank.clock[k]))
            if mass < least:
                best, least = k, mass
    return best


@njit(cache=True)
def claim(bank, omega, state, now, rules):
    """A fresh carrier at ω, or NOWHERE."""
    used = bank.counts[NEW]
    if used < bank.frequency.shape[0]:
        k = used
    else:
        k = weakest(bank, now, rules)
        if k == NOWHERE:
            bank.counts[FAILED] += 1
            return k
        place = rank(bank, bank.frequency[k])
        while bank.order[place] != k:
            place += 1
        for i in range(place, used - 1):
            bank.order[i] = bank.order[i + 1]
        bank.counts[NEW] -= 1
        bank.counts[REPLACED] += 1
    place = rank(bank, omega)
    for i in range(bank.counts[NEW], place, -1):
        bank.order[i] = bank.order[i - 1]
    bank.order[place] = k
    bank.counts[NEW] += 1
    bank.frequency[k], bank.width[k] = omega, rules.width
    bank.real[k] = bank.imag[k] = bank.mass[k] = bank.conflict[k] = 0.0
    bank.state[k], bank.age[k], bank.clock[k] = state, 0, now
    bank.anchor_byte[k] = 0
    bank.anchor_weight[k] = 0.0
    return k


@njit(cache=True)
def bind(bank, k, byte, tuned, keep):
    """Fade the anchors and give the byte its evidence; whether it had an anchor before."""
    free, held = 0, NOWHERE
    for j in range(bank.anchor_weight.shape[1]):
        bank.anchor_weight[k, j] *= keep
        if bank.anchor_weight[k, j] > 0.0 and bank.anchor_byte[k, j] == byte:
            held = j
        if bank.anchor_weight[k, j] < bank.anchor_weight[k, free]:
            free = j
    if held != NOWHERE:
        bank.anchor_weight[k, held] += tuned
        return True
    bank.anchor_byte[k, free] = byte
    bank.anchor_weight[k, free] = tuned
    return False


@njit(cache=True)
def mature(bank, k, rules):
    """The state machine: states only rise."""
    presence = bank.mass[k] / (bank.mass[k] + 1.0)
    if bank.state[k] == VOLATILE and presence >= rules.stable_presence:
        bank.state[k], bank.age[k] = STABLE, 0
    if bank.state[k] == STABLE:
        if presence < rules.crystallize_presence:
            bank.age[k] = 0
        else:
            bank.age[k] += 1
            if bank.age[k] >= rules.crystallize_age:
                bank.state[k] = CRYSTAL


@njit(cache=True)
def drive(bank, k, byte, tuned, fading, now, rules):
    """Bring the carrier up to date and let the byte act on it; whether it knew the byte."""
    keep = (1.0 - fading) * np.exp(-rate(bank.state[k], rules) * (now - bank.clock[k]))
    phase = 2.0 * np.pi * ((byte * GOLDEN_TURN) % 1.0)
    bank.clock[k] = now
    bank.real[k] = keep * bank.real[k] + tuned * np.cos(phase)
    bank.imag[k] = keep * bank.imag[k] + tuned * np.sin(phase)
    bank.mass[k] = keep * bank.mass[k] + tuned
    known = bind(bank, k, byte, tuned, keep)
    order = min(1.0, np.hypot(bank.real[k], bank.imag[k]) / bank.mass[k])
    bank.conflict[k] += rules.ema_alpha * (1.0 - order - bank.conflict[k])
    mature(bank, k, rules)
    return known


@njit(cache=True)
def absorb(bank, rules, data, omega, empty, now):
    """Drive the contexts of every byte, the longest first, until one knew the byte; `empty` is the fan's column."""
    for t in range(data.shape[0]):
        for c in range(omega.shape[1]):
            w = omega[t, c]
            if np.isnan(w):
                continue
            state, fading = VOLATILE, rules.anchor_alpha
            if c == empty:
                state, fading = CRYSTAL, 0.0
            k, tuned = locate(bank, w, rules)
            if k == NOWHERE:
                k, tuned = claim(bank, w, state, now + t, rules), 1.0
                if k == NOWHERE:
                    continue
            if drive(bank, k, np.int64(data[t]), tuned, fading, now + t, rules):
                break


@njit(cache=True)
def gather(bank, omega, now, rules, evidence):
    """Add the anchors of the carrier at ω to the evidence, and return what its lost anchors held."""
    k, tuned = locate(bank, omega, rules)
    if k == NOWHERE:
        return 0.0
    tuned *= np.exp(-rate(bank.state[k], rules) * (now - bank.clock[k]))
    lost = np.float64(bank.mass[k])
    for j in range(bank.anchor_weight.shape[1]):
        weight = np.float64(bank.anchor_weight[k, j])
        evidence[bank.anchor_byte[k, j]] += tuned * weight
        lost -= weight
    return tuned * max(lost, 0.0)


@njit(cache=True)
def blend(evidence, lost, discount, out):
    """Mix: out ← (evidence − ceded + (lost + Σ ceded)·out)/(lost + Σ evidence)."""
    total, escaped = lost, lost
    for b in range(evidence.shape[0]):
        total += evidence[b]
        escaped += discount * min(1.0, evidence[b])
    if not total > FADED:
        return
    for b in range(evidence.shape[0]):
        own = evidence[b] - discount * min(1.0, evidence[b])
        out[b] = (own + escaped * out[b]) / total


@njit(cache=True)
def read_out(bank, rules, fan, omega, now, evidence, out):
    """The distribution of the next byte; contexts come shortest first, the fan of the empty one before them."""
    out[:] = 1.0 / out.shape[0]
    evidence[:] = 0.0
    lost = 0.0
    for i in range(fan.shape[0]):
        lost += gather(bank, fan[i], now, rules, evidence)
    blend(evidence, lost, rules.discount, out)
    for c in range(omega.shape[0]):
        if not np.isnan(omega[c]):
            evidence[:] = 0.0
            lost = gather(bank, omega[c], now, rules, evidence)
            blend(evidence, lost, rules.discount, out)
