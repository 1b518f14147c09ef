"""Numba: one particle per iteration; five fields read at the same eight corners."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from stnb_kernels.accounts import DRAG, LIMITER, PRESSURE, PROJECTION, RADIATION
from stnb_kernels.cells.cpu import axis_constants, coordinate
from stnb_kernels.drift.cpu import press_scale


@njit
def corner_values(field, i, i1, j, j1, k, k1, fz, ez):
    """The field on the four edges along z that surround the particle, and their slopes."""
    a, b = field[i, j, k], field[i, j, k1]
    c, d = field[i, j1, k], field[i, j1, k1]
    e, f = field[i1, j, k], field[i1, j, k1]
    g, h = field[i1, j1, k], field[i1, j1, k1]
    edges = (a * ez + b * fz, c * ez + d * fz, e * ez + f * fz, g * ez + h * fz)
    return edges, (b - a, d - c, f - e, h - g)


@njit
def blend(values, fx, fy, ex, ey):
    """Value of four edges at one point."""
    return (values[0] * ey + values[1] * fy) * ex + (values[2] * ey + values[3] * fy) * fx


@njit
def gradient(edges, slopes, fx, fy, ex, ey):
    """Slopes of the interpolant along the three axes, per spacing."""
    along_x = (edges[2] * ey + edges[3] * fy) - (edges[0] * ey + edges[1] * fy)
    along_y = (edges[1] - edges[0]) * ex + (edges[3] - edges[2]) * fx
    return along_x, along_y, blend(slopes, fx, fy, ex, ey)


@njit
def beyond(field, i, j, k, periodic, free):
    """φ at a node that may lie one outside: wrapped, grounded to zero, or extended along a straight line."""
    nx, ny, nz = field.shape
    if periodic:
        return field[i % nx, j % ny, k % nz]
    ci, cj, ck = min(max(i, 0), nx - 1), min(max(j, 0), ny - 1), min(max(k, 0), nz - 1)
    if ci == i and cj == j and ck == k:
        return field[i, j, k]
    if not free:
        return field[ci, cj, ck] - field[ci, cj, ck]
    return field[ci, cj, ck] + field[ci, cj, ck] - field[ci + ci - i, cj + cj - j, ck + ck - k]


@njit
def smooth_gradient(field, i, j, k, fx, fy, fz, ex, ey, ez, half, periodic, free):
    """Trilinear blend of the central differences at the eight corners, per spacing."""
    gx = gy = gz = half - half
    for a in range(2):
        for b in range(2):
            for c in range(2):
                w = (fx if a else ex) * (fy if b else ey) * (fz if c else ez)
                ia, jb, kc = i + a, j + b, k + c
                if periodic:
                    ia, jb, kc = ia % field.shape[0], jb % field.shape[1], kc % field.shape[2]
                gx += w * (
                    beyond(field, ia + 1, jb, kc, periodic, free)
                    - beyond(field, ia - 1, jb, kc, periodic, free)
                )
                gy += w * (
                    beyond(field, ia, jb + 1, kc, periodic, free)
                    - beyond(field, ia, jb - 1, kc, periodic, free)
                )
                gz += w * (
                    beyond(field, ia, jb, kc + 1, periodic, free)
                    - beyond(field, ia, jb, kc - 1, periodic, free)
                )
    return half * gx, half * gy, half * gz


@njit(inline="always")
def over(square, limit):
    """The factor that shortens a vector of this squared length to the limit; 0 is no limit."""
    if limit > 0 and square > limit * limit:
        return limit / math.sqrt(square)
    return limit - limit + 1


@njit(parallel=True, cache=True)
def gather(
    x,
    y,
    z,
    vx,
    vy,
    vz,
    dx,
    dy,
    dz,
    mass,
    heat,
    field,
    weight,
    warmth,
    share,
    keep,
    ax,
    ay,
    az,
    tx,
    ty,
    tz,
    potential,
    dragged,
    pressed,
    pushed,
    radiated,
    capped,
    out_x,
    out_y,
    out_z,
    out_heat,
    inverse,
    nodes,
    top,
    periodic,
    momentum,
    free,
    kick,
    c,
    gas,
    drag,
    cooling,
    steepest,
    fastest,
    half,
    third,
):
    """Kick every particle; `gas` is k/c and `cooling` 3·ε·σ·A·dt."""
    nx, ny, nz = field.shape
    one = half + half
    zero = half - half
    for p in prange(mass.shape[0]):
        gx = coordinate(x[p], inverse, nodes[0], top[0], periodic)
        gy = coordinate(y[p], inverse, nodes[1], top[1], periodic)
        gz = coordinate(z[p], inverse, nodes[2], top[2], periodic)
        i, j, k = np.int64(gx), np.int64(gy), np.int64(gz)
        i1, j1, k1 = i + 1, j + 1, k + 1
        if periodic:
            i1 = i1 if i1 < nx else 0
            j1 = j1 if j1 < ny else 0
            k1 = k1 if k1 < nz else 0
        fx, fy, fz = nodes.dtype.type(gx - i), nodes.dtype.type(gy - j), nodes.dtype.type(gz - k)
        ex, ey, ez = one - fx, one - fy, one - fz
        m, q = mass[p], heat[p]

        kept = blend(corner_values(keep, i, i1, j, j1, k, k1, fz, ez)[0], fx, fy, ex, ey)
        gained = blend(corner_values(share, i, i1, j, j1, k, k1, fz, ez)[0], fx, fy, ex, ey)
        q += q * kept + m * c * gained

        edges, slopes = corner_values(field, i, i1, j, j1, k, k1, fz, ez)
        potential[p] = blend(edges, fx, fy, ex, ey)
        if momentum:
            sx, sy, sz = smooth_gradient(field, i, j, k, fx, fy, fz, ex, ey, ez, half, periodic, free)
        else:
            sx, sy, sz = gradient(edges, slopes, fx, fy, ex, ey)
        sx, sy, sz = sx * inverse, sy * inverse, sz * inverse
        if steepest > 0:
            scale = over(sx * sx + sy * sy + sz * sz, steepest)
            sx, sy, sz = scale * sx, scale * sy, scale * sz
        ax[p], ay[p], az[p] = -sx, -sy, -sz
        pushed[p] += half * m * (sx * dx[p] + sy * dy[p] + sz * dz[p])
        ux, uy, uz = vx[p] - kick * sx, vy[p] - kick * sy, vz[p] - kick * sz

        work = px = py = pz = zero
        if gas > 0:
            density = blend(corner_values(weight, i, i1, j, j1, k, k1, fz, ez)[0], fx, fy, ex, ey)
            if density > 0:
                warm, steep = corner_values(warmth, i, i1, j, j1, k, k1, fz, ez)
                sx, sy, sz = gradient(warm, steep, fx, fy, ex, ey)
                scale = -gas * inverse / density
                px, py, pz = scale * sx, scale * sy, scale * sz
                if steepest > 0:
                    scale = over(px * px + py * py + pz * pz, steepest)
                    px, py, pz = scale * px, scale * py, scale * pz
            cx, cy, cz = kick * px, kick * py, kick * pz
            linear = m * (ux * cx + uy * cy + uz * cz)
            square = half * m * (cx * cx + cy * cy + cz * cz)
            work, budget = linear + square, half * q
            if work > budget:
                s = press_scale(linear, square, budget)
                cx, cy, cz, work = s * cx, s * cy, s * cz, budget
            ux, uy, uz = ux + cx, uy + cy, uz + cz
            q -= work
        tx[p], ty[p], tz[p] = px, py, pz
        pressed[p] += work

        rate = drag * kick / m
        slowed = -half * m * (ux * ux + uy * uy + uz * uz) * math.expm1(-rate - rate)
        fade = math.exp(-rate)
        q += slowed
        dragged[p] += slowed
        ux, uy, uz = ux * fade, uy * fade, uz * fade
        cut = zero
        if fastest > 0:
            square = ux * ux + uy * uy + uz * uz
            scale = over(square, fastest)
            ux, uy, uz = scale * ux, scale * uy, scale * uz
            cut = half * m * square * (one - scale * scale)
        capped[p] = cut
        q += cut
        out_x[p], out_y[p], out_z[p] = ux, uy, uz

        left = zero
        if cooling > 0 and q > 0:
            capacity = m * c
            hot = q / capacity
            left = -q * math.expm1(-third * math.log1p(cooling / capacity * hot * hot * hot))
        radiated[p] = left
        out_heat[p] = q - left


def run(position, velocity, push, mass, heat, grid, fields, outputs, settings):
    real = position.dtype.type
    acceleration, thrust, potential, accounts, velocity_out, heat_out = outputs
    dt, specific_heat, gas, drag, radiance, steepest, fastest, momentum, free = settings
    inverse, nodes, top = axis_constants(grid, position.dtype)
    inputs = (*position, *velocity, *push, mass, heat, *fields)
    rows = (accounts[DRAG], accounts[PRESSURE], accounts[PROJECTION], accounts[RADIATION], accounts[LIMITER])
    results = (*acceleration, *thrust, potential, *rows, *velocity_out, heat_out)
    numbers = (0.5 * dt, specific_heat, gas / specific_heat, drag, 3 * radiance * dt)
    bounds = (steepest, fastest, 0.5, 1 / 3)
    flags = (grid.periodic, momentum, free)
    gather(*inputs, *results, inverse, nodes, top, *flags, *(real(s) for s in (*numbers, *bounds)))
