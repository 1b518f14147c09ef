"""Numba-CUDA: one block of threads per tile of nodes, summed in shared memory.

A tile of t³ nodes is fed by (t+1)³ cells. A thread sums the particles of its cell into eight corners. Two kernels
bring the corners together; nothing races in either, and the order of the sum is fixed.

`tile_kernel`, for large lattices: the block adds the corners to a large tile one corner at a time. In such a round all
threads hold different cells, hence different nodes.

`corner_kernel`, for small lattices, where too few large tiles hold mass to fill a GPU: the block lays the corners of
a small tile side by side, and a thread per node and quantity adds its eight. A thread loads several particles of its
cell at a time, since it would otherwise wait for memory once per particle.
"""

from __future__ import annotations

import functools

from numba import cuda, float32, float64, int32
from numba import uint32 as u  # an unsigned index is not tested for being negative

from stnb_kernels.cells.cuda import coordinate_of
from stnb_kernels.cells.reference import MARGIN
from stnb_kernels.languages import cuda_simulated
from stnb_kernels.launch import device_array, stream_of

TILE = (2, 2, 2) if cuda_simulated() else (8, 8, 8)
THREADS = 32 if cuda_simulated() else 128
# Up to this many nodes small tiles are faster.
SMALL = 100**3
SMALL_TILE = (2, 2, 3) if cuda_simulated() else (4, 4, 8)
SMALL_THREADS = 32 if cuda_simulated() else 256
# A cap lets a multiprocessor hold four such blocks, most of which find nothing to do.
SMALL_LIMITS = {} if cuda_simulated() else {float32: {"max_registers": 64}}
QUANTITIES = 2
# Particles of a cell that are loaded at a time.
TOGETHER = 4


@cuda.jit(device=True)
def fold(cell, n, periodic):
    """A cell outside the lattice: the one on the other side, or −1 where there is none."""
    if cell < 0:
        return cell + n if periodic else int32(-1)
    if cell >= n:
        return int32(-1)
    return cell


@functools.cache
def fraction_of(real):
    """The device function for the place within a cell along one axis."""
    coordinate = coordinate_of(real)

    @cuda.jit(device=True)
    def fraction(x, cell, inverse, n, periodic):
        return coordinate(x, inverse, real(n), real(n) - real(MARGIN), periodic) - real(cell)

    return fraction


