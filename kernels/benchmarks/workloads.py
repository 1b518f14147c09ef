"""What the benchmarks run.

Particles uniform in the middle half of the box, spacing 1, radius 0.5, velocities normal with 0.1 per axis, masses and
energies uniform in [0.5, 1), dt 0.01: 10 to 20 contacts a particle. Every flow and the contacts are on.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import stnb_kernels as kernels

__all__ = ["FIRST_STEPS", "GROWTH", "SIZES", "Timed", "cases_of", "place"]

SIZES = ((10_000, 32), (100_000, 64), (1_000_000, 128), (10_000_000, 256))
GROWTH = ((10_000, 64), (100_000, 128), (1_000_000, 256), (10_000_000, 512))
"""The whole step on a grid eight times as large, so that the cost of particles and of nodes comes apart."""


@dataclass(frozen=True)
class Timed:
    """One call to time.

    Attributes:
        label: What is timed, for example `deposit, sorted`.
        call: The call, on buffers that exist.
        items: Particles or nodes that it handles.
        bytes_moved: The fewest bytes that it must read and write.
        digest: Reads the result, to compare repeated runs bit for bit; None where a call moves the state on.
        parts: How many of what the label says one call does.
    """

    label: str
    call: Callable[[], Any]
    items: int
    bytes_moved: int
    digest: Callable[[], np.ndarray] | None
    parts: int = 1


def place(array: np.ndarray, device: str) -> Any:
    """The array on the device that is timed."""
    if device == "cpu":
        return array
    import torch

    return torch.from_numpy(array).to(device)


def copied(array: Any) -> Any:
    return array.copy() if isinstance(array, np.ndarray) else array.clone()


def host(array: Any) -> np.ndarray:
    return array if isinstance(array, np.ndarray) else array.cpu().numpy()


def particles(n: int, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions, masses and heats."""
    rng = np.random.default_rng(0)
    position = (rng.random((n, 3)) * side * 0.5 + side * 0.25).astype(np.float32).T.copy()
    return position, (rng.random(n) * 0.5 + 0.5).astype(np.float32), rng.random(n).astype(np.float32)


def cases_of(op: str, backend: str, device: str, n: int, side: int) -> list[Timed]:
    """The calls that time one op at one size."""
    special = {
        "deposit": deposit_cases,
        "cells": cells_cases,
        "random": random_cases,
        "statistics": statistics_cases,
    }
    if op in special:
        return special[op](backend, device, n, side)
    if op == "step":
        return step_cases(device, n, side)
    return stage_cases(op, device, n, side)


WARM_STEPS = 3
FLOAT = 4
FIRST_STEPS = "whole step"


@functools.lru_cache(maxsize=1)
def world(device: str, n: int, side: int) -> Any:
    """A manifold after a few steps of the workload, with its columns in the order of the cells."""
    from stnb.manifold import ManifoldConfig, ManifoldEngine

    rng = np.random.default_rng(0)
    position = rng.random((n, 3)) * side * 0.5 + side * 0.25
    velocity, mass = rng.normal(0, 0.1, (n, 3)), rng.random(n) * 0.5 + 0.5
    config = ManifoldConfig.build(particles=0, capacity=n, grid=side, cadence=0)
    engine = ManifoldEngine(config, device=device)
    engine.add(position, velocities=velocity, masses=mass, energy=mass)
    for _ in range(WARM_STEPS):
        engine.advance()
    return engine


def bytes_of(op: str, n: int, nodes: int, contacts: float) -> int:
    """The fewest bytes that a stage must read and write, each array once, for n particles and float32."""
    lists = 2 * n + contacts * n
    moved = {
        "drift": (16 + 14) * n,
        "cells": (3 + 1) * n + nodes,
        "deposit": 5 * n + 2 * nodes,
        "poisson": 2 * nodes,
        "heat": 4 * nodes,
        "kick": (11 + 16) * n + 5 * nodes,
        "neighbours": 6 * n + lists + nodes,
        "contacts": 8 * n + lists + 8 * n,
        "springs": 8 * n + 2 * n + 10 * n + nodes,
        "tally": 14 * n,
        "reorder": 2 * 20 * n,
        "place": 9 * n,
    }
    stages = ("drift", "cells", "deposit", "poisson", "heat", "kick", "neighbours", "contacts", "tally")
    moved["step"] = sum(moved[name] for name in stages)
    return int(FLOAT * moved[op])


