"""What `stnb.watch` costs: steps of a small convolutional network with it and without it, in interleaved pairs.

    python kernels/benchmarks/watch.py [--pairs 9]

Each pair trains the same network for the same number of steps twice, once watched, in short slices that take turns, so
that whatever else the machine does falls on both. One watch goes through all pairs, as through a long run, and decides by
its budget when it reads all layers; it is started and stopped with every slice, which counts.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
AIM = 0.03
BATCH = 64
THREADS = 2
FEWEST_PAIRS = 7
WARM_UP = 40
SLICE = 20
VERSIONS = ("numpy", "torch")


def network() -> Any:
    """Three convolutions and two linear layers for images of 28 × 28."""
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 49, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


def training(optimizer: Any, model: Any) -> Callable[[Any, int], float]:
    """A loop over minibatches: seconds of so many steps, told to a watch where there is one."""
    import torch

    rng = torch.Generator().manual_seed(0)
    images = torch.randn(8, BATCH, 1, 28, 28, generator=rng)
    labels = torch.randint(0, 10, (8, BATCH), generator=rng)

    def steps(watch: Any, count: int) -> float:
        begin = time.perf_counter()
        if watch is not None:
            watch.start()
        for number in range(count):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(images[number % 8]), labels[number % 8])
            loss.backward()
            optimizer.step()
            if watch is not None:
                watch.step(loss)
        if watch is not None:
            watch.stop()
        return time.perf_counter() - begin

    return steps


def measure(pairs: int, count: int) -> dict[str, Any]:
    """Ratios of the pairs, and what the watch had seen in the end."""
    import torch

    from stnb.session.watch import watch

    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)
    watched = watch(model, optimizer)
    steps = training(optimizer, model)
    for each in (None, watched):
        steps(each, WARM_UP)
    before = len(watched.timeline())
    plain_ms, watched_ms = [], []
    slices = max(count // SLICE, 1)
    for _ in range(pairs):
        seconds = {False: 0.0, True: 0.0}
        for number in range(slices):
            for each in (None, watched) if number % 2 else (watched, None):
                seconds[each is not None] += steps(each, SLICE)
        plain_ms.append(1e3 * seconds[False] / (slices * SLICE))
        watched_ms.append(1e3 * seconds[True] / (slices * SLICE))
        print(line(plain_ms[-1], watched_ms[-1]), flush=True)
    overheads = [w / p - 1 for p, w in zip(plain_ms, watched_ms, strict=True)]
    quarters = statistics.quantiles(overheads, n=4)
    return {
        "case": f"CNN of 5 layers, {sum(p.numel() for p in model.parameters())} weights",
        "batch": BATCH,
        "threads": THREADS,
        "pairs": pairs,
        "steps_a_side": slices * SLICE,
        "slice": SLICE,
        "aim": AIM,
        "overhead": {
            "median": statistics.median(overheads),
            "quartiles": [quarters[0], quarters[2]],
            "min": min(overheads),
            "max": max(overheads),
        },
        "step_ms": {"plain": statistics.median(plain_ms), "watched": statistics.median(watched_ms)},
        "readings_per_100_steps": 100 * (len(watched.timeline()) - before) / (pairs * slices * SLICE),
    }


def line(plain: float, watched: float) -> str:
    """One pair for people."""
    return f"  {plain:7.3f} ms a step, watched {watched:7.3f} ms: {watched / plain - 1:+.2%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pairs", type=int, default=9, help=f"at least {FEWEST_PAIRS}")
    parser.add_argument("--steps", type=int, default=200, help="of each side of a pair")
    parser.add_argument("--into", type=Path, default=HERE / "results" / "watch-cpu2.json")
    arguments = parser.parse_args()
    if arguments.pairs < FEWEST_PAIRS:
        parser.error(f"--pairs {arguments.pairs}: a median of fewer than {FEWEST_PAIRS} says little")
    sys.path[:0] = [str(HERE), str(HERE.parents[1]), str(HERE.parent)]
    from run import commit_of, git, hardware, version

    row = measure(arguments.pairs, arguments.steps)
    result = {
        "command": " ".join(["python kernels/benchmarks/watch.py", *sys.argv[1:]]),
        "when": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "commit": commit_of(None),
        "dirty": bool(git("status", "--porcelain", "--", "stnb/session/watch")),
        "hardware": hardware(),
        "versions": {p: version(p) for p in VERSIONS} | {"python": platform.python_version()},
        "rows": [row],
    }
    arguments.into.write_text(json.dumps(result, indent=1) + "\n")
    spread = row["overhead"]
    print(f"median {spread['median']:+.2%} ({spread['min']:+.2%} … {spread['max']:+.2%}), aim ≤ {AIM:.0%}")
    print(f"wrote {arguments.into.name}")


if __name__ == "__main__":
    main()
