"""A few curves over each other, as lines or as dots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import EmptyInput, InputError, ShapeMismatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plotly.graph_objects import Figure

__all__ = ["plot_curves"]

COLOURS = ("#2c6fb0", "#b5473c", "#2e7d4f", "#8a5fb0", "#96690a", "#5c6670")
INK, GRID = "#333f48", "#e6eaee"
ON_TOP = {"zorder": 1}
ROOM = 0.04  # below 0 and over the top, so that dots there are whole


def plot_curves(
    curves: Mapping[str, tuple[Any, Any]],
    *,
    dots: Iterable[str] = (),
    rings: Iterable[str] = (),
    x: str = "",
    y: str = "",
    from_zero: bool = False,
    height: int = 350,
) -> Figure:
    """Each curve as a line, those in `dots` as dots and those in `rings` as rings, with a legend on top.

    Args:
        curves: For each name its x and its y, equally many numbers.
        dots: Names drawn as dots.
        rings: Names drawn as rings, which lie around dots at the same place.
        x: What x is.
        y: What y is.
        from_zero: Let the axis of y start at 0, for curves that are nowhere negative.
        height: In pixels.

    >>> plot_curves({"line": ([0, 1], [1, 2])}).data[0].mode
    'lines'
    """
    from plotly.graph_objects import Figure

    if not curves:
        raise EmptyInput("curves is empty; give at least one.")
    styles = {name: {"size": 6, "opacity": 0.7} for name in dots}
    styles |= {name: {"size": 11, "symbol": "circle-open", "line": {"width": 1.8}} for name in rings}
    if unknown := [name for name in styles if name not in curves]:
        raise InputError(f"{unknown[0]!r} is no curve; give some of {', '.join(curves)}.")
    figure = Figure()
    for number, (name, values) in enumerate(curves.items()):
        places = _checked(name, values)
        colour = COLOURS[number % len(COLOURS)]
        if name in styles:
            look = {"mode": "markers", "marker": {"color": colour, **styles[name]}, **ON_TOP}
        else:
            look = {"mode": "lines", "line": {"color": colour, "width": 2}}
        figure.add_scatter(x=places[0], y=places[1], name=name, **look)
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 68, "r": 24, "t": 44, "b": 50},
        font={"color": INK},
        legend={"orientation": "h", "x": 0, "y": 1.13},
    )
    figure.update_xaxes(title_text=x, gridcolor=GRID, zeroline=False)
    figure.update_yaxes(title_text=y, gridcolor=GRID, zeroline=False)
    if from_zero:
        top = max(float(trace.y.max()) for trace in figure.data)  # pyright: ignore[reportAttributeAccessIssue]
        figure.update_yaxes(range=[-ROOM * top, (1 + ROOM) * top])
    return figure


def _checked(name: str, values: tuple[Any, Any]) -> list[np.ndarray]:
    """Both coordinates in float32, which is what a screen can show."""
    found = [np.asarray(value, np.float32) for value in values]
    if len(found) != 2 or found[0].ndim != 1 or found[0].shape != found[1].shape or not len(found[0]):
        raise ShapeMismatch(
            f"the curve {name!r} has shapes {', '.join(str(part.shape) for part in found)}; "
            "give x and y, two rows of equally many numbers."
        )
    return found
