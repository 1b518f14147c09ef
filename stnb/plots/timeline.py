"""A timeline and its spectra: what a session's resonances amounted to, and which frequencies they swing with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import EmptyInput, InputError
from stnb.plots.curves import COLOURS, GRID, INK
from stnb.plots.lines import thin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jaxtyping import Float64, Shaped
    from plotly.graph_objects import Figure

    from stnb.chrono.harmonics import ChronoHarmonics

__all__ = ["plot_harmonics", "plot_timeline"]

PARTS = {
    "total_energy": "total",
    "homotopy_energy": "flow",
    "functor_energy": "functor",
    "recursive_energy": "recursive",
    "projection_energy": "projection",
    "infinity_energy": "infinity",
}
ROWS = (("y", "energy"), ("y2", "curvature drift"), ("y3", "energy decay"))
DOMAINS = ((0.46, 1.0), (0.23, 0.4), (0.0, 0.17))
FEW = 60  # frames that are also shown as dots


def plot_timeline(columns: Mapping[str, Shaped[np.ndarray, " t"]]) -> Figure:
    """Energies above, drift and decay below, over time; of each line at most 600 points, extremes kept.

    Args:
        columns: As `Timeline.columns` gives them: `timestamp`, the six energies, `curvature_drift`, `energy_decay`.
    """
    from plotly.graph_objects import Figure

    needed = ("timestamp", *PARTS, "curvature_drift", "energy_decay")
    if missing := [name for name in needed if name not in columns]:
        raise InputError(f"columns lack {missing[0]!r}; give what Timeline.columns() gives.")
    if not len(columns["timestamp"]):
        raise EmptyInput("the timeline is empty; record a resonance with resonate_over_time first.")
    figure = Figure()
    for number, (name, shown) in enumerate(PARTS.items()):
        look = {"width": 2.4 if name == "total_energy" else 1.4}
        _add(figure, columns, name, shown, "y", {"color": COLOURS[number], **look})
    _add(figure, columns, "curvature_drift", "drift", "y2", {"color": COLOURS[3]})
    _add(figure, columns, "energy_decay", "decay", "y3", {"color": COLOURS[4]})
    axes: dict[str, Any] = {
        axis.replace("y", "yaxis"): {"domain": list(domain), "title": {"text": text}, "gridcolor": GRID}
        for (axis, text), domain in zip(ROWS, DOMAINS, strict=True)
    }
    figure.update_layout(axes)
    figure.update_layout(
        **_plain(520),
        xaxis={"title": {"text": "time"}, "gridcolor": GRID, "anchor": "y3"},
        legend={"orientation": "h", "x": 0, "y": 1.1},
    )
    return figure


def plot_harmonics(harmonics: ChronoHarmonics | None) -> Figure:
    """|X_k|/n of energy and drift over frequency, the strongest marked.

    The mean (k = 0) is left out: it is no oscillation.
    """
    from plotly.graph_objects import Figure

    if harmonics is None:
        raise EmptyInput("there are no harmonics of fewer than two frames; record more of them first.")
    figure = Figure()
    frequencies = harmonics.frequencies()[1:]
    series = (
        ("energy", harmonics.energy_power, harmonics.dominant_energy, "y"),
        ("drift", harmonics.drift_power, harmonics.dominant_drift, "y2"),
    )
    for number, (name, power, peak, axis) in enumerate(series):
        figure.add_bar(
            x=frequencies,
            y=power[1:],
            name=name,
            yaxis=axis,
            marker={"color": COLOURS[number]},
            offsetgroup=number,
        )
        if peak is not None:
            figure.add_scatter(
                x=[peak.frequency],
                y=[peak.magnitude],
                yaxis=axis,
                mode="markers",
                name=f"{name}: strongest at {peak.frequency:.4g}",
                marker={"color": COLOURS[number], "size": 11, "symbol": "diamond"},
            )
    figure.update_layout(
        **_plain(360),
        xaxis={"title": {"text": "frequency"}, "gridcolor": GRID},
        yaxis={"title": {"text": "energy |X|/n"}, "gridcolor": GRID, "rangemode": "tozero"},
        yaxis2={
            "title": {"text": "drift |X|/n"},
            "overlaying": "y",
            "side": "right",
            "showgrid": False,
            "rangemode": "tozero",
        },
        barmode="group",
        legend={"orientation": "h", "x": 0, "y": 1.16},
    )
    figure.update_layout(margin={"r": 68})
    return figure


def _add(
    figure: Figure,
    columns: Mapping[str, Shaped[np.ndarray, " t"]],
    name: str,
    shown: str,
    axis: str,
    line: dict[str, Any],
) -> None:
    values: Float64[np.ndarray, " t"] = np.asarray(columns[name], float)
    kept = thin(values)
    figure.add_scatter(
        x=np.asarray(columns["timestamp"], float)[kept].astype(np.float32),
        y=values[kept].astype(np.float32),
        name=shown,
        mode="lines+markers" if len(values) <= FEW else "lines",
        line=line,
        marker={"size": 4},
        yaxis=axis,
    )


def _plain(height: int) -> dict[str, Any]:
    margin = {"l": 68, "r": 24, "t": 44, "b": 50}
    return {"template": "none", "height": height, "margin": margin, "font": {"color": INK}}
