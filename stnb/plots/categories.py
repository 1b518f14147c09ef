"""A few numbers for each of a few things, side by side: dots that can be compared, or differences from 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import EmptyInput, NonFiniteValue, ShapeMismatch
from stnb.plots.curves import COLOURS, GRID, INK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jaxtyping import Float32
    from plotly.graph_objects import Figure

__all__ = ["plot_categories"]

SPREAD = 0.5  # of the room of a category that its dots share


def plot_categories(
    names: Sequence[str], series: Mapping[str, Any], *, y: str = "", stems: bool = False, height: int = 330
) -> Figure:
    """One dot for each name and series, the dots of a name beside each other.

    Args:
        names: What the numbers of a series belong to, in order.
        series: For each series one number a name.
        y: What the numbers are.
        stems: Draw a line from 0 to every dot, for numbers whose sign matters.
        height: In pixels.

    >>> plot_categories(["left", "right"], {"now": [1, 2], "then": [2, 1]}).layout.xaxis.ticktext
    ('left', 'right')
    """
    from plotly.graph_objects import Figure

    if not names or not series:
        raise EmptyInput("names or series are empty; give a name and a series at least.")
    figure = Figure()
    places = np.arange(len(names), dtype=np.float32)
    for number, (name, values) in enumerate(series.items()):
        heights = _checked(name, values, len(names))
        across = places + np.float32(SPREAD * ((number + 0.5) / len(series) - 0.5))
        colour = COLOURS[number % len(COLOURS)]
        if stems:
            figure.add_scatter(
                x=np.repeat(across, 3),
                y=np.stack((np.zeros_like(heights), heights, np.full_like(heights, np.nan)), 1).ravel(),
                mode="lines",
                line={"color": colour, "width": 1.5},
                hoverinfo="skip",
                showlegend=False,
            )
        figure.add_scatter(
            x=across, y=heights, name=name, mode="markers", marker={"color": colour, "size": 9}
        )
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 68, "r": 24, "t": 44, "b": 40},
        font={"color": INK},
        legend={"orientation": "h", "x": 0, "y": 1.14},
    )
    figure.update_xaxes(
        tickvals=places.tolist(),
        ticktext=list(names),
        range=[-0.6, len(names) - 0.4],
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(title_text=y, gridcolor=GRID, zerolinecolor=GRID, zerolinewidth=2)
    return figure


def _checked(name: str, values: Any, wanted: int) -> Float32[np.ndarray, " n"]:
    found = np.asarray(values, np.float32)
    if found.shape != (wanted,):
        raise ShapeMismatch(
            f"the series {name!r} has shape {found.shape}; give a number for each of {wanted} names."
        )
    if not np.isfinite(found).all():
        at = int((~np.isfinite(found)).argmax())
        raise NonFiniteValue(f"{name}[{at}] = {float(found[at])!r} cannot be drawn; give finite numbers.")
    return found
