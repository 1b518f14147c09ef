"""Numba-CUDA: one block of threads per tile of nodes, summed in shared memory.

A tile of t³ nodes is fed by (t+1)³ cells. A thread sums the particles of its cell into eight corners, then the block
adds the corners to the tile one corner at a time: in such a round all threads hold different cells, hence different
nodes, so nothing races and the order of the sum is fixed.
"""

from __future__ import annotations

import functools

from numba import cuda, float32, float64, int32

from stnb_kernels.cells.cuda import coordinate_of
from stnb_kernels.cells.reference import MARGIN
from stnb_kernels.languages import cuda_simulated
from stnb_kernels.launch import device_array, stream_of

TILE = (2, 2, 2) if cuda_simulated() else (8, 8, 8)
THREADS = 32 if cuda_simulated() else 128


@functools.cache
def tile_kernel(real, tile=TILE, threads=THREADS):
    """The kernel for one float type and one shape of tile."""
    coordinate = coordinate_of(real)
    tx, ty, tz = tile
    nodes = tx * ty * tz
    cells = (tx + 1) * (ty + 1) * (tz + 1)
    rounds = -(-cells // threads)

    @cuda.jit(device=True)
    def fraction(x, cell, inverse, n, periodic):
        return coordinate(x, inverse, real(n), real(n) - real(MARGIN), periodic) - real(cell)

    @cuda.jit(device=True)
    def fold(cell, n, periodic):
        """A cell outside the lattice: the one on the other side, or −1 where there is none."""
        if cell < 0:
            return cell + n if periodic else int32(-1)
        if cell >= n:
            return int32(-1)
        return cell

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


def run(position, mass, heat, grid, cells, node_mass, node_heat):
    x, y, z = (device_array(position[a]) for a in range(3))
    particles = [device_array(a) for a in (mass, heat, cells.order, cells.start)]
    real = float32 if x.dtype == "float32" else float64
    blocks = tuple(-(-n // t) for n, t in zip(grid.shape[::-1], TILE[::-1], strict=True))
    inverse = x.dtype.type(1.0 / grid.spacing)
    tile_kernel(real)[blocks, THREADS, stream_of(position)](
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
