import subprocess
import sys
import types
from typing import ClassVar

import pytest

import stnb
from stnb import __main__ as command
from stnb._core.errors import ConfigError


class Session:
    made: ClassVar = []

    def __init__(self, particles, grid, *, seed, device):
        if particles < 0:
            raise ConfigError("particles = -1 is outside its range.")
        self.calls = [(particles, grid, seed, device)]
        self.config = "Config"
        self.ledger = types.SimpleNamespace(table=lambda: "drift 1e-12")
        Session.made.append(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.calls.append("closed")

    def run(self, steps, *, progress):
        self.calls.append((steps, progress))

    def save(self, path):
        self.calls.append(path)


@pytest.fixture
def _fake_session(monkeypatch):
    monkeypatch.setattr(stnb, "ManifoldSession", Session, raising=False)
    Session.made.clear()


@pytest.mark.usefixtures("_fake_session")
def test_run__does_what_its_flags_say(capsys, tmp_path):
    path = tmp_path / "a"
    sizes = ["--steps", "5", "--particles", "20", "--grid", "8"]
    assert (
        command.main(["run", *sizes, "--seed", "3", "--device", "cpu", "--quiet", "--save", str(path)]) == 0
    )
    assert Session.made[0].calls == [(20, 8, 3, "cpu"), (5, False), path, "closed"]
    assert capsys.readouterr().out == "drift 1e-12\n"


@pytest.mark.usefixtures("_fake_session")
def test_run__defaults_talk(capsys):
    assert command.main(["run"]) == 0
    assert Session.made[0].calls == [(1000, 32, 0, "auto"), (200, True), "closed"]
    shown = capsys.readouterr().out
    assert "Config" in shown
    assert shown.endswith("drift 1e-12\n")


@pytest.mark.usefixtures("_fake_session")
def test_run__a_refusal_is_one_line(capsys):
    assert command.main(["run", "--particles", "-1"]) == 2
    assert capsys.readouterr().err == "stnb: particles = -1 is outside its range.\n"


@pytest.mark.parametrize(
    "arguments", [[], ["fly"], ["run", "--speed", "3"], ["info", "--x"], ["run", "--steps", "a"]]
)
def test_main__unknown_arguments_are_refused(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        command.main(arguments)
    assert caught.value.code == 2
    assert "usage: stnb" in capsys.readouterr().err


def test_info__names_versions_and_back_ends(capsys, monkeypatch):
    monkeypatch.setattr(stnb, "backends", lambda: "cuda: no, because", raising=False)
    monkeypatch.setattr(command, "PACKAGES", ("numpy", "no-such-package"))
    assert command.main(["info"]) == 0
    shown = capsys.readouterr().out
    assert f"stnb {stnb.__version__}, Python 3." in shown
    assert "no-such-package not installed" in shown
    assert "cuda: no, because" in shown


def test_bench__runs_the_runner_of_a_checkout(tmp_path, monkeypatch):
    runner = tmp_path / "run.py"
    runner.write_text("import sys; sys.exit(7 if sys.argv[1:] == ['--op', 'deposit'] else 1)")
    monkeypatch.setattr(command, "RUNNER", runner)
    assert command.main(["bench", "--op", "deposit"]) == 7


def test_bench__says_where_the_runner_is(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "RUNNER", tmp_path / "none.py")
    assert command.main(["bench"]) == 2
    assert "clone the repository" in capsys.readouterr().err


def test_module__runs_as_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "stnb", "--version"], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == f"stnb {stnb.__version__}\n"
