"""Kernels and hints for a browser in one call: the transform of the TopK plan of a WebGPU device."""

from __future__ import annotations

from stnb.planner.caps import DeviceCaps
from stnb.planner.inputs import RankKind, flag
from stnb.planner.rank import RankPlan, plan_rank

__all__ = ["auto_fft_spiralk", "auto_fft_wgsl"]


def auto_fft_wgsl(rows: int, cols: int, k: int, subgroup: bool) -> str:  # noqa: FBT001
    """The kernel of the transform that suits rows of `cols` numbers on WebGPU; see `SpiralKFftPlan`."""
    return _planned(rows, cols, k, subgroup).fft_wgsl()


def auto_fft_spiralk(rows: int, cols: int, k: int, subgroup: bool) -> str:  # noqa: FBT001
    """Its shape as three wishes of a SpiralK program."""
    return _planned(rows, cols, k, subgroup).fft_spiralk_hint()


def _planned(rows: int, cols: int, k: int, subgroup: bool) -> RankPlan:  # noqa: FBT001
    """32 lanes and 256 threads a workgroup, 128 without subgroups."""
    lanes = flag("subgroup", subgroup)
    caps = DeviceCaps.wgpu(32, lanes, 256 if lanes else 128)
    return plan_rank(RankKind.TopK, rows, cols, k, caps)
