"""Timing one call: device events on a GPU, a monotonic clock on the CPU; the median of many."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

__all__ = ["time_cpu", "time_cuda", "time_graph"]


def summary(samples: list[float]) -> dict[str, float]:
    """Median, fastest and slowest of samples in milliseconds."""
    ordered = sorted(samples)
    return {
        "median_ms": statistics.median(ordered),
        "min_ms": ordered[0],
        "max_ms": ordered[-1],
        "samples": len(ordered),
    }


def time_cpu(call: Callable[[], Any], *, samples: int = 15, warmup: int = 2) -> dict[str, float]:
    """Milliseconds of a call on the host."""
    for _ in range(warmup):
        call()
    taken = []
    for _ in range(samples):
        begin = time.perf_counter()
        call()
        taken.append((time.perf_counter() - begin) * 1e3)
    return summary(taken)


def time_cuda(call: Callable[[], Any], *, samples: int = 60, warmup: int = 10) -> dict[str, float]:
    """Milliseconds between two device events around one call; the host launches ahead of the device."""
    import torch

    for _ in range(warmup):
        call()
    torch.cuda.synchronize()
    events = [[torch.cuda.Event(enable_timing=True) for _ in range(2)] for _ in range(samples)]
    for begin, end in events:
        torch.cuda._sleep(2_000_000)
        begin.record()
        call()
        end.record()
    torch.cuda.synchronize()
    return summary([begin.elapsed_time(end) for begin, end in events])


def time_graph(call: Callable[[], Any], *, samples: int = 60) -> dict[str, float]:
    """Milliseconds of one replay of the call, captured as a CUDA graph."""
    import torch

    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            call()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        call()
    return time_cuda(graph.replay, samples=samples)
