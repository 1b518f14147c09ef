"""A watch as three curves over each other: loss, bands of the gradient, drift of the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb._core.errors import InputError
from stnb.plots.lines import thin

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from stnb._core.history import History

__all__ = ["BAND_COLOURS", "plot_watch"]

BAND_COLOURS = {"above": "#b5473c", "here": "#2c6fb0", "beneath": "#8a949c"}
INK, GRID = "#333f48", "#e6eaee"
PANELS = (
    ("loss", {"loss": "#2e7d4f"}, "linear"),
    ("gradient", {**BAND_COLOURS, "grad_norm": INK}, "log"),
    ("drift", {"drift": "#8a5fb0"}, "log"),
)


def plot_watch(history: History) -> Figure:
    """Loss, above, here, beneath and norm of the gradient, and drift, each where it was read; at most 600 points each.

    Gradient and drift have logarithmic axes, on which a 0 has no place.
    """
    if not len(history):
        raise InputError("no step is over yet; run the loop inside `with stnb.watch(…)`, then plot.")
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=len(PANELS), cols=1, shared_xaxes=True, vertical_spacing=0.06)
    steps = history.steps
    for row, (title, lines, scale) in enumerate(PANELS, start=1):
        for name, colour in lines.items():
            values = history[name]
            there = np.flatnonzero(np.isfinite(values) & ((values > 0) | (scale == "linear")))
            kept = there[thin(values[there])]
            look = {"mode": "lines+markers" if len(kept) < 3 else "lines", "line": {"color": colour}}
            figure.add_scatter(
                x=steps[kept], y=values[kept].astype(np.float32), name=name, row=row, col=1, **look
            )
        figure.update_yaxes(title_text=title, type=scale, gridcolor=GRID, row=row, col=1)
    figure.update_xaxes(gridcolor=GRID)
    figure.update_xaxes(title_text="step", row=len(PANELS), col=1)
    figure.update_layout(
        template="none",
        height=520,
        margin={"l": 68, "r": 24, "t": 44, "b": 50},
        font={"color": INK},
        legend={"orientation": "h", "x": 0, "y": 1.08},
    )
    return figure
