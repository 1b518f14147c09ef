"""Time the kernels, after a parity gate, and write what was measured with everything that it depends on.

    python kernels/benchmarks/run.py                       every op here, on this machine's devices
    python kernels/benchmarks/run.py --op deposit --size 1000000
    python kernels/benchmarks/run.py --op deposit --base HEAD~1    two revisions, turn by turn

An op whose parity is red is not timed. Each result carries the hardware, the versions, the workload and the commit.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import importlib.metadata
import importlib.util
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from stnb_kernels.registry import OPS

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STEP = "step"
SPECTRAL = ("tune", "review", "swing", "evolve", "recall", "remember", "breed", "spawn", "thermalize")
"""Ops that `carriers.py` times."""
TIMED = (*(op for op in OPS if op not in SPECTRAL), STEP)
REPEATS = 5
LARGEST_ON_CPU = 1_000_000
LARGEST_WARP_ON_CPU = 100_000
WORKLOAD = "particles uniform in the middle half of the box, spacing 1, radius 0.5, all flows and contacts on, float32"


def git(*words: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def commit_of(given: str | None) -> str | None:
    """The commit of this checkout, or the one that was named where there is no history."""
    found = git("rev-parse", "--verify", "HEAD^{commit}")
    return found if len(found) == 40 else given


def version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def source_digest(op: str) -> str:
    """Hash of an op's sources, so that a result can be matched with the code that it measured."""
    files = sorted((ROOT / "kernels" / "stnb_kernels" / op).glob("*.py"))
    files += sorted((ROOT / "kernels" / "stnb_kernels" / "metal").glob(f"{op}.metal"))
    joined = b"".join(f.name.encode() + f.read_bytes() for f in files if f.name != "cases.py")
    return hashlib.sha256(joined).hexdigest()[:16]


def hardware() -> dict[str, Any]:
    """The machine as far as speed depends on it."""
    facts: dict[str, Any] = {"cpu": platform.processor() or platform.machine(), "cores": os.cpu_count()}
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.partition(":")[2].strip()
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        facts["cpu"] = names[0] if names else facts["cpu"]
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        facts["gpu"] = torch.cuda.get_device_name()
        facts["copy_TB_per_s"] = round(copy_rate(torch), 3)
    return facts


def copy_rate(torch: Any) -> float:
    """Bytes read and written per second by a large device-to-device copy, in TB/s."""
    from timing import time_cuda

    source = torch.empty(2**29, device="cuda")
    target = torch.empty_like(source)
    milliseconds = time_cuda(lambda: target.copy_(source), samples=10)["median_ms"]
    return 2 * 4 * 2**29 / milliseconds / 1e9


def repeats(timed: Any) -> bool | None:
    """Whether repeated calls give the same bits; None for a call that moves the state on."""
    timed.call()
    if timed.digest is None:
        return None
    first = timed.digest().copy()
    for _ in range(REPEATS):
        timed.call()
    return bool(np.array_equal(first, timed.digest(), equal_nan=True))


def gate(op: str, backend: str, device: str, cases: int) -> tuple[bool, dict[str, Any], str]:
    """Whether an op may be timed, what was found, and a line for people."""
    from stnb_kernels import parity

    if op == STEP:
        from verify_step import COLUMNS, LIMIT, one_step

        worst = one_step(device, seed=0)
        green = all(worst[name] <= LIMIT for name in COLUMNS) and worst["contacts that differ"] == 0
        return (
            green,
            {"cases": 1, "worst": worst},
            f"step on {device}: {'green' if green else 'RED'}; {worst}",
        )
    report = parity.check(op, backend, cases=cases)
    return report.green, {"cases": report.cases, "worst": report.worst}, str(report)


def sizes_of(op: str, device: str) -> tuple[tuple[int, int], ...]:
    """Sizes to time: particles and grid grow together; for the whole step each of them alone as well."""
    from workloads import GROWTH, SIZES

    every = (*SIZES, *GROWTH) if op == STEP else SIZES
    return tuple((n, side) for n, side in every if device == "cuda" or n <= LARGEST_ON_CPU)


