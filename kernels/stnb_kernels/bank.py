"""The buffers of the spectral layer: oscillators sorted by frequency, and a bank of carriers of fixed capacity.

An oscillator i has a phase θ, a frequency ω and an energy E; its amplitude is A = √max(E, 10⁻⁸). A carrier k is a
complex number C with a frequency Ω and a gate of width σ: it hears oscillator i by the tuning

    T_ik = exp(−((ω_i − Ω_k)/σ_k)²).

The carriers that exist are the first `counts[COUNT]` columns of the bank, oldest first. The number lies beside them on
the device, so that no kernel waits for the host; so does the number of the step, which the noise depends on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stnb._core.errors import InputError
from stnb_kernels.arrays import FLOATS, dtype_name, kind, require

if TYPE_CHECKING:
    from jaxtyping import Float, Int32

__all__ = ["ANCHORS", "COUNTS", "REALS", "WHOLES", "Bank", "Oscillators", "require_spectral"]

ANCHORS = 8
"""Oscillators that a carrier remembers."""

FREQUENCY, WIDTH, REAL, IMAG, CONFLICT, ORDER, SUPPORT = range(7)
ANCHOR_PHASE = 7
ANCHOR_SCORE = ANCHOR_PHASE + ANCHORS
REALS = ANCHOR_SCORE + ANCHORS
"""Rows of `Bank.real`."""

STATE, AGE, QUIET, IDENTITY, PARENT = range(5)
ANCHOR_UID = 5
WHOLES = ANCHOR_UID + ANCHORS
"""Rows of `Bank.whole`."""

VOLATILE, STABLE, CRYSTALLIZED = range(3)

COUNT, STEP, BORN, SPLIT, SPAWNED, MERGED, PRUNED, REFUSED = range(8)
COUNTS = 8
"""Length of `Bank.counts`."""

EMPTY = -1
SMALLEST_ENERGY = 1e-8


@dataclass(frozen=True, slots=True)
class Oscillators:
    """Columns of the oscillators, in the order of their frequencies.

    Attributes:
        phase: θ in [0, 2π).
        frequency: ω in rad/s, rising; it never changes.
        energy: E in J.
        uid: Number of the oscillator in the order of arrival.
        where: The place of each uid in these columns.
    """

    phase: Float[Any, " n"]
    frequency: Float[Any, " n"]
    energy: Float[Any, " n"]
    uid: Int32[Any, " n"]
    where: Int32[Any, " n"]


@dataclass(frozen=True, slots=True)
class Bank:
    """Carriers.

    Attributes:
        real: Frequency Ω, width σ, Re C, Im C, conflict, order parameter and support of the gate, then the anchors'
            phases and scores; one column a carrier.
        whole: State (0 volatile, 1 stable, 2 crystallized), age, quiet steps, identity, parent's identity, then the
            anchors' oscillators by uid, −1 where there is none.
        counts: Carriers that exist, the step, carriers ever born, and how many split off, were spawned, merged away,
            pruned, or refused for want of room.
    """

    real: Float[Any, "reals capacity"]
    whole: Int32[Any, "wholes capacity"]
    counts: Int32[Any, " counts"]

    @classmethod
    def allocate(cls, capacity: int, like: Any) -> Bank:
        """Room for `capacity` carriers beside the array `like`, in its float type; none exists."""
        if capacity < 1:
            raise InputError(f"capacity must be 1 or more carriers, got {capacity}")
        if kind(like) == "numpy":
            import numpy as np

            bank = cls(
                np.zeros((REALS, capacity), dtype=like.dtype),
                np.zeros((WHOLES, capacity), dtype=np.int32),
                np.zeros(COUNTS, dtype=np.int32),
            )
        else:
            import torch

            bank = cls(
                torch.zeros((REALS, capacity), dtype=like.dtype, device=like.device),
                torch.zeros((WHOLES, capacity), dtype=torch.int32, device=like.device),
                torch.zeros(COUNTS, dtype=torch.int32, device=like.device),
            )
        bank.whole[ANCHOR_UID:] = EMPTY
        bank.whole[PARENT] = EMPTY
        return bank

    @property
    def capacity(self) -> int:
        """The most carriers that fit."""
        return int(self.real.shape[1])


def require_spectral(oscillators: Oscillators, bank: Bank) -> int:
    """Check the columns and the bank against each other; return the number of oscillators."""
    if len(oscillators.phase.shape) != 1:
        raise InputError(f"phase has shape {tuple(oscillators.phase.shape)}, expected (n,)")
    n, real = int(oscillators.phase.shape[0]), (dtype_name(oscillators.phase),)
    require("phase", oscillators.phase, (n,), FLOATS)
    require("frequency", oscillators.frequency, (n,), real)
    require("energy", oscillators.energy, (n,), real)
    require("uid", oscillators.uid, (n,), ("int32",))
    require("where", oscillators.where, (n,), ("int32",))
    require("bank.real", bank.real, (REALS, bank.capacity), real)
    require("bank.whole", bank.whole, (WHOLES, bank.capacity), ("int32",))
    require("bank.counts", bank.counts, (COUNTS,), ("int32",))
    return n
