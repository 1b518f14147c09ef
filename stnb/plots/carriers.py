"""Carriers as figures: the spectrum, the waves, and the order over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb._core.errors import InputError
from stnb.manifold.carriers.frame import STATES
from stnb.plots.lines import thin

if TYPE_CHECKING:
    from jaxtyping import Float
    from plotly.graph_objects import Figure, Scatter

    from stnb._core.history import History
    from stnb.manifold.carriers import CarrierFrame
    from stnb.manifold.carriers.track import CarrierTrack

__all__ = ["COLOURS", "plot_order", "plot_spectrum", "plot_waves"]

COLOURS = ("#e69f00", "#0072b2", "#009e73")
GREY, INK = "#b8c0c8", "#333f48"
BINS = 80
POINTS = 90
ROW = 2.6
LIFE_POINTS = 60
GAP = np.array([np.nan])
TURNS = 3
SHOWN = 5
AUDIBLE = 0.3


def plot_spectrum(frame: CarrierFrame, frequencies: Float[np.ndarray, " n"]) -> Figure:
    """Oscillators per frequency as bars, each carrier as a stem of height |C| in its gate."""
    from plotly.graph_objects import Figure, Scatter

    figure = Figure()
    low, high = reach_of(frequencies, frame)
    number, edges = np.histogram(frequencies, bins=BINS, range=(low, high))
    most = max(int(number.max(initial=0)), 1)
    figure.add_trace(
        Scatter(
            x=np.repeat(edges, 2)[1:-1].astype(np.float32),
            y=np.repeat(number / most, 2).astype(np.float32),
            mode="lines",
            line={"color": GREY, "width": 1},
            fill="tozeroy",
            fillcolor=faint(GREY, 0.6),
            name=f"oscillators, at most {most} a bar",
            hoverinfo="skip",
        )
    )
    grid = np.linspace(low, high, POINTS)
    for state, (name, colour) in enumerate(zip(STATES, COLOURS, strict=True)):
        rows = np.flatnonzero(frame.state == state)
        stems_x: list[float | None] = []
        stems_y: list[float | None] = []
        for k in rows:
            gate = frame.amplitudes[k] * np.exp(-(((grid - frame.frequencies[k]) / frame.widths[k]) ** 2))
            seen = gate > 0.01
            figure.add_trace(
                Scatter(
                    x=grid[seen].astype(np.float32),
                    y=gate[seen].astype(np.float32),
                    mode="lines",
                    line={"color": colour, "width": 1},
                    fill="tozeroy",
                    fillcolor=faint(colour),
                    showlegend=False,
                    hoverinfo="skip",
                )
            )
            stems_x += [float(frame.frequencies[k])] * 2 + [None]
            stems_y += [0.0, float(frame.amplitudes[k]), None]
        figure.add_trace(
            Scatter(x=stems_x, y=stems_y, mode="lines", line={"color": colour, "width": 2}, showlegend=False)
        )
        figure.add_trace(
            Scatter(
                x=frame.frequencies[rows].astype(np.float32),
                y=frame.amplitudes[rows].astype(np.float32),
                mode="markers",
                marker={"color": colour, "size": 9},
                name=f"{name} ({len(rows)})",
                customdata=np.stack([frame.identity[rows], frame.order[rows]], axis=1),
                hovertemplate="carrier %{customdata[0]:d}<br>Ω %{x:.3f} rad/s<br>|C| %{y:.2f}"
                "<br>order %{customdata[1]:.2f}<extra></extra>",
            )
        )
    dress(figure, "frequency / rad/s", "|C|, and oscillators per bar")
    figure.update_xaxes(range=[low, high])
    figure.update_yaxes(range=[0, 1.08])
    return figure


def plot_waves(
    frame: CarrierFrame,
    frequencies: Float[np.ndarray, " n"],
    phases: Float[np.ndarray, " n"],
    energies: Float[np.ndarray, " n"],
    *,
    carriers: int = 3,
) -> Figure:
    """Re C e^{iΩt} of the strongest carriers, over A cos(ωt + θ) of the oscillators that their gates hear best."""
    from plotly.graph_objects import Figure

    if carriers < 1:
        raise InputError(f"carriers must be 1 or more, got {carriers}")
    strongest = np.argsort(-frame.amplitudes, kind="stable")[:carriers]
    if len(strongest) == 0:
        raise InputError("there is no carrier yet; step the session first.")
    slowest = max(float(np.abs(frame.frequencies[strongest]).min()), 0.1)
    time = np.linspace(0, 2 * np.pi * TURNS / slowest, POINTS)
    figure, names = Figure(), []
    for row, k in enumerate(strongest):
        centre = float(frame.frequencies[k])
        tuning = np.exp(-(((frequencies - centre) / frame.widths[k]) ** 2))
        heard = np.argsort(-tuning * np.sqrt(energies), kind="stable")
        for i in spread_over(heard[tuning[heard] > AUDIBLE]):
            wave = np.sqrt(energies[i]) * np.cos(frequencies[i] * time + phases[i])
            figure.add_trace(wave_line(time, wave - ROW * row, GREY, 1))
        own = frame.amplitudes[k] * np.cos(centre * time + frame.phases[k])
        figure.add_trace(wave_line(time, own - ROW * row, COLOURS[frame.state[k]], 3))
        names.append(f"carrier {frame.identity[k]}<br>Ω = {centre:.2f} rad/s<br>{STATES[frame.state[k]]}")
    dress(figure, "time / s", "")
    figure.update_layout(height=120 * len(strongest) + 90, showlegend=False, margin={"l": 110})
    figure.update_yaxes(tickvals=[-ROW * row for row in range(len(names))], ticktext=names, zeroline=False)
    return figure


def plot_order(track: CarrierTrack, history: History) -> Figure:
    """|C| of every carrier over time, coloured by its state, under the order of everything."""
    from plotly.graph_objects import Figure, Scatter

    lives = list(track.lives())
    if not lives:
        raise InputError("no carrier has stepped yet; step the session first, with cadence > 0.")
    figure = Figure()
    for state, (name, colour) in enumerate(zip(STATES, COLOURS, strict=True)):
        x, y = [GAP], [GAP]
        for life in lives:
            ours = np.flatnonzero(life.state == state)
            if len(ours) == 0:
                continue
            until = slice(ours[0], min(ours[-1] + 2, len(life.time)))
            kept = thin(life.amplitude[until], LIFE_POINTS)
            x += [life.time[until][kept], GAP]
            y += [life.amplitude[until][kept], GAP]
        lines = {"x": np.concatenate(x).astype(np.float32), "y": np.concatenate(y).astype(np.float32)}
        figure.add_trace(Scatter(**lines, mode="lines", line={"color": colour, "width": 1.5}, name=name))
    if len(history):
        kept = thin(history["order"])
        figure.add_trace(
            Scatter(
                x=history.times[kept].astype(np.float32),
                y=history["order"][kept].astype(np.float32),
                mode="lines",
                line={"color": INK, "width": 2, "dash": "dot"},
                name="order of all oscillators",
            )
        )
    dress(figure, "time / s", "|C| of each carrier")
    figure.update_yaxes(range=[0, 1.05])
    return figure


def faint(colour: str, opacity: float = 0.12) -> str:
    """The colour with little opacity, so that gates over each other stay readable."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def reach_of(frequencies: Float[np.ndarray, " n"], frame: CarrierFrame) -> tuple[float, float]:
    """The band that holds nearly all oscillators and every carrier."""
    ends = [*np.percentile(frequencies, [0.5, 99.5])] if len(frequencies) else [0.0, 1.0]
    low, high = min([*ends, *frame.frequencies]), max([*ends, *frame.frequencies])
    margin = 0.06 * max(high - low, 0.1)
    return float(low - margin), float(high + margin)


def spread_over(heard: np.ndarray) -> np.ndarray:
    """At most a few of them, from the loudest to the faintest."""
    return heard if len(heard) <= SHOWN else heard[np.linspace(0, len(heard) - 1, SHOWN).astype(int)]


def wave_line(time: np.ndarray, wave: np.ndarray, colour: str, width: int) -> Scatter:
    from plotly.graph_objects import Scatter

    return Scatter(
        x=time.astype(np.float32),
        y=wave.astype(np.float32),
        mode="lines",
        line={"color": colour, "width": width},
        hoverinfo="skip",
    )


def dress(figure: Figure, x: str, y: str) -> None:
    """The looks that all of these figures share."""
    figure.update_layout(
        template="none",
        height=360,
        margin={"l": 60, "r": 20, "t": 40, "b": 45},
        legend={"orientation": "h", "y": 1.14, "x": 0},
        bargap=0,
    )
    figure.update_xaxes(title_text=x)
    figure.update_yaxes(title_text=y)
