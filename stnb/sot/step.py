"""One step of a spiral, and one of its blocks, as records."""

from __future__ import annotations

import dataclasses
from typing import Any

__all__ = ["MESO_ROLES", "MICRO_ROLES", "MacroSummary", "SoT3DStep"]

MESO_ROLES = ("explore", "structure", "verify")
MICRO_ROLES = ("diverge", "ground", "design", "test")


@dataclasses.dataclass(frozen=True)
class SoT3DStep:
    """Where a step lies, and its place in its block (macro), its chunk (meso) and its piece (micro).

    Attributes:
        index: Number of the step, from 0.
        angle: index·golden angle, not wrapped, in rad.
        radius: Distance from the axis.
        x: radius·cos(angle).
        y: radius·sin(angle).
        height: The climb, modulated by the places in chunk and piece.
        z_track: The climb alone.
        curvature: √(1 + growth²)/|radius|, a convention of this project; see `planar_curvature`.
        planar_curvature: 1/(|radius|·√(1 + g²)), g = growth/golden angle: that of the spiral through the steps.
        angle_wrapped: The angle in [0, 2π).
        macro_index: Number of the block; `_length` its steps, `_position` the place in it, `_phase` the place as
            a fraction, `_reflection` whether it ends here; the same for meso and micro, counted over the whole plan.
        meso_role: "explore", "structure" or "verify", in turn.
        micro_role: "diverge", "ground", "design" or "test", in turn.
    """

    index: int
    angle: float
    radius: float
    x: float
    y: float
    height: float
    z_track: float
    curvature: float
    planar_curvature: float
    angle_wrapped: float
    macro_index: int
    macro_length: int
    macro_position: int
    macro_phase: float
    macro_reflection: bool
    meso_index: int
    meso_length: int
    meso_position: int
    meso_phase: float
    meso_reflection: bool
    micro_index: int
    micro_length: int
    micro_position: int
    micro_phase: float
    micro_reflection: bool

    @property
    def meso_role_index(self) -> int:
        """meso_index mod 3."""
        return self.meso_index % len(MESO_ROLES)

    @property
    def meso_role(self) -> str:
        """What the chunk is for."""
        return MESO_ROLES[self.meso_role_index]

    @property
    def micro_role_index(self) -> int:
        """micro_index mod 4."""
        return self.micro_index % len(MICRO_ROLES)

    @property
    def micro_role(self) -> str:
        """What the piece is for."""
        return MICRO_ROLES[self.micro_role_index]

    def position(self) -> tuple[float, float, float]:
        """(x, y, height)."""
        return self.x, self.y, self.height

    def as_dict(self) -> dict[str, Any]:
        """Everything by name, with a dict for each of macro, meso and micro."""
        flat = dataclasses.asdict(self)
        levels = {
            level: {
                part: flat.pop(f"{level}_{part}")
                for part in ("index", "length", "position", "phase", "reflection")
            }
            for level in ("macro", "meso", "micro")
        }
        levels["meso"] |= {"role": self.meso_role, "role_index": self.meso_role_index}
        levels["micro"] |= {"role": self.micro_role, "role_index": self.micro_role_index}
        return flat | levels


@dataclasses.dataclass(frozen=True)
class MacroSummary:
    """One block of a plan.

    Attributes:
        index: Number of the block.
        start: Its first step.
        length: Its number of steps.
        ideal_length: The Fibonacci number that it was cut from.
        reflection_step: Its last step.
        height_gain: How much it climbs.
        mean_curvature: Mean over its steps of finite curvature; infinite where there is none.
    """

    index: int
    start: int
    length: int
    ideal_length: int
    reflection_step: int
    height_gain: float
    mean_curvature: float

    def as_dict(self) -> dict[str, Any]:
        """Everything by name."""
        return dataclasses.asdict(self)
