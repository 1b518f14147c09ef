"""Bricks: blocks of threads that copy the particles of a brick of cells, and of the cells around it, to shared memory.

The cells along z lie beside each other in the cell list, so every row of a brick's halo is one run u ∈ [first, last)
of sorted particles. A row that wraps around a periodic box runs on beyond its ends: u below the row's first particle
or beyond its last one means the particle a whole row further or back. The rows follow each other in shared memory,

    slot = base[row] + u − head[row],

so a cell and its two neighbours along z are one range of slots, and the 27 cells around a particle are nine ranges.
Slots follow from `cells.start` alone: two kernels with bricks of one shape agree on them. `edge[row, c]` is where
cell c of a row begins, first as a u and then as a slot, c = 1 being the first of the brick; `own[q]` counts the
brick's own particles before its q-th row.
"""

# Device functions are typed by Numba.
# ruff: noqa: ANN001, ANN201, ANN202, C901
# pyright: reportCallIssue=false, reportRedeclaration=false

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from numba import cuda, int32, uint32

from stnb_kernels.languages import cuda_simulated

if TYPE_CHECKING:
    from stnb_kernels.grid import Grid

HALO = 1
# Blocks that keep a GPU busy; with more bricks than that a block takes several, so that fewer find nothing to do.
BUSY = 32768
# Threads that copy a row of cells.
LANES = 16


@dataclass(frozen=True, slots=True)
class Brick:
    """A shape of bricks.

    Attributes:
        cells: Cells along each axis.
        slots: Particles that fit in shared memory; a brick with more reads global memory.
    """

    cells: tuple[int, int, int]
    slots: int


# Shared memory of a block stays below 48 KB: a resolved particle takes ten floats.
BRICKS = {"float32": Brick((2, 2, 8), 1024), "float64": Brick((2, 2, 4), 512)}
if cuda_simulated():
    BRICKS = {"float32": Brick((2, 2, 2), 896), "float64": Brick((2, 2, 2), 512)}


def brick_for(grid: Grid, span: int, dtype: str) -> Brick | None:
    """The bricks for a lattice, or None where a halo would meet itself or must be wider."""
    brick = BRICKS[dtype]
    room = all(n >= b + 2 * HALO for n, b in zip(grid.shape, brick.cells, strict=True))
    return brick if span == HALO and (room or not grid.periodic) else None


