"""Spirals of steps: plans in blocks, chunks and pieces, as records, tensors and biomes."""

from stnb.sot.pacing import (
    fibonacci_pacing,
    golden_angle,
    golden_ratio,
    pack_tetranacci_chunks,
    pack_tribonacci_chunks,
)
from stnb.sot.plan import SoT3DPlan, generate_plan
from stnb.sot.step import MacroSummary, SoT3DStep

__all__ = [
    "MacroSummary",
    "SoT3DPlan",
    "SoT3DStep",
    "fibonacci_pacing",
    "generate_plan",
    "golden_angle",
    "golden_ratio",
    "pack_tetranacci_chunks",
    "pack_tribonacci_chunks",
]
