"""A whole step against the float64 reference, and the same run twenty times, on every device here.

    python kernels/benchmarks/verify_step.py                    20 runs of 1,000 steps each
    python kernels/benchmarks/verify_step.py --runs 3 --steps 100

Writes `results/verified-step.json`, one entry per device.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from run import commit_of, hardware, version  # noqa: E402

from stnb.manifold import ManifoldConfig, ManifoldEngine  # noqa: E402

LIMIT = 3e-6
PARTICLES, SIDE = 2000, 16
COLUMNS = ("position", "velocity", "heat", "potential", "acceleration")


@contextmanager
def forced(backend: str | None) -> Iterator[None]:
    """Ops run on one back end, whatever their arrays prefer."""
    before = os.environ.pop("STNB_BACKEND", None)
    if backend:
        os.environ["STNB_BACKEND"] = backend
    try:
        yield
    finally:
        os.environ.pop("STNB_BACKEND", None)
        if before:
            os.environ["STNB_BACKEND"] = before


def begun(dtype: str, device: str, seed: int) -> ManifoldEngine:
    """A dense warm cloud, the same to the bit in either type."""
    rng = np.random.default_rng(seed)
    position = (rng.random((PARTICLES, 3)) * 0.5 + 0.25) * SIDE
    columns = {
        "velocities": rng.normal(0, 0.5, (PARTICLES, 3)),
        "masses": rng.random(PARTICLES) * 0.5 + 0.5,
        "heat": rng.random(PARTICLES) * 5.0,
        "energy": rng.random(PARTICLES),
    }
    single = {name: values.astype(np.float32).astype(np.float64) for name, values in columns.items()}
    config = ManifoldConfig.build(
        particles=0,
        capacity=PARTICLES,
        grid=SIDE,
        gravity=0.01,
        conductivity=1.0,
        radiation=1e-3,
        dtype=dtype,
    )
    engine = ManifoldEngine(config, seed=seed, device=device)
    engine.add(position.astype(np.float32).astype(np.float64), **single)
    return engine


def one_step(device: str, seed: int) -> dict[str, float]:
    """Median relative error of each column after one step, and how many integers differ."""
    with forced("reference"):
        expected = begun("float64", "cpu", seed)
        expected.advance()
    made = begun("float32", device, seed)
    made.advance()
    errors = {}
    for name in COLUMNS:
        wanted, value = expected.column(name), made.column(name).astype(np.float64)
        scale = np.maximum(np.abs(wanted), 1e-3 * np.abs(wanted).max())
        errors[name] = float(np.median(np.abs(value - wanted) / scale))
    counts = [
        e.memory.host(e.particles.contacts.count)[np.argsort(e.memory.host(e.particles.uid))]
        for e in (expected, made)
    ]
    cells = [e.memory.host(e.fields.cells.start) for e in (expected, made)]
    errors["contacts that differ"] = float(np.count_nonzero(counts[0] != counts[1]))
    errors["cells that differ"] = float(np.count_nonzero(cells[0] != cells[1]))
    return errors


def fingerprint(device: str, steps: int) -> str:
    """Hash of everything after a run."""
    engine = begun("float32", device, 1)
    for _ in range(steps):
        engine.advance()
    digest = hashlib.sha256()
    for name, array in sorted(engine.state().items()):
        digest.update(name.encode() + array.tobytes())
    digest.update(repr(engine.measure()).encode())
    return digest.hexdigest()[:16]


def main() -> int:
    parser = argparse.ArgumentParser(description="One step against the reference; the same run many times.")
    parser.add_argument("--device", action="append", choices=("cpu", "cuda"))
    parser.add_argument("--seeds", type=int, default=10, help="clouds to compare (%(default)s)")
    parser.add_argument("--runs", type=int, default=20, help="repetitions of the run (%(default)s)")
    parser.add_argument("--steps", type=int, default=1000, help="steps of the run (%(default)s)")
    parser.add_argument("--commit", help="commit to record where git is not there")
    arguments = parser.parse_args()
    file = HERE / "results" / "verified-step.json"
    known: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    green = True
    for device in arguments.device or devices():
        steps = [one_step(device, seed) for seed in range(arguments.seeds)]
        worst = {name: max(step[name] for step in steps) for name in steps[0]}
        prints = {fingerprint(device, arguments.steps) for _ in range(arguments.runs)}
        same = len(prints) == 1
        fine = all(worst[name] <= LIMIT for name in COLUMNS) and worst["contacts that differ"] == 0
        green &= same and fine and worst["cells that differ"] == 0
        print(
            device,
            "one step:",
            worst,
            f"| {arguments.runs} runs of {arguments.steps} steps:",
            "identical" if same else prints,
        )
        known[device] = {
            "one step, worst median relative error": worst,
            "limit": LIMIT,
            "runs": arguments.runs,
            "steps": arguments.steps,
            "bit_identical": same,
            "fingerprint": min(prints),
            "commit": commit_of(arguments.commit),
            "when": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
            "hardware": hardware().get("gpu" if device == "cuda" else "cpu"),
            "versions": {p: version(p) for p in ("numpy", "numba", "numba-cuda", "torch")},
        }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(known, indent=1) + "\n")
    return 0 if green else 1


def devices() -> list[str]:
    """Where a manifold can run here."""
    try:
        import torch
    except ImportError:
        return ["cpu"]
    return ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


if __name__ == "__main__":
    sys.exit(main())
