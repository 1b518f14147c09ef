"""Hyperbolic maps and one optimiser step, beside geoopt's on the same rows, turn by turn.

    python kernels/benchmarks/geometry.py                      this machine's CPU, and its GPU where it has one
    python kernels/benchmarks/geometry.py --device cuda --rows 1000000 --dims 64

Both sides do all that they do for a user: geoopt projects its sums and points, stnb looks for rows outside the ball.
Points lie uniformly on spheres of gap 0.3 and 0.001. Nothing is timed unless both agree where geoopt is right. On a GPU
a burst ends with a synchronisation; `queued` is the part of a call until Python has it back, which is all that a caller
waits for while the GPU keeps up.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
AIMS = {"cpu": 3.0, "cuda": 5.0}
SHAPES = {"cpu": [(100_000, 16)], "cuda": [(100_000, 16), (1_000_000, 64)]}
GAPS = (0.3, 1e-3)
AGREE = 1e-9
BURST = {"cpu": 5, "cuda": 20}
VERSIONS = ("torch", "numba", "triton", "geoopt", "numpy")


def rows_of(n: int, d: int, gap: float, dtype: Any, device: str) -> tuple[Any, Any, Any]:
    """Points, other points, and tangent vectors of about the length of a curvature radius."""
    import torch

    rng = torch.Generator().manual_seed(0)
    u = torch.randn(n, d, dtype=torch.float64, generator=rng)
    u /= u.norm(dim=-1, keepdim=True)
    x = (1.0 - gap) * u
    return tuple(t.to(device, dtype).contiguous() for t in (x, x.roll(1, 0), 0.3 * gap * u.roll(2, 0)))


def pairs(n: int, d: int, gap: float, dtype: Any, device: str) -> dict[str, tuple[Callable, Callable]]:
    """Name → (ours, geoopt's)."""
    import geoopt
    import torch

    from stnb.geometry import Ball, BallParameter, RiemannianAdam

    x, y, v = rows_of(n, d, gap, dtype, device)
    ball = Ball(-1.0)
    peer = geoopt.PoincareBall(c=torch.tensor(1.0, dtype=dtype)).to(device)
    mine, theirs = (
        BallParameter(x.clone(), ball),
        geoopt.ManifoldParameter(x.clone(), manifold=peer),
    )
    for parameter in (mine, theirs):
        parameter.grad = y.clone()
    ours, other = RiemannianAdam([mine], lr=1e-4), geoopt.optim.RiemannianAdam([theirs], lr=1e-4)
    found = {
        "Möbius add": (lambda: ball.add(x, y), lambda: peer.mobius_add(x, y)),
        "exp": (lambda: ball.exp(x, v), lambda: peer.expmap(x, v)),
        "log": (lambda: ball.log(x, y), lambda: peer.logmap(x, y)),
        "distance": (lambda: ball.distance(x, y), lambda: peer.dist(x, y)),
        "transport": (lambda: ball.transport(x, y, v), lambda: peer.transp(x, y, v)),
        "Adam step": (ours.step, other.step),
    }
    for name, f, g in (
        ("distance, forward and backward", ball.distance, peer.dist),
        ("log, forward and backward", ball.log, peer.logmap),
    ):
        found[name] = (descent(f, x, y), descent(g, x, y))
    return found


def descent(f: Callable, x: Any, y: Any) -> Callable:
    """A call that takes f's derivatives by both operands."""
    a, b = (t.clone().requires_grad_() for t in (x, y))

    def call() -> Any:
        a.grad = b.grad = None
        f(a, b).sum().backward()
        return a.grad

    return call


def gate(device: str) -> float:
    """Worst difference of the maps in float64 at gap 0.3, where geoopt is right."""
    import torch

    worst = 0.0
    for name, (ours, theirs) in pairs(2_000, 16, 0.3, torch.float64, device).items():
        if name != "Adam step":
            worst = max(worst, float((ours() - theirs()).detach().abs().max()))
    return worst


def beside(
    ours: Callable, theirs: Callable, device: str, turns: int
) -> tuple[dict[str, float], dict[str, float]]:
    """What a call of each takes, in bursts turn by turn, so that other work on the machine disturbs both.

    The first call of a burst is not counted: it finds the caches full of the other side's numbers.
    """
    import torch

    burst = BURST[device]

    def taken(call: Callable) -> tuple[float, float]:
        call()
        if device == "cuda":
            torch.cuda.synchronize()
        begin = time.perf_counter()
        for _ in range(burst):
            call()
        queued = time.perf_counter() - begin
        if device == "cuda":
            torch.cuda.synchronize()
        return (time.perf_counter() - begin) * 1e3 / burst, queued * 1e3 / burst

    for call in (ours, theirs):
        taken(call)
    samples = [(taken(ours), taken(theirs)) for _ in range(turns)]
    return summary([s[0] for s in samples]), summary([s[1] for s in samples])


def summary(samples: list[tuple[float, float]]) -> dict[str, float]:
    """Milliseconds of a call: median and least of the whole, and the median until Python has it back."""
    whole, queued = zip(*samples, strict=True)
    return {"median": statistics.median(whole), "min": min(whole), "queued": statistics.median(queued)}


def measure(device: str, shapes: list[tuple[int, int]], turns: int) -> list[dict[str, Any]]:
    import torch

    rows = []
    for n, d in shapes:
        for dtype in (torch.float32, torch.float64):
            for gap in GAPS:
                for name, (ours, theirs) in pairs(n, d, gap, dtype, device).items():
                    mine, other = beside(ours, theirs, device, turns)
                    row = {
                        "map": name,
                        "device": device,
                        "rows": n,
                        "dims": d,
                        "dtype": str(dtype).removeprefix("torch."),
                        "gap": gap,
                        "stnb_ms": mine,
                        "geoopt_ms": other,
                        "ratio": other["median"] / mine["median"],
                        "ratio_of_fastest": other["min"] / mine["min"],
                    }
                    rows.append(row)
                    print(line(row), flush=True)
    return rows


def line(row: dict[str, Any]) -> str:
    """One row for people."""
    where = f"{row['device']} {row['rows']:,} × {row['dims']} {row['dtype']} gap {row['gap']:g}"
    times = f"{row['stnb_ms']['median']:8.3f} ms, geoopt {row['geoopt_ms']['median']:8.3f} ms"
    ratios = f"{row['ratio']:5.2f}× ({row['ratio_of_fastest']:.2f}×)"
    queued = f"  queued in {row['stnb_ms']['queued'] * 1e3:.1f} µs" if row["device"] == "cuda" else ""
    return f"  {where:<44} {row['map']:<30} {times}  {ratios}{queued}"


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    import torch
    from run import commit_of, git, hardware, version

    if arguments.threads:
        torch.set_num_threads(arguments.threads)
        import numba

        numba.set_num_threads(arguments.threads)
    devices = (
        [arguments.device] if arguments.device else ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    )
    gates, rows = {}, []
    for device in devices:
        gates[device] = gate(device)
        print(f"{device}: the maps agree to {gates[device]:.1e}", flush=True)
        if not gates[device] <= AGREE:
            sys.exit(f"{device} is not timed: the maps differ by {gates[device]:.1e}, more than {AGREE:.0e}")
        shapes = [(arguments.rows, arguments.dims)] if arguments.rows else SHAPES[device]
        rows += measure(device, shapes, arguments.turns)
        least = min(
            (r for r in rows if r["device"] == device and "backward" not in r["map"]),
            key=lambda r: r["ratio"],
        )
        print(f"{device}: the least ratio is {least['ratio']:.2f} (aim {AIMS[device]:g}): {least['map']}")
    return {
        "command": " ".join(["python kernels/benchmarks/geometry.py", *sys.argv[1:]]),
        "when": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "commit": commit_of(arguments.commit),
        "dirty": bool(git("status", "--porcelain", "--", "stnb/geometry")),
        "hardware": hardware(),
        "threads": torch.get_num_threads(),
        "versions": {p: version(p) for p in VERSIONS} | {"python": platform.python_version()},
        "aims": AIMS,
        "worst_difference": gates,
        "rows": rows,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--device", choices=("cpu", "cuda"))
    parser.add_argument("--rows", type=int)
    parser.add_argument("--dims", type=int, default=16)
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--threads", type=int, help="threads of both sides; by default one a core")
    parser.add_argument("--into", type=Path, help="result file; by default under results/, named by device")
    parser.add_argument("--commit", help="commit to record where git is not there")
    arguments = parser.parse_args()
    sys.path[:0] = [str(HERE), str(HERE.parents[1]), str(HERE.parent)]
    warnings.filterwarnings("ignore", module="torch")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    result = run(arguments)
    gpu = result["hardware"].get("gpu")
    place = (
        gpu.lower().replace(" ", "-") if gpu and arguments.device != "cpu" else f"cpu-{os.cpu_count()}-cores"
    )
    target = arguments.into or HERE / "results" / f"geometry-{place}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=1) + "\n")
    print(f"wrote {target.name}")


if __name__ == "__main__":
    main()
