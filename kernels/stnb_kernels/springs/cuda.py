"""Numba-CUDA: one particle per thread, in the order of the cells; its partners from the cells.

The list serves for its counts only: a particle without contacts is done at once.
"""

from __future__ import annotations

import functools
import math

from numba import cuda, float32, float64, int32, uint32

from stnb_kernels.accounts import CONTACTS, ELASTIC
from stnb_kernels.launch import THREADS, blocks_for, device_array, stream_of
from stnb_kernels.neighbours import COINCIDENT
from stnb_kernels.neighbours.around import pairs_of, run_of_cells


@functools.cache
def press_of(real):
    """The device function for the force of one pair: impulse, the dashpot's part of it, and the heat of that."""
    zero, half, one = real(0.0), real(0.5), real(1.0)

    @cuda.jit(device=True)
    def press(m, o, overlap, speed, stiffness, damping, time):
        reduced = m * o / (m + o)
        phase = damping * (time * math.sqrt(stiffness / reduced))
        spring = time * stiffness * overlap
        impulse = (spring - (phase + phase) * reduced * speed) / (one + phase)
        impulse = min(max(impulse, zero), spring + spring)
        damped = impulse - spring
        return impulse, damped, -half * damped * (speed + half * impulse / reduced)

    return press


@functools.cache
def exchange_of(real):
    """The device function for the heat that one pair conducts, before it is shared among the contacts."""
    half, half_pi = real(0.5), real(0.5 * math.pi)

    @cuda.jit(device=True)
    def exchange(mine, other, warm, warmer, overlap, reach, conductance):
        joint = mine * other / (mine + other)
        link = conductance * half_pi * overlap * (reach - half * overlap)
        return (warmer / other - warm / mine) * (joint * link / (joint + link))

    return exchange


@functools.cache
def kick_kernel(real):
    nearest, dot = pairs_of(real)
    press, exchange = press_of(real), exchange_of(real)
    zero, half, one = real(0.0), real(0.5), real(1.0)
    coincident = real(COINCIDENT * COINCIDENT)

    @cuda.jit
    def kick(
        x,
        v,
        mass,
        heat,
        lists,
        count,
        shape,
        extent,
        span,
        periodic,
        out,
        out_heat,
        sprung,
        accounts,
        law,
        first,
    ):
        s = cuda.grid(1)
        if s >= mass.shape[0]:
            return
        order, start, key = lists
        reach, stiffness, damping, conductance, c, time = law
        nx, ny, nz = int32(shape[0]), int32(shape[1]), int32(shape[2])
        span = int32(span)
        p = uint32(order[s])
        px, py, pz = x[0, p], x[1, p], x[2, p]
        ux, uy, uz = v[0, p], v[1, p], v[2, p]
        m, warm, crowd = mass[p], heat[p], count[p]
        limit = reach * reach
        least = limit * coincident
        jx = jy = jz = sx = sy = sz = energy = crossed = stored = gained = zero
        if crowd > 0:
            cell = key[p]
            width = int32(int32(2) * span + int32(1))
            for turn in range(int32(int32(2) * width * width)):
                t, stop = run_of_cells(int32(turn), cell, span, nx, ny, nz, periodic, start)
                while t < stop:
                    q = uint32(order[uint32(t)])
                    t = int32(t + int32(1))
                    dx = nearest(px - x[0, q], extent[0], periodic)
                    dy = nearest(py - x[1, q], extent[1], periodic)
                    dz = nearest(pz - x[2, q], extent[2], periodic)
                    d2 = dot(dx, dy, dz, dx, dy, dz)
                    if d2 < limit and d2 > least:
                        inverse = one / math.sqrt(d2)
                        overlap = max(reach - d2 * inverse, zero)
                        speed = dot(dx, dy, dz, ux - v[0, q], uy - v[1, q], uz - v[2, q]) * inverse
                        dx, dy, dz = dx * inverse, dy * inverse, dz * inverse
                        o = mass[q]
                        impulse, damped, paid = press(m, o, overlap, speed, stiffness, damping, time)
                        jx, jy, jz = jx + impulse * dx, jy + impulse * dy, jz + impulse * dz
                        sx, sy, sz = sx + damped * dx, sy + damped * dy, sz + damped * dz
                        energy += paid
                        crossed += impulse * damped
                        stored += overlap * overlap
                        flow = exchange(m * c, o * c, warm, heat[q], overlap, reach, conductance)
                        gained += flow / real(max(crowd, count[q]))
        energy -= half * (jx * sx + jy * sy + jz * sz - crossed) / m
        out[0, p], out[1, p], out[2, p] = ux + jx / m, uy + jy / m, uz + jz / m
        sprung[0, p], sprung[1, p], sprung[2, p] = (jx - sx) / m, (jy - sy) / m, (jz - sz) / m
        out_heat[p] = max(warm + (energy + gained), zero)
        accounts[CONTACTS, p] = energy if first else accounts[CONTACTS, p] + energy
        accounts[ELASTIC, p] = half * half * stiffness * stored

    return kick


def run(position, velocity, mass, heat, lists, outputs, settings):
    grid, cells, contacts, reach, span = lists
    columns = [device_array(a) for a in (position, velocity, mass, heat)]
    found = tuple(device_array(a) for a in (cells.order, cells.start, cells.key))
    results = [device_array(a) for a in outputs]
    *law, first = settings
    scalar = columns[0].dtype.type
    real = float32 if scalar(0).itemsize == 4 else float64
    box = (grid.shape, tuple(scalar(e) for e in grid.extent), span, grid.periodic)
    numbers = tuple(scalar(s) for s in (reach, *law))
    kick_kernel(real)[blocks_for(mass.shape[0]), THREADS, stream_of(position)](
        *columns, found, device_array(contacts.count), *box, *results, numbers, first
    )
