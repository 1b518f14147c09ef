"""Numba: tridiagonal elimination, a sheet of lines per thread, the innermost loop across lines.

Every line is solved for the change of temperature, not for the temperature: the rounding of a step is then a fraction
of what flows in it, and heat does not leak in float32 where little flows.

A periodic line is closed by the Sherman–Morrison formula: the matrix is written as a tridiagonal one plus a rank-one
term that holds the link between its ends.
"""

from __future__ import annotations

from numba import njit, prange


@njit(inline="always")
def linked(a, b, link):
    """Conductance between two nodes: none through an empty one."""
    return link if a > 0 and b > 0 else link - link


@njit(parallel=True, cache=True)
def conduct(mass, temperature, total, delta, upper, closing, lengths, strides, link, specific_heat, periodic):
    """One implicit step along the first of three axes, on flat arrays: adds the change to `temperature` and `total`.

    `delta`, `upper` and `closing` are working memory: the change, the eliminated upper diagonal, and the response to
    the link that closes a periodic line.
    """
    n, sheets, lines = lengths
    step, sheet, line = strides
    zero, one = link - link, link / link
    for s in prange(sheets):
        for i in range(n):
            for k in range(lines):
                p = s * sheet + k * line + i * step
                first, last = p - i * step, p + (n - 1 - i) * step
                back = linked(mass[p - step], mass[p], link) if i > 0 else zero
                ahead = linked(mass[p], mass[p + step], link) if i + 1 < n else zero
                corner = (
                    linked(mass[first], mass[last], link) if periodic and (i == 0 or i + 1 == n) else zero
                )
                flow = zero
                pivot = specific_heat * mass[p] + back + ahead + corner + corner if mass[p] > 0 else one
                fill = -corner
                if i > 0:
                    flow += back * (temperature[p - step] - temperature[p] + delta[p - step])
                    pivot += back * upper[p - step]
                    fill += back * closing[p - step]
                if i + 1 < n:
                    flow += ahead * (temperature[p + step] - temperature[p])
                if i == 0:
                    flow += corner * (temperature[last] - temperature[p])
                else:
                    flow += corner * (temperature[first] - temperature[p])
                upper[p] = -ahead / pivot
                closing[p] = fill / pivot
                delta[p] = flow / pivot
        for i in range(n - 2, -1, -1):
            for k in range(lines):
                p = s * sheet + k * line + i * step
                delta[p] -= upper[p] * delta[p + step]
                closing[p] -= upper[p] * closing[p + step]
        if periodic:
            for k in range(lines):
                p = s * sheet + k * line
                last = p + (n - 1) * step
                upper[p] = (delta[p] + delta[last]) / (one + closing[p] + closing[last])
        for i in range(n):
            for k in range(lines):
                p = s * sheet + k * line + i * step
                if periodic:
                    delta[p] -= closing[p] * upper[p - i * step]
                temperature[p] += delta[p]
                total[p] += delta[p]


@njit(parallel=True, cache=True)
def to_temperature(mass, heat, temperature, total, specific_heat):
    for i in prange(mass.shape[0]):
        for j in range(mass.shape[1]):
            for k in range(mass.shape[2]):
                capacity = specific_heat * mass[i, j, k]
                temperature[i, j, k] = heat[i, j, k] / capacity if capacity > 0 else 0
                total[i, j, k] = 0


@njit(parallel=True, cache=True)
def to_fields(mass, heat, temperature, total, specific_heat, beta, rest):
    """Turn the temperature into `share` and its total change into `keep`, in place."""
    full = -(beta + rest)
    for i in prange(mass.shape[0]):
        for j in range(mass.shape[1]):
            for k in range(mass.shape[2]):
                change = total[i, j, k]
                gain = change if change > 0 else change - change
                loss = change - gain
                before = heat[i, j, k]
                if before > 0:
                    loss = max(loss * specific_heat * mass[i, j, k] / before, full)
                else:
                    loss = change - change
                temperature[i, j, k] = rest * gain + beta * temperature[i, j, k]
                total[i, j, k] = rest * loss - beta


def run(node_mass, node_heat, grid, share, keep, scratch, link, specific_heat, relaxation):
    real = node_mass.dtype.type
    c, link = real(specific_heat), real(link)
    to_temperature(node_mass, node_heat, share, keep, c)
    if link > 0:
        flat = [f.reshape(-1) for f in (node_mass, share, keep, *scratch)]
        strides = (grid.shape[1] * grid.shape[2], grid.shape[2], 1)
        for along in ((0, 1, 2), (1, 0, 2), (2, 0, 1)):
            lengths, steps = (tuple(values[a] for a in along) for values in (grid.shape, strides))
            conduct(*flat, lengths, steps, link, c, grid.periodic)
    to_fields(node_mass, node_heat, share, keep, c, real(relaxation), real(1.0 - relaxation))
