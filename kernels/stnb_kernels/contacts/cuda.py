"""Numba-CUDA: the bricks and the lists of `neighbours`, and everything about a partner from shared memory."""

from __future__ import annotations

import functools
import math

from numba import cuda, float32, float64, int32, int64, uint32, uint64

from stnb_kernels.accounts import CONTACTS
from stnb_kernels.contacts.pair import NOTHING, arithmetic_of, meet_of, write_of
from stnb_kernels.languages import cuda_simulated
from stnb_kernels.launch import THREADS, blocks_for, device_array, stream_of
from stnb_kernels.neighbours import COINCIDENT, SLOTS
from stnb_kernels.neighbours.around import pairs_of, run_of_cells
from stnb_kernels.neighbours.cuda import PER_WORD, words_of
from stnb_kernels.neighbours.tiles import LANES, brick_for, bricks_of, layout_of, limited_jit, sorted_index

TILE_THREADS = 32 if cuda_simulated() else 128
# Most registers per thread, or None for as many as the compiler takes.
REGISTERS = None
COLUMNS = 10


@functools.cache
def survey_of(real):
    """The device function that sums up a particle's contacts in global memory, from its list of indices or the cells."""
    inverse, _, product = arithmetic_of(real)
    nearest, dot = pairs_of(real)
    meet = meet_of(real)
    nothing, small = (real(0.0),) * NOTHING, real(COINCIDENT * COINCIDENT)

    @cuda.jit(device=True)
    def part_of(number):
        return inverse(real(max(number, int32(1))))

    @cuda.jit(device=True)
    def survey(p, listed, state, lists, found, shape, extent, span, periodic, settings):
        x, v, mass, heat = state
        order, start, key = lists
        count, approaching, partner = found
        nx, ny, nz = shape
        reach, _, _, per_c = settings
        sums = nothing
        p = uint32(p)
        light = inverse(mass[p])
        warmth = product(heat[p] * light, per_c)
        limit = reach * reach
        cell = key[p]
        width = int32(int32(2) * span + int32(1))
        for turn in range(int32(1) if listed else int32(int32(2) * width * width)):
            s, stop = int32(0), count[p]
            if not listed:
                s, stop = run_of_cells(int32(turn), cell, span, nx, ny, nz, periodic, start)
            while s < stop:
                q = uint32(partner[uint32(s), p]) if listed else uint32(order[uint32(s)])
                s = int32(s + int32(1))
                dx = nearest(x[0][p] - x[0][q], extent[0], periodic)
                dy = nearest(x[1][p] - x[1][q], extent[1], periodic)
                dz = nearest(x[2][p] - x[2][q], extent[2], periodic)
                d2 = dot(dx, dy, dz, dx, dy, dz)
                if (d2 < limit) & (d2 > limit * small):
                    radial = dot(dx, dy, dz, v[0][p] - v[0][q], v[1][p] - v[1][q], v[2][p] - v[2][q])
                    other = inverse(mass[q])
                    warmer = product(heat[q] * other, per_c) - warmth
                    calm = min(part_of(approaching[p]), part_of(approaching[q]))
                    crowd = min(part_of(count[p]), part_of(count[q]))
                    sums = meet(sums, dx, dy, dz, d2, radial, light + other, warmer, calm, crowd, settings)
        return sums

    return survey


@functools.cache
def resolve_kernel(real):
    """The kernel for any reach: one particle per thread, in the order of the cells."""
    inverse, *_ = arithmetic_of(real)
    survey, write = survey_of(real), write_of(real)
    one, turn = real(1.0), real(math.pi / 2)

    @cuda.jit
    def resolve(state, lists, found, shape, extent, span, periodic, outputs, numbers):
        s = cuda.grid(1)
        if s >= state[2].shape[0]:
            return
        reach, e, relaxation, conductance, c = numbers
        settings = reach, one + e, conductance * turn, inverse(c)
        shape = int32(shape[0]), int32(shape[1]), int32(shape[2])
        p = lists[0][s]
        listed = found[0][p] <= SLOTS
        sums = survey(p, listed, state, lists, found, shape, extent, int32(span), periodic, settings)
        write(p, sums, state, outputs, e, relaxation)

    return resolve


