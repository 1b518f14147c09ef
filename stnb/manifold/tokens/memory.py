"""The arrays of a carrier bank that remembers successors of contexts.

A carrier with frequency Ω and width σ stands for one context. What it holds is as old as its clock; nothing acts on it
until it is driven again, so in the frame that turns with Ω its exact state a time τ later is

    C ← e^{−γτ}·C,   S ← e^{−γτ}·S,   a_j ← e^{−γτ}·a_j           γ = decay rate of its state, 0 if crystallized

which is applied in one go when it is next driven or read. A successor b drives it through its gate with tuning
T = exp(−((ω − Ω)/σ)²), where θ_b = 2π·frac(b/φ) is the phase of the byte:

    C ← (1 − α)·C + T·e^{iθ_b}        S ← (1 − α)·S + T        a_j ← (1 − α)·a_j + T·[b_j = b]

A byte without an anchor takes a free one, or the one of least weight; S keeps what that one lost. The evidence is
T·[b_j = b] and not T·cos(θ_b − θ_j): 256 phases on one circle are too close to tell bytes apart by their cosine.

    presence  S/(S + 1)                    in [0, 1): how often the context is met
    conflict  ← (1 − ε)·conflict + ε·(1 − |C|/S)      in [0, 1]: how little it says about what follows

    volatile → stable          presence ≥ stable_presence
    stable → crystallized      presence ≥ crystallize_presence, for crystallize_age drives in a row

The energy supply is the stream: one quantum a byte, which goes to the longest context first and on to shorter ones
only where the longer did not know the byte. Ω and σ stay as they were claimed, so that gates cannot collapse onto
each other. The empty context is there at every byte: its carriers are crystallized from the first and α = 0.

A context without a carrier claims one: the next that was never used, else, of those that have not crystallized, the
one of least mass S, provided that this mass has fallen below prune_below. Otherwise the claim fails and no carrier
changes. Rates and thresholds are conventions of this project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stnb.manifold.tokens.contexts import ANCHORS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jaxtyping import Float32, Float64, Int32, Int64, UInt8

    from stnb.manifold.tokens.config import TokenConfig

__all__ = ["STATES", "Bank", "Rules", "copy_of", "empty_bank", "is_sound", "rules_of"]

STATES = ("volatile", "stable", "crystallized")


class Bank(NamedTuple):
    """Carriers as columns; the first `counts[0]` are in use, the anchors of one are a row."""

    frequency: Float64[np.ndarray, " k"]
    width: Float32[np.ndarray, " k"]
    real: Float32[np.ndarray, " k"]
    imag: Float32[np.ndarray, " k"]
    mass: Float32[np.ndarray, " k"]
    conflict: Float32[np.ndarray, " k"]
    state: UInt8[np.ndarray, " k"]
    age: Int32[np.ndarray, " k"]
    clock: Int64[np.ndarray, " k"]
    anchor_byte: UInt8[np.ndarray, "k 8"]
    anchor_weight: Float32[np.ndarray, "k 8"]
    order: Int32[np.ndarray, " k"]
    """Carriers from the lowest frequency to the highest."""
    counts: Int64[np.ndarray, " 3"]
    """Carriers in use, carriers replaced, claims that failed."""


class Rules(NamedTuple):
    """Settings as the compiled loop reads them; rates are per byte."""

    width: float
    admission: float
    discount: float
    anchor_alpha: float
    ema_alpha: float
    volatile: float
    stable: float
    stable_presence: float
    crystallize_presence: float
    crystallize_age: int
    prune_below: float


def empty_bank(capacity: int) -> Bank:
    """No carrier in use and room for `capacity`."""
    k = capacity
    single = {name: np.zeros(k, np.float32) for name in ("width", "real", "imag", "mass", "conflict")}
    return Bank(
        frequency=np.zeros(k),
        **single,
        state=np.zeros(k, np.uint8),
        age=np.zeros(k, np.int32),
        clock=np.zeros(k, np.int64),
        anchor_byte=np.zeros((k, ANCHORS), np.uint8),
        anchor_weight=np.zeros((k, ANCHORS), np.float32),
        order=np.zeros(k, np.int32),
        counts=np.zeros(3, np.int64),
    )


def copy_of(columns: Mapping[str, np.ndarray]) -> Bank:
    """A bank of its own with the same contents."""
    return Bank(**{name: np.array(columns[name]) for name in Bank._fields})


def is_sound(bank: Bank, now: int) -> bool:
    """Whether the compiled loop may trust it: counts in range, a sorted list of the carriers in use, nothing ahead."""
    used, capacity = int(bank.counts[0]), len(bank.frequency)
    if not 0 <= used <= capacity or (bank.counts < 0).any():
        return False
    listed = bank.order[:used]
    if not np.array_equal(np.sort(listed), np.arange(used)):
        return False
    columns = (bank.frequency, bank.width, bank.real, bank.imag, bank.mass, bank.conflict, bank.anchor_weight)
    facts = (
        *(np.isfinite(column) for column in columns),
        np.diff(bank.frequency[listed]) >= 0,
        bank.width[:used] > 0,
        bank.mass >= 0,
        bank.anchor_weight >= 0,
        bank.state < len(STATES),
        (bank.clock >= 0) & (bank.clock <= now),
    )
    return all(bool(fact.all()) for fact in facts)


def rules_of(config: TokenConfig) -> Rules:
    """The settings of a config that the loop needs."""
    return Rules(
        config.gate_width,
        config.admission,
        config.discount,
        config.anchor_alpha,
        config.ema_alpha,
        config.volatile_decay * config.dt,
        config.stable_decay * config.dt,
        config.stable_presence,
        config.crystallize_presence,
        config.crystallize_age,
        config.prune_below,
    )
