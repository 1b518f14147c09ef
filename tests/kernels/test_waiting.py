"""Waiting threads sleep, whoever loaded OpenMP first; a choice that somebody made stays."""

import os
import subprocess
import sys

import pytest

LAUNCH = """
import numpy as np, numba, os
@numba.njit(parallel=True)
def total(x):
    s = 0.0
    for i in numba.prange(x.size):
        s += x[i]
    return s
total(np.ones(64))
print(numba.threading_layer(), os.environ.get("OMP_WAIT_POLICY"))
"""


def said(first, **chosen):
    kept = {k: v for k, v in os.environ.items() if k not in {"OMP_WAIT_POLICY", "NUMBA_THREADING_LAYER"}}
    done = subprocess.run(
        [sys.executable, "-c", first + LAUNCH],
        env={**kept, **chosen},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return tuple(done.stdout.split())


def test_openmp_is_told_to_sleep_where_nobody_loaded_it():
    layer, policy = said("import stnb_kernels")
    assert policy == "PASSIVE"
    assert layer != "workqueue"


@pytest.mark.parametrize("first", ["import torch, stnb_kernels", "import torch, numba, stnb_kernels"])
def test_after_torch_threads_of_the_work_queue_sleep(first):
    assert said(first) == ("workqueue", "None")


@pytest.mark.parametrize("chosen", [{"OMP_WAIT_POLICY": "ACTIVE"}, {"NUMBA_THREADING_LAYER": "omp"}])
def test_a_choice_stays(chosen):
    layer, policy = said("import torch, stnb_kernels", **chosen)
    assert layer == "omp"
    assert policy == chosen.get("OMP_WAIT_POLICY", "None")