@functools.cache
def load_of(real, slots):
    """The device function that copies what partners need of one particle to its slot."""
    inverse, _, product = arithmetic_of(real)

    @cuda.jit(device=True)
    def load(q, p, tile, state, count, approaching, per_c):
        x, v, mass, heat = state
        light = inverse(mass[p])
        tile[q] = x[0][p]
        tile[q + uint64(slots)] = x[1][p]
        tile[q + uint64(2 * slots)] = x[2][p]
        tile[q + uint64(3 * slots)] = v[0][p]
        tile[q + uint64(4 * slots)] = v[1][p]
        tile[q + uint64(5 * slots)] = v[2][p]
        tile[q + uint64(6 * slots)] = light
        tile[q + uint64(7 * slots)] = product(heat[p] * light, per_c)
        tile[q + uint64(8 * slots)] = inverse(real(max(approaching[p], int32(1))))
        tile[q + uint64(9 * slots)] = inverse(real(max(count[p], int32(1))))

    return load


@functools.cache
def gather_of(real, brick, periodic):
    """The device function that sums up an own particle's contacts in shared memory, from its list or the ranges."""
    nearest, dot = pairs_of(real)
    meet = meet_of(real)
    (_, edges, wide, _), *_ = layout_of(brick.cells)
    nothing, small = (real(0.0),) * NOTHING, real(COINCIDENT * COINCIDENT)
    slots = brick.slots

    @cuda.jit(device=True)
    def at(tile, q):
        place = tile[q], tile[q + uint64(slots)], tile[q + uint64(2 * slots)]
        velocity = tile[q + uint64(3 * slots)], tile[q + uint64(4 * slots)], tile[q + uint64(5 * slots)]
        light, warmth = tile[q + uint64(6 * slots)], tile[q + uint64(7 * slots)]
        return place, velocity, light, warmth, tile[q + uint64(8 * slots)], tile[q + uint64(9 * slots)]

    @cuda.jit(device=True)
    def add(q, tile, own, sums, extent, settings):
        place, velocity, light, warmth, calm, crowd = own
        (x, y, z), (u, v, w), other_light, other_warmth, other_calm, other_crowd = at(tile, q)
        dx = nearest(place[0] - x, extent[0], periodic)
        dy = nearest(place[1] - y, extent[1], periodic)
        dz = nearest(place[2] - z, extent[2], periodic)
        d2 = dot(dx, dy, dz, dx, dy, dz)
        limit = settings[0] * settings[0]
        if (d2 < limit) & (d2 > limit * small):
            radial = dot(dx, dy, dz, velocity[0] - u, velocity[1] - v, velocity[2] - w)
            return meet(
                sums,
                dx,
                dy,
                dz,
                d2,
                radial,
                light + other_light,
                other_warmth - warmth,
                min(calm, other_calm),
                min(crowd, other_crowd),
                settings,
            )
        return sums

    @cuda.jit(device=True)
    def slot(word, k):
        return uint64((word >> int64(16 * k)) & int64(0xFFFF))

    @cuda.jit(device=True)
    def gather(e, s, q, contacts, pitch, tile, edge, words, extent, settings):
        own = at(tile, q)
        sums = nothing
        if contacts <= SLOTS:
            left = contacts
            ahead = words[s] if left > 0 else int64(0)
            while left > 0:
                word = ahead
                left = int32(left - int32(PER_WORD))
                if left > 0:
                    s += pitch
                    ahead = words[s]
                sums = add(slot(word, 0), tile, own, sums, extent, settings)
                sums = add(slot(word, 1), tile, own, sums, extent, settings)
                sums = add(slot(word, 2), tile, own, sums, extent, settings)
                sums = add(slot(word, 3), tile, own, sums, extent, settings)
            return sums
        e = int32(e - int32((wide + 1) * edges + 1))
        for a in range(3):
            for b in range(3):
                first = uint32(e + int32((a * wide + b) * edges))
                turn, stop = edge[first], edge[uint32(first + uint32(3))]
                while turn < stop:
                    sums = add(uint64(turn), tile, own, sums, extent, settings)
                    turn = int32(turn + int32(1))
        return sums

    return gather


