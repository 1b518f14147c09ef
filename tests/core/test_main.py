"""Programs: what starts, what they say about a machine, and where the benchmarks are."""

import subprocess
import sys

import pytest

import stnb
import stnb.manifold
from stnb.cli import info, main

PATIENCE = 100


def test_info__names_versions_and_back_ends(capsys, monkeypatch):
    monkeypatch.setattr(stnb, "backends", lambda: "cuda: no, because", raising=False)
    monkeypatch.setattr(info, "PACKAGES", ("numpy", "no-such-package"))
    assert main(["info"]) == 0
    shown = capsys.readouterr().out
    assert f"stnb {stnb.__version__}, Python 3." in shown
    assert "no-such-package not installed" in shown
    assert "cuda: no, because" in shown


def test_bench__runs_the_runner_of_a_checkout(tmp_path, monkeypatch):
    runner = tmp_path / "run.py"
    runner.write_text("import sys; sys.exit(7 if sys.argv[1:] == ['--op', 'deposit'] else 1)")
    monkeypatch.setattr(info, "RUNNER", runner)
    assert main(["bench", "--op", "deposit"]) == 7


def test_bench__knows_where_the_runner_is(tmp_path, monkeypatch, capsys):
    assert info.RUNNER.is_file()
    monkeypatch.setattr(info, "RUNNER", tmp_path / "none.py")
    assert main(["bench"]) == 2
    assert "clone the repository" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["stnb", "stnb.manifold"])
def test_module__runs_as_a_program(module):
    command = [sys.executable, "-m", module, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout.startswith("usage: ")


def test_version__is_printed():
    command = [sys.executable, "-m", "stnb", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout == f"stnb {stnb.__version__}\n"
