"""A run in one line: what a script or a table of many runs wants to know."""

from __future__ import annotations

import hashlib
import json
import platform
import resource
import sys
from typing import TYPE_CHECKING, Any

import stnb
from stnb.cli.info import version

if TYPE_CHECKING:
    from stnb._core.config import Config
    from stnb.session import ManifoldSession

__all__ = ["config_hash", "summary"]

HASH_DIGITS = 16
PACKAGES = ("numpy", "numba", "torch")


def summary(session: ManifoldSession, *, steps: int, seconds: float) -> dict[str, Any]:
    """Facts of a run as JSON knows them; energies in J, memory in bytes."""
    return {
        "steps": steps,
        "step": session.step_index,
        "time": session.time,
        "particles": session.count,
        "skipped": session.skipped,
        "seconds": seconds,
        "steps_per_second": steps / seconds if seconds else 0.0,
        "drift": session.ledger.drift,
        "residual": session.ledger.residual,
        "peak_memory": _peak_memory(),
        "peak_device_memory": _peak_device_memory(session.device),
        "seed": session.seed,
        "config_hash": config_hash(session.config),
        "device": session.device,
        "versions": {
            "stnb": stnb.__version__,
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
        },
    }


def config_hash(config: Config) -> str:
    """The same for two runs exactly when all their settings are the same; the first digits of a SHA-256."""
    plain = json.dumps(config.to_dict(), sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()[:HASH_DIGITS]


def _peak_memory() -> int:
    """The most memory that this process ever held. Linux counts in kB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _peak_device_memory(device: str) -> int | None:
    if device != "cuda":
        return None
    import torch

    return int(torch.cuda.max_memory_allocated())
