"""Numba-CUDA: a block per brick of cells, in shared memory; without bricks the kernel of `around`.

A brick's particles are listed by the slots of their partners in shared memory, four to a word, a row of words per
sorted particle. Particles of a crowded brick have no list. Without bricks the list holds indices of particles.
"""

from __future__ import annotations

import functools

import numpy as np
from numba import cuda, float32, float64, int32, int64, uint16, uint32, uint64

from stnb_kernels.languages import cuda_simulated
from stnb_kernels.launch import THREADS, blocks_for, device_array, stream_of
from stnb_kernels.neighbours import COINCIDENT, SLOTS
from stnb_kernels.neighbours.around import pairs_of, search_kernel, seek_of
from stnb_kernels.neighbours.tiles import (
    LANES,
    address,
    brick_for,
    bricks_of,
    layout_of,
    limited_jit,
    put,
    sorted_index,
)

TILE_THREADS = 32 if cuda_simulated() else 128
# Most registers per thread, or None for as many as the compiler takes.
REGISTERS = None
PER_WORD = 4
COLUMNS = 6
UNLISTED = -2


@functools.cache
def listing_of(real, brick, threads, periodic):
    """The device function that lists the partners of an own particle from the nine ranges of slots around it."""
    nearest, dot = pairs_of(real)
    (_, edges, wide, _), *_ = layout_of(brick.cells)
    y, z = brick.slots, 2 * brick.slots
    step = 2 * threads
    full = SLOTS * step

    @cuda.jit(device=True)
    def listing(cursor, e, tile, edge, listed, px, py, pz, extent, limit, least):
        first = uint32(address(listed) + uint32(2) * cursor)
        here, spare = first, uint32(first + uint32(full))
        e = int32(e - int32((wide + 1) * edges + 1))
        for a in range(3):
            for b in range(3):
                left = uint32(e + int32((a * wide + b) * edges))
                s, stop = edge[left], edge[uint32(left + uint32(3))]
                while s < stop:
                    q = uint64(s)
                    dx = nearest(px - tile[q], extent[0], periodic)
                    dy = nearest(py - tile[q + uint64(y)], extent[1], periodic)
                    dz = nearest(pz - tile[q + uint64(z)], extent[2], periodic)
                    d2 = dot(dx, dy, dz, dx, dy, dz)
                    if (d2 < limit) & (d2 > least):
                        put(listed, min(here, spare), uint16(s))
                        here = uint32(here + uint32(step))
                    s = int32(s + int32(1))
        return int32(uint32(here - first) // uint32(step))

    return listing


@functools.cache
def counting_of(real, brick, threads):
    """The device function that counts how many partners come nearer, from the list or, if it is full, the ranges."""
    nearest, dot = pairs_of(real)
    (_, edges, wide, _), *_ = layout_of(brick.cells)
    zero = real(0.0)
    y, z, u, v, w = (k * brick.slots for k in range(1, 6))

    @cuda.jit(device=True)
    def at(q, tile):
        place = tile[q], tile[q + uint64(y)], tile[q + uint64(z)]
        return place, (tile[q + uint64(u)], tile[q + uint64(v)], tile[q + uint64(w)])

    @cuda.jit(device=True)
    def nears(q, tile, place, velocity, extent, periodic):
        (x, y, z), (u, v, w) = at(q, tile)
        dx = nearest(place[0] - x, extent[0], periodic)
        dy = nearest(place[1] - y, extent[1], periodic)
        dz = nearest(place[2] - z, extent[2], periodic)
        comes = dot(dx, dy, dz, velocity[0] - u, velocity[1] - v, velocity[2] - w) < zero
        return dot(dx, dy, dz, dx, dy, dz), comes

    @cuda.jit(device=True)
    def counting(cursor, e, own, found, tile, edge, listed, extent, periodic, limit, least):
        place, velocity = at(own, tile)
        nearing = int32(0)
        if found <= SLOTS:
            end = uint32(cursor + uint32(found) * uint32(threads))
            while cursor < end:
                _, comes = nears(uint64(listed[cursor]), tile, place, velocity, extent, periodic)
                nearing = int32(nearing + (int32(1) if comes else int32(0)))
                cursor = uint32(cursor + uint32(threads))
            return nearing
        e = int32(e - int32((wide + 1) * edges + 1))
        for a in range(3):
            for b in range(3):
                left = uint32(e + int32((a * wide + b) * edges))
                s, stop = edge[left], edge[uint32(left + uint32(3))]
                while s < stop:
                    d2, comes = nears(uint64(s), tile, place, velocity, extent, periodic)
                    if comes and d2 < limit and d2 > least:
                        nearing = int32(nearing + int32(1))
                    s = int32(s + int32(1))
        return nearing

    return counting


@functools.cache
def writing_of(threads):
    """The device function that writes a list, four slots to a word; what is left of the last word is the particle."""

    @cuda.jit(device=True)
    def entry(cursor, k, left, own, listed):
        slot = int64(listed[uint32(cursor + uint32(k * threads))]) if left > k else int64(own)
        return slot << int64(16 * k)

    @cuda.jit(device=True)
    def writing(cursor, own, left, listed, words, place, pitch):
        while left > 0:
            low = entry(cursor, 0, left, own, listed) | entry(cursor, 1, left, own, listed)
            words[place] = low | entry(cursor, 2, left, own, listed) | entry(cursor, 3, left, own, listed)
            place += pitch
            cursor = uint32(cursor + uint32(PER_WORD * threads))
            left = int32(left - int32(PER_WORD))

    return writing


@functools.cache
def tile_kernel(real, brick, threads, lanes, registers):
    """The kernel for a reach of one cell: a block per brick, one own particle per thread."""
    seek = seek_of(real)
    listing, listing_around = (listing_of(real, brick, threads, wraps) for wraps in (False, True))
    counting, writing = counting_of(real, brick, threads), writing_of(threads)
    (rows, edges, _, own_rows), busy, lay_out, locate, bounds = layout_of(brick.cells)
    bx, by, bz = brick.cells
    slots = brick.slots
    edge_room, base_room, own_room = rows * edges, rows + 1, own_rows + 1
    first_listed = COLUMNS * slots * (real.bitwidth // 16)
    small = real(COINCIDENT * COINCIDENT)

    @cuda.jit(device=True)
    def spread(q, end):
        top = int32(end - int32(1))
        middle = int32(q + int32(2 * lanes))
        return q, min(int32(q + int32(lanes)), top), min(middle, top), min(int32(middle + int32(lanes)), top)

    @cuda.jit(device=True)
    def load(q, p, tile, x, v):
        at = uint64(q)
        tile[at] = x[0][p]
        tile[at + uint64(slots)] = x[1][p]
        tile[at + uint64(2 * slots)] = x[2][p]
        tile[at + uint64(3 * slots)] = v[0][p]
        tile[at + uint64(4 * slots)] = v[1][p]
        tile[at + uint64(5 * slots)] = v[2][p]

    @limited_jit(registers)
    def search_bricks(x, v, lists, shape, extent, reach, periodic, turns, count, approaching, partner, words):
        edge = cuda.shared.array(edge_room, int32)
        head = cuda.shared.array(rows, int32)
        base = cuda.shared.array(base_room, int32)
        own = cuda.shared.array(own_room, int32)
        tile = cuda.shared.array(0, real)
        listed = cuda.shared.array(0, uint16)
        order, start, _ = lists
        t = int32(cuda.threadIdx.x)
        ox, oy = int32(cuda.blockIdx.z * bx), int32(cuda.blockIdx.y * by)
        shape = int32(shape[0]), int32(shape[1]), int32(shape[2])
        left = int32(cuda.blockIdx.x * turns * bz)
        right = int32(min(left + turns * bz, shape[2]))
        if not cuda.syncthreads_or(busy(t, start, ox, oy, left, right, shape[0], shape[1], shape[2])):
            return
        limit = reach * reach
        least = limit * small
        pitch = uint64(count.shape[0])
        cursor = uint32(uint32(first_listed) + uint32(t))
        for oz in range(left, right, int32(bz)):
            owned, total = lay_out(t, threads, start, ox, oy, oz, shape, periodic, edge, head, base, own)
            if owned > 0 and total <= slots:
                for r in range(int32(t // int32(lanes)), int32(rows), int32(threads // lanes)):
                    q, end, ahead = base[r], base[r + 1], int32(head[r] - base[r])
                    low, high = int32(q + ahead), int32(end + ahead)
                    if periodic:
                        low, high = bounds(r, ox, oy, shape, periodic, start)
                    q = int32(q + t % int32(lanes))
                    while q < end:
                        q0, q1, q2, q3 = spread(q, end)
                        p0, p1 = (
                            sorted_index(q0, ahead, low, high, order),
                            sorted_index(q1, ahead, low, high, order),
                        )
                        p2, p3 = (
                            sorted_index(q2, ahead, low, high, order),
                            sorted_index(q3, ahead, low, high, order),
                        )
                        load(q0, p0, tile, x, v)
                        load(q1, p1, tile, x, v)
                        load(q2, p2, tile, x, v)
                        load(q3, p3, tile, x, v)
                        q = int32(q + int32(4 * lanes))
            cuda.syncthreads()
            for m in range(t, owned, int32(threads)):
                r, e, slot = locate(int32(m), edge, own)
                s = uint32(slot - base[uint32(r)] + head[uint32(r)])
                p = uint32(order[s])
                if total > slots:
                    found, nearing = seek(
                        p, x, v, lists, shape, extent, limit, least, int32(1), periodic, int32(0), partner
                    )
                else:
                    q = uint64(slot)
                    px, py, pz = tile[q], tile[q + uint64(slots)], tile[q + uint64(2 * slots)]
                    if periodic:
                        found = listing_around(
                            cursor, e, tile, edge, listed, px, py, pz, extent, limit, least
                        )
                    else:
                        found = listing(cursor, e, tile, edge, listed, px, py, pz, extent, limit, least)
                    nearing = counting(
                        cursor, e, q, found, tile, edge, listed, extent, periodic, limit, least
                    )
                    if found <= SLOTS:
                        writing(cursor, q, found, listed, words, uint64(s), pitch)
                count[p] = found
                approaching[p] = nearing
            cuda.syncthreads()

    return search_bricks


def words_of(partner):
    """The buffer of a list as words of four slots."""
    flat = partner.reshape(-1)
    if cuda_simulated():
        return flat.view(np.int64)
    import torch

    return device_array(flat.view(torch.int64))


def run(position, velocity, grid, cells, contacts, reach, span):
    x, v = (tuple(device_array(a[axis]) for axis in range(3)) for a in (position, velocity))
    lists = tuple(device_array(a) for a in (cells.order, cells.start, cells.key))
    found = [device_array(a) for a in (contacts.count, contacts.approaching, contacts.partner)]
    scalar = x[0].dtype.type
    real = float32 if scalar(0).itemsize == 4 else float64
    box = (grid.shape, tuple(scalar(e) for e in grid.extent), scalar(reach))
    brick, stream = brick_for(grid, span, str(real)), stream_of(position)
    if brick is None:
        launch = blocks_for(position.shape[1]), THREADS, stream
        search_kernel(real)[launch](x, v, lists, *box, span, grid.periodic, *found)
        return
    blocks, turns = bricks_of(grid, brick)
    room = COLUMNS * brick.slots * scalar(0).itemsize + (SLOTS + 1) * TILE_THREADS * 2
    tile_kernel(real, brick, TILE_THREADS, LANES, REGISTERS)[blocks, TILE_THREADS, stream, room](
        x, v, lists, *box, grid.periodic, turns, *found, words_of(contacts.partner)
    )


def partners(contacts, cells, grid, span, dtype):
    """The list as indices of particles, on the host; −1 where there is none, `UNLISTED` for a crowded brick's."""
    from stnb_kernels.parity import to_numpy

    partner, start, order = (to_numpy(a) for a in (contacts.partner, cells.start, cells.order))
    brick = brick_for(grid, span, dtype)
    if brick is None:
        return partner
    capacity = partner.shape[1]
    packed = np.ascontiguousarray(partner).reshape(-1).view(np.int64)[: SLOTS // PER_WORD * capacity]
    slots = np.stack([packed >> (16 * k) & 0xFFFF for k in range(PER_WORD)], axis=1)
    slots = slots.reshape(SLOTS // PER_WORD, capacity, PER_WORD).transpose(0, 2, 1).reshape(SLOTS, capacity)
    found = np.full((SLOTS, capacity), -1, dtype=np.int32)
    for corner in np.ndindex(*(-(-n // b) for n, b in zip(grid.shape, brick.cells, strict=True))):
        low = [c * b for c, b in zip(corner, brick.cells, strict=True)]
        high = [min(a + b, m) for a, b, m in zip(low, brick.cells, grid.shape, strict=True)]
        halo = [
            [c % m if grid.periodic else c for c in range(a - 1, b + 1) if grid.periodic or 0 <= c < m]
            for a, b, m in zip(low, high, grid.shape, strict=True)
        ]
        cell = np.ravel_multi_index(np.meshgrid(*halo, indexing="ij"), grid.shape).ravel()
        inside = np.concatenate([order[start[c] : start[c + 1]] for c in cell])
        own = np.ravel_multi_index(np.meshgrid(*map(np.arange, low, high), indexing="ij"), grid.shape)
        places = np.concatenate([np.arange(start[c], start[c + 1]) for c in own.ravel()])
        if len(inside) > brick.slots:
            found[:, order[places]] = UNLISTED
        elif len(places):
            listed = np.minimum(slots[:, places], len(inside) - 1)
            found[:, order[places]] = inside[listed]
    return found
