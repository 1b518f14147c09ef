"""Numba: one hyperbolic step of every row, in float64 between float32 rows.

The formulas are those of `stnb.geometry.maps.exp`; `stnb.zspace.tape.step` says what a step is.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

LOOSE = {"reassoc", "contract", "nsz"}


@njit(fastmath=LOOSE)
def two_squares(x, g, n):
    """‖x‖² and ‖g‖² of row n."""
    xx = gg = 0.0
    for i in range(x.shape[1]):
        p, q = np.float64(x[n, i]), np.float64(g[n, i])
        xx += p * p
        gg += q * q
    return xx, gg


@njit(fastmath=LOOSE)
def blended_square(x, g, n, a, b):
    """‖a·x + b·g‖² of row n."""
    total = 0.0
    for i in range(x.shape[1]):
        part = a * np.float64(x[n, i]) + b * np.float64(g[n, i])
        total += part * part
    return total


@njit
def write(x, g, n, a, b, out):
    """Row n of out is a·x + b·g."""
    for i in range(x.shape[1]):
        out[n, i] = np.float32(a * np.float64(x[n, i]) + b * np.float64(g[n, i]))


@njit
def imported(square, c, margin):
    """The factor that makes a point of a row: 1 inside the margin, else that of exp₀, clipped."""
    if 1.0 - c * square >= margin * (2.0 - margin):
        return 1.0
    length = math.sqrt(c * square)
    reached = math.tanh(length)
    return (reached if reached <= 1.0 - margin else 1.0 - 2.0 * margin) / length


@njit
def weights_of_exp(a, gg, k, c, n, x, g, f):
    """P and r of exp_x(k·g) = (1 + p)·x + r·g, for the point f·x with gap a."""
    t = math.sqrt(c * gg) * abs(k) / a
    decay = math.exp(-2.0 * t)
    ratio = -math.expm1(-2.0 * t) / ((1.0 + decay) * t) if t > 0.0 else 1.0
    sech2 = 4.0 * decay / ((1.0 + decay) * (1.0 + decay))
    w = k * ratio / a
    pull = a / (c * blended_square(x, g, n, f, w) + a * sech2)
    return pull * c * w * w * gg, pull * w


@njit
def step_row(x, g, n, eta, c, margin, straight, out):
    """One row's step: 1 if it was imported, 0 if not, −1 if it is not finite."""
    xx, gg = two_squares(x, g, n)
    if not (math.isfinite(xx) and math.isfinite(gg)):
        return -1
    f = imported(xx, c, margin)
    a = 1.0 - c * f * f * xx
    k = -eta * 0.25 * a * a
    p, r = (0.0, k) if straight else weights_of_exp(a, gg, k, c, n, x, g, f)
    write(x, g, n, f * (1.0 + p), r, out)
    reached = blended_square(out, out, n, 1.0, 0.0)
    if 1.0 - c * reached < margin * (2.0 - margin):
        write(out, out, n, (1.0 - 2.0 * margin) / math.sqrt(c * reached), 0.0, out)
    return 1 if f != 1.0 else 0


@njit(cache=True)
def step_few(x, g, eta, c, margin, straight, out):
    """How many rows were imported; −1 − n for the first row n that is not finite."""
    count = 0
    for n in range(x.shape[0]):
        found = step_row(x, g, n, eta, c, margin, straight, out)
        if found < 0:
            return -1 - n
        count += found
    return count


@njit(parallel=True, cache=True)
def step_many(x, g, eta, c, margin, straight, out):
    """The same on all cores; some negative number for rows that are not finite."""
    count = 0
    for n in prange(x.shape[0]):
        found = step_row(x, g, n, eta, c, margin, straight, out)
        count += found if found >= 0 else -(1 << 40)
    return count
