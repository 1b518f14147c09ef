"""What a device can do, and how work is laid out on it."""

from __future__ import annotations

from stnb.planner.devices import describe_device, hip_probe

__all__ = ["describe_device", "hip_probe"]
