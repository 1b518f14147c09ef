"""Numba: particles in the order of their cells; partners from the list, or from the cells where the list is full.

The loop over a list holds no branch, so that the compiler turns it into vectors. It may add up in another order than
written, always the same one.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from stnb_kernels.accounts import CONTACTS
from stnb_kernels.contacts import UNSHARED
from stnb_kernels.neighbours import COINCIDENT, SLOTS
from stnb_kernels.neighbours.cpu import copy_around, count_around, nearest, runs_along_z

CHUNK = 256
ROOM = 512


@njit(error_model="numpy", fastmath={"reassoc", "nsz"})
def gather(p, who, m, columns, extent, periodic, reach, e, conductance, c):
    """Sums over the m partners in `who`, up to factors of the particle alone.

    Impulse (3), push times mass over β (3), J·(1 + e)·μ·|v_n|, J·|v_n|, heat by conduction. Divisions take as long as
    all the rest, so what pairs have in common is divided once.
    """
    x, y, z, vx, vy, vz, mass, heat, count, approaching = columns
    real = mass.dtype.type
    one, half, zero, unshared = real(1), real(0.5), real(0), real(UNSHARED)
    half_x, half_y, half_z = half * extent[0], half * extent[1], half * extent[2]
    half_pi = real(0.5 * math.pi)
    limit = reach * reach
    least = limit * real(COINCIDENT * COINCIDENT)
    px, py, pz, ux, uy, uz = x[p], y[p], z[p], vx[p], vy[p], vz[p]
    mine, own_count, own_nearing = mass[p], count[p], approaching[p]
    per_c = one / c
    warmth = heat[p] / mine
    jx = jy = jz = dx = dy = dz = fulls = speeds = gained = zero
    for t in range(m):
        q = who[t]
        ax = nearest(px - x[q], extent[0], half_x, periodic)
        ay = nearest(py - y[q], extent[1], half_y, periodic)
        az = nearest(pz - z[q], extent[2], half_z, periodic)
        square = ax * ax + ay * ay + az * az
        touch = (square < limit) & (square > least)
        inverse = one / math.sqrt(square if touch else limit)
        other = mass[q]
        reduced = mine * other / (mine + other)
        speed = -(ax * (ux - vx[q]) + ay * (uy - vy[q]) + az * (uz - vz[q])) * inverse
        bounces = touch & (speed > zero)
        speed = speed if bounces else zero
        full = (one + e) * reduced * speed
        impulse = full / real(max(own_nearing, approaching[q], 1))
        overlap = max(reach - square * inverse, zero)
        crowd = one / real(max(own_count, count[q], 1))
        crowd = crowd if touch else zero
        joint = reduced * c
        link = conductance * half_pi * overlap * (reach - half * overlap)
        jx += impulse * (ax * inverse)
        jy += impulse * (ay * inverse)
        jz += impulse * (az * inverse)
        push = overlap * reduced * min(one, unshared * crowd)
        dx += push * (ax * inverse)
        dy += push * (ay * inverse)
        dz += push * (az * inverse)
        fulls += impulse * full
        speeds += impulse * speed
        gained += (heat[q] / other - warmth) * per_c * (joint * link / (joint + link)) * crowd
    return jx, jy, jz, dx, dy, dz, fulls, speeds, gained


@njit(parallel=True, cache=True, error_model="numpy")
def resolve(
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
    approaching,
    partner,
    shape,
    extent,
    span,
    periodic,
    out_x,
    out_y,
    out_z,
    out_heat,
    push_x,
    push_y,
    push_z,
    lost,
    reach,
    e,
    relaxation,
    conductance,
    c,
    half,
):
    _, ny, nz = shape
    n = mass.shape[0]
    columns = (x, y, z, vx, vy, vz, mass, heat, count, approaching)
    keep = half - half * e
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
                first, last, again, end = runs_along_z(k, span, nz, periodic)
                m = count_around(start, i, j, first, last, again, end, span, shape, periodic)
                if m > who.shape[0]:
                    who = np.empty(2 * m, np.int32)
                    near = (np.empty(2 * m, x.dtype), np.empty(2 * m, x.dtype), np.empty(2 * m, x.dtype), who)
                copy_around(x, y, z, order, start, i, j, first, last, again, end, span, shape, periodic, near)
            jx, jy, jz, dx, dy, dz, fulls, speeds, gained = gather(
                p, who, m, columns, extent, periodic, reach, e, conductance, c
            )
            inverse = half / mass[p]
            inverse += inverse
            energy = half * (inverse * (fulls - (jx * jx + jy * jy + jz * jz)) + keep * speeds)
            out_x[p], out_y[p], out_z[p] = vx[p] + jx * inverse, vy[p] + jy * inverse, vz[p] + jz * inverse
            out_heat[p] = heat[p] + (energy + gained)
            part = relaxation * inverse
            push_x[p], push_y[p], push_z[p] = part * dx, part * dy, part * dz
            lost[p] = energy


def run(position, velocity, mass, heat, lists, outputs, settings):
    real = position.dtype.type
    grid, cells, contacts, reach, span = lists
    velocity_out, heat_out, push, accounts = outputs
    extent = tuple(real(e) for e in grid.extent)
    found = (cells.order, cells.start, cells.key, contacts.count, contacts.approaching, contacts.partner)
    results = (*velocity_out, heat_out, *push, accounts[CONTACTS])
    numbers = (real(s) for s in (reach, *settings, 0.5))
    inputs = (*position, *velocity, mass, heat)
    resolve(*inputs, *found, grid.shape, extent, span, grid.periodic, *results, *numbers)