@functools.cache
def tile_kernel(real, brick, threads, lanes, registers):
    """The kernel for a reach of one cell: a block per brick, one own particle per thread."""
    inverse, *_ = arithmetic_of(real)
    survey, write, load = survey_of(real), write_of(real), load_of(real, brick.slots)
    gather, gather_around = (gather_of(real, brick, wraps) for wraps in (False, True))
    (rows, edges, _, own_rows), busy, lay_out, locate, bounds = layout_of(brick.cells)
    bx, by, bz = brick.cells
    slots = brick.slots
    edge_room, base_room, own_room = rows * edges, rows + 1, own_rows + 1
    one, quarter_turn = real(1.0), real(math.pi / 2)

    @limited_jit(registers)
    def resolve_bricks(state, lists, found, words, shape, extent, periodic, turns, outputs, numbers):
        edge = cuda.shared.array(edge_room, int32)
        head = cuda.shared.array(rows, int32)
        base = cuda.shared.array(base_room, int32)
        own = cuda.shared.array(own_room, int32)
        tile = cuda.shared.array(0, real)
        order, start, _ = lists
        count, approaching, _ = found
        t = int32(cuda.threadIdx.x)
        ox, oy = int32(cuda.blockIdx.z * bx), int32(cuda.blockIdx.y * by)
        shape = int32(shape[0]), int32(shape[1]), int32(shape[2])
        left = int32(cuda.blockIdx.x * turns * bz)
        right = int32(min(left + turns * bz, shape[2]))
        if not cuda.syncthreads_or(busy(t, start, ox, oy, left, right, shape[0], shape[1], shape[2])):
            return
        reach, e, relaxation, conductance, c = numbers
        per_c = inverse(c)
        settings = reach, one + e, conductance * quarter_turn, per_c
        pitch = uint64(count.shape[0])
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
                        other = min(int32(q + int32(lanes)), int32(end - int32(1)))
                        p = sorted_index(q, ahead, low, high, order)
                        p_other = sorted_index(other, ahead, low, high, order)
                        load(uint64(q), p, tile, state, count, approaching, per_c)
                        load(uint64(other), p_other, tile, state, count, approaching, per_c)
                        q = int32(q + int32(2 * lanes))
            cuda.syncthreads()
            for m in range(t, owned, int32(threads)):
                r, cell_edge, slot = locate(int32(m), edge, own)
                s = uint32(slot - base[uint32(r)] + head[uint32(r)])
                p = uint32(order[s])
                if total > slots:
                    sums = survey(p, False, state, lists, found, shape, extent, int32(1), periodic, settings)
                else:
                    place, q, contacts = uint64(s), uint64(slot), count[p]
                    if periodic:
                        sums = gather_around(
                            cell_edge, place, q, contacts, pitch, tile, edge, words, extent, settings
                        )
                    else:
                        sums = gather(
                            cell_edge, place, q, contacts, pitch, tile, edge, words, extent, settings
                        )
                write(p, sums, state, outputs, e, relaxation)
            cuda.syncthreads()

    return resolve_bricks


def run(position, velocity, mass, heat, lists, outputs, settings):
    grid, cells, contacts, reach, span = lists
    velocity_out, heat_out, push, accounts = outputs

    def axes(a):
        return tuple(device_array(a[axis]) for axis in range(3))

    state = (axes(position), axes(velocity), device_array(mass), device_array(heat))
    sorted_cells = tuple(device_array(a) for a in (cells.order, cells.start, cells.key))
    found = tuple(device_array(a) for a in (contacts.count, contacts.approaching, contacts.partner))
    results = (axes(velocity_out), device_array(heat_out), axes(push), device_array(accounts[CONTACTS]))
    scalar = state[2].dtype.type
    real = float32 if scalar(0).itemsize == 4 else float64
    extent = tuple(scalar(e) for e in grid.extent)
    numbers = tuple(scalar(s) for s in (reach, *settings))
    brick, stream = brick_for(grid, span, str(real)), stream_of(position)
    if brick is None:
        launch = blocks_for(mass.shape[0]), THREADS, stream
        resolve_kernel(real)[launch](
            state, sorted_cells, found, grid.shape, extent, span, grid.periodic, results, numbers
        )
        return
    blocks, turns = bricks_of(grid, brick)
    room = COLUMNS * brick.slots * scalar(0).itemsize
    words = words_of(contacts.partner)
    tile_kernel(real, brick, TILE_THREADS, LANES, REGISTERS)[blocks, TILE_THREADS, stream, room](
        state, sorted_cells, found, words, grid.shape, extent, grid.periodic, turns, results, numbers
    )
