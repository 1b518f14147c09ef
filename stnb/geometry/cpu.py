"""Numba: what a map needs of its rows in one pass over them, and its result in a second one.

The functions of one number a row lie between the two passes and are torch's, whose exponentials are vectorised. Sums
run in float64. Rows beyond 7/8 of the ball in float64 get the gap of `stnb.geometry.rim`, by the same exact sums.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

CLOSE = 0.125
SPLITTER = 134217729.0
LOOSE = {"reassoc", "contract", "nsz"}


@njit(fastmath=LOOSE)
def grid_sums(x, n, unit):
    """Σh² and Σ(x + h)(x − h) for x = h + l with h on a grid of spacing `unit`: the first is exact in any order."""
    whole = rest = 0.0
    for i in range(x.shape[1]):
        h = np.rint(x[n, i] * (1.0 / unit)) * unit
        whole += h * h
        rest += (x[n, i] + h) * (x[n, i] - h)
    return whole, rest


@njit
def exact_gap(whole, rest, c):
    """1 − c·(whole + rest), with the rounding error of the product given back: nothing here may be reordered."""
    product = c * whole
    big = SPLITTER * c
    ch = big - (big - c)
    cl = c - ch
    big = SPLITTER * whole
    sh = big - (big - whole)
    sl = whole - sh
    error = ((ch * sh - product) + ch * sl + cl * sh) + cl * sl
    return ((1.0 - product) - error) - c * rest


@njit(fastmath=LOOSE)
def product(x, y, n):
    """⟨x, y⟩ of row n."""
    total = 0.0
    for i in range(x.shape[1]):
        total += np.float64(x[n, i]) * np.float64(y[n, i])
    return total


@njit(fastmath=LOOSE)
def three_squares(x, y, n, sign):
    """‖x‖², ‖y‖² and ‖y + sign·x‖² of row n."""
    xx = yy = apart = 0.0
    for i in range(x.shape[1]):
        p, q = np.float64(x[n, i]), np.float64(y[n, i])
        e = q + sign * p
        xx += p * p
        yy += q * q
        apart += e * e
    return xx, yy, apart


@njit(fastmath=LOOSE)
def three_products(x, u, n):
    """‖x‖², ‖u‖² and ⟨x, u⟩ of row n."""
    xx = uu = xu = 0.0
    for i in range(x.shape[1]):
        p, q = np.float64(x[n, i]), np.float64(u[n, i])
        xx += p * p
        uu += q * q
        xu += p * q
    return xx, uu, xu


@njit(fastmath=LOOSE)
def five_sums(x, y, w, n):
    """‖x‖², ‖y‖², ‖D‖², ⟨x, w⟩ and ⟨D, w⟩ of row n, D = y − x."""
    xx = yy = far = xw = Dw = 0.0
    for i in range(x.shape[1]):
        p, q, r = np.float64(x[n, i]), np.float64(y[n, i]), np.float64(w[n, i])
        e = q - p
        xx += p * p
        yy += q * q
        far += e * e
        xw += p * r
        Dw += e * r
    return xx, yy, far, xw, Dw


@njit(fastmath=LOOSE)
def blended_square(x, u, n, k):
    """‖x + k·u‖² of row n."""
    total = 0.0
    for i in range(x.shape[1]):
        part = np.float64(x[n, i]) + k * np.float64(u[n, i])
        total += part * part
    return total


@njit(parallel=True, cache=True)
def mend(x, c, unit, a):
    """Replace gaps near the rim by exact ones; unit = 0 says that they are exact enough, as they are for float32."""
    if unit > 0.0:
        for n in prange(x.shape[0]):
            if a[n] < CLOSE:
                whole, rest = grid_sums(x, n, unit)
                a[n] = exact_gap(whole, rest, c)


@njit(parallel=True, cache=True)
def products(x, y, out):
    """⟨x, y⟩ of each row."""
    for n in prange(x.shape[0]):
        out[n] = product(x, y, n)


@njit(parallel=True, cache=True)
def gaps(x, c, unit, out):
    """1 − c‖x‖² of each row."""
    for n in prange(x.shape[0]):
        out[n] = 1.0 - c * product(x, x, n)
    mend(x, c, unit, out)


@njit(parallel=True, cache=True)
def pairs(x, y, sign, c, unit, a, b, apart):
    """Gaps of x and y, and ‖y + sign·x‖². A row that is no point of the ball leaves a gap that is not positive."""
    for n in prange(x.shape[0]):
        xx, yy, between = three_squares(x, y, n, sign)
        a[n], b[n], apart[n] = 1.0 - c * xx, 1.0 - c * yy, between
    mend(x, c, unit, a)
    mend(y, c, unit, b)


@njit(parallel=True, cache=True)
def starts(x, u, c, unit, a, uu, xu):
    """Gaps of x, ‖u‖² and ⟨x, u⟩."""
    for n in prange(x.shape[0]):
        xx, uu[n], xu[n] = three_products(x, u, n)
        a[n] = 1.0 - c * xx
    mend(x, c, unit, a)


@njit(parallel=True, cache=True)
def triangles(x, y, w, c, unit, a, b, far, xw, Dw):
    """Gaps of x and y, ‖D‖², ⟨x, w⟩ and ⟨D, w⟩, D = y − x."""
    for n in prange(x.shape[0]):
        xx, yy, far[n], xw[n], Dw[n] = five_sums(x, y, w, n)
        a[n], b[n] = 1.0 - c * xx, 1.0 - c * yy
    mend(x, c, unit, a)
    mend(y, c, unit, b)


@njit(parallel=True, cache=True)
def turn(x, y, w, shrink, along, across, out):
    """shrink·(w + along·x + across·(y − x))."""
    for n in prange(x.shape[0]):
        for i in range(x.shape[1]):
            bent = along[n] * x[n, i] + across[n] * (y[n, i] - x[n, i])
            out[n, i] = shrink[n] * (w[n, i] + bent)


@njit(parallel=True, cache=True)
def blended_squares(x, u, k, out):
    """‖x + k·u‖² of each row."""
    for n in prange(x.shape[0]):
        out[n] = blended_square(x, u, n, np.float64(k[n]))


@njit(parallel=True, cache=True)
def step(x, u, p, r, out):
    """Each row of x + (p·x + r·u)."""
    for n in prange(x.shape[0]):
        for i in range(x.shape[1]):
            out[n, i] = x[n, i] + (p[n] * x[n, i] + r[n] * u[n, i])


@njit(parallel=True, cache=True)
def combine(x, y, sign, along, back, out):
    """along·(y + sign·x) + back·x; `sign` has the type of x."""
    for n in prange(x.shape[0]):
        for i in range(x.shape[1]):
            out[n, i] = along[n] * (y[n, i] + sign * x[n, i]) + back[n] * x[n, i]


@njit(parallel=True, cache=True)
def gather_momentum(m, g, keep, weight):
    """Do m ← keep·m + weight·g, one weight a row; `keep` has the type of m."""
    for n in prange(m.shape[0]):
        for i in range(m.shape[1]):
            m[n, i] = keep * m[n, i] + weight[n] * g[n, i]


@njit(parallel=True, cache=True)
def step_and_carry(x, u, p, r, back, along):
    """Do x ← x + (p·x + r·u) and u ← along·u + back·x, with the x from before."""
    for n in prange(x.shape[0]):
        for i in range(x.shape[1]):
            here, there = x[n, i], u[n, i]
            x[n, i] = here + (p[n] * here + r[n] * there)
            u[n, i] = along[n] * there + back[n] * here