def bricks_of(grid: Grid, brick: Brick) -> tuple[tuple[int, int, int], int]:
    """Blocks along z, y, x, and how many bricks along z each of them takes in turn."""
    x, y, z = (-(-n // b) for n, b in zip(grid.shape, brick.cells, strict=True))
    turns = max(1, min(z, x * y * z // BUSY))
    return (-(-z // turns), y, x), turns


def limited_jit(registers):
    """`cuda.jit` with an upper bound of registers, which the simulator does not know."""
    return cuda.jit if cuda_simulated() or registers is None else cuda.jit(max_registers=registers)


@functools.cache
def layout_of(cells):
    """The device functions for one shape of brick, and its sizes."""
    bx, by, bz = cells
    own_rows = bx * by
    wide, deep = by + 2 * HALO, bz + 2 * HALO
    rows, edges = (bx + 2 * HALO) * wide, deep + 1

    @cuda.jit(device=True)
    def fold(c, nodes, periodic):
        """A cell of the halo along one axis; −1 where there is none."""
        if c < 0:
            return nodes - int32(1) if periodic else int32(-1)
        if c >= nodes:
            return int32(0) if periodic and c == nodes else int32(-1)
        return c

    @cuda.jit(device=True)
    def first_cell(r, ox, oy, nx, ny, nz, periodic):
        """The cell where the r-th row of the halo begins in the lattice; −1 outside."""
        i = fold(int32(ox + r // int32(wide) - int32(1)), nx, periodic)
        j = fold(int32(oy + r % int32(wide) - int32(1)), ny, periodic)
        if i < 0 or j < 0:
            return int32(-1)
        return int32((i * ny + j) * nz)

    @cuda.jit(device=True)
    def busy(t, start, ox, oy, oz, end, nx, ny, nz):
        """Particles in the own cells oz ≤ k < end of the t-th row of a brick."""
        i, j = int32(ox + t // int32(by)), int32(oy + t % int32(by))
        if t >= own_rows or i >= nx or j >= ny:
            return int32(0)
        cell = int32((i * ny + j) * nz)
        return int32(start[cell + end] - start[cell + oz])

    @cuda.jit(device=True)
    def mark(t, threads, start, ox, oy, oz, nx, ny, nz, periodic, edge):
        """Write the first u of every cell of the halo, and the u behind each row."""
        top = int32(min(oz + int32(bz), nz) + int32(1))
        for e in range(int32(t), int32(rows * edges), int32(threads)):
            k = min(int32(oz - int32(1) + e % int32(edges)), top)
            cell = first_cell(int32(e // int32(edges)), ox, oy, nx, ny, nz, periodic)
            u = int32(0)
            if cell >= 0:
                u = start[cell + min(max(k, int32(0)), nz)]
                if periodic and k < 0:
                    u = int32(u - (start[cell + nz] - start[cell + nz - int32(1)]))
                elif periodic and k > nz:
                    u = int32(u + (start[cell + int32(1)] - start[cell]))
            edge[uint32(e)] = u

    @cuda.jit(device=True)
    def rank(t, threads, ox, oy, oz, nx, ny, nz, edge, head, base, own):
        """Write the u and the slot where every row begins, and the own particles before each own row."""
        for r in range(int32(t), int32(rows + 1), int32(threads)):
            before = int32(0)
            for other in range(r):
                before += int32(edge[uint32(other * edges + deep)] - edge[uint32(other * edges)])
            base[uint32(r)] = before
            if r < rows:
                head[uint32(r)] = edge[uint32(r * edges)]
        depth = int32(min(int32(bz), int32(nz - oz)))
        for q in range(int32(t), int32(own_rows + 1), int32(threads)):
            before = int32(0)
            for other in range(q):
                a, b = int32(other // int32(by)), int32(other % int32(by))
                if ox + a < nx and oy + b < ny:
                    e = int32(((a + int32(1)) * int32(wide) + b + int32(1)) * int32(edges) + int32(1))
                    before += int32(edge[uint32(e + depth)] - edge[uint32(e)])
            own[uint32(q)] = before

    @cuda.jit(device=True)
    def lay_out(t, threads, start, ox, oy, oz, shape, periodic, edge, head, base, own):
        """Fill the tables of a brick; returns its own particles and its slots. The edges are ready one barrier on."""
        nx, ny, nz = shape
        mark(t, threads, start, ox, oy, oz, nx, ny, nz, periodic, edge)
        cuda.syncthreads()
        rank(t, threads, ox, oy, oz, nx, ny, nz, edge, head, base, own)
        cuda.syncthreads()
        for e in range(int32(t), int32(rows * edges), int32(threads)):
            r = uint32(e // int32(edges))
            edge[uint32(e)] += int32(base[r] - head[r])
        return own[own_rows], base[rows]

    @cuda.jit(device=True)
    def locate(m, edge, own):
        """Row, edge of the cell, and slot of a brick's m-th own particle."""
        q = int32(0)
        while m >= own[uint32(q + int32(1))]:
            q = int32(q + int32(1))
        r = int32((q // int32(by) + int32(1)) * int32(wide) + q % int32(by) + int32(1))
        e = int32(r * int32(edges) + int32(1))
        slot = int32(edge[uint32(e)] + m - own[uint32(q)])
        while edge[uint32(e + int32(1))] <= slot:
            e = int32(e + int32(1))
        return r, e, slot

    @cuda.jit(device=True)
    def bounds(r, ox, oy, shape, periodic, start):
        """First sorted particle of the whole row of the lattice, and the one behind its last."""
        nx, ny, nz = shape
        cell = first_cell(r, ox, oy, nx, ny, nz, periodic)
        if cell < 0:
            return int32(0), int32(0)
        return start[cell], start[cell + nz]

    return (rows, edges, wide, own_rows), busy, lay_out, locate, bounds


@cuda.jit(device=True)
def sorted_index(slot, ahead, low, high, order):
    """The particle in a slot of a row whose u are `ahead` of its slots, in a row [low, high) of the lattice."""
    u = int32(slot + ahead)
    if u < low:
        u = int32(u + (high - low))
    elif u >= high:
        u = int32(u - (high - low))
    return uint32(order[uint32(u)])


def _address_of_pairs():
    """The device functions `address` and `put`: where a shared array of uint16 begins, and a store to a byte address.

    An address that a loop carries along saves the loop from computing it anew at every store.
    """
    if cuda_simulated():

        @cuda.jit(device=True)
        def address(array):
            del array
            return uint32(0)

        @cuda.jit(device=True)
        def put(array, place, value):
            array[place // uint32(2)] = value

        return address, put

    from llvmlite import ir
    from numba.core import types
    from numba.cuda.extending import intrinsic

    word, pointer = ir.IntType(32), ir.PointerType(ir.IntType(16), addrspace=3)

    @intrinsic
    def address(typing_context, array):
        del typing_context

        def generate(context, builder, signature, arguments):
            data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            return builder.ptrtoint(builder.addrspacecast(data, pointer), word)

        return types.uint32(array), generate

    @intrinsic
    def put(typing_context, array, place, value):
        del typing_context, place, value

        def generate(context, builder, signature, arguments):
            del context, signature
            builder.store(arguments[2], builder.inttoptr(arguments[1], pointer))

        return types.void(array, types.uint32, types.uint16), generate

    return address, put


address, put = _address_of_pairs()
