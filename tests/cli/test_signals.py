"""Ctrl-C and SIGTERM finish the step in hand and put everything away."""

import signal
import subprocess
import sys

import pytest

from stnb.recording import load
from tests.checkouts import ROOT

PATIENCE = 100

GATED = """
import sys, stnb.manifold
from tests.toy_manifold import ToyEngine

class Gated(ToyEngine):
    def advance(self):
        if self.step_index == 3:
            print("in step 4", flush=True)
            sys.stdin.readline()
        super().advance()

stnb.manifold.ManifoldEngine = Gated
from stnb.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def gated(tmp_path):
    """A run that stops inside of its fourth step until a line comes; its files are in tmp_path."""
    started = []

    def start(*arguments):
        files = ("--save", "m", "--record", "r", "--record-every", "1", "--ledger", "l")
        places = [each if each.startswith("-") or each.isdigit() else str(tmp_path / each) for each in files]
        command = [
            sys.executable,
            "-c",
            GATED,
            "run",
            "--device",
            "cpu",
            "--particles",
            "9",
            "--quiet",
            *places,
        ]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        process = subprocess.Popen([*command, *arguments], cwd=ROOT, text=True, **pipes)
        started.append(process)
        assert process.stdout.readline() == "in step 4\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def ask(process, number):
    process.send_signal(number)
    assert process.stderr.readline().startswith("stnb: finishing the step in hand")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("arguments", "code"), [(["--continuous"], 0), (["--steps", "9"], 130)])
def test_signal__finishes_the_step_and_puts_everything_away(gated, tmp_path, number, arguments, code):
    process = gated(*arguments)
    ask(process, number)
    shown, complaints = process.communicate("\n", timeout=PATIENCE)
    assert process.returncode == code
    assert (shown, complaints) == ("the ledger\n", "")
    with load(tmp_path / "r") as back:
        assert back.frames.steps.tolist() == [0, 1, 2, 3, 4]
    assert [line.split(",")[0] for line in (tmp_path / "l").read_text().split()] == ["step", *"01234"]
    from stnb.session import checkpoint

    assert checkpoint.read(tmp_path / "m", "manifold").facts["step"] == 4
    assert {path.name for path in tmp_path.iterdir()} == {"l", "m", "r"}


def test_signal__in_the_last_step_is_no_interruption(gated):
    process = gated("--steps", "4")
    ask(process, signal.SIGINT)
    assert process.communicate("\n", timeout=PATIENCE) == ("the ledger\n", "")
    assert process.returncode == 0


def test_signal__twice_stops_at_once_and_still_closes_the_files(gated, tmp_path):
    process = gated("--continuous")
    ask(process, signal.SIGINT)
    process.send_signal(signal.SIGINT)
    shown, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert shown == ""
    with load(tmp_path / "r") as back:
        assert back.frames.steps.tolist() == [0, 1, 2, 3]
    assert {path.name for path in tmp_path.iterdir()} == {"l", "r"}
