"""What a carrier holds at present, in words that a person can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stnb.manifold.tokens.memory import STATES

if TYPE_CHECKING:
    from stnb.manifold.tokens.memory import Bank, Rules

__all__ = ["Recollection", "recollect"]


@dataclass(frozen=True)
class Recollection:
    """One carrier, faded to the present moment."""

    frequency: float
    state: str
    presence: float
    conflict: float
    successors: dict[int, float]
    """Byte -> evidence, the strongest first."""

    def __str__(self) -> str:
        followed = ", ".join(f"{bytes([b])!r} {weight:.2f}" for b, weight in self.successors.items())
        return (
            f"{self.state}, presence {self.presence:.2f}, conflict {self.conflict:.2f}, "
            f"ω = {self.frequency:.2f} rad/s: {followed}"
        )


def recollect(bank: Bank, rules: Rules, omega: float, now: int) -> Recollection | None:
    """The carrier whose gate admits ω, or None; the bank stays as it is."""
    from stnb.manifold.tokens.cpu import locate, rate

    k, _ = locate(bank, omega, rules)
    if k < 0:
        return None
    fade = float(np.exp(-rate(bank.state[k], rules) * (now - bank.clock[k])))
    weights = bank.anchor_weight[k] * fade
    ranked = [j for j in np.argsort(-weights, kind="stable").tolist() if weights[j] > 0]
    mass = float(bank.mass[k]) * fade
    return Recollection(
        float(bank.frequency[k]),
        STATES[bank.state[k]],
        mass / (mass + 1.0),
        float(bank.conflict[k]),
        {int(bank.anchor_byte[k, j]): float(weights[j]) for j in ranked},
    )
