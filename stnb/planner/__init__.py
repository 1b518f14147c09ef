"""What a device can do, and how work is laid out on it."""

from __future__ import annotations

from stnb.planner.auto import auto_fft_spiralk, auto_fft_wgsl
from stnb.planner.caps import DeviceCaps
from stnb.planner.choice import Choice
from stnb.planner.devices import describe_device, hip_probe
from stnb.planner.fft import FftStage, SpiralKFftPlan
from stnb.planner.inputs import RankKind
from stnb.planner.rank import RankPlan, plan, plan_bottomk, plan_midk, plan_rank, plan_topk

__all__ = [
    "Choice",
    "DeviceCaps",
    "FftStage",
    "RankKind",
    "RankPlan",
    "SpiralKFftPlan",
    "auto_fft_spiralk",
    "auto_fft_wgsl",
    "describe_device",
    "hip_probe",
    "plan",
    "plan_bottomk",
    "plan_midk",
    "plan_rank",
    "plan_topk",
]
