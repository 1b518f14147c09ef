"""Who runs what, and the words for those who cannot."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import stnb_kernels as kernels
from stnb_kernels import ops

from stnb._core.errors import BackendError, InputError

from .conftest import unchecked


def run_python(code, **env):
    import os

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ | env
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_table_lists_every_op_with_a_reason():
    table = str(kernels.backends())
    for name, op in ops().items():
        for backend in op.order:
            assert f"{name:<10} {backend:<10}" in table
    assert "the definition" in table
    assert kernels.backends()._repr_html_().count("<tr>") == len(kernels.backends().rows) + 1


def test_unknown_backend_names_the_nearest():
    with pytest.raises(BackendError, match="did you mean 'reference'"):
        kernels.fill_random(np.empty(3), seed=1, backend="refrence")


def test_forced_backend_that_cannot_run_says_why():
    with pytest.raises(BackendError, match=r"'metal' cannot run random: Metal needs macOS"):
        kernels.fill_random(np.empty(3), seed=1, backend="metal")


def test_backend_without_the_op_lists_what_it_has():
    with pytest.raises(BackendError, match="poisson has no triton version; it has torch, cpu, reference"):
        ops()["poisson"].choose(np.empty(3), (), "triton")


def test_environment_forces_a_backend(monkeypatch):
    monkeypatch.setenv("STNB_BACKEND", "reference")
    assert ops()["tally"].choose(np.empty(3)) == "reference"
    monkeypatch.setenv("STNB_BACKEND", "metal")
    with pytest.raises(BackendError, match="cannot run"):
        ops()["tally"].choose(np.empty(3))


def test_argument_beats_environment(monkeypatch):
    monkeypatch.setenv("STNB_BACKEND", "metal")
    assert ops()["tally"].choose(np.empty(3), (), "cpu") == "cpu"


def test_arrays_of_another_library_are_refused():
    with pytest.raises(InputError, match="got list"):
        ops()["tally"].choose([1.0, 2.0])


def test_passed_over_backends_are_logged_once():
    code = """
import logging, numpy as np, stnb_kernels as k
logging.basicConfig(level=logging.INFO, format="%(message)s", stream=__import__("sys").stdout)
for _ in range(3): k.fill_random(np.empty(3), seed=1)
"""
    lines = [
        line for line in run_python(code, NUMBA_ENABLE_CUDASIM="0").splitlines() if "passes over cuda" in line
    ]
    assert len(lines) == 1


def test_importing_the_package_imports_no_compiler():
    code = "import sys, stnb_kernels; print([m for m in ('numba', 'torch', 'triton', 'scipy') if m in sys.modules])"
    assert run_python(code).strip() == "[]"


def test_numpy_arrays_never_import_torch():
    code = """
import sys, numpy as np, stnb_kernels as k
k.fill_random(np.empty(8), seed=1)
print("torch" in sys.modules)
"""
    assert run_python(code, NUMBA_ENABLE_CUDASIM="0", TRITON_INTERPRET="0").strip() == "False"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: unchecked(kernels.fill_random)(np.empty((2, 2)), seed=1),
            r"out has shape \(2, 2\), expected \(2,\)",
        ),
        (
            lambda: unchecked(kernels.fill_random)(np.empty(3, dtype=int), seed=1),
            "out is int64, expected float32 or float64",
        ),
        (lambda: kernels.fill_random(np.empty(3), seed=-1), "seed must satisfy"),
        (lambda: unchecked(kernels.fill_random)(np.empty(3), seed=1, law="normall"), "did you mean 'normal'"),
        (lambda: kernels.Grid((4, 4)), "three axes"),
        (lambda: kernels.Grid((4, 4, 4), 0.0), "positive length"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_cell_list_that_is_too_small_is_refused():
    grid = kernels.Grid((4, 4, 4))
    position = np.zeros((3, 5))
    with pytest.raises(ValueError, match="5 particles do not fit a cell list of capacity 4"):
        kernels.build_cells(position, grid, kernels.CellList.allocate(grid, 4, position))
