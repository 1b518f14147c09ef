"""The benchmark runner refuses what it should, and verification knows what is stale."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "kernels" / "benchmarks"


def run_script(name, *words, **env):
    clean = {k: v for k, v in os.environ.items() if k not in ("NUMBA_ENABLE_CUDASIM", "TRITON_INTERPRET")}
    command = [sys.executable, str(BENCHMARKS / name), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=clean | env)


def load(name):
    sys.path.insert(0, str(BENCHMARKS))
    try:
        spec = importlib.util.spec_from_file_location(f"benchmark_{name}", BENCHMARKS / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(BENCHMARKS))
    return module


def test_runner_gates_times_and_records(tmp_path):
    target = tmp_path / "result.json"
    words = ("--op", "random", "--size", "10000", "--device", "cpu", "--gate", "3", "--into", str(target))
    done = run_script("run.py", *words)
    assert done.returncode == 0, done.stderr
    result = json.loads(target.read_text())
    assert {row["case"] for row in result["rows"]} == {"random, uniform", "random, normal"}
    assert all(row["bit_identical"] and row["median_ms"] > 0 for row in result["rows"])
    assert result["gates"] == [{**result["gates"][0], "green": True, "cases": 3}]
    assert {"hardware", "versions", "workload", "commit", "sources", "command"} <= result.keys()


def test_runner_refuses_an_op_whose_parity_is_red(tmp_path):
    target = tmp_path / "result.json"
    breaker = tmp_path / "sitecustomize.py"
    breaker.write_text("import stnb_kernels.parity as p\np.Report.green = property(lambda self: False)\n")
    words = ("--op", "random", "--size", "10000", "--device", "cpu", "--gate", "1", "--into", str(target))
    done = run_script("run.py", *words, PYTHONPATH=str(tmp_path))
    assert "is not timed: its parity is red" in done.stdout, done.stdout + done.stderr
    assert json.loads(target.read_text())["rows"] == []


@pytest.mark.parametrize("script", ["run.py", "verify.py"])
def test_simulators_are_never_timed_nor_called_verified(script):
    done = run_script(script, "--op", "random", NUMBA_ENABLE_CUDASIM="1")
    assert done.returncode != 0
    assert "simulators are not timed" in done.stderr or "real devices" in done.stderr


def test_stale_ops_are_listed():
    done = run_script("verify.py", "--stale")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Ops whose source is newer than their verification: ")


def test_committed_verifications_are_green():
    for file in (BENCHMARKS / "results").glob("verify-*.json"):
        for backend, entry in json.loads(file.read_text()).items():
            assert entry["green"], (file.name, backend)
            assert entry["cases"] >= 1000, (file.name, backend)


def test_an_edited_source_is_stale(monkeypatch):
    verify = load("verify")
    monkeypatch.setattr(verify, "source_digest", lambda op: "edited")
    assert set(verify.stale("deposit")) == {"cuda", "triton", "cpu"}
