"""Barycentre, text encoder and tape of Z-space, each beside the plain NumPy that one would write for it.

    python kernels/benchmarks/zspace.py

The plain versions compute one result in float64 and look at nothing; stnb looks for NaN, negative densities and rows at
the rim, and gives the path of a barycentre too. Nothing is timed unless both agree. Turn by turn, in one process.
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
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
AIMS_MS = {
    "barycentre of 16 densities 64 × 64": 0.3,
    "encode_z_space of 1 kB": 0.15,
    "encode_z_space of 100 kB": 8.0,
    "tape: accumulate and apply, 256 × 256": 0.3,
}
AGREE = 1e-5
TEXT = "spiral torch, thermo-manifold, resonant memory; "
VERSIONS = ("numpy", "torch", "numba")


def plain_barycentre(densities: list[np.ndarray], gamma: float) -> np.ndarray:
    """ρ* of equal weights."""
    q = np.stack(densities).reshape(len(densities), -1).astype(np.float64)
    q = np.maximum(q / q.sum(1, keepdims=True), 1e-12)
    logs = np.log(q).sum(0) / (len(densities) + gamma)
    grown = np.exp(logs - logs.max())
    return grown / grown.sum()


def plain_encoding(text: str, temperature: float) -> np.ndarray:
    """The row of a text at curvature −1."""
    codes = np.array([ord(u) for u in text])
    n = len(codes)
    x = temperature * ((codes % 1024) / 1024 + np.abs(np.sin(np.arange(1, n + 1) / n)))
    wave = np.fft.fft(x)
    v = (np.tanh(np.abs(wave)) * np.exp(1j * np.angle(wave))).view(np.float64)
    length = np.linalg.norm(v)
    return min(np.tanh(length), 1 - 2e-5) * v / length


def plain_step(w: np.ndarray, target: np.ndarray, eta: float) -> np.ndarray:
    """One Riemannian step of every row from the gradient w − target, at curvature −1."""
    x, g = w.astype(np.float64), (w - target).astype(np.float64)
    a = 1 - (x * x).sum(1, keepdims=True)
    v = -eta * (a / 2) ** 2 * g
    length = np.linalg.norm(v, axis=1, keepdims=True)
    y = np.tanh(length / a) * v / length
    xy, yy = (x * y).sum(1, keepdims=True), (y * y).sum(1, keepdims=True)
    return ((1 + 2 * xy + yy) * x + a * y) / (1 + 2 * xy + (1 - a) * yy)


def cases() -> dict[str, tuple[Callable[[], Any], Callable[[], Any], float]]:
    """Name → (ours, the plain version, how far their results are apart)."""
    import torch

    import stnb as st

    rng = torch.Generator().manual_seed(0)
    densities = [st.Tensor.from_torch(torch.rand(64, 64, generator=rng)) for _ in range(16)]
    arrays = [np.asarray(density) for density in densities]
    encoder = st.LanguageWaveEncoder(-1.0, 0.5)
    texts = {name: (TEXT * (n // len(TEXT) + 1))[:n] for name, n in (("1 kB", 1_000), ("100 kB", 100_000))}
    w = st.Tensor.from_torch(0.02 * torch.randn(256, 256, generator=rng))
    target = st.Tensor.from_torch(0.02 * torch.randn(256, 256, generator=rng))
    tape, before = st.Hypergrad(-1.0, 0.05, 256, 256), np.array(w)

    def step() -> st.Tensor:
        tape.accumulate_pair(w, target)
        tape.apply(w)
        return w

    found: dict[str, tuple[Callable[[], Any], Callable[[], Any], float]] = {}

    def add(name: str, ours: Callable[[], Any], plain: Callable[[], Any], read: Callable[[Any], Any]) -> None:
        apart = np.abs(
            np.asarray(read(ours()), dtype=np.float64).reshape(-1) - np.asarray(plain()).reshape(-1)
        )
        found[name] = ours, plain, float(apart.max())

    names = list(AIMS_MS)
    add(
        names[0],
        lambda: st.z_space_barycenter(densities, entropy_weight=0.1),
        lambda: plain_barycentre(arrays, 0.1),
        lambda bary: bary.density,
    )
    for name, text in zip(names[1:3], texts.values(), strict=True):
        add(
            name,
            lambda text=text: encoder.encode_z_space(text),
            lambda text=text: plain_encoding(text, 0.5),
            lambda row: row,
        )
    add(names[3], step, lambda: plain_step(before, np.asarray(target), 0.05), lambda row: row)
    return found


def timed(call: Callable[[], Any], burst: int) -> float:
    """Milliseconds of a call, over a burst."""
    begin = time.perf_counter()
    for _ in range(burst):
        call()
    return (time.perf_counter() - begin) * 1e3 / burst


def measure(turns: int) -> list[dict[str, Any]]:
    rows = []
    for name, (ours, plain, apart) in cases().items():
        if not apart <= AGREE:
            sys.exit(f"{name} is not timed: the results are {apart:.1e} apart, more than {AGREE:.0e}")
        burst = max(1, int(20 / max(timed(ours, 1), timed(plain, 1))))
        samples = [(timed(ours, burst), timed(plain, burst)) for _ in range(turns)]
        mine, other = ([s[i] for s in samples] for i in (0, 1))
        row = {
            "case": name,
            "aim_ms": AIMS_MS[name],
            "stnb_ms": {"median": statistics.median(mine), "min": min(mine)},
            "numpy_ms": {"median": statistics.median(other), "min": min(other)},
            "ratio": statistics.median(other) / statistics.median(mine),
            "apart": apart,
        }
        rows.append(row)
        print(line(row), flush=True)
    return rows


def line(row: dict[str, Any]) -> str:
    """One row for people."""
    mine, other = row["stnb_ms"], row["numpy_ms"]
    ours = f"{mine['median']:7.3f} ms (fastest {mine['min']:.3f}, aim {row['aim_ms']:g})"
    return f"  {row['case']:<40} {ours}, plain NumPy {other['median']:7.3f} ms, {row['ratio']:.2f}×"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--into", type=Path, help="result file; by default under results/")
    arguments = parser.parse_args()
    sys.path[:0] = [str(HERE), str(HERE.parents[1]), str(HERE.parent)]
    from run import commit_of, git, hardware, version

    result = {
        "command": " ".join(["python kernels/benchmarks/zspace.py", *sys.argv[1:]]),
        "when": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "commit": commit_of(None),
        "dirty": bool(git("status", "--porcelain", "--", "stnb/zspace")),
        "hardware": hardware(),
        "versions": {p: version(p) for p in VERSIONS} | {"python": platform.python_version()},
        "rows": measure(arguments.turns),
    }
    target = arguments.into or HERE / "results" / f"zspace-cpu-{os.cpu_count()}-cores.json"
    target.write_text(json.dumps(result, indent=1) + "\n")
    print(f"wrote {target.name}")


if __name__ == "__main__":
    main()
