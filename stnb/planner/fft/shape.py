"""The shape of a Fourier transform: its length, its radix, and how many run side by side."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from stnb._core.errors import InvalidValue
from stnb._core.numbers import whole
from stnb.planner.inputs import flag, power_of_two

if TYPE_CHECKING:
    from stnb.planner.fft.schedule import FftStage

__all__ = ["LONGEST", "MOST_SEGMENTS", "RADICES", "SpiralKFftPlan"]

RADICES = (2, 4)
MOST_SEGMENTS = 4
LONGEST = 2**18
"""Four segments of this length still fit the 65535 workgroups that a WebGPU dispatch may have along one axis."""
TILE_WEIGHT, RADIX_WEIGHT, SEGMENT_WEIGHT = "0.85", "0.90", "0.75"


@dataclasses.dataclass(frozen=True)
class SpiralKFftPlan:
    """X[m] = Σ_n x[n]·exp(−2πi·mn/N) of `segments` runs of N = `tile_cols` complex numbers, one after the other.

    Forward and without a factor, as `numpy.fft.fft`. The numbers are put in bit-reversed order, and log₂N halvings
    follow, two at a time where the radix is 4; where log₂N is odd, the first stage then has radix 2.

    Attributes:
        radix: 2 or 4.
        tile_cols: N, a power of two from 2 to 2¹⁸.
        segments: transforms side by side, 1 to 4; a convention of this project.
        subgroup: whether lanes run in step; it only decides the size of a workgroup.

    >>> [(stage.kind, stage.radix, stage.span) for stage in SpiralKFftPlan(4, 8, 1, True).dispatch_schedule()]
    [('bit_reverse', 1, 8), ('butterfly', 2, 2), ('butterfly', 4, 8)]
    """

    radix: int
    tile_cols: int
    segments: int
    subgroup: bool

    def __post_init__(self) -> None:
        flag("subgroup", self.subgroup)
        radix, segments = whole("radix", self.radix), whole("segments", self.segments)
        if radix not in RADICES:
            raise InvalidValue(f"radix = {radix} must be 2 or 4.")
        if not 1 <= segments <= MOST_SEGMENTS:
            raise InvalidValue(f"segments = {segments} must be from 1 to {MOST_SEGMENTS}.")
        object.__setattr__(self, "tile_cols", power_of_two("tile_cols", self.tile_cols, high=LONGEST))
        object.__setattr__(self, "radix", radix)
        object.__setattr__(self, "segments", segments)

    def workgroup_size(self) -> int:
        """Threads of a workgroup: 32 where lanes run in step, 64 where not."""
        return 32 if self.subgroup else 64

    def dispatch_schedule(self) -> list[FftStage]:
        """The dispatches in their order; see `FftStage`."""
        from stnb.planner.fft.schedule import dispatch_schedule

        return dispatch_schedule(self)

    def emit_wgsl(self) -> str:
        """A WGSL module with one entry point a stage; its first lines say how to run it."""
        from stnb.planner.fft.wgsl import emit_wgsl

        return emit_wgsl(self)

    def emit_spiralk_hint(self) -> str:
        """The shape as three wishes of a SpiralK program; their weights are a convention of this project."""
        return (
            f"soft (tile_cols, {self.tile_cols}, {TILE_WEIGHT}, c >= {self.tile_cols});\n"
            f"soft (radix, {self.radix}, {RADIX_WEIGHT}, true);\n"
            f"soft (segments, {self.segments}, {SEGMENT_WEIGHT}, true);\n"
        )
