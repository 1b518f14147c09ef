"""Every flag of a run does what it says."""

import csv
import json
import re
import sys

import numpy as np
import pytest

import stnb
import stnb.manifold
from stnb._core.errors import InputError
from stnb.cli import main, run, summary, table
from stnb.manifold.schedule import Schedule
from stnb.recording import load
from tests.toy_manifold import ToyEngine


def test_run__takes_as_many_steps_as_told(call):
    assert call("--steps", 7, "--quiet").engine.step_index == 7
    assert call("--quiet").engine.step_index == 200


def test_seed__decides_the_world(call):
    one, two, three = (call("--steps", 3, "--seed", seed).engine.x for seed in (5, 5, 6))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, three)


def test_device__is_asked_for(engines, monkeypatch):
    seen = []
    monkeypatch.setattr("stnb.session.manifold.choose_device", lambda name: seen.append(name) or "cpu")
    assert main(["run", "--steps", "0", "--quiet", "--device", "cuda"]) == 0
    assert main(["run", "--steps", "0", "--quiet"]) == 0
    assert seen == ["cuda", "auto"]


class Clock:
    """Ticks a second at each look, from a moment that is not zero."""

    def __init__(self):
        self.now = 1000.0

    def perf_counter(self):
        self.now += 1.0
        return self.now


def test_seconds__end_the_run(call, monkeypatch):
    monkeypatch.setattr(run, "time", Clock())
    assert call("--seconds", 20, "--quiet").engine.step_index == 19
    assert call("--seconds", 20, "--steps", 4, "--quiet").engine.step_index == 4
    assert call("--seconds", 20, "--continuous", "--quiet").engine.step_index == 19


def test_inject__adds_particles_on_schedule(call):
    result = call("--steps", 20, "--inject", "every=4:6,size=2:3,pattern=cycle", "--seed", 3, "--json")
    schedule = Schedule(every=(4, 6), size=(2, 3), pattern="cycle")
    planned = [(step, *what) for step in range(21) if (what := schedule.at(step, seed=3))]
    assert result.engine.injected == planned
    assert result.facts["particles"] == 9 + sum(size for *_, size in planned)


@pytest.mark.filterwarnings("always::UserWarning")
def test_capacity__that_is_full_is_told_and_the_run_goes_on(call):
    result = call("--steps", 20, "--inject", "every=5,size=4", "--capacity", 14)
    assert result.code == 0
    assert result.engine.step_index == 20
    assert "3 injections found no room" in result.out
    (line,) = (line for line in result.err.splitlines() if line.startswith("stnb: "))
    assert line.startswith("stnb: step 10: 4 more do not fit beside 13.")


def test_save__at_the_end(call, tmp_path):
    assert call("--steps", 5, "--save", tmp_path / "m", "--seed", 4).code == 0
    again = stnb.ManifoldSession.load(tmp_path / "m")
    assert (again.step_index, again.seed, again.count) == (5, 4, 9)


def test_save_every__and_each_so_many_steps(call, tmp_path, monkeypatch):
    saved, save = [], stnb.ManifoldSession.save
    monkeypatch.setattr(
        stnb.ManifoldSession, "save", lambda self, path: saved.append(self.step_index) or save(self, path)
    )
    call("--steps", 10, "--save", tmp_path / "m", "--save-every", 4)
    assert saved == [4, 8, 10]


def test_record__frames_and_history(call, tmp_path):
    call("--steps", 25, "--record", tmp_path / "r")
    with load(tmp_path / "r") as back:
        assert back.frames.steps.tolist() == [0, 10, 20]
        assert len(back.history) == 26
    call("--steps", 25, "--record", tmp_path / "r", "--record-every", 8)
    with load(tmp_path / "r") as back:
        assert back.frames.steps.tolist() == [0, 8, 16, 24]


def test_ledger__is_the_history_to_the_last_digit(call, tmp_path, monkeypatch):
    monkeypatch.setattr(table, "BATCH", 4)
    call("--steps", 11, "--ledger", tmp_path / "l.csv", "--save", tmp_path / "m")
    with (tmp_path / "l.csv").open(newline="") as file:
        head, *rows = csv.reader(file)
    history = stnb.ManifoldSession.load(tmp_path / "m").history.to_dict()
    assert head == list(history)
    assert [int(row[0]) for row in rows] == list(range(12))
    for name, column in zip(head[1:], list(zip(*rows, strict=True))[1:], strict=True):
        assert [float(cell) for cell in column] == history[name].tolist()
    assert {path.name for path in tmp_path.iterdir()} == {"l.csv", "m"}


