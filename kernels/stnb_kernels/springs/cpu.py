"""Numba: particles in the order of their cells; partners from the list, or from the cells where the list is full.

The loop over a list holds no branch, so that the compiler turns it into vectors. It may add up in another order than
written, always the same one.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from stnb_kernels.accounts import CONTACTS, ELASTIC
from stnb_kernels.neighbours import COINCIDENT, SLOTS
from stnb_kernels.neighbours.cpu import copy_around, count_around, nearest, runs_along_z

CHUNK = 256
ROOM = 512


@njit(error_model="numpy", fastmath={"reassoc", "nsz"})
def gather(p, who, m, columns, extent, periodic, reach, stiffness, damping, conductance, c, time):
    """Sums over the m partners in `who`: impulse (3), the dashpots' (3), heat, products, overlap², conduction."""
    x, y, z, vx, vy, vz, mass, heat, count = columns
    real = mass.dtype.type
    one, half, zero = real(1), real(0.5), real(0)
    half_x, half_y, half_z = half * extent[0], half * extent[1], half * extent[2]
    half_pi = real(0.5 * math.pi)
    limit = reach * reach
    least = limit * real(COINCIDENT * COINCIDENT)
    px, py, pz, ux, uy, uz = x[p], y[p], z[p], vx[p], vy[p], vz[p]
    mine, own_count = mass[p], count[p]
    own_capacity = mine * c
    warmth = heat[p] / own_capacity
    jx = jy = jz = dx = dy = dz = paid = crossed = stored = gained = zero
    for t in range(m):
        q = who[t]
        ax = nearest(px - x[q], extent[0], half_x, periodic)
        ay = nearest(py - y[q], extent[1], half_y, periodic)
        az = nearest(pz - z[q], extent[2], half_z, periodic)
        square = ax * ax + ay * ay + az * az
        touch = (square < limit) & (square > least)
        inverse = one / math.sqrt(square if touch else limit)
        overlap = max(reach - square * inverse, zero)
        overlap = overlap if touch else zero
        speed = (ax * (ux - vx[q]) + ay * (uy - vy[q]) + az * (uz - vz[q])) * inverse
        other = mass[q]
        reduced = mine * other / (mine + other)
        phase = damping * (time * math.sqrt(stiffness / reduced))
        spring = time * stiffness * overlap
        impulse = (spring - (phase + phase) * reduced * speed) / (one + phase)
        impulse = min(max(impulse, zero), spring + spring)
        damped = impulse - spring
        jx += impulse * (ax * inverse)
        jy += impulse * (ay * inverse)
        jz += impulse * (az * inverse)
        dx += damped * (ax * inverse)
        dy += damped * (ay * inverse)
        dz += damped * (az * inverse)
        paid -= half * damped * (speed + half * impulse / reduced)
        crossed += impulse * damped
        stored += overlap * overlap
        capacity = other * c
        joint = own_capacity * capacity / (own_capacity + capacity)
        flow = conductance * half_pi * overlap * (reach - half * overlap)
        crowd = one / real(max(own_count, count[q]))
        gained += (heat[q] / capacity - warmth) * (joint * flow / (joint + flow)) * crowd
    return jx, jy, jz, dx, dy, dz, paid, crossed, stored, gained


@njit(parallel=True, cache=True, error_model="numpy")
def kick(
    x,
    y,
    z,
    vx,
    vy,
    vz,
    mass,
    heat,
    order,
    start,
    key,
    count,
    partner,
    shape,
    extent,
    span,
    periodic,
    out_x,
    out_y,
    out_z,
    out_heat,
    sprung_x,
    sprung_y,
    sprung_z,
    lost,
    elastic,
    reach,
    stiffness,
    damping,
    conductance,
    c,
    time,
    half,
    first,
):
    _, ny, nz = shape
    n = mass.shape[0]
    zero = half - half
    columns = (x, y, z, vx, vy, vz, mass, heat, count)
    for chunk in prange((n + CHUNK - 1) // CHUNK):
        who = np.empty(max(SLOTS, ROOM), np.int32)
        near = (np.empty(ROOM, x.dtype), np.empty(ROOM, x.dtype), np.empty(ROOM, x.dtype), who)
        for s in range(chunk * CHUNK, min(n, (chunk + 1) * CHUNK)):
            p = order[s]
            m = count[p]
            if m <= SLOTS:
                for t in range(m):
                    who[t] = partner[t, p]
            else:
                cell = key[p]
                i, j, k = cell // (ny * nz), (cell // nz) % ny, cell % nz
                begin, last, again, end = runs_along_z(k, span, nz, periodic)
                m = count_around(start, i, j, begin, last, again, end, span, shape, periodic)
                if m > who.shape[0]:
                    who = np.empty(2 * m, np.int32)
                    near = (np.empty(2 * m, x.dtype), np.empty(2 * m, x.dtype), np.empty(2 * m, x.dtype), who)
                copy_around(x, y, z, order, start, i, j, begin, last, again, end, span, shape, periodic, near)
            jx, jy, jz, dx, dy, dz, paid, crossed, stored, gained = gather(
                p, who, m, columns, extent, periodic, reach, stiffness, damping, conductance, c, time
            )
            inverse = half / mass[p]
            energy = paid - (jx * dx + jy * dy + jz * dz - crossed) * inverse
            inverse += inverse
            out_x[p], out_y[p], out_z[p] = vx[p] + jx * inverse, vy[p] + jy * inverse, vz[p] + jz * inverse
            sprung_x[p], sprung_y[p], sprung_z[p] = (
                (jx - dx) * inverse,
                (jy - dy) * inverse,
                (jz - dz) * inverse,
            )
            out_heat[p] = max(heat[p] + (energy + gained), zero)
            lost[p] = energy if first else lost[p] + energy
            elastic[p] = half * half * stiffness * stored


def run(position, velocity, mass, heat, lists, outputs, settings):
    real = position.dtype.type
    grid, cells, contacts, reach, span = lists
    velocity_out, heat_out, sprung, accounts = outputs
    *law, first = settings
    extent = tuple(real(e) for e in grid.extent)
    found = (cells.order, cells.start, cells.key, contacts.count, contacts.partner)
    results = (*velocity_out, heat_out, *sprung, accounts[CONTACTS], accounts[ELASTIC])
    numbers = (real(s) for s in (reach, *law, 0.5))
    inputs = (*position, *velocity, mass, heat)
    kick(*inputs, *found, grid.shape, extent, span, grid.periodic, *results, *numbers, first)
