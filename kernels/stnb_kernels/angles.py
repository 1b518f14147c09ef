"""Angles, for the references."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["wrap"]


def wrap(angle: Any) -> Any:
    """Angles in [−π, π)."""
    return angle - 2.0 * np.pi * np.floor((angle + np.pi) / (2.0 * np.pi))
