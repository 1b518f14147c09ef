"""Readings that stand out, and a sentence for the most striking ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stnb.psi.psychoid.records import PsychoidEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from stnb.psi.psychoid.records import PsychoidReading

__all__ = ["dream"]


def dream(
    reading: PsychoidReading, refusals: Sequence[str], symbols: Sequence[str], random: np.random.Generator
) -> list[PsychoidEvent]:
    """At most one event, by thresholds that are a convention of this project.

    dream-export   CTI > 0.78, or z_NU > 2 and z_C > 1.2; and there are refusals, z_SE > 0.8, z_AX < 0
    dream-pass     otherwise, for CTI > 0.62, or z_H > 1.5 and z_RR > 1
    """
    z, cti = reading.z, reading.cti
    striking = cti > 0.78 or (z["NU"] > 2.0 and z["C"] > 1.2)
    if striking and refusals and symbols and z["SE"] > 0.8 and z["AX"] < 0.0:
        drawn = {phrase: str(random.choice(symbols)) for phrase in dict.fromkeys(refusals)}
        diary = _sentence(reading.step, drawn)
        return [PsychoidEvent("dream-export", reading.step, cti, diary, list(dict.fromkeys(drawn.values())))]
    if cti > 0.62 or (z["H"] > 1.5 and z["RR"] > 1.0):
        return [PsychoidEvent("dream-pass", reading.step, cti)]
    return []


def _sentence(step: int, drawn: dict[str, str]) -> str:
    stood = "; ".join(f"where “{phrase}” stood there is the {symbol}" for phrase, symbol in drawn.items())
    return f"At step {step}, {stood}."
