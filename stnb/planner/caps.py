"""What a planner may count on: one record of a device's limits, and launch sizes that follow from it."""

from __future__ import annotations

import dataclasses
from typing import Any

from stnb._core.errors import InvalidValue, nearest
from stnb._core.numbers import whole
from stnb.planner.inputs import flag

__all__ = ["BACKENDS", "DeviceCaps"]

BACKENDS = ("cpu", "cuda", "hip", "mps", "wgpu")
SWEEP = ((131_072, 4096), (65_536, 2048), (8192, 1024), (4096, 512), (0, 256))
COMPACTION = ((65_536, 1024), (8192, 512), (0, 256))
SWEEP_CEILING, COMPACTION_CEILING, CPU_CEILING = 8192, 4096, 1024
MOST_MISFIT = 0.6
MOST_GROUPS = 1.25
FULL_GROUPS = 4


@dataclasses.dataclass(frozen=True)
class DeviceCaps:
    """Lanes that run in step, and threads and bytes that a workgroup may have.

    The constructors `wgpu`, `cuda`, `hip`, `mps` and `cpu` are templates, conventions of this project; `from_torch`
    asks a device that is here. The `with_…` methods return changed copies.

    Attributes:
        backend: "cpu", "cuda", "hip", "mps" or "wgpu".
        lane_width: l, threads that run in step.
        max_workgroup: M ≥ l, threads that a workgroup may have.
        subgroup: whether lanes can exchange values without memory.
        shared_mem_per_workgroup: bytes, or None where unknown.

    >>> DeviceCaps.wgpu().align_workgroup(250)
    256
    """

    backend: str
    lane_width: int
    max_workgroup: int
    subgroup: bool
    shared_mem_per_workgroup: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.backend, str):
            raise TypeError(
                f"backend = {self.backend!r} is of type {type(self.backend).__name__}; give a name."
            )
        if self.backend not in BACKENDS:
            raise InvalidValue(f"backend = {self.backend!r} is unknown; {nearest(self.backend, BACKENDS)}")
        flag("subgroup", self.subgroup)
        for name in ("lane_width", "max_workgroup"):
            object.__setattr__(self, name, whole(name, getattr(self, name), low=1))
        if self.lane_width > self.max_workgroup:
            raise InvalidValue(
                f"lane_width = {self.lane_width} is more than max_workgroup = {self.max_workgroup}; "
                "a workgroup holds one row of lanes at least."
            )
        if self.shared_mem_per_workgroup is not None:
            size = whole("shared_mem_per_workgroup", self.shared_mem_per_workgroup, low=1)
            object.__setattr__(self, "shared_mem_per_workgroup", size)

    @classmethod
    def wgpu(cls, lane: int = 32, subgroups: bool = True, max_workgroup: int = 256) -> DeviceCaps:  # noqa: FBT001, FBT002
        """A WebGPU device."""
        return cls("wgpu", lane, max_workgroup, subgroups)

    @classmethod
    def mps(cls, lane: int = 32, max_workgroup: int = 256) -> DeviceCaps:
        """An Apple GPU."""
        return cls("mps", lane, max_workgroup, subgroup=True)

    @classmethod
    def cuda(
        cls, lane: int = 32, max_block: int = 1024, shared_mem_per_block: int | None = 96 * 1024
    ) -> DeviceCaps:
        """An NVIDIA GPU."""
        return cls("cuda", lane, max_block, subgroup=True, shared_mem_per_workgroup=shared_mem_per_block)

    @classmethod
    def hip(
        cls, lane: int = 32, max_block: int = 1024, shared_mem_per_block: int | None = 64 * 1024
    ) -> DeviceCaps:
        """An AMD GPU."""
        return cls("hip", lane, max_block, subgroup=True, shared_mem_per_workgroup=shared_mem_per_block)

    @classmethod
    def cpu(cls) -> DeviceCaps:
        """A processor: one lane, groups of 128 iterations."""
        return cls("cpu", 1, 128, subgroup=False)

    @classmethod
    def from_torch(cls, device: Any = None) -> DeviceCaps:
        """The limits of a device that torch drives here, as torch reports them; see `running.measure`.

        Args:
            device: a `torch.device`, or its name such as "cuda:1"; None for the best one that is here.
        """
        from stnb.planner.running import measure

        return cls(**measure(device))

    def with_subgroup(self, subgroup: bool) -> DeviceCaps:  # noqa: FBT001
        """A copy whose lanes can exchange values, or cannot."""
        return dataclasses.replace(self, subgroup=subgroup)

    def with_max_workgroup(self, max_workgroup: int) -> DeviceCaps:
        """A copy with another limit of threads."""
        return dataclasses.replace(self, max_workgroup=max_workgroup)

    def with_shared_mem(self, shared_mem: int | None) -> DeviceCaps:
        """A copy with that many bytes of shared memory a workgroup; None for unknown."""
        return dataclasses.replace(self, shared_mem_per_workgroup=shared_mem)

    def as_dict(self) -> dict[str, Any]:
        """Every attribute by name."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def align_workgroup(self, n: int) -> int:
        """The smallest multiple of l that holds n threads, or the largest that M allows."""
        return self.align_within(whole("n", n), self.max_workgroup)

    def align_within(self, n: int, ceiling: int) -> int:
        """The smallest multiple of l from n on, or the largest up to `ceiling`; l at least."""
        lane = self.lane_width
        return min(-(-max(n, lane) // lane) * lane, max(ceiling - ceiling % lane, lane))

    def preferred_tile(self, cols: int, hint: int = 0) -> int:
        """Columns that one sweep handles: 256 to 4096 by the width of a row, or near `hint` where that is given."""
        return self._tile(cols, hint, SWEEP, SWEEP_CEILING)

    def preferred_compaction_tile(self, cols: int, hint: int = 0) -> int:
        """Columns that one compaction handles: 256 to 1024 by the width of a row, or near `hint` where that is given."""
        return self._tile(cols, hint, COMPACTION, COMPACTION_CEILING)

    def occupancy_score(self, n: int) -> float:
        """How well n threads fill a workgroup: (0.6·a/M + 0.4·q)·s, from 0 to 1.25; a convention of this project.

        Here a = align_workgroup(n), q = 1 − min(|a − n|/a, 0.6), and s = min(a/(4l), 1.25) with subgroups, else 1.
        It ranks launches of one device: no fraction of time, and no share of the hardware. 0 for no thread.
        """
        threads = whole("n", n)
        if threads == 0:
            return 0.0
        aligned = self.align_workgroup(threads)
        fit = 1.0 - min(abs(aligned - threads) / aligned, MOST_MISFIT)
        score = 0.6 * aligned / self.max_workgroup + 0.4 * fit
        if self.subgroup:
            score *= min(aligned / self.lane_width / FULL_GROUPS, MOST_GROUPS)
        return min(score, MOST_GROUPS)

    def _tile(self, cols: int, hint: int, steps: tuple[tuple[int, int], ...], ceiling: int) -> int:
        width, wish = whole("cols", cols, low=1), whole("hint", hint)
        size = wish or step_for(width, steps)
        return self.align_within(size, CPU_CEILING if self.backend == "cpu" else ceiling)


def step_for(value: int, steps: tuple[tuple[int, int], ...]) -> int:
    """The size of the first step whose threshold lies below `value`; steps descend to the threshold 0."""
    return next(size for threshold, size in steps if value > threshold)
