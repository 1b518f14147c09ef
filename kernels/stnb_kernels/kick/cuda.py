"""Numba-CUDA: one particle per thread; five fields read at the same eight corners."""

from __future__ import annotations

import functools
import math

from numba import cuda, float32, float64, int32

from stnb_kernels.accounts import DRAG, LIMITER, PRESSURE, PROJECTION, RADIATION
from stnb_kernels.cells.cuda import coordinate_of
from stnb_kernels.cells.reference import MARGIN
from stnb_kernels.drift.cuda import press_of
from stnb_kernels.launch import THREADS, blocks_for, device_array, stream_of


@cuda.jit(device=True)
def value(field, i, i1, j, j1, k, k1, fx, fy, fz, ex, ey, ez):
    """Value of the trilinear interpolant."""
    near = (field[i, j, k] * ez + field[i, j, k1] * fz) * ey + (
        field[i, j1, k] * ez + field[i, j1, k1] * fz
    ) * fy
    far = (field[i1, j, k] * ez + field[i1, j, k1] * fz) * ey + (
        field[i1, j1, k] * ez + field[i1, j1, k1] * fz
    ) * fy
    return near * ex + far * fx


@cuda.jit(device=True)
def slopes(field, i, i1, j, j1, k, k1, fx, fy, fz, ex, ey, ez):
    """Value of the interpolant, and its slopes along the three axes per spacing."""
    f000, f001, f010, f011 = field[i, j, k], field[i, j, k1], field[i, j1, k], field[i, j1, k1]
    f100, f101, f110, f111 = field[i1, j, k], field[i1, j, k1], field[i1, j1, k], field[i1, j1, k1]
    b00, b01 = f000 * ez + f001 * fz, f010 * ez + f011 * fz
    b10, b11 = f100 * ez + f101 * fz, f110 * ez + f111 * fz
    near, far = b00 * ey + b01 * fy, b10 * ey + b11 * fy
    along_y = (b01 - b00) * ex + (b11 - b10) * fx
    along_z = ((f001 - f000) * ey + (f011 - f010) * fy) * ex + ((f101 - f100) * ey + (f111 - f110) * fy) * fx
    return near * ex + far * fx, far - near, along_y, along_z


@functools.cache
def differences_of(real):
    """The device function for the blend of central differences at the eight corners, per spacing."""
    zero, half = real(0.0), real(0.5)

    @cuda.jit(device=True)
    def beyond(field, i, j, k, nx, ny, nz, periodic, free):
        if periodic:
            return field[(i + nx) % nx, (j + ny) % ny, (k + nz) % nz]
        ci, cj, ck = (
            min(max(i, int32(0)), nx - 1),
            min(max(j, int32(0)), ny - 1),
            min(max(k, int32(0)), nz - 1),
        )
        inside = field[ci, cj, ck]
        if ci == i and cj == j and ck == k:
            return inside
        if not free:
            return zero
        return inside + inside - field[ci + ci - i, cj + cj - j, ck + ck - k]

    @cuda.jit(device=True)
    def smooth(field, i, j, k, nx, ny, nz, fx, fy, fz, ex, ey, ez, periodic, free):
        gx = gy = gz = zero
        for corner in range(8):
            a, b, c = int32(corner >> 2), int32((corner >> 1) & 1), int32(corner & 1)
            w = (fx if a else ex) * (fy if b else ey) * (fz if c else ez)
            ia, jb, kc = i + a, j + b, k + c
            gx += w * (
                beyond(field, ia + 1, jb, kc, nx, ny, nz, periodic, free)
                - beyond(field, ia - 1, jb, kc, nx, ny, nz, periodic, free)
            )
            gy += w * (
                beyond(field, ia, jb + 1, kc, nx, ny, nz, periodic, free)
                - beyond(field, ia, jb - 1, kc, nx, ny, nz, periodic, free)
            )
            gz += w * (
                beyond(field, ia, jb, kc + 1, nx, ny, nz, periodic, free)
                - beyond(field, ia, jb, kc - 1, nx, ny, nz, periodic, free)
            )
        return half * gx, half * gy, half * gz

    return smooth


