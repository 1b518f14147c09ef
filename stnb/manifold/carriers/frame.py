"""A picture of the carriers at one step."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from stnb._core.frames import Frame

if TYPE_CHECKING:
    from jaxtyping import Float, Int

__all__ = ["STATES", "CarrierFrame"]

STATES = ("volatile", "stable", "crystallized")


@dataclasses.dataclass(frozen=True, eq=False)
class CarrierFrame(Frame):
    """Carriers, one row each, the oldest first.

    Attributes:
        frequencies: Ω in rad/s.
        widths: σ of the gates in rad/s.
        amplitudes: |C|.
        phases: arg C in (−π, π].
        conflict: Smoothed disorder of each gate, in [0, 1].
        order: The order parameter of each gate at this moment, in [0, 1].
        couplings: Σ_i T_ik A_i, what each gate holds, in √J.
        state: 0 volatile, 1 stable, 2 crystallized; see `STATES`.
        age: Steps of the carriers in a row on the way to the next state.
        identity: Number of the carrier in the order of birth; it never changes and is never used again.
        parent: Identity of the carrier that it split off, −1 for none.
        positions: Where its oscillators are: the mean of their places, weighted by the tuning, in m.
        anchors: uid of the oscillators that it remembers, −1 for none.
        anchor_phases: Their remembered phases relative to the carrier's.
        anchor_scores: How much each supports it, in √J.
        mean_order: |Σ_i A_i e^{iθ_i}| / Σ_i A_i over all oscillators.
        born: Carriers ever born: of them, `split` off a parent and `spawned` by an oscillator that none heard.
        split: See `born`.
        spawned: See `born`.
        merged: Carriers that another one took in.
        pruned: Carriers that faded away.
        refused: Births for which there was no room.
    """

    frequencies: Float[np.ndarray, " m"]
    widths: Float[np.ndarray, " m"]
    amplitudes: Float[np.ndarray, " m"]
    phases: Float[np.ndarray, " m"]
    conflict: Float[np.ndarray, " m"]
    order: Float[np.ndarray, " m"]
    couplings: Float[np.ndarray, " m"]
    state: Int[np.ndarray, " m"]
    age: Int[np.ndarray, " m"]
    identity: Int[np.ndarray, " m"]
    parent: Int[np.ndarray, " m"]
    positions: Float[np.ndarray, "m 3"]
    anchors: Int[np.ndarray, "m anchors"]
    anchor_phases: Float[np.ndarray, "m anchors"]
    anchor_scores: Float[np.ndarray, "m anchors"]
    mean_order: float = 0.0
    born: int = 0
    split: int = 0
    spawned: int = 0
    merged: int = 0
    pruned: int = 0
    refused: int = 0

    @property
    def count(self) -> int:
        """The number of carriers m."""
        return len(self.frequencies)

    @property
    def states(self) -> tuple[str, ...]:
        """The state of each carrier by name."""
        return tuple(STATES[s] for s in self.state)

    def since(self, earlier: CarrierFrame) -> tuple[Int[np.ndarray, " born"], Int[np.ndarray, " died"]]:
        """Identities that are new since an earlier frame, and those that are gone."""
        return np.setdiff1d(self.identity, earlier.identity), np.setdiff1d(earlier.identity, self.identity)

    def __repr__(self) -> str:
        tally = ", ".join(f"{int((self.state == i).sum())} {name}" for i, name in enumerate(STATES))
        return f"CarrierFrame(step {self.step}: {self.count} carriers, {tally}, order {self.mean_order:.2f})"
