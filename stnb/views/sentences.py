"""How far a carrier is from becoming something else, and in a sentence why it is alive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from stnb_kernels import bank as rows
from stnb_kernels.bank import CRYSTALLIZED, STABLE, VOLATILE

if TYPE_CHECKING:
    from stnb_kernels.law import CarrierLaw

    from stnb.views.alive import Balance

__all__ = ["sentence_of", "thresholds"]


def thresholds(real: np.ndarray, whole: np.ndarray, law: CarrierLaw) -> list[list[Any]]:
    """Rows of label, distance, unit and None: above zero is on the near side of what the label names."""
    state, age = int(whole[rows.STATE]), int(whole[rows.AGE])
    conflict, support = float(real[rows.CONFLICT]), float(real[rows.SUPPORT])
    strength = float(np.hypot(real[rows.REAL], real[rows.IMAG]))
    lines: list[list[Any]] = []
    if state == VOLATILE:
        quiet = int(whole[rows.QUIET])
        lines += [
            ["calm above what stable needs", 1.0 - conflict - law.stable_order, "", None],
            ["calm steps still to go", max(0, law.stable_after - age), "", None],
            ["|C| above the least", strength - law.prune_amplitude, "", None],
            ["quiet steps that it still has", law.prune_after - quiet, "", None],
        ]
    if state == STABLE:
        lines += [
            ["calm above what a crystal needs", 1.0 - conflict - law.crystal_order, "", None],
            ["conflict below its limit", law.crystal_conflict - conflict, "", None],
            ["support above its limit", support - law.crystal_support, "√J", None],
            ["calm steps still to go", max(0, law.crystal_after - age), "", None],
        ]
    if state != CRYSTALLIZED:
        lines.append(["conflict below a split", law.split_conflict - conflict, "", None])
    return lines


def sentence_of(b: Balance, whole: np.ndarray, law: CarrierLaw) -> str:
    """What matters most, in words."""
    if int(whole[rows.STATE]) == CRYSTALLIZED:
        return "It is crystallized: it neither fades nor follows, and stays whatever its gate does."
    taken = -(b.following + b.damping + b.hunger) / b.dt
    trend = "it grows" if b.change > 0 else "it shrinks"
    words = f"Its gate gives {b.gate / b.dt:.2g} /s and it loses {taken:.2g} /s, so {trend} now"
    if b.order**2 < law.upkeep:
        return f"{words}; its gate is in too little order ({b.order:.2f}), so it starves."
    if int(whole[rows.STATE]) == VOLATILE and int(whole[rows.QUIET]):
        left = law.prune_after - int(whole[rows.QUIET])
        return f"{words}; it is so weak that it is removed in {left} steps unless it recovers."
    return f"{words}; its gate is in order {b.order:.2f}, which keeps it fed."
