"""An op of somebody else's package is dispatched, forced, measured and compared like those of this one."""

from __future__ import annotations

import importlib
import sys

import numpy as np
import pytest
from stnb_kernels import Op, backends, ops, parity, register
from stnb_kernels.registry import profile

from stnb._core.errors import BackendError, InputError

from . import conftest

FILES = {
    "__init__.py": """
from stnb_kernels import Op, register
OP = register(Op("halve", ("cpu", "reference"), __name__))

def halve(values, out, *, backend=None):
    OP.run(values, values, out, backend=backend)
""",
    "reference.py": "def run(values, out):\n    out[:] = values / 2\n",
    "cpu.py": """
def supports(values, out):
    return len(values) < 100, "it takes up to 99 values"

def run(values, out):
    out[:] = values * 0.5
""",
    "cases.py": """
import numpy as np

def draw(rng, *, small, backend):
    return rng.normal(size=int(rng.integers(0, 50)))

def reference(case):
    return compute(case, "reference")

def compute(case, backend):
    from someones_halve import halve
    out = np.full(len(case), np.nan)
    halve(case, out, backend=backend)
    return {"out": out}

def error(case, name, value, expected):
    return float(np.abs(value - expected).max(initial=0)), 0.0
""",
}
PACKAGE = "someones_halve"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A package on the path that is forgotten afterwards, as is what it registers."""
    place = tmp_path / PACKAGE
    place.mkdir()
    for name, text in FILES.items():
        (place / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("stnb_kernels.registry._registered", {})
    yield place
    for name in [n for n in sys.modules if n.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def package(folder):
    return importlib.import_module(PACKAGE)


def test_it_is_listed_after_ours_and_in_the_table(package):
    assert list(ops())[-1] == "halve"
    assert ops()["halve"] is package.OP
    assert f"{'halve':<10} {'cpu':<10} yes" in str(backends())


def test_dispatch_takes_the_first_that_can_and_a_forced_one_says_why_not(package):
    few, many = np.ones(3), np.ones(100)
    assert package.OP.choose(few, (few, few)) == "cpu"
    assert package.OP.choose(many, (many, many)) == "reference"
    with pytest.raises(BackendError, match="'cpu' cannot run halve: it takes up to 99 values"):
        package.halve(many, many.copy(), backend="cpu")
    with pytest.raises(BackendError, match="halve has no cuda version; it has cpu, reference"):
        package.halve(few, few.copy(), backend="cuda")


def test_the_variable_forces_it_too(package, monkeypatch):
    monkeypatch.setenv("STNB_BACKEND", "reference")
    assert package.OP.choose(np.ones(3), (np.ones(3), np.ones(3))) == "reference"


def test_it_is_measured(package):
    values = np.ones(3)
    with profile() as cost:
        for _ in range(4):
            package.halve(values, values.copy())
    assert [(row.op, row.calls) for row in cost.rows] == [("halve", 4)]


def test_parity_is_green_and_turns_red_with_a_wrong_kernel(package, monkeypatch):
    assert parity.check("halve", "cpu", cases=20).green
    monkeypatch.setattr(package.OP.module("cpu"), "run", lambda values, out: None)
    report = parity.check("halve", "cpu", cases=20)
    assert not report.green
    assert "out is off by nan" in str(report)
    assert "worst error out nan" in str(report)


def test_the_command_line_imports_the_package_first(folder, capsys):
    assert parity.main(["--import", PACKAGE, "--op", "halve", "--cases", "5"]) == 0
    assert "halve on cpu: green, 5 cases" in capsys.readouterr().out


def test_unknown_names_are_answered_with_the_nearest(package, capsys):
    with pytest.raises(InputError, match="unknown op 'halv': did you mean 'halve'"):
        parity.check("halv", "cpu", cases=1)
    with pytest.raises(SystemExit):
        parity.main(["--op", "halv"])
    assert "unknown op 'halv': did you mean 'halve'" in capsys.readouterr().err


def test_the_same_package_may_register_again(package):
    again = register(Op("halve", ("reference",), PACKAGE))
    assert ops()["halve"] is again


@pytest.mark.parametrize(
    ("op", "error", "words"),
    [
        (Op("deposit", ("reference",), PACKAGE), InputError, "called 'deposit' already"),
        (Op("halve", ("reference",), "stnb_kernels.heat"), InputError, "called 'halve' already"),
        (Op("other", ("cpu",), PACKAGE), InputError, "end it with 'reference'"),
        (Op("other", (), PACKAGE), InputError, "end it with 'reference'"),
        (Op("other", ("cpus", "reference"), PACKAGE), BackendError, "unknown back end 'cpus': did you mean 'cpu'"),
        (Op("other", ("cuda", "reference"), PACKAGE), InputError, "no module someones_halve.cuda"),
        (Op("other", ("triton", "reference"), PACKAGE), InputError, "no module someones_halve.triton_"),
        (Op("other", ("reference",)), InputError, "no module stnb_kernels.other.reference"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_and_changes_nothing(package, op, error, words):
    with pytest.raises(error, match=words):
        register(op)
    assert list(ops())[-1] == "halve"
    assert ops()["halve"] is package.OP


def test_a_package_without_cases_is_refused(folder):
    (folder / "cases.py").unlink()
    with pytest.raises(InputError, match=r"no module someones_halve\.cases"):
        importlib.import_module(PACKAGE)
    assert "halve" not in ops()


def test_only_an_op_can_be_registered():
    with pytest.raises(TypeError, match="got str; give an Op"):
        conftest.unchecked(register)("halve")
