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
import json
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

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OPS = ("random", "cells", "deposit")
REPEATS = 5


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


def measure(
    op: str, backend: str, device: str, n: int, side: int, rate: float | None
) -> list[dict[str, Any]]:
    """Rows of one op, back end and size; the result must repeat bit for bit."""
    from timing import time_cpu, time_cuda, time_graph
    from workloads import cases_of

    rows = []
    for timed in cases_of(op, backend, device, n, side):
        timed.call()
        first = timed.digest().copy()
        for _ in range(REPEATS):
            timed.call()
        same = bool(np.array_equal(first, timed.digest(), equal_nan=True))
        row = {
            "case": timed.label,
            "op": op,
            "backend": backend,
            "particles": n,
            "grid": side,
            "bit_identical": same,
        }
        row |= time_cpu(timed.call) if device == "cpu" else time_cuda(timed.call)
        if device == "cuda":
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
    from stnb_kernels import ops, parity
    from stnb_kernels.languages import cuda_simulated, triton_interpreted
    from workloads import SIZES

    if cuda_simulated() or triton_interpreted():
        sys.exit("NUMBA_ENABLE_CUDASIM or TRITON_INTERPRET is set: simulators are not timed. Unset them.")
    device = "cuda" if gpu_here() else "cpu"
    devices = [arguments.device] if arguments.device else [device]
    facts = hardware()
    rows, gates = [], []
    for op in arguments.op or OPS:
        for backend in ops()[op].order:
            target = "cpu" if backend == "cpu" else "cuda"
            able, _ = ops()[op].status(backend)
            if backend in ("reference", "torch", "metal") or target not in devices or not able:
                continue
            report = parity.check(op, backend, cases=arguments.gate)
            gates.append(
                {
                    "op": op,
                    "backend": backend,
                    "cases": report.cases,
                    "green": report.green,
                    "worst": report.worst,
                }
            )
            print(report, flush=True)
            if not report.green:
                print(f"{op} on {backend} is not timed: its parity is red")
                continue
            for n, side in SIZES:
                if (arguments.size and n not in arguments.size) or (target == "cpu" and n > 1_000_000):
                    continue
                new = measure(
                    op, backend, target, n, side, facts.get("copy_TB_per_s") if target == "cuda" else None
                )
                rows += new
                for row in new:
                    print(line(row), flush=True)
    return {
        "command": command(arguments),
        "when": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "commit": commit_of(arguments.commit),
        "dirty": bool(git("status", "--porcelain", "--", "kernels/stnb_kernels")),
        "sources": {op: source_digest(op) for op in arguments.op or OPS},
        "hardware": facts,
        "versions": {p: version(p) for p in ("numpy", "numba", "numba-cuda", "torch", "triton")}
        | {"python": platform.python_version()},
        "workload": "particles uniform in the middle half of the box, spacing 1, float32",
        "gates": gates,
        "rows": rows,
    }


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
    same = "bit-identical" if row["bit_identical"] else "NOT REPRODUCIBLE"
    name = f"{row['case']} ({row['backend']}) {row['particles']:,}/{row['grid']}³"
    return f"  {name:<66} {row['median_ms']:9.4f} ms{graph}  {row['ns_per_item']:.2f} ns/item{floor}  {same}"


def compare(arguments: argparse.Namespace) -> None:
    """Time this tree and another revision turn by turn, and print the ratio of each case."""
    words = [w for op in arguments.op or OPS for w in ("--op", op)]
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
    parser.add_argument("--op", action="append", choices=OPS)
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
