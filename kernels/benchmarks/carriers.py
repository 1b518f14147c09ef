"""Time the spectral layer: the sums over oscillators and carriers, every op, and the whole step; with peers beside.

    python kernels/benchmarks/carriers.py                     on this machine's devices, into results/
    python kernels/benchmarks/carriers.py --gate 5 --quick

Oscillators uniform over 0 … 2 rad/s, energies uniform in [0.5, 1), float32; a full bank of carriers anywhere among
them with gates from 0.08 to 0.35 rad/s, a third of them in each state; for the whole step, all crystallized. An op whose
parity is red is not timed.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import stnb_kernels as kernels  # noqa: E402
from run import SPECTRAL, commit_of, gpu_here, hardware, version  # noqa: E402
from stnb_kernels import ops, parity  # noqa: E402
from stnb_kernels.bank import (  # noqa: E402
    ANCHOR_UID,
    BORN,
    COUNT,
    CRYSTALLIZED,
    FREQUENCY,
    IDENTITY,
    IMAG,
    REAL,
    STATE,
    WIDTH,
    Bank,
    Oscillators,
)
from stnb_kernels.law import CarrierLaw  # noqa: E402
from stnb_kernels.spectrum import Spectrum  # noqa: E402
from timing import time_cpu, time_graph  # noqa: E402
from workloads import place  # noqa: E402

SIZES = {
    "cuda": ((100_000, 64), (1_000_000, 64), (1_000_000, 1024), (10_000_000, 4096)),
    "cpu": ((10_000, 64), (100_000, 64), (1_000_000, 64)),
}
MOST_PAIRS = {"cuda": 5e9, "cpu": 1e8}
"""Beyond so many pairs only the moments are timed."""
MOST_PEER_PAIRS = {"cuda": 2e9, "cpu": 1e7}
HIGHEST = 2.0


class Workload:
    """Oscillators and a full bank on one device."""

    def __init__(self, n: int, m: int, device: str) -> None:
        rng = np.random.default_rng(0)
        self.n, self.m, self.device, self.law = n, m, device, CarrierLaw()
        heard = np.sort(rng.uniform(0, HIGHEST, n)).astype(np.float32)
        uid, home = (rng.permutation(n).astype(np.int32) for _ in range(2))
        columns = (
            rng.uniform(0, 2 * np.pi, n).astype(np.float32),
            heard,
            rng.uniform(0.5, 1, n).astype(np.float32),
            uid,
            np.argsort(uid).astype(np.int32),
        )
        self.home = place(home, device)
        self.o = Oscillators(*(place(c.copy(), device) for c in columns))
        bank = Bank.allocate(m, columns[0])
        bank.real[FREQUENCY] = rng.uniform(0, HIGHEST, m)
        bank.real[WIDTH] = rng.uniform(self.law.width_min, 0.35, m)
        bank.real[[REAL, IMAG]] = rng.normal(0, 0.5, (2, m))
        bank.whole[STATE] = rng.integers(0, 3, m)
        bank.whole[IDENTITY] = np.arange(m)
        bank.whole[ANCHOR_UID:] = rng.integers(0, n, (8, m))
        bank.real[-8:] = 0.5
        bank.counts[[COUNT, BORN]] = m
        self.bank = Bank(*(place(getattr(bank, name), device) for name in Bank.__slots__))
        self.spectrum = Spectrum.allocate(n, m, self.o.phase)
        self.spectrum.arrange(heard, width_min=self.law.width_min)
        self.heat, self.mass = (place(np.ones(n, dtype=np.float32), device) for _ in range(2))

    def call(self, op: str, algorithm: str | None = None) -> Any:
        """A call of one op."""
        o, bank, s, law = self.o, self.bank, self.spectrum, self.law
        calls = {
            "tune": lambda: kernels.tune_carriers(o, bank, s, algorithm=algorithm),
            "review": lambda: kernels.review_carriers(o, bank, s, law),
            "swing": lambda: kernels.swing_oscillators(o, bank, s, law, seed=1, algorithm=algorithm),
            "evolve": lambda: kernels.evolve_carriers(o, bank, s, law, seed=1),
            "recall": lambda: kernels.recall_anchors(o, bank, s, law, seed=1),
            "remember": lambda: kernels.remember_anchors(o, bank, s, law, seed=1),
            "breed": lambda: kernels.breed_carriers(o, bank, s, law),
            "spawn": lambda: kernels.spawn_carriers(o, bank, s, law),
            "thermalize": lambda: kernels.thermalize_oscillators(
                o.energy, self.home, self.heat, self.mass, law, specific_heat=10.0
            ),
        }
        return calls[op]

    def step(self, algorithm: str | None = None) -> Any:
        """A whole step of the layer: the carriers crystallized and evenly spaced, so that the bank stays full."""
        whole, real = self.bank.whole, self.bank.real
        spaced = np.linspace(0, HIGHEST, self.m).astype(np.float32)
        whole[STATE] = CRYSTALLIZED
        real[FREQUENCY] = place(spaced, self.device)
        parts = [self.call(op, algorithm) for op in SPECTRAL]

        def run() -> None:
            for part in parts:
                part()

        return run

    def error(self) -> tuple[float, float]:
        """How far the moments are from the float64 sums, per Σ A, and how far they may be."""
        self.call("tune", "moments")()
        found = np.asarray(self.spectrum.sums.cpu() if self.device != "cpu" else self.spectrum.sums)
        columns = [
            np.asarray(a.cpu() if self.device != "cpu" else a).astype(np.float64)
            for a in (
                self.spectrum.phasor,
                self.o.frequency,
                self.bank.real[FREQUENCY],
                self.bank.real[WIDTH],
            )
        ]
        (x, y, a), heard, centre, width = columns[0][:, : self.n], *columns[1:]
        worst, sample = 0.0, range(0, self.m, max(1, self.m // 16))
        for k in sample:
            t = np.exp(-(((heard - centre[k]) / width[k]) ** 2))
            exact = np.array([t @ x, t @ y, t @ a])
            worst = max(worst, float(np.abs(found[:3, k] - exact).max()))
        return worst / float(a.sum()), self.spectrum.bound


def eager(work: Workload) -> Any:
    """The four sums the way that a user of torch would write them, in blocks that fit the memory."""
    import torch

    o, bank = ([torch.as_tensor(getattr(v, f)) for f in v.__slots__] for v in (work.o, work.bank))
    phase, frequency, energy = o[:3]
    centre, width = bank[0][FREQUENCY, :, None], bank[0][WIDTH, :, None]
    block = max(1, 2**28 // work.m)

    def run() -> Any:
        a = energy.clamp(min=1e-8).sqrt()
        channels = torch.stack((a * phase.cos(), a * phase.sin(), a, a * frequency), dim=1)
        total = 0
        for first in range(0, work.n, block):
            part = slice(first, first + block)
            total = total + torch.exp(-(((frequency[None, part] - centre) / width) ** 2)) @ channels[part]
        return total

    return run


def keops(work: Workload) -> Any:
    """The same with KeOps, where it is installed; None where it is not."""
    try:
        from pykeops.torch import LazyTensor
    except ImportError:
        return None
    import torch

    phase, frequency, energy = (torch.as_tensor(a) for a in (work.o.phase, work.o.frequency, work.o.energy))
    real = torch.as_tensor(work.bank.real)
    centre, width = (real[row, :, None].contiguous() for row in (FREQUENCY, WIDTH))

    def run() -> Any:
        a = energy.clamp(min=1e-8).sqrt()
        channels = torch.stack((a * phase.cos(), a * phase.sin(), a, a * frequency), dim=1)
        away = LazyTensor(centre[:, None, :]) - LazyTensor(frequency[None, :, None])
        tuned = (-(away * away) / LazyTensor((width**2)[:, None, :])).exp()
        return tuned @ channels

    return run


def timed(call: Any, device: str, *, graph: bool = True) -> dict[str, float]:
    """Median, fastest and slowest in ms; on a GPU as a replayed graph."""
    if device == "cpu":
        return time_cpu(call, samples=15, warmup=3)
    if graph:
        return time_graph(call, samples=40)
    from timing import time_cuda

    return time_cuda(call, samples=20)


def row_of(label: str, work: Workload, found: dict[str, float]) -> dict[str, Any]:
    """One line of the results."""
    row = {"case": label, "oscillators": work.n, "carriers": work.m, **found}
    print(f"  {label:28} N={work.n:<9,} M={work.m:<5,} {found['median_ms']:9.4f} ms", flush=True)
    return row


def measure(n: int, m: int, device: str, *, quick: bool) -> list[dict[str, Any]]:
    """Every case at one size, and the peers in the same run."""
    work, rows = Workload(n, m, device), []
    algorithms = ["moments", *(["brute"] if n * m <= MOST_PAIRS[device] else [])]
    for algorithm in algorithms:
        for op in ("tune", "swing"):
            found = timed(work.call(op, algorithm), device)
            found["pairs_per_s"] = n * m / found["median_ms"] * 1e3
            rows.append(row_of(f"{op}, {algorithm}", work, found))
    error, bound = work.error()
    rows[0] |= {"error_per_sum_of_A": error, "bound": bound, "order": work.spectrum.order}
    print(
        f"  moments of order {work.spectrum.order}: error {error:.1e} of ΣA, bound {bound:.1e} (float32 rounds at 6e-8)"
    )
    rows.append(row_of(f"whole step, {work.spectrum.algorithm}", work, timed(work.step(), device)))
    if quick:
        return rows
    rows += [row_of(op, work, timed(work.call(op), device)) for op in SPECTRAL if op not in ("tune", "swing")]
    if n * m <= MOST_PEER_PAIRS[device]:
        rows.append(row_of("peer: torch eager sums", work, timed(eager(work), device, graph=False)))
        with contextlib.suppress(ImportError):
            call = keops(work)
            if call is not None:
                rows.append(row_of("peer: KeOps sums", work, timed(call, device, graph=False)))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", choices=("cpu", "cuda"))
    parser.add_argument(
        "--gate", type=int, default=20, help="parity cases an op must pass before it is timed"
    )
    parser.add_argument("--quick", action="store_true", help="only sums, phases and the whole step")
    parser.add_argument("--commit", help="commit to record where git is not there")
    parser.add_argument("--out", type=Path, help="file to write; by default results/carriers-<machine>.json")
    arguments = parser.parse_args()
    device = arguments.device or ("cuda" if gpu_here() else "cpu")
    gates = {}
    for op in SPECTRAL:
        backend = next(
            b for b in ops()[op].order if b in (("cuda", "triton") if device == "cuda" else ("cpu",))
        )
        report = parity.check(op, backend, cases=arguments.gate)
        print(report, flush=True)
        gates[op] = {"backend": backend, "green": report.green, "cases": report.cases}
    if not all(g["green"] for g in gates.values()):
        sys.exit("parity is red: nothing is timed")
    rows = [row for n, m in SIZES[device] for row in measure(n, m, device, quick=arguments.quick)]
    facts = hardware()
    machine = str(facts.get("gpu") or f"cpu-{facts['cores']}-cores").lower().replace(" ", "-")
    out = arguments.out or HERE / "results" / f"carriers-{machine}.json"
    found = {
        "command": "python kernels/benchmarks/carriers.py",
        "when": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "commit": commit_of(arguments.commit),
        "hardware": facts,
        "versions": {p: version(p) for p in ("numpy", "numba", "numba-cuda", "torch", "triton", "pykeops")},
        "workload": (__doc__ or "").split("\n\n")[2].replace("\n", " "),
        "gates": gates,
        "rows": rows,
    }
    with tempfile.NamedTemporaryFile("w", dir=out.parent, delete=False, suffix=".json") as file:
        file.write(json.dumps(found, indent=1) + "\n")
    Path(file.name).replace(out)
    print(f"written: {out.name}")


if __name__ == "__main__":
    main()
