"""What the benchmarks run: particles uniform in the middle half of the box, masses uniform in [0.5, 1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import stnb_kernels as kernels

__all__ = ["SIZES", "Timed", "cases_of", "place"]

SIZES = ((10_000, 32), (100_000, 64), (1_000_000, 128), (10_000_000, 256))


@dataclass(frozen=True)
class Timed:
    """One call to time.

    Attributes:
        label: What is timed, for example `deposit, sorted`.
        call: The call, on buffers that exist.
        items: Particles or nodes that it handles.
        bytes_moved: The fewest bytes that it must read and write.
        digest: Reads the result, to compare repeated runs bit for bit.
    """

    label: str
    call: Callable[[], Any]
    items: int
    bytes_moved: int
    digest: Callable[[], np.ndarray]


def place(array: np.ndarray, device: str) -> Any:
    """The array on the device that is timed."""
    if device == "cpu":
        return array
    import torch

    return torch.from_numpy(array).to(device)


def host(array: Any) -> np.ndarray:
    return array if isinstance(array, np.ndarray) else array.cpu().numpy()


def particles(n: int, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions, masses and heats."""
    rng = np.random.default_rng(0)
    position = (rng.random((n, 3)) * side * 0.5 + side * 0.25).astype(np.float32).T.copy()
    return position, (rng.random(n) * 0.5 + 0.5).astype(np.float32), rng.random(n).astype(np.float32)


def cases_of(op: str, backend: str, device: str, n: int, side: int) -> list[Timed]:
    """The calls that time one op at one size."""
    return {"deposit": deposit_cases, "cells": cells_cases, "random": random_cases}[op](
        backend, device, n, side
    )


def random_cases(backend: str, device: str, n: int, side: int) -> list[Timed]:
    del side
    out = place(np.empty(n, dtype=np.float32), device)
    cases = []
    for law in ("uniform", "normal"):
        call = lambda law=law: kernels.fill_random(out, seed=1, law=law, backend=backend)  # noqa: E731
        cases.append(Timed(f"random, {law}", call, n, 4 * n, lambda: host(out)))
    return cases


def cells_cases(backend: str, device: str, n: int, side: int) -> list[Timed]:
    grid = kernels.Grid((side,) * 3)
    position = place(particles(n, side)[0], device)
    cells = kernels.CellList.allocate(grid, n, position)
    call = lambda: kernels.build_cells(position, grid, cells, backend=backend)  # noqa: E731
    return [Timed("cells", call, n, (12 + 4) * n + 4 * grid.nodes, lambda: host(cells.order))]


def deposit_cases(backend: str, device: str, n: int, side: int) -> list[Timed]:
    """On particles in the order of their cells, in random order, and in random order with the sort included."""
    grid = kernels.Grid((side,) * 3)
    columns = particles(n, side)
    moved = 20 * n + 8 * grid.nodes
    node_mass, node_heat = (place(np.empty(grid.shape, dtype=np.float32), device) for _ in range(2))
    sorter = "cpu" if device == "cpu" else "cuda"
    result = lambda: np.stack([host(node_mass), host(node_heat)])  # noqa: E731

    def prepared(values: tuple[np.ndarray, ...]) -> tuple[list[Any], kernels.CellList]:
        on_device = [place(v, device) for v in values]
        cells = kernels.CellList.allocate(grid, n, on_device[0])
        kernels.build_cells(on_device[0], grid, cells, backend=sorter)
        return on_device, cells

    loose, loose_cells = prepared(columns)
    order = host(loose_cells.order)[:n]
    neat, neat_cells = prepared(tuple(np.ascontiguousarray(c[..., order]) for c in columns))

    def call(values: list[Any], cells: kernels.CellList, *, sort: bool = False) -> Callable[[], None]:
        def run() -> None:
            if sort:
                kernels.build_cells(values[0], grid, cells, backend=sorter)
            kernels.deposit_particles(*values, grid, cells, node_mass, node_heat, backend=backend)

        return run

    return [
        Timed("deposit, particles sorted by cell", call(neat, neat_cells), n, moved, result),
        Timed("deposit, random order", call(loose, loose_cells), n, moved, result),
        Timed("sort + deposit, random order", call(loose, loose_cells, sort=True), n, moved, result),
    ]
