"""Numba: one particle per iteration; three fields read at the same eight corners."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from stnb_kernels.cells.cpu import axis_constants, coordinate


@njit(inline="always")
def blend(field, i, i1, j, j1, k, k1, fx, fy, fz, one):
    """Trilinear value at one point."""
    ez, ey = one - fz, one - fy
    near = (field[i, j, k] * ez + field[i, j, k1] * fz) * ey + (
        field[i, j1, k] * ez + field[i, j1, k1] * fz
    ) * fy
    far = (field[i1, j, k] * ez + field[i1, j, k1] * fz) * ey + (
        field[i1, j1, k] * ez + field[i1, j1, k1] * fz
    ) * fy
    return near * (one - fx) + far * fx


@njit(parallel=True, cache=True)
def gather(
    x,
    y,
    z,
    vx,
    vy,
    vz,
    mass,
    heat,
    field,
    share,
    keep,
    ax,
    ay,
    az,
    potential,
    inverse,
    nodes,
    top,
    periodic,
    half,
    c,
):
    nx, ny, nz = field.shape
    one = nodes.dtype.type(1)
    for p in prange(x.shape[0]):
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
        f000, f001, f010, f011 = field[i, j, k], field[i, j, k1], field[i, j1, k], field[i, j1, k1]
        f100, f101, f110, f111 = field[i1, j, k], field[i1, j, k1], field[i1, j1, k], field[i1, j1, k1]
        b00, b01 = f000 * ez + f001 * fz, f010 * ez + f011 * fz
        b10, b11 = f100 * ez + f101 * fz, f110 * ez + f111 * fz
        near, far = b00 * ey + b01 * fy, b10 * ey + b11 * fy
        slope_z = ((f001 - f000) * ey + (f011 - f010) * fy) * ex + (
            (f101 - f100) * ey + (f111 - f110) * fy
        ) * fx
        accel_x = (near - far) * inverse
        accel_y = ((b00 - b01) * ex + (b10 - b11) * fx) * inverse
        accel_z = -slope_z * inverse
        ax[p] = accel_x
        ay[p] = accel_y
        az[p] = accel_z
        vx[p] += half * accel_x
        vy[p] += half * accel_y
        vz[p] += half * accel_z
        potential[p] = near * ex + far * fx
        kept = blend(keep, i, i1, j, j1, k, k1, fx, fy, fz, one)
        gained = blend(share, i, i1, j, j1, k, k1, fx, fy, fz, one)
        heat[p] += heat[p] * kept + mass[p] * c * gained


def run(
    position,
    velocity,
    mass,
    heat,
    grid,
    node_potential,
    share,
    keep,
    acceleration,
    potential,
    dt,
    specific_heat,
):
    real = position.dtype.type
    inverse, nodes, top = axis_constants(grid, position.dtype)
    gather(
        *position,
        *velocity,
        mass,
        heat,
        node_potential,
        share,
        keep,
        *acceleration,
        potential,
        inverse,
        nodes,
        top,
        grid.periodic,
        real(0.5 * dt),
        real(specific_heat),
    )
