"""Densities as curves: each on a line of its own, or all over each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import DataLength, EmptyInput, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jaxtyping import Float
    from plotly.graph_objects import Figure

__all__ = ["MEAN_COLOURS", "plot_densities"]

MEMBERS = ("#5c6670", "#8a949e")
MEAN_COLOURS = ("#2c6fb0", "#b5473c", "#2e7d4f", "#8a5fb0")
GRID, INK = "#e6eaee", "#333f48"
OVERLAP = 1.25  # height of the tallest curve over the distance between lines
ROW, FLAT, FOOT = 62, 360, 62  # pixels
DIGITS = 5


def plot_densities(
    x: Float[np.ndarray, " n"],
    densities: Mapping[str, Any],
    *,
    means: Iterable[str] = (),
    apart: bool = False,
    marks: Mapping[str, float] | None = None,
    axis: str = "",
    unit: str = "",
) -> Figure:
    """Densities over the middles x of n equal bins, as mass per unit of x, so that every curve encloses the area 1.

    Args:
        x: Middles of the bins, equally spaced.
        densities: For each name n numbers ≥ 0 with sum 1: a `Tensor`, an array, or a list.
        means: Names that are drawn in colour; the others are grey.
        apart: Give each density a line of its own, named at its left, in place of one scale and a legend.
        marks: For some names an x that is marked by a dotted line in the colour of the name.
        axis: What x is.
        unit: What one unit of x is called, for the scale of densities over each other.

    >>> len(plot_densities(np.arange(4.0), {"flat": [0.25] * 4}).data)
    1
    """
    from plotly.graph_objects import Figure

    x = np.asarray(x, float)
    curves = _checked(x, densities)
    colours = _colours(curves, means)
    lines = dict.fromkeys(marks or {})
    for name in lines:
        _require_known(name, curves, "marks")
    base, scale = _lines(curves, apart=apart)
    figure = Figure()
    for name in sorted(
        curves, key=lambda name: colours[name] in MEMBERS
    ):  # means first: stills name the first four
        figure.add_scatter(**_curve(x, base[name], scale * curves[name], name, colours[name]))
    for name, place in (marks or {}).items():
        figure.add_vline(x=float(place), line={"color": colours[name], "width": 1.2, "dash": "dot"})
    _dress(figure, x, axis, rows=len(curves) if apart else 0)
    if apart:
        words = [f"<b>{name}</b>" if colours[name] not in MEMBERS else name for name in curves]
        figure.update_yaxes(tickvals=[base[name] for name in curves], ticktext=words, tickfont={"size": 13})
    else:
        figure.update_yaxes(title_text=f"chance per {unit}" if unit else "density", rangemode="tozero")
    return figure


def _curve(
    x: Float[np.ndarray, " n"], base: float, height: Float[np.ndarray, " n"], name: str, colour: str
) -> dict[str, Any]:
    """One trace: the curve, closed along its line, and filled."""
    mean = colour not in MEMBERS
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return {
        "x": np.concatenate((x[:1], x, x[-1:])).round(DIGITS).astype(np.float32),
        "y": (base + np.concatenate(([0.0], height, [0.0]))).round(DIGITS).astype(np.float32),
        "name": name,
        "mode": "lines",
        "line": {"color": colour, "width": 2.4 if mean else 1.3},
        "fill": "toself",
        "fillcolor": f"rgba({red},{green},{blue},{0.22 if mean else 0.13})",
        "hoveron": "points",
        "hovertemplate": f"{name}<br>%{{x:.4g}}<extra></extra>",
        "zorder": int(mean),
    }


def _lines(curves: Mapping[str, np.ndarray], *, apart: bool) -> tuple[dict[str, float], float]:
    """Where the line of each density lies, and what heights are multiplied by."""
    if not apart:
        return dict.fromkeys(curves, 0.0), 1.0
    top = max(float(curve.max()) for curve in curves.values())
    return {name: -float(row) for row, name in enumerate(curves)}, OVERLAP / top


def _dress(figure: Figure, x: np.ndarray, axis: str, *, rows: int) -> None:
    figure.update_layout(
        template="none",
        height=ROW * (rows + 1) + FOOT if rows else FLAT,
        margin={"l": 130 if rows else 64, "r": 24, "t": 16 if rows else 44, "b": 48},
        font={"color": INK},
        legend={"orientation": "h", "x": 0, "y": 1.14, "visible": not rows},
    )
    half = 0.5 * (x[1] - x[0])
    figure.update_xaxes(title_text=axis, range=[x[0] - half, x[-1] + half], zeroline=False, gridcolor=GRID)
    figure.update_yaxes(zeroline=False, gridcolor=GRID)


def _colours(curves: Mapping[str, np.ndarray], means: Iterable[str]) -> dict[str, str]:
    named = list(dict.fromkeys(means))
    for name in named:
        _require_known(name, curves, "means")
    members = [name for name in curves if name not in named]
    grey = {name: MEMBERS[i % len(MEMBERS)] for i, name in enumerate(members)}
    return grey | {name: MEAN_COLOURS[i % len(MEAN_COLOURS)] for i, name in enumerate(named)}


def _require_known(name: str, curves: Mapping[str, np.ndarray], label: str) -> None:
    if name not in curves:
        raise InputError(f"{label} names {name!r}, which is no density; give some of {', '.join(curves)}.")


def _checked(x: np.ndarray, densities: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The densities per unit of x."""
    if x.ndim != 1 or len(x) < 2 or not np.isfinite(x).all():
        raise InputError(f"x has shape {x.shape}; give the middles of two or more bins, all finite.")
    steps = np.diff(x)
    if not (steps > 0).all() or np.ptp(steps) > 1e-6 * steps[0]:
        raise InputError(f"x has steps from {steps.min():g} to {steps.max():g}; give equally spaced bins.")
    if not densities:
        raise EmptyInput("densities is empty; give at least one.")
    return {name: _mass(name, values, len(x)) / steps[0] for name, values in densities.items()}


def _mass(name: str, values: Any, number: int) -> np.ndarray:
    mass = np.asarray(values, float).reshape(-1)
    if len(mass) != number:
        raise DataLength(f"{name!r} has {len(mass)} entries for {number} bins; give one a bin.")
    if not (mass >= 0).all() or not math.isclose(mass.sum(), 1.0, abs_tol=1e-4):
        raise InputError(
            f"{name!r} has entries from {mass.min():g} on and the sum {mass.sum():g}; "
            "give numbers ≥ 0 with sum 1."
        )
    return mass
