"""Histories as lines, thinned so that a figure stays small in a notebook file."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from stnb._core.errors import InputError

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from plotly.graph_objects import Figure

    from stnb._core.history import History

__all__ = ["plot_history", "thin"]

POINTS = 600


def thin(values: Float[np.ndarray, " t"], points: int = POINTS) -> Int[np.ndarray, " p"]:
    """Indices of at most `points` values that keep both ends and the extremes of every stretch."""
    if len(values) <= points:
        return np.arange(len(values))
    edges = np.linspace(0, len(values), (points - 2) // 2 + 1).astype(int)
    kept = {0, len(values) - 1}
    for start, end in itertools.pairwise(edges):
        stretch = values[start:end]
        kept.update((start + int(stretch.argmin()), start + int(stretch.argmax())))
    return np.array(sorted(kept))


def plot_history(history: History, *columns: str, title: str = "") -> Figure:
    """Columns over simulated time, all of them when none is named; at most 600 points each.

    Thinning keeps the smallest and largest value of every stretch, so no peak is lost.
    """
    names = columns or history.columns
    if not len(history):
        raise InputError("the history is empty; step the session first.")
    series = {name: history[name] for name in names}
    times = history.times
    from plotly.graph_objects import Figure, Scatter

    figure = Figure()
    for name, values in series.items():
        kept = thin(values)
        figure.add_trace(
            Scatter(
                x=times[kept].astype(np.float32), y=values[kept].astype(np.float32), name=name, mode="lines"
            )
        )
    figure.update_layout(
        template="none",
        title=title or None,
        height=360,
        margin={"l": 60, "r": 20, "t": 40 if title else 20, "b": 45},
        xaxis={"title": {"text": "time"}},
        legend={"orientation": "h", "y": 1.12},
    )
    return figure
