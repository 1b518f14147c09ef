"""The loop signal: a window of a timeline as hints for a planner."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stnb.chrono.harmonics import ChronoHarmonics
    from stnb.chrono.summary import ChronoSummary

__all__ = ["ChronoLoopSignal", "SoftHint", "hints_of", "signal_of", "synthesise"]


class SoftHint(NamedTuple):
    """A wish of a certain weight: `field` had better be `value` where the condition holds."""

    field: str
    value: float
    weight: float
    condition: str = "true"

    def statement(self) -> str:
        """As a line of a SpiralK program; three decimals for the value, the weight as it is."""
        return f"soft ({self.field}, {self.value:.3f}, {self.weight!r}, {self.condition});"

    def __str__(self) -> str:
        return f"soft({self.field},{self.value:.3f},{self.weight!r},{self.condition})"


@dataclasses.dataclass(frozen=True)
class ChronoLoopSignal:
    """What a timeline tells those who steer: its summary, its spectrum, and what follows for a planner.

    Attributes:
        summary: of the window.
        harmonics: of the window; None for a single frame.
        spiralk_script: the hints as a SpiralK program.
        spiralk_hints: the hints one by one.
    """

    summary: ChronoSummary
    harmonics: ChronoHarmonics | None
    spiralk_script: str | None
    spiralk_hints: list[str]

    def as_dict(self) -> dict[str, Any]:
        """The attributes by name, records as dicts."""
        return dataclasses.asdict(self)


def signal_of(summary: ChronoSummary, harmonics: ChronoHarmonics | None) -> ChronoLoopSignal:
    """The loop signal of a window."""
    hints = hints_of(summary, harmonics)
    return ChronoLoopSignal(summary, harmonics, synthesise("", hints), [str(hint) for hint in hints])


def hints_of(summary: ChronoSummary, harmonics: ChronoHarmonics | None) -> list[SoftHint]:
    """Hints for a planner, all of them conventions of this project.

    With the mean absolute drift a ≤ 4, the mean energy E, the range of energies b, the duration T, and the frequency f
    and magnitude m of a peak, each clamped to its interval:

        field      value                        weight
        radix      2 + 4a         in [2, 16]     0.25 + a           in [0.25, 0.9]
        segments   1 + 2b^(1/4)   in [1, 8]      0.3 + 0.2·min(a, 1)
        tile_cols  64 + 8E        in [32, 512]   0.3 + 0.1√b        in [0.3, 1.1]
        kl         1 + fT         in [1, 9]      m                  in [0.05, 1.2]   where the drift has a peak
        wg         128 + 48f      in [64, 2048]  m                  in [0.05, 1.5]   where the energy has one
    """
    a = min(summary.mean_abs_drift, 4.0)
    b = summary.max_energy - summary.min_energy
    hints = [
        SoftHint("radix", _clamp(2.0 + 4.0 * a, 2.0, 16.0), _clamp(0.25 + a, 0.25, 0.9)),
        SoftHint("segments", _clamp(1.0 + 2.0 * b**0.25, 1.0, 8.0), 0.3 + 0.2 * min(a, 1.0)),
        SoftHint(
            "tile_cols",
            _clamp(64.0 + 8.0 * summary.mean_energy, 32.0, 512.0),
            _clamp(0.3 + 0.1 * math.sqrt(b), 0.3, 1.1),
        ),
    ]
    drift = harmonics.dominant_drift if harmonics else None
    if drift:
        turns = drift.frequency * max(summary.duration, 1e-3)
        hints.append(SoftHint("kl", _clamp(1.0 + turns, 1.0, 9.0), _clamp(drift.magnitude, 0.05, 1.2)))
    energy = harmonics.dominant_energy if harmonics else None
    if energy:
        size = _clamp(128.0 + 48.0 * energy.frequency, 64.0, 2048.0)
        hints.append(SoftHint("wg", size, _clamp(energy.magnitude, 0.05, 1.5)))
    return hints


def synthesise(base: str, hints: Iterable[SoftHint]) -> str:
    r"""A SpiralK program with the hints appended, one a line.

    >>> synthesise("radix: 4", [SoftHint("segments", 2.0, 0.5)])
    'radix: 4;\nsoft (segments, 2.000, 0.5, true);'
    """
    program = f"{base};" if base.strip() and not base.rstrip().endswith(";") else base
    return program + "".join(f"\n{hint.statement()}" for hint in hints)


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
