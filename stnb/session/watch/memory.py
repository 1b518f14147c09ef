"""How much memory the process and its device hold."""

from __future__ import annotations

import math
import os
import resource
import sys
from pathlib import Path

import torch

__all__ = ["device_megabytes", "resident_megabytes"]

MEGABYTE = 1e6
STATM = Path("/proc/self/statm")


def resident_megabytes() -> float:
    """Bytes of the process in RAM now, as Linux tells; elsewhere the most that there ever were."""
    try:
        pages = int(STATM.read_bytes().split()[1])
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak * (1 if sys.platform == "darwin" else 1024) / MEGABYTE
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def device_megabytes(device: torch.device) -> float:
    """Bytes that torch has allocated on a CUDA device; NaN for any other device."""
    return torch.cuda.memory_allocated(device) / MEGABYTE if device.type == "cuda" else math.nan