def stage_cases(op: str, device: str, n: int, side: int) -> list[Timed]:
    """One stage of the step, on the state in which the step would call it."""
    engine = world(device, n, side)
    p, f = engine.particles, engine.fields
    contacts = float(host(p.contacts.count).mean())
    if op == "reorder":
        call = engine.pipeline.sort
    elif op == "place":
        from stnb.manifold.generator import place_request

        request = place_request(engine.config, "cluster", n, seed=1, batch=1)
        out = [place(np.empty(shape, dtype=np.float32), device) for shape in ((3, n), (3, n), n, n, n)]
        call = lambda: kernels.place_particles(*out, **request)  # noqa: E731
    elif op == "springs":
        call = half_kick(engine)
    else:
        call = dict(engine.pipeline.stages())[op]
    watched = {
        "cells": f.cells.order,
        "deposit": f.mass,
        "poisson": f.potential,
        "heat": f.keep,
        "kick": p.moving,
        "neighbours": p.contacts.approaching,
        "contacts": p["velocity"],
        "springs": p.warm,
        "tally": engine.sums.values[0],
        "place": out[0] if op == "place" else None,
    }
    result = watched.get(op)
    digest = None if result is None else lambda: host(result)
    return [Timed(op, call, n, bytes_of(op, n, math.prod(f.mass.shape), contacts), digest)]


def half_kick(engine: Any) -> Callable[[], None]:
    """Half a kick by the springs that the same particles would have."""
    p, c, n = engine.particles, engine.config, engine.count
    columns = (p["position"], p["velocity"], p["mass"], p["heat"])
    lists = (c.lattice, engine.fields.cells, p.contacts)
    outputs = (p.moving[:, :n], p.warm[:n], p.spare[:3, :n], p.accounts[:, :n])
    settings = {"reach": c.reach, "stiffness": c.young_modulus, "restitution": c.restitution, "time": 1e-3}
    warm = {"conductance": c.conductance, "specific_heat": c.specific_heat, "first": True}
    return lambda: kernels.spring_contacts(*columns, *lists, *outputs, **settings, **warm)


def step_cases(device: str, n: int, side: int) -> list[Timed]:
    """The whole step, as a session takes it; a sort of the columns every so many steps is part of it.

    `whole step` times steps 3 to 67 of the workload again and again: each sample begins where the first one did, which
    costs it one copy of the columns. `whole step, later` goes on from there, 64 steps a sample: the cloud thickens as
    its particles cool, and a step has more pairs.
    """
    from stnb.manifold.engine import SORT_EVERY

    engine = world(device, n, side)
    p, nodes = engine.particles, side**3
    contacts = float(host(p.contacts.count).mean())
    moved = bytes_of("step", n, nodes, contacts)
    block, uid, begun = copied(p.block), copied(p.uid), engine.step_index

    def between_sorts() -> None:
        for _ in range(SORT_EVERY):
            engine.advance()

    def first_steps() -> None:
        p.block[...], p.uid[...] = block, uid
        engine.step_index = begun
        between_sorts()

    early = Timed(FIRST_STEPS, first_steps, n, moved, None, SORT_EVERY)
    return [early, Timed("whole step, later", between_sorts, n, moved, None, SORT_EVERY)]


def statistics_cases(backend: str, device: str, n: int, side: int) -> list[Timed]:
    """Mean, deviation and count of one column."""
    from stnb_kernels.statistics import PARTS, STATISTICS_BLOCKS, STATS

    del side
    values = place(particles(n, 8)[1], device)
    shapes = (len(STATS), (STATISTICS_BLOCKS, len(PARTS)))
    stats, scratch = (place(np.zeros(shape), device) for shape in shapes)
    call = lambda: kernels.describe_values(values, stats, scratch, backend=backend)  # noqa: E731
    return [Timed("statistics", call, n, FLOAT * n, lambda: host(stats))]


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