@functools.cache
def gather_kernel(real, momentum):
    """The kernel for one float type and one of the two forces."""
    coordinate = coordinate_of(real)
    smooth = differences_of(real)
    press = press_of(real)
    zero, half, one, third = real(0.0), real(0.5), real(1.0), real(1.0 / 3.0)

    @cuda.jit(device=True)
    def over(square, limit):
        """The factor that shortens a vector of this squared length to the limit; 0 is no limit."""
        if limit > zero and square > limit * limit:
            return limit / math.sqrt(square)
        return one

    @cuda.jit
    def gather(
        x,
        v,
        d,
        mass,
        heat,
        field,
        weight,
        warmth,
        share,
        keep,
        a,
        t,
        potential,
        accounts,
        out,
        out_heat,
        inverse,
        periodic,
        free,
        kick,
        c,
        gas,
        drag,
        cooling,
        steepest,
        fastest,
    ):
        p = cuda.grid(1)
        if p >= mass.shape[0]:
            return
        nx, ny, nz = int32(field.shape[0]), int32(field.shape[1]), int32(field.shape[2])
        margin = real(MARGIN)
        gx = coordinate(x[0, p], inverse, real(nx), real(nx) - margin, periodic)
        gy = coordinate(x[1, p], inverse, real(ny), real(ny) - margin, periodic)
        gz = coordinate(x[2, p], inverse, real(nz), real(nz) - margin, periodic)
        i, j, k = int32(gx), int32(gy), int32(gz)
        i1, j1, k1 = i + int32(1), j + int32(1), k + int32(1)
        if periodic:
            i1 = i1 if i1 < nx else int32(0)
            j1 = j1 if j1 < ny else int32(0)
            k1 = k1 if k1 < nz else int32(0)
        fx, fy, fz = gx - real(i), gy - real(j), gz - real(k)
        ex, ey, ez = one - fx, one - fy, one - fz
        m, q = mass[p], heat[p]

        kept = value(keep, i, i1, j, j1, k, k1, fx, fy, fz, ex, ey, ez)
        gained = value(share, i, i1, j, j1, k, k1, fx, fy, fz, ex, ey, ez)
        q += q * kept + m * c * gained

        phi, sx, sy, sz = slopes(field, i, i1, j, j1, k, k1, fx, fy, fz, ex, ey, ez)
        if momentum:
            sx, sy, sz = smooth(field, i, j, k, nx, ny, nz, fx, fy, fz, ex, ey, ez, periodic, free)
        potential[p] = phi
        sx, sy, sz = sx * inverse, sy * inverse, sz * inverse
        scale = over(sx * sx + sy * sy + sz * sz, steepest)
        sx, sy, sz = scale * sx, scale * sy, scale * sz
        a[0, p], a[1, p], a[2, p] = -sx, -sy, -sz
        accounts[PROJECTION, p] += half * m * (sx * d[0, p] + sy * d[1, p] + sz * d[2, p])
        ux, uy, uz = v[0, p] - kick * sx, v[1, p] - kick * sy, v[2, p] - kick * sz

        px = py = pz = zero
        if gas > zero:
            density = value(weight, i, i1, j, j1, k, k1, fx, fy, fz, ex, ey, ez)
            if density > zero:
                _, sx, sy, sz = slopes(warmth, i, i1, j, j1, k, k1, fx, fy, fz, ex, ey, ez)
                scale = -gas * inverse / density
                px, py, pz = scale * sx, scale * sy, scale * sz
                scale = over(px * px + py * py + pz * pz, steepest)
                px, py, pz = scale * px, scale * py, scale * pz
            cx, cy, cz, work = press(ux, uy, uz, kick * px, kick * py, kick * pz, m, q)
            ux, uy, uz = ux + cx, uy + cy, uz + cz
            q -= work
            accounts[PRESSURE, p] += work
        t[0, p], t[1, p], t[2, p] = px, py, pz

        rate = drag * kick / m
        slowed = -half * m * (ux * ux + uy * uy + uz * uz) * math.expm1(-rate - rate)
        fade = math.exp(-rate)
        accounts[DRAG, p] += slowed
        ux, uy, uz = ux * fade, uy * fade, uz * fade
        square = ux * ux + uy * uy + uz * uz
        scale = over(square, fastest)
        cut = half * m * square * (one - scale * scale)
        accounts[LIMITER, p] = cut
        q += slowed + cut
        out[0, p], out[1, p], out[2, p] = scale * ux, scale * uy, scale * uz

        left = zero
        if cooling > zero and q > zero:
            capacity = m * c
            hot = q / capacity
            left = -q * math.expm1(-third * math.log1p(cooling / capacity * hot * hot * hot))
        accounts[RADIATION, p] = left
        out_heat[p] = q - left

    return gather


def run(position, velocity, push, mass, heat, grid, fields, outputs, settings):
    dt, specific_heat, gas, drag, radiance, steepest, fastest, momentum, free = settings
    inputs = [device_array(a) for a in (position, velocity, push, mass, heat, *fields)]
    results = [device_array(a) for a in outputs]
    scalar = inputs[0].dtype.type
    real = float32 if scalar(0).itemsize == 4 else float64
    numbers = (0.5 * dt, specific_heat, gas / specific_heat, drag, 3 * radiance * dt, steepest, fastest)
    gather_kernel(real, momentum)[blocks_for(mass.shape[0]), THREADS, stream_of(position)](
        *inputs,
        *results,
        scalar(1.0 / grid.spacing),
        grid.periodic,
        free,
        *(scalar(s) for s in numbers),
    )
