"""The step as one writes it in NVIDIA Warp by the book: float atomics, fifty Jacobi sweeps, a hash grid, no order.

It does less than ours: φ is far from solved, heat does not conduct on the grid, contacts neither share impulses nor
warm nor push, no sums are taken, and no two runs agree to the bit. It is the bar, because it is what people write.

    from warp_step import step_of
    phases = step_of(n, side, "cpu")       name → a call, and "whole step"
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import warp as wp

__all__ = ["step_of"]

SWEEP_PAIRS = 25
DT, REACH, BOUNCE = 0.01, 1.0, 1.8
GRAVITY, GAS, DRAG, SPECIFIC_HEAT = 1.0e-3, 0.1, 0.0942, 10.0
CONDUCTION, RADIANCE, RELAXATION = 0.05, 1.25e-6, 0.1
A_MAX, V_MAX = 10.0, 2.0
TABLE = 128


@wp.struct
class Corner:
    """A cell and the place within it."""

    i: int
    j: int
    k: int
    f: wp.vec3


@wp.func
def corner_of(x: wp.vec3, side: int) -> Corner:
    top = float(side) - 1.001
    g = wp.vec3(wp.clamp(x[0], 0.0, top), wp.clamp(x[1], 0.0, top), wp.clamp(x[2], 0.0, top))
    c = Corner()
    c.i = int(g[0])
    c.j = int(g[1])
    c.k = int(g[2])
    c.f = wp.vec3(g[0] - float(c.i), g[1] - float(c.j), g[2] - float(c.k))
    return c


@wp.func
def hat(f: float, far: int) -> float:
    return wp.where(far == 1, f, 1.0 - f)


@wp.kernel
def deposit(
    x: wp.array(dtype=wp.vec3),
    mass: wp.array(dtype=float),
    heat: wp.array(dtype=float),
    side: int,
    node_mass: wp.array3d(dtype=float),
    node_heat: wp.array3d(dtype=float),
):
    p = wp.tid()
    c = corner_of(x[p], side)
    for a in range(2):
        for b in range(2):
            for d in range(2):
                w = hat(c.f[0], a) * hat(c.f[1], b) * hat(c.f[2], d)
                wp.atomic_add(node_mass, c.i + a, c.j + b, c.k + d, w * mass[p])
                wp.atomic_add(node_heat, c.i + a, c.j + b, c.k + d, w * heat[p])


@wp.func
def at(phi: wp.array3d(dtype=float), i: int, j: int, k: int, side: int) -> float:
    inside = i >= 0 and j >= 0 and k >= 0 and i < side and j < side and k < side
    value = 0.0
    if inside:
        value = phi[i, j, k]
    return value


@wp.kernel
def sweep(
    old: wp.array3d(dtype=float), source: wp.array3d(dtype=float), target: wp.array3d(dtype=float), side: int
):
    i, j, k = wp.tid()
    around = at(old, i - 1, j, k, side) + at(old, i + 1, j, k, side)
    around += at(old, i, j - 1, k, side) + at(old, i, j + 1, k, side)
    around += at(old, i, j, k - 1, side) + at(old, i, j, k + 1, side)
    target[i, j, k] = (around - 4.0 * wp.pi * GRAVITY * source[i, j, k]) / 6.0


@wp.kernel
def advance(
    phi: wp.array3d(dtype=float),
    node_heat: wp.array3d(dtype=float),
    side: int,
    mass: wp.array(dtype=float),
    x: wp.array(dtype=wp.vec3),
    v: wp.array(dtype=wp.vec3),
    energy: wp.array(dtype=float),
    heat: wp.array(dtype=float),
):
    p = wp.tid()
    c = corner_of(x[p], side)
    slope = wp.vec3(0.0, 0.0, 0.0)
    squeeze = wp.vec3(0.0, 0.0, 0.0)
    around = 0.0
    for a in range(2):
        for b in range(2):
            for d in range(2):
                wx = hat(c.f[0], a)
                wy = hat(c.f[1], b)
                wz = hat(c.f[2], d)
                signs = wp.vec3(
                    float(2 * a - 1) * wy * wz, float(2 * b - 1) * wx * wz, float(2 * d - 1) * wx * wy
                )
                warmth = node_heat[c.i + a, c.j + b, c.k + d]
                slope += signs * phi[c.i + a, c.j + b, c.k + d]
                squeeze += signs * warmth
                around += wx * wy * wz * warmth
    m = mass[p]
    q = heat[p]
    own = q / (m * SPECIFIC_HEAT)
    q += CONDUCTION * DT * (around - own)
    q = wp.max(q - RADIANCE * DT * own * own * own * own, 0.0)
    calmed = RELAXATION * DT * energy[p]
    energy[p] = energy[p] - calmed
    q += calmed
    pull = -GRAVITY * slope - GAS * squeeze
    strength = wp.length(pull)
    if strength > A_MAX:
        pull *= A_MAX / strength
    u = v[p]
    before = 0.5 * m * wp.length_sq(u)
    u = u * wp.exp(-DRAG * DT) + pull * DT
    q += wp.max(before - 0.5 * m * wp.length_sq(u), 0.0)
    speed = wp.length(u)
    if speed > V_MAX:
        u *= V_MAX / speed
    v[p] = u
    x[p] = x[p] + u * DT
    heat[p] = q


@wp.kernel
def bounce(
    table: wp.uint64,
    x: wp.array(dtype=wp.vec3),
    v: wp.array(dtype=wp.vec3),
    mass: wp.array(dtype=float),
    out: wp.array(dtype=wp.vec3),
):
    p = wp.hash_grid_point_id(table, wp.tid())
    change = wp.vec3(0.0, 0.0, 0.0)
    for q in wp.hash_grid_query(table, x[p], REACH):
        if q != p:
            apart = x[p] - x[q]
            distance = wp.length(apart)
            if distance < REACH and distance > 1.0e-6:
                normal = apart / distance
                approach = wp.dot(v[p] - v[q], normal)
                if approach < 0.0:
                    change -= normal * (BOUNCE * approach * mass[q] / (mass[p] + mass[q]))
    out[p] = v[p] + change


def step_of(n: int, side: int, device: str) -> dict[str, Callable[[], Any]]:
    """Calls that run one phase each of the workload, and one that runs all four."""
    wp.config.quiet = True
    wp.init()
    rng = np.random.default_rng(0)
    where = "cuda:0" if device == "cuda" else "cpu"
    place = rng.random((n, 3)) * side * 0.5 + side * 0.25
    x = wp.array(place.astype(np.float32), dtype=wp.vec3, device=where)
    v = wp.array(rng.normal(0, 0.1, (n, 3)).astype(np.float32), dtype=wp.vec3, device=where)
    weight = (rng.random(n) * 0.5 + 0.5).astype(np.float32)
    mass, energy = (wp.array(weight, dtype=float, device=where) for _ in range(2))
    heat, out = wp.zeros(n, dtype=float, device=where), wp.zeros(n, dtype=wp.vec3, device=where)
    node_mass, node_heat, phi, other = (wp.zeros((side,) * 3, dtype=float, device=where) for _ in range(4))
    table = wp.HashGrid(TABLE, TABLE, TABLE, device=where)

    def scatter() -> None:
        node_mass.zero_()
        node_heat.zero_()
        wp.launch(deposit, n, [x, mass, heat, side, node_mass, node_heat], device=where)

    def relax() -> None:
        for _ in range(SWEEP_PAIRS):
            wp.launch(sweep, (side,) * 3, [phi, node_mass, other, side], device=where)
            wp.launch(sweep, (side,) * 3, [other, node_mass, phi, side], device=where)

    def gather() -> None:
        wp.launch(advance, n, [phi, node_heat, side, mass, x, v, energy, heat], device=where)

    def collide() -> None:
        table.build(x, REACH)
        wp.launch(bounce, n, [table.id, x, v, mass, out], device=where)

    phases = {"scatter": scatter, "50 sweeps": relax, "gather": gather, "collide": collide}

    def whole() -> None:
        for phase in phases.values():
            phase()
        if device == "cuda":
            wp.synchronize()

    return phases | {"whole step": whole}