@functools.cache
def tile_kernel(real, tile=TILE, threads=THREADS):
    """The kernel for one float type and one shape of tile."""
    fraction = fraction_of(real)
    tx, ty, tz = tile
    nodes = tx * ty * tz
    cells = (tx + 1) * (ty + 1) * (tz + 1)
    rounds = -(-cells // threads)

    @cuda.jit(device=True)
    def add_corner(tile_mass, tile_heat, filled, i, j, k, mass, heat):
        cuda.syncthreads()
        if filled and i >= 0 and j >= 0 and k >= 0 and i < tx and j < ty and k < tz:
            node = (i * int32(ty) + j) * int32(tz) + k
            tile_mass[node] += mass
            tile_heat[node] += heat

    @cuda.jit
    def deposit_tiles(x, y, z, mass, heat, order, start, nx, ny, nz, inverse, periodic, node_mass, node_heat):
        tile_mass = cuda.shared.array(nodes, real)
        tile_heat = cuda.shared.array(nodes, real)
        t = int32(cuda.threadIdx.x)
        ox = int32(cuda.blockIdx.z) * int32(tx)
        oy = int32(cuda.blockIdx.y) * int32(ty)
        oz = int32(cuda.blockIdx.x) * int32(tz)
        nx, ny, nz = int32(nx), int32(ny), int32(nz)
        one, zero = real(1.0), real(0.0)
        for s in range(t, nodes, threads):
            tile_mass[s] = zero
            tile_heat[s] = zero
        for turn in range(rounds):
            c = t + int32(turn * threads)
            li = c // int32((ty + 1) * (tz + 1)) - int32(1)
            lj = (c // int32(tz + 1)) % int32(ty + 1) - int32(1)
            lk = c % int32(tz + 1) - int32(1)
            i = fold(ox + li, nx, periodic) if c < cells else int32(-1)
            j = fold(oy + lj, ny, periodic)
            k = fold(oz + lk, nz, periodic)
            first = last = int32(0)
            if i >= 0 and j >= 0 and k >= 0:
                cell = (i * ny + j) * nz + k
                first = start[cell]
                last = start[cell + 1]
            filled = last > first
            if not cuda.syncthreads_or(last - first):
                continue
            m000 = m001 = m010 = m011 = m100 = m101 = m110 = m111 = zero
            h000 = h001 = h010 = h011 = h100 = h101 = h110 = h111 = zero
            for s in range(first, last):
                p = order[s]
                m, h = mass[p], heat[p]
                fx = fraction(x[p], i, inverse, nx, periodic)
                fy = fraction(y[p], j, inverse, ny, periodic)
                fz = fraction(z[p], k, inverse, nz, periodic)
                ex, ey, ez = one - fx, one - fy, one - fz
                w00, w01, w10, w11 = ex * ey, ex * fy, fx * ey, fx * fy
                m0, m1, h0, h1 = ez * m, fz * m, ez * h, fz * h
                m000 += w00 * m0
                m001 += w00 * m1
                m010 += w01 * m0
                m011 += w01 * m1
                m100 += w10 * m0
                m101 += w10 * m1
                m110 += w11 * m0
                m111 += w11 * m1
                h000 += w00 * h0
                h001 += w00 * h1
                h010 += w01 * h0
                h011 += w01 * h1
                h100 += w10 * h0
                h101 += w10 * h1
                h110 += w11 * h0
                h111 += w11 * h1
            ri, rj, rk = li + int32(1), lj + int32(1), lk + int32(1)
            add_corner(tile_mass, tile_heat, filled, li, lj, lk, m000, h000)
            add_corner(tile_mass, tile_heat, filled, li, lj, rk, m001, h001)
            add_corner(tile_mass, tile_heat, filled, li, rj, lk, m010, h010)
            add_corner(tile_mass, tile_heat, filled, li, rj, rk, m011, h011)
            add_corner(tile_mass, tile_heat, filled, ri, lj, lk, m100, h100)
            add_corner(tile_mass, tile_heat, filled, ri, lj, rk, m101, h101)
            add_corner(tile_mass, tile_heat, filled, ri, rj, lk, m110, h110)
            add_corner(tile_mass, tile_heat, filled, ri, rj, rk, m111, h111)
        cuda.syncthreads()
        for s in range(t, nodes, threads):
            i = ox + s // int32(ty * tz)
            j = oy + (s // int32(tz)) % int32(ty)
            k = oz + s % int32(tz)
            if i < nx and j < ny and k < nz:
                node_mass[i, j, k] = tile_mass[s]
                node_heat[i, j, k] = tile_heat[s]

    return deposit_tiles


@functools.cache
def corner_kernel(real, tile=SMALL_TILE, threads=SMALL_THREADS):
    """The kernel for small tiles: for one float type, one shape of tile and a number of threads."""
    fraction = fraction_of(real)
    tx, ty, tz = tile
    nodes = tx * ty * tz
    cells = (tx + 1) * (ty + 1) * (tz + 1)
    # In `corners`, the cells of corner δ of quantity q begin at (4·δx + 2·δy + δz)·step + q·cells.
    step, size = QUANTITIES * cells, 8 * QUANTITIES * cells
    row, sheet = tz + 1, (ty + 1) * (tz + 1)

    @cuda.jit(device=True)
    def cell_of(c, ox, oy, oz, nx, ny, nz, periodic):
        """The lattice's cell that is cell c of the tile, and where it lies; −1 where there is none."""
        i = fold(ox + c // int32(sheet) - int32(1), nx, periodic) if c < cells else int32(-1)
        j = fold(oy + (c // int32(row)) % int32(ty + 1) - int32(1), ny, periodic)
        k = fold(oz + c % int32(row) - int32(1), nz, periodic)
        if i < 0 or j < 0 or k < 0:
            return int32(-1), i, j, k
        return (i * ny + j) * nz + k, i, j, k

    @cuda.jit(**SMALL_LIMITS.get(real, {}))
    def deposit_corners(
        x, y, z, mass, heat, order, start, nx, ny, nz, inverse, periodic, node_mass, node_heat
    ):
        corners = cuda.shared.array(size, real)
        t = int32(cuda.threadIdx.x)
        ox = int32(cuda.blockIdx.z) * int32(tx)
        oy = int32(cuda.blockIdx.y) * int32(ty)
        oz = int32(cuda.blockIdx.x) * int32(tz)
        nx, ny, nz = int32(nx), int32(ny), int32(nz)
        one, zero = real(1.0), real(0.0)
        held = int32(0)
        for c in range(t, cells, threads):
            cell, i, j, k = cell_of(int32(c), ox, oy, oz, nx, ny, nz, periodic)
            if cell >= 0:
                held |= start[u(cell) + u(1)] - start[u(cell)]
        busy = cuda.syncthreads_or(held)
        if busy:
            for c in range(t, cells, threads):
                cell, i, j, k = cell_of(int32(c), ox, oy, oz, nx, ny, nz, periodic)
                first = last = int32(0)
                if cell >= 0:
                    first = start[u(cell)]
                    last = start[u(cell) + u(1)]
                m000 = m001 = m010 = m011 = m100 = m101 = m110 = m111 = zero
                h000 = h001 = h010 = h011 = h100 = h101 = h110 = h111 = zero
                for s in range(first, last, TOGETHER):
                    end = last - int32(1)
                    p0, p1 = order[u(s)], order[u(min(int32(s) + int32(1), end))]
                    p2, p3 = order[u(min(int32(s) + int32(2), end))], order[u(min(int32(s) + int32(3), end))]
                    x0, x1, x2, x3 = x[u(p0)], x[u(p1)], x[u(p2)], x[u(p3)]
                    y0, y1, y2, y3 = y[u(p0)], y[u(p1)], y[u(p2)], y[u(p3)]
                    z0, z1, z2, z3 = z[u(p0)], z[u(p1)], z[u(p2)], z[u(p3)]
                    q0, q1, q2, q3 = mass[u(p0)], mass[u(p1)], mass[u(p2)], mass[u(p3)]
                    e0, e1, e2, e3 = heat[u(p0)], heat[u(p1)], heat[u(p2)], heat[u(p3)]
                    for _ in range(min(int32(TOGETHER), last - int32(s))):
                        fx = fraction(x0, i, inverse, nx, periodic)
                        fy = fraction(y0, j, inverse, ny, periodic)
                        fz = fraction(z0, k, inverse, nz, periodic)
                        ex, ey, ez = one - fx, one - fy, one - fz
                        w00, w01, w10, w11 = ex * ey, ex * fy, fx * ey, fx * fy
                        m0, m1, h0, h1 = ez * q0, fz * q0, ez * e0, fz * e0
                        m000 += w00 * m0
                        m001 += w00 * m1
                        m010 += w01 * m0
                        m011 += w01 * m1
                        m100 += w10 * m0
                        m101 += w10 * m1
                        m110 += w11 * m0
                        m111 += w11 * m1
                        h000 += w00 * h0
                        h001 += w00 * h1
                        h010 += w01 * h0
                        h011 += w01 * h1
                        h100 += w10 * h0
                        h101 += w10 * h1
                        h110 += w11 * h0
                        h111 += w11 * h1
                        x0, x1, x2 = x1, x2, x3
                        y0, y1, y2 = y1, y2, y3
                        z0, z1, z2 = z1, z2, z3
                        q0, q1, q2 = q1, q2, q3
                        e0, e1, e2 = e1, e2, e3
                at = int32(c)
                for m, h in (
                    (m000, h000),
                    (m001, h001),
                    (m010, h010),
                    (m011, h011),
                    (m100, h100),
                    (m101, h101),
                    (m110, h110),
                    (m111, h111),
                ):
                    corners[u(at)] = m
                    corners[u(at + int32(cells))] = h
                    at += int32(step)
        cuda.syncthreads()
        for s in range(t, QUANTITIES * nodes, threads):
            node = int32(s) % int32(nodes)
            i, j, k = node // int32(ty * tz), (node // int32(tz)) % int32(ty), node % int32(tz)
            total = zero
            if busy:
                at = ((i + int32(1)) * int32(ty + 1) + j + int32(1)) * int32(row) + k + int32(1)
                at += int32(s) // int32(nodes) * int32(cells)
                for corner in range(8):
                    total += corners[u(at)]
                    # From corner δ to the next one, in the cell on the other side of the node.
                    at += int32(step) - int32(1)
                    if corner & 1:
                        at += int32(2) - int32(row)
                    if corner & 3 == 3:
                        at += int32(2 * row) - int32(sheet)
            i, j, k = i + ox, j + oy, k + oz
            if i < nx and j < ny and k < nz:
                if s < nodes:
                    node_mass[i, j, k] = total
                else:
                    node_heat[i, j, k] = total

    return deposit_corners


def run(position, mass, heat, grid, cells, node_mass, node_heat):
    x, y, z = (device_array(position[a]) for a in range(3))
    particles = [device_array(a) for a in (mass, heat, cells.order, cells.start)]
    real = float32 if x.dtype == "float32" else float64
    small = grid.nodes <= SMALL
    tile, threads, kernel = (
        (SMALL_TILE, SMALL_THREADS, corner_kernel) if small else (TILE, THREADS, tile_kernel)
    )
    blocks = tuple(-(-n // t) for n, t in zip(grid.shape[::-1], tile[::-1], strict=True))
    inverse = x.dtype.type(1.0 / grid.spacing)
    kernel(real)[blocks, threads, stream_of(position)](
        x,
        y,
        z,
        *particles,
        *grid.shape,
        inverse,
        grid.periodic,
        device_array(node_mass),
        device_array(node_heat),
    )