def test_ledger__keeps_rows_that_the_history_forgets(tmp_path, monkeypatch):
    from stnb._core.history import History

    monkeypatch.setattr(table, "BATCH", 3)
    history = History(["kinetic"], capacity=4)
    history.append(0, 0.0, {"kinetic": 0.5})
    with table.HistoryTable(tmp_path / "l", history) as writer:
        for step in range(1, 21):
            history.append(step, 0.1, {"kinetic": 0.5})
            writer.step()
    assert [line.split(",")[0] for line in (tmp_path / "l").read_text().split()] == [
        "step",
        *map(str, range(21)),
    ]


def test_ledger__is_written_when_the_run_fails(call, refused, tmp_path, monkeypatch):
    def advance(self):
        if self.step_index == 3:
            raise InputError("it blew up.")
        self.step_index += 1

    monkeypatch.setattr(ToyEngine, "advance", advance)
    result = call("--quiet", "--ledger", tmp_path / "l", "--record", tmp_path / "r", "--record-every", 1)
    refused(result, "it blew up")
    assert len((tmp_path / "l").read_text().split()) == 5
    with load(tmp_path / "r") as back:
        assert len(back.frames) == 4


def test_ledger__a_full_disk_leaves_nothing(call, refused, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "disk full")

    monkeypatch.setattr(table.os, "fsync", fail)
    result = call("--steps", 3, "--quiet", "--ledger", tmp_path / "l")
    refused(result, "cannot be written: disk full")
    assert list(tmp_path.iterdir()) == []


def test_profile__prints_where_the_time_went_after_the_first_step(call):
    shown = call("--steps", 6, "--profile", "--quiet").out
    assert shown.startswith("the ledger\nop ")
    (row,) = (line.split() for line in shown.splitlines() if line.startswith("random"))
    assert row[1] == "5"
    assert "elsewhere" in shown
    assert "elsewhere" not in call("--steps", 6, "--quiet").out


def test_profile__of_one_step_and_of_none(call):
    assert re.search(r"^random +1 ", call("--steps", 1, "--profile", "--quiet").out, re.MULTILINE)
    assert "nothing to profile" in call("--steps", 0, "--profile", "--quiet").out


def test_profile__goes_into_a_file(call, tmp_path):
    shown = call("--steps", 6, "--profile", tmp_path / "p.json", "--quiet").out
    assert shown == "the ledger\n"
    assert json.loads((tmp_path / "p.json").read_text())["ops"]["random"]["calls"] == 5


def test_profile__is_part_of_the_summary(call):
    assert call("--steps", 6, "--profile", "--json").facts["profile"]["ops"]["random"]["calls"] == 5


def test_json__is_one_line_and_nothing_else(call):
    result = call("--steps", 5, "--seed", 2, "--json")
    assert result.out.count("\n") == 1
    assert result.err == ""
    facts = result.facts
    assert (facts["steps"], facts["particles"], facts["seed"], facts["device"]) == (5, 9, 2, "cpu")
    assert facts["drift"] == 3e-9
    assert facts["residual"] == 2e-9
    assert facts["steps_per_second"] == pytest.approx(5 / facts["seconds"])
    assert facts["config_hash"] == summary.config_hash(result.engine.config)
    assert facts["versions"]["stnb"] == stnb.__version__
    assert facts["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert facts["versions"]["numpy"] == np.__version__
    assert 10**7 < facts["peak_memory"] < 10**12
    assert facts["peak_device_memory"] is None


def test_config_hash__is_of_the_settings():
    config = stnb.ManifoldConfig()
    assert summary.config_hash(config) == summary.config_hash(config.replace(dt=0.01))
    assert summary.config_hash(config) != summary.config_hash(config.replace(dt=0.011))


def test_quiet__prints_the_ledger_alone(call, tmp_path, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "0")
    result = call("--steps", 5, "--quiet", "--save", tmp_path / "m")
    assert (result.out, result.err) == ("the ledger\n", "")
    result = call("--steps", 5, "--save", tmp_path / "m")
    assert "5/5" in result.err
    assert "drift=3.0e-09" in result.err
    for words in ("step 0", "gravity", "the ledger", "5 steps in", "9 particles", f"saved {tmp_path / 'm'}"):
        assert words in result.out


def test_a_real_run__steps_injects_and_keeps_its_books(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("STNB_BACKEND", "cpu")
    world = ["--particles", "60", "--grid", "8", "--device", "cpu", "--inject", "every=4,size=3:5"]
    assert main(["run", *world, "--steps", "10", "--json", "--profile", "--ledger", str(tmp_path / "l")]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["steps"] == 10
    assert 66 <= facts["particles"] <= 70
    assert abs(facts["drift"]) < 1e-3  # the bound of tests/packaging for ten steps of a manifold
    assert facts["profile"]["ops"]["deposit"]["calls"] == 9 + 2  # each step, and each injection once
    assert (tmp_path / "l").read_text().startswith("step,time,kinetic,")
