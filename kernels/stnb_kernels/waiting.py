"""Threads that wait should sleep: what is set before Numba starts its own.

GNU OpenMP lets waiting threads spin unless `OMP_WAIT_POLICY` says otherwise when its library is loaded. Spinning makes a
step several times slower as soon as a browser, or anything else, shares the cores. Whoever imports torch first has
loaded that library already; then Numba is asked for its own work queue, whose threads sleep.
"""

from __future__ import annotations

import os
import sys

__all__ = ["let_threads_sleep"]

POLICY, LAYER = "OMP_WAIT_POLICY", "NUMBA_THREADING_LAYER"
LOADS_OPENMP = ("torch", "sklearn")


def let_threads_sleep() -> None:
    """Choose the policy, or the layer where it is too late for the policy; what somebody else chose stays."""
    too_late = any(name in sys.modules for name in LOADS_OPENMP)
    if POLICY in os.environ or LAYER in os.environ:
        return
    if not too_late:
        os.environ[POLICY] = "PASSIVE"
        return
    os.environ[LAYER] = "workqueue"
    numba = sys.modules.get("numba")
    if numba is not None and numba.config.THREADING_LAYER == "default":
        numba.config.THREADING_LAYER = "workqueue"