def growth(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Exponents p of cost ∝ Nᵖ between two sizes of the same grid, and of cost ∝ nodesᵖ for the same particles."""
    from workloads import FIRST_STEPS

    steps = {(r["particles"], r["grid"]): r["median_ms"] for r in rows if r["case"] == FIRST_STEPS}
    found = []
    for (n, side), cost in steps.items():
        for (m, other), more in steps.items():
            if side == other and m > n:
                found.append(
                    {"grid": side, "particles": [n, m], "exponent": math.log(more / cost) / math.log(m / n)}
                )
            if n == m and other > side:
                exponent = math.log(more / cost) / (3 * math.log(other / side))
                found.append({"particles": n, "grid": [side, other], "exponent": exponent})
    return found


def beside(device: str, sizes: list[int] | None) -> list[dict[str, Any]]:
    """The same workload in NVIDIA Warp, phase by phase, where it is installed."""
    if importlib.util.find_spec("warp") is None:
        print("NVIDIA Warp is not installed here: pip install warp-lang to see it beside")
        return []
    from timing import time_cpu
    from warp_step import step_of
    from workloads import SIZES

    rows = []
    for n, side in SIZES:
        if (sizes and n not in sizes) or (device == "cpu" and n > LARGEST_WARP_ON_CPU):
            continue
        for phase, call in step_of(n, side, device).items():
            row = {"op": f"warp {phase}", "case": phase, "backend": "warp", "particles": n, "grid": side}
            row |= time_cpu(call, samples=5, warmup=1) if device == "cpu" else time_warp(call)
            rows.append(row)
            print(f"  warp {phase:<12} {n:,}/{side}³ {row['median_ms']:.3f} ms", flush=True)
    return rows


def time_warp(call: Any) -> dict[str, float]:
    """Milliseconds of a call on Warp's own stream, between two of its events."""
    import warp as wp

    for _ in range(5):
        call()
    taken = []
    for _ in range(20):
        begin, end = wp.Event(enable_timing=True), wp.Event(enable_timing=True)
        wp.record_event(begin)
        call()
        wp.record_event(end)
        wp.synchronize()
        taken.append(wp.get_event_elapsed_time(begin, end))
    return {
        "median_ms": statistics.median(taken),
        "min_ms": min(taken),
        "max_ms": max(taken),
        "samples": len(taken),
    }


def measure(
    op: str, backend: str, device: str, n: int, side: int, rate: float | None
) -> list[dict[str, Any]]:
    """Rows of one op, back end and size; the result must repeat bit for bit."""
    from timing import time_cpu, time_cuda, time_graph
    from workloads import cases_of

    rows = []
    for timed in cases_of(op, backend, device, n, side):
        same = repeats(timed)
        row = {
            "case": timed.label,
            "op": op,
            "backend": backend,
            "particles": n,
            "grid": side,
            "bit_identical": same,
        }
        samples = {} if timed.parts == 1 else {"samples": 7, "warmup": 1}
        measured = time_cpu(timed.call, **samples) if device == "cpu" else time_cuda(timed.call, **samples)
        row |= {k: v if k == "samples" else v / timed.parts for k, v in measured.items()}
        if device == "cuda" and op != STEP:
            row["graph_ms"] = time_graph(timed.call)["median_ms"]
        best = min(row["median_ms"], row.get("graph_ms", float("inf")))
        row["ns_per_item"] = best * 1e6 / timed.items
        if rate:
            row["floor_ms"] = timed.bytes_moved / rate / 1e9
            row["times_floor"] = best / row["floor_ms"]
        rows.append(row)
    return rows


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Gate, time and collect."""
    from stnb_kernels import ops
    from stnb_kernels.languages import cuda_simulated, triton_interpreted

    if cuda_simulated() or triton_interpreted():
        sys.exit("NUMBA_ENABLE_CUDASIM or TRITON_INTERPRET is set: simulators are not timed. Unset them.")
    device = arguments.device or ("cuda" if gpu_here() else "cpu")
    if device == "cuda" and not gpu_here():
        sys.exit("--device cuda: torch finds no CUDA device here")
    facts = hardware()
    rate = facts.get("copy_TB_per_s") if device == "cuda" else host_copy_rate()
    facts["measured_copy_TB_per_s"] = rate
    rows, gates = [], []
    for op in arguments.op or TIMED:
        order = ("step",) if op == STEP else ops()[op].order
        for backend in order:
            if op != STEP and not timed_here(ops()[op], backend, device):
                continue
            green, found, text = gate(op, backend, device, arguments.gate)
            gates.append({"op": op, "backend": backend, "green": green, **found})
            print(text, flush=True)
            if not green:
                print(f"{op} on {backend} is not timed: its parity is red")
                continue
            for n, side in sizes_of(op, device):
                if arguments.size and n not in arguments.size:
                    continue
                new = measure(op, backend, device, n, side, rate)
                rows += new
                for row in new:
                    print(line(row), flush=True)
    for found in growth(rows):
        print(f"  growth {found}")
    peers = beside(device, arguments.size) if STEP in (arguments.op or TIMED) else []
    return {
        "command": command(arguments),
        "when": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "commit": commit_of(arguments.commit),
        "dirty": bool(git("status", "--porcelain", "--", "kernels/stnb_kernels")),
        "sources": {op: source_digest(op) for op in arguments.op or OPS if op != STEP},
        "hardware": facts,
        "versions": {p: version(p) for p in ("numpy", "numba", "numba-cuda", "torch", "triton", "warp-lang")}
        | {"python": platform.python_version()},
        "workload": WORKLOAD,
        "gates": gates,
        "rows": rows,
        "growth": growth(rows),
        "beside": peers,
    }


def timed_here(op: Any, backend: str, device: str) -> bool:
    """Whether a back end is one that this device is timed with."""
    if backend in ("reference", "metal") or not op.status(backend)[0]:
        return False
    if device == "cpu":
        return backend == "cpu"
    return backend in ("cuda", "triton") or (backend == "torch" and op.order[0] == "torch")


def host_copy_rate() -> float:
    """Bytes read and written per second by a large copy on the host with all cores, in TB/s."""
    import numba
    from timing import time_cpu

    @numba.njit(parallel=True)
    def copy(source: Any, target: Any) -> None:
        for i in numba.prange(source.shape[0]):
            target[i] = source[i]

    source = np.ones(2**26, dtype=np.float32)
    target = np.empty_like(source)
    return 2 * source.nbytes / time_cpu(lambda: copy(source, target), samples=7)["median_ms"] / 1e9


def command(arguments: argparse.Namespace) -> str:
    """The command that repeats this run, without what only this machine knows."""
    words = [w for op in arguments.op or () for w in ("--op", op)]
    words += [w for n in arguments.size or () for w in ("--size", str(n))]
    words += ["--device", arguments.device] if arguments.device else []
    return " ".join(["python kernels/benchmarks/run.py", *words, "--gate", str(arguments.gate)])


def gpu_here() -> bool:
    try:
        import torch
    except ImportError:
        return False
    return torch.cuda.is_available()


def line(row: dict[str, Any]) -> str:
    """One row for people."""
    graph = f"  graph {row['graph_ms']:.4f}" if "graph_ms" in row else ""
    floor = f"  {row['times_floor']:.1f}× floor" if "times_floor" in row else ""
    same = {True: "bit-identical", False: "NOT REPRODUCIBLE", None: ""}[row["bit_identical"]]
    name = f"{row['case']} ({row['backend']}) {row['particles']:,}/{row['grid']}³"
    return f"  {name:<66} {row['median_ms']:9.4f} ms{graph}  {row['ns_per_item']:.2f} ns/item{floor}  {same}"


def compare(arguments: argparse.Namespace) -> None:
    """Time this tree and another revision turn by turn, and print the ratio of each case."""
    words = [w for op in arguments.op or TIMED for w in ("--op", op)]
    words += [w for n in arguments.size or () for w in ("--size", str(n))]
    results: dict[str, list[dict[str, float]]] = {"base": [], "here": []}
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "base"
        subprocess.run(
            ["git", "-C", str(ROOT), "worktree", "add", "--detach", str(base), arguments.base], check=True
        )
        try:
            shutil.copytree(HERE, base / "kernels" / "benchmarks", dirs_exist_ok=True)
            for _ in range(arguments.turns):
                for name, tree in (("base", base), ("here", ROOT)):
                    out = Path(folder) / f"{name}.json"
                    env = os.environ | {"PYTHONPATH": f"{tree}:{tree / 'kernels'}"}
                    script = str(tree / "kernels" / "benchmarks" / "run.py")
                    subprocess.run([sys.executable, script, *words, "--into", str(out)], check=True, env=env)
                    rows = json.loads(out.read_text())["rows"]
                    results[name].append({line(r)[:68]: r.get("graph_ms", r["median_ms"]) for r in rows})
        finally:
            subprocess.run(["git", "-C", str(ROOT), "worktree", "remove", "--force", str(base)], check=True)
    for case in results["here"][0]:
        ratios = [
            b[case] / h[case] for b, h in zip(results["base"], results["here"], strict=True) if case in b
        ]
        if ratios:
            print(f"{case}  base/here {statistics.median(ratios):.3f} ({min(ratios):.3f}–{max(ratios):.3f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--op", action="append", choices=TIMED)
    parser.add_argument("--size", action="append", type=int, help="particles; repeatable")
    parser.add_argument("--device", choices=("cpu", "cuda"))
    parser.add_argument("--gate", type=int, default=40, help="parity cases before timing")
    parser.add_argument("--into", type=Path, help="result file; by default under results/, named by device")
    parser.add_argument("--commit", help="commit to record where git is not there")
    parser.add_argument("--base", help="another git revision to time beside this tree")
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    sys.path.insert(0, str(HERE))
    if arguments.base:
        compare(arguments)
        return
    result = run(arguments)
    gpu = result["hardware"].get("gpu")
    name = (
        gpu.lower().replace(" ", "-") if gpu and arguments.device != "cpu" else f"cpu-{os.cpu_count()}-cores"
    )
    target = arguments.into or HERE / "results" / f"{name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=1) + "\n")
    print(f"wrote {target.name}")


if __name__ == "__main__":
    main()
