"""Every back end computes the reference's function, on cases that its simulator finishes in a moment."""

from __future__ import annotations

import numpy as np
import pytest
from stnb_kernels import ops, parity

# Metal is compiled as C++ in test_metal.py.
PAIRS = [
    (op.name, backend)
    for op in ops().values()
    for backend in op.order
    if backend not in ("reference", "metal")
]
SIMULATED = {"cuda": 3, "triton": 4}


@pytest.mark.parametrize(("op", "backend"), PAIRS, ids=[f"{o}-{b}" for o, b in PAIRS])
def test_backend_agrees_with_the_reference(op, backend):
    able, reason = ops()[op].status(backend)
    if not able:
        pytest.skip(reason)
    report = parity.check(op, backend, cases=SIMULATED.get(backend, 25), small=backend in SIMULATED, seed=3)
    assert report.green, str(report)


def test_a_wrong_kernel_turns_parity_red(monkeypatch):
    from stnb_kernels.tally import cpu

    right = cpu.run

    def wrong(*args):
        right(*args)
        args[-1][0] += 1e-3

    monkeypatch.setattr(cpu, "run", wrong)
    report = parity.check("tally", "cpu", cases=3)
    assert not report.green
    assert "sums is off by" in str(report)


def test_no_cases_is_not_green():
    assert not parity.check("tally", "cpu", cases=0).green


def test_command_line_reports_red_by_its_exit_code(monkeypatch, capsys):
    monkeypatch.setattr(parity.Report, "green", property(lambda self: False))
    assert parity.main(["--op", "tally", "--backend", "cpu", "--cases", "1"]) == 1
    assert "tally on cpu: RED" in capsys.readouterr().out


@pytest.mark.parametrize("periodic", [False, True])
def test_results_do_not_depend_on_the_number_of_threads(periodic):
    import numba
    import stnb_kernels as kernels

    from .conftest import fields_of

    rng = np.random.default_rng(5)
    grid = kernels.Grid((7, 6, 9), 1.0, periodic)
    position = (rng.random((3, 3000)) * 8).astype(np.float32)
    mass, heat = rng.random((2, 3000)).astype(np.float32)
    before = numba.get_num_threads()
    results = []
    try:
        for threads in (1, before):
            numba.set_num_threads(threads)
            results.append(fields_of(position, mass, heat, grid, "cpu", np.float32))
    finally:
        numba.set_num_threads(before)
    assert np.array_equal(results[0], results[1])
