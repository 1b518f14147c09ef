"""Triton: a tile of nodes per program; each lane sums the particles of the eight cells around its node."""

from __future__ import annotations

import torch
import triton
import triton.language as tl

from stnb_kernels.cells.reference import MARGIN

TILE = tl.constexpr(128)


@triton.jit
def axis_weight(x, cell, offset, inverse, nodes, margin, PERIODIC: tl.constexpr):
    """Weight along one axis of a particle in `cell` for the node at `cell + offset`."""
    g = x * inverse
    if PERIODIC:
        g = tl.where(tl.abs(g) < 16777216.0, g, 0.0)
        g -= nodes * tl.floor(g / nodes)
        g = tl.where(g < nodes, g, 0.0)
    else:
        g = tl.where(g > nodes - margin, nodes - margin, g)
    g = tl.where(g > 0, g, 0.0)
    f = g - cell
    return tl.where(offset == 1, f, 1.0 - f)


@triton.jit(
    do_not_specialize=["nx", "ny", "nz", "nodes"],
    do_not_specialize_on_alignment=[
        "x",
        "y",
        "z",
        "mass",
        "heat",
        "order",
        "start",
        "node_mass",
        "node_heat",
    ],
)
def gather_nodes(
    x,
    y,
    z,
    mass,
    heat,
    order,
    start,
    nx,
    ny,
    nz,
    nodes,
    inverse,
    margin,
    node_mass,
    node_heat,
    PERIODIC: tl.constexpr,
):
    node = tl.program_id(0) * TILE + tl.arange(0, TILE)
    inside = node < nodes
    i = node // (ny * nz)
    j = (node // nz) % ny
    k = node % nz
    sum_mass = tl.zeros([TILE], dtype=tl.float32)
    sum_heat = tl.zeros([TILE], dtype=tl.float32)
    for corner in tl.static_range(8):
        ci = i - (corner >> 2)
        cj = j - ((corner >> 1) & 1)
        ck = k - (corner & 1)
        if PERIODIC:
            ci = tl.where(ci < 0, nx - 1, ci)
            cj = tl.where(cj < 0, ny - 1, cj)
            ck = tl.where(ck < 0, nz - 1, ck)
        exists = inside & (ci >= 0) & (cj >= 0) & (ck >= 0)
        cell = (ci * ny + cj) * nz + ck
        first = tl.load(start + cell, mask=exists, other=0)
        last = tl.load(start + cell + 1, mask=exists, other=0)
        longest = tl.max(last - first, axis=0)
        turn = 0
        while turn < longest:
            s = first + turn
            live = s < last
            p = tl.load(order + s, mask=live, other=0)
            wx = axis_weight(
                tl.load(x + p, mask=live, other=0.0),
                ci,
                corner >> 2,
                inverse,
                nx.to(tl.float32),
                margin,
                PERIODIC,
            )
            wy = axis_weight(
                tl.load(y + p, mask=live, other=0.0),
                cj,
                (corner >> 1) & 1,
                inverse,
                ny.to(tl.float32),
                margin,
                PERIODIC,
            )
            wz = axis_weight(
                tl.load(z + p, mask=live, other=0.0),
                ck,
                corner & 1,
                inverse,
                nz.to(tl.float32),
                margin,
                PERIODIC,
            )
            w = tl.where(live, wx * wy * wz, 0.0)
            sum_mass += w * tl.load(mass + p, mask=live, other=0.0)
            sum_heat += w * tl.load(heat + p, mask=live, other=0.0)
            turn += 1
    tl.store(node_mass + node, sum_mass, mask=inside)
    tl.store(node_heat + node, sum_heat, mask=inside)


def supports(position, *_):
    return position.dtype == torch.float32, "Triton passes scalars as float32; use cuda for float64"


def run(position, mass, heat, grid, cells, node_mass, node_heat):
    x, y, z = position[0], position[1], position[2]
    nodes = grid.nodes
    gather_nodes[(triton.cdiv(nodes, TILE.value),)](
        x,
        y,
        z,
        mass,
        heat,
        cells.order,
        cells.start,
        *grid.shape,
        nodes,
        1.0 / grid.spacing,
        MARGIN,
        node_mass,
        node_heat,
        PERIODIC=grid.periodic,
    )
