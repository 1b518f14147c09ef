"""Walks in the Poincaré disk: geodesic steps as arcs, flat steps as straight lines, and where those leave it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from stnb._core.errors import EmptyInput, InputError, InvalidValue, ShapeMismatch
from stnb.geometry.ball import Ball
from stnb.plots.disk import arcs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jaxtyping import Float
    from plotly.graph_objects import Figure
    from torch import Tensor

__all__ = ["plot_walks"]

COLOURS = ("#2c6fb0", "#b5473c", "#2e7d4f", "#8a5fb0")
INK, PAPER, RIM = "#333f48", "#f7f9fb", "#aab4be"
SAMPLES = 6
LEAST = 0.01  # radii
TOP = 44  # pixels
PLANE, AXES = 2, 3
QUIET = {"hoverinfo": "skip", "mode": "lines"}


def plot_walks(
    walks: Mapping[str, Tensor],
    *,
    ball: Ball | None = None,
    straight: Iterable[str] = (),
    marks: Mapping[str, Tensor] | None = None,
    goals: Mapping[str, Tensor] | None = None,
    reach: float = 1.12,
    size: int = 640,
) -> Figure:
    """Every walk as its steps: a ring where it starts, dots where it steps, a cross where it goes over the rim.

    Steps too short to be seen are drawn as one. The first walk lies on top.

    Args:
        walks: For each name t places of n walkers, of shape (t, n, 2); NaN once a walker has stopped.
        ball: Where they walk; κ = −1 by default. The figure shows any ball as the unit disk.
        straight: Names of walks whose steps are straight lines; those of the others are geodesics, in the ball.
        marks: Places of shape (2,) with their names beside them, as open diamonds.
        goals: The same, filled.
        reach: How far from the middle the figure shows, in radii of the disk.
        size: Width in pixels.
    """
    from plotly.graph_objects import Figure

    ball = Ball(-1.0) if ball is None else ball
    flat = set(straight)
    paths = {name: _checked(name, walk, ball, flat=name in flat) for name, walk in walks.items()}
    if not paths:
        raise EmptyInput("walks is empty; give at least one.")
    if unknown := flat - paths.keys():
        raise InputError(
            f"straight names {min(unknown)!r}, which is no walk; give some of {', '.join(paths)}."
        )
    if not math.isfinite(reach) or reach < 1:
        raise InvalidValue(f"reach = {reach!r} does not show the disk; give 1 or more.")
    around = np.linspace(0.0, 2.0 * math.pi, 181)
    rim = {"line": {"color": RIM, "width": 1.5}, "fill": "toself", "fillcolor": PAPER, "showlegend": False}
    figure = Figure()
    figure.add_scatter(**_xy(np.stack((np.cos(around), np.sin(around)), -1)), **rim, **QUIET)
    for number, (name, path) in reversed(list(enumerate(paths.items()))):
        draw = _Walk(name, COLOURS[number % len(COLOURS)], 2.2 if number == 0 else 1.3, number)
        draw.add_to(figure, path, None if name in flat else ball, reach)
    for named, symbol in ((marks, "diamond-open"), (goals, "diamond")):
        for name, place in (named or {}).items():
            _add_mark(figure, name, place, ball, symbol)
    figure.update_layout(
        template="none",
        width=size,
        height=size + TOP,
        margin={"l": 0, "r": 0, "t": TOP, "b": 0},
        font={"color": INK},
        legend={"orientation": "h", "x": 0.5, "xanchor": "center", "y": 1.0, "yanchor": "bottom"},
    )
    figure.update_xaxes(visible=False, range=[-reach, reach])
    figure.update_yaxes(visible=False, range=[-reach, reach], scaleanchor="x")
    return figure


class _Walk(NamedTuple):
    """How one walk looks."""

    name: str
    colour: str
    width: float
    rank: int

    def add_to(self, figure: Figure, path: np.ndarray, ball: Ball | None, reach: float) -> None:
        """Lines, dots, rings and crosses; geodesic steps where a ball is given."""
        walkers = [_seen(path[:, i]) for i in range(path.shape[1])]
        left = [_over_the_rim(places) for places in walkers]
        lines = [_cut(_way(places, ball), reach) for places in walkers]
        gap = np.full((1, PLANE), np.nan)
        inside = [places[1:][np.linalg.norm(places[1:], axis=-1) < 1.0] for places in walkers]
        style = {"legendgroup": self.name, "legendrank": 1000 + self.rank, "hoverinfo": "skip"}
        figure.add_scatter(
            **_xy(np.concatenate([part for line in lines for part in (line, gap)])),
            mode="lines",
            line={"color": self.colour, "width": self.width},
            name=self.name,
            **style,
        )
        ring = {"color": PAPER, "size": 9, "line": {"color": self.colour, "width": 2}}
        cross = {"color": self.colour, "size": 11, "symbol": "x", "line": {"color": PAPER, "width": 1.5}}
        for places, marker in (
            (np.concatenate(inside), {"color": self.colour, "size": 2 + 2 * self.width}),
            (path[0], ring),
            (np.concatenate(left), cross),
        ):
            if len(places):
                figure.add_scatter(**_xy(places), mode="markers", marker=marker, showlegend=False, **style)


def _seen(places: Float[np.ndarray, "t 2"]) -> Float[np.ndarray, "k 2"]:
    """Those places of one walker that are far enough from the last one kept to be told apart."""
    kept = [places[0]]
    for place in places[1:]:
        if np.isfinite(place).all() and np.linalg.norm(place - kept[-1]) > LEAST:
            kept.append(place)
    return np.array(kept)


def _way(places: Float[np.ndarray, "k 2"], ball: Ball | None) -> Float[np.ndarray, "m 2"]:
    """Points of the whole line: the places themselves, or points of the geodesics between them."""
    if ball is None or len(places) == 1:
        return places
    pairs = [(i, i + 1) for i in range(len(places) - 1)]
    drawn = arcs(torch.from_numpy(places) * ball.radius, pairs, ball=ball, samples=SAMPLES) / ball.radius
    return np.concatenate((places[:1], drawn[:, 1:].reshape(-1, PLANE)))


def _cut(line: Float[np.ndarray, "m 2"], reach: float) -> Float[np.ndarray, "k 2"]:
    """The line as far as the figure shows it."""
    over = np.flatnonzero(np.abs(line).max(-1) > reach)
    if not len(over):
        return line
    start, end = line[over[0] - 1], line[over[0]]
    with np.errstate(divide="ignore", over="ignore"):
        shares = (np.copysign(reach, end - start) - start) / (end - start)
    return np.concatenate((line[: over[0]], [start + shares.min() * (end - start)]))


def _over_the_rim(places: Float[np.ndarray, "k 2"]) -> Float[np.ndarray, "m 2"]:
    """Where the straight step that leaves the disk crosses its rim."""
    outside = np.flatnonzero(np.linalg.norm(places, axis=-1) >= 1.0)
    if not len(outside) or outside[0] == 0:
        return np.zeros((0, PLANE))
    start, step = places[outside[0] - 1], places[outside[0]] - places[outside[0] - 1]
    a, b, c = step @ step, start @ step, start @ start - 1.0
    return (start + (math.sqrt(b * b - a * c) - b) / a * step)[None]


def _add_mark(figure: Figure, name: str, place: Tensor, ball: Ball, symbol: str) -> None:
    if tuple(place.shape) != (PLANE,):
        raise ShapeMismatch(f"the mark {name!r} has shape {tuple(place.shape)}; give (2,).")
    ball.check(place.detach(), name=name)
    words = {
        "text": [f"\u2009{name}"],
        "textposition": "middle right",
        "textfont": {"size": 13, "color": INK},
    }
    figure.add_scatter(
        **_xy(place.detach().double().cpu().numpy()[None] / ball.radius),
        mode="markers+text",
        marker={"color": INK, "size": 11, "symbol": symbol, "line": {"width": 1.8, "color": INK}},
        name=name,
        showlegend=False,
        hoverinfo="name",
        **words,
    )


def _checked(name: str, walk: Any, ball: Ball, *, flat: bool) -> np.ndarray:
    """The walk in radii of the disk."""
    if not isinstance(walk, torch.Tensor):
        raise TypeError(
            f"the walk {name!r} is of type {type(walk).__name__}; give a torch tensor of shape (t, n, 2)."
        )
    if walk.ndim != AXES or walk.shape[-1] != PLANE or min(walk.shape[:2]) == 0:
        raise ShapeMismatch(
            f"the walk {name!r} has shape {tuple(walk.shape)}; give (t, n, 2), none of them 0."
        )
    path = walk.detach().double().cpu()
    there = path.isfinite().all(-1)
    if not bool(there[0].all()):
        raise InvalidValue(f"the walk {name!r} starts nowhere; every walker needs a finite first place.")
    if not bool((path[0].norm(dim=-1) < ball.radius).all()):
        raise InvalidValue(f"the walk {name!r} starts outside the ball; give first places in it.")
    if not flat:
        ball.check(path[there], name=f"the walk {name!r}")
    return path.numpy() / ball.radius


def _xy(places: np.ndarray) -> dict[str, np.ndarray]:
    return {"x": places[:, 0].astype(np.float32), "y": places[:, 1].astype(np.float32)}
