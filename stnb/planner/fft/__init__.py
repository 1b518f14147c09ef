"""Fourier transforms that a plan describes: their shape, their stages, and a kernel in WGSL."""

from __future__ import annotations

from stnb.planner.fft.schedule import FftStage, dispatch_schedule
from stnb.planner.fft.shape import SpiralKFftPlan
from stnb.planner.fft.wgsl import emit_wgsl

__all__ = ["FftStage", "SpiralKFftPlan", "dispatch_schedule", "emit_wgsl"]
