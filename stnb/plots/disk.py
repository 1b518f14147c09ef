"""Trees and other graphs in the Poincaré disk: points, edges as geodesics, names that can be read."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import torch

from stnb._core.errors import DataLength, InputError, InvalidValue, ShapeMismatch
from stnb.geometry.ball import Ball
from stnb.plots.labels import LETTER, box, roomiest_side, spoke, spoke_box, spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jaxtyping import Float, Int
    from plotly.graph_objects import Figure
    from torch import Tensor

    Edges: TypeAlias = Iterable[Iterable[object]]

__all__ = ["COLOURS", "arcs", "plot_disk"]

COLOURS = ("#2c6fb0", "#b5473c", "#2e7d4f", "#8a5fb0", "#96690a", "#0f7c86", "#a8457f", "#5c6670")
INK, PAPER, RIM = "#333f48", "#f7f9fb", "#aab4be"
SAMPLES = 14
ROUND = 4
SMALL, LARGE = 10, 12  # letters outside and inside, in pixels
SPACING = 1.4  # of lines of small letters
SPOKE_START = 1.045
SPOKE_END = 1.035
ASIDE = 0.16  # how far a name may lie from its node around the rim, in radians
EDGE = 8  # pixels
MENU = 46
PLANE = 2
NODE_WEIGHT = 4  # points of a line that a node counts for where names avoid both


class _View(NamedTuple):
    """What changes when another point is in the middle: coordinates of every trace, and the names."""

    x: list[np.ndarray]
    y: list[np.ndarray]
    notes: list[dict[str, Any]]


@dataclass(frozen=True)
class _Graph:
    """What stays: names, colours, edges, and which names are written."""

    ball: Ball
    pairs: Int[np.ndarray, "m 2"]
    names: list[str]
    groups: list[str]
    written: list[int]
    size: int

    @property
    def colours(self) -> dict[str, str]:
        return {word: COLOURS[i % len(COLOURS)] for i, word in enumerate(dict.fromkeys(self.groups))}

    @property
    def degree(self) -> np.ndarray:
        return np.bincount(self.pairs.ravel(), minlength=len(self.names))

    @property
    def outside(self) -> list[int]:
        return [node for node in self.written if self.degree[node] <= 1]

    @property
    def within(self) -> list[int]:
        return sorted((node for node in self.written if self.degree[node] > 1), key=lambda n: -self.degree[n])

    @property
    def radius(self) -> float:
        """Of the disk in pixels, so that the longest name outside fits."""
        longest = max((len(self.names[node]) for node in self.outside), default=0)
        return (0.5 * self.size - EDGE - LETTER * SMALL * longest) / SPOKE_START

    def of(self, word: str) -> list[int]:
        return [node for node, group in enumerate(self.groups) if group == word]


def plot_disk(
    points: Float[Tensor, "_ _"],
    edges: Edges,
    *,
    ball: Ball | None = None,
    labels: Sequence[str] | None = None,
    written: Iterable[Any] = (),
    groups: Sequence[str] | None = None,
    centres: Iterable[Any] = (),
    size: int = 760,
) -> Figure:
    """Nodes at their points, edges as geodesics of the ball, the rim, and names.

    Every node tells its name when pointed at. Of those in `written`, nodes with one neighbour have their name outside
    the rim, on a spoke, moved aside where it would lie on another, and left out where there is no room for it; the
    others have theirs beside them, unless another name is there already.

    Args:
        points: One point of the ball a node.
        edges: Pairs of nodes. An edge has the colour of its second node.
        ball: Where the points live; κ = −1 by default. The figure shows any ball as the unit disk.
        labels: One name a node; its number by default.
        written: Nodes whose names are written.
        groups: One word a node; nodes of one word share a colour.
        centres: Nodes with a button that moves them to the middle, which changes no distance; the first is there at
            the beginning. With none, points are drawn where they are.
        size: Width in pixels.
    """
    ball = Ball(-1.0) if ball is None else ball
    pairs = _checked_pairs(points, edges, ball)
    graph = _Graph(
        ball,
        pairs,
        _one_each("labels", map(str, range(len(points))) if labels is None else labels, len(points)),
        _one_each("groups", [""] * len(points) if groups is None else groups, len(points)),
        _checked_nodes(written, len(points), "written"),
        size,
    )
    places = points.detach().double().cpu()
    views = {
        graph.names[node]: _view(graph, ball.add(-places[node].expand_as(places), places))
        for node in _checked_nodes(centres, len(points), "centres")
    }
    return _figure(graph, views or {"": _view(graph, places)})


def arcs(
    points: Float[Tensor, "n 2"], edges: Edges, *, ball: Ball, samples: int = SAMPLES
) -> Float[np.ndarray, "m t 2"]:
    """Points along the geodesic of each edge, equally far apart: arcs of circles that meet the rim at right angles."""
    pairs = torch.as_tensor(np.asarray([tuple(edge) for edge in edges], int).reshape(-1, PLANE))
    x, y = (points.detach().double().cpu()[pairs[:, end]].unsqueeze(1) for end in (0, 1))
    t = torch.linspace(0.0, 1.0, samples, dtype=torch.float64).view(1, -1, 1)
    return ball.geodesic(t, x, y).numpy()


def _view(graph: _Graph, points: Tensor) -> _View:
    place = points.numpy() / graph.ball.radius
    lines = arcs(points, graph.pairs, ball=graph.ball) / graph.ball.radius
    outside, own, ends = _around(graph, place)
    drawn = [_rim()[None]]
    for word in graph.colours:
        ours = [i for i, node in enumerate(outside) if graph.groups[node] == word]
        spokes = np.stack((place[outside][ours], _unit(own[ours]), SPOKE_END * _unit(ends[ours])), 1)
        drawn += [
            spokes,
            lines[[graph.groups[b] == word for _, b in graph.pairs]],
            place[graph.of(word)][:, None],
        ]
    return _View(*_coordinates(drawn), _notes(graph, place, lines, outside, ends))


def _around(graph: _Graph, place: np.ndarray) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Nodes with a name outside, their angles, and those of the names; the farthest go first when room is short."""
    outside = list(graph.outside)
    while True:
        own = np.arctan2(place[outside, 1], place[outside, 0])
        ends = spread(own, SMALL * SPACING / (graph.radius * SPOKE_START))
        aside = np.abs(np.angle(np.exp(1j * (ends - own))))
        if not outside or aside.max() <= ASIDE:
            return outside, own, ends
        crowded = [node for node, far in zip(outside, aside, strict=True) if far > 0.5 * ASIDE]
        outside.remove(max(crowded, key=lambda node: float(np.linalg.norm(place[node]))))


def _notes(
    graph: _Graph, place: np.ndarray, lines: np.ndarray, outside: list[int], ends: np.ndarray
) -> list[dict[str, Any]]:
    """Names outside along spokes, then names inside, each where the least lies under it."""
    colour = [graph.colours[word] for word in graph.groups]
    notes, r = [], graph.radius
    names = [np.zeros((0, PLANE))]
    for node, angle in zip(outside, ends, strict=True):
        notes.append(spoke(graph.names[node], float(angle), SPOKE_START, colour[node], SMALL))
        names.append(spoke_box(graph.names[node], float(angle), SPOKE_START * r, SMALL))
    drawn = r * np.concatenate((lines.reshape(-1, PLANE), np.repeat(place, NODE_WEIGHT, axis=0), _rim()))
    for node in graph.within:
        side = roomiest_side(
            r * place[node],
            graph.names[node],
            LARGE,
            0.5 * float(_sizes(graph.degree[node])),
            lines=drawn,
            names=np.concatenate(names),
        )
        if side is not None:
            names.append(box(side, graph.names[node], LARGE))
            notes.append(_beside(graph.names[node], side / r, colour[node]))
    return notes


def _beside(text: str, middle: np.ndarray, colour: str) -> dict[str, Any]:
    return {
        "text": f"<b>{text}</b>",
        "x": round(float(middle[0]), ROUND),
        "y": round(float(middle[1]), ROUND),
        "showarrow": False,
        "bgcolor": "rgba(247,249,251,0.75)",
        "font": {"size": LARGE, "color": colour},
    }


def _coordinates(drawn: list[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The numbers of each trace, with gaps between its lines."""
    columns: tuple[list[np.ndarray], ...] = ([], [])
    for lines in drawn:
        gap = np.full((len(lines), int(lines.shape[1] > 1), PLANE), np.nan)
        flat = np.concatenate((lines, gap), axis=1).reshape(-1, PLANE).astype(np.float32)
        for axis, column in enumerate(columns):
            column.append(flat[:, axis])
    return columns[0], columns[1]


def _figure(graph: _Graph, views: dict[str, _View]) -> Figure:
    from plotly.graph_objects import Figure

    figure = Figure()
    first = next(iter(views.values()))
    for i, style in enumerate(_styles(graph)):
        figure.add_scatter(x=first.x[i], y=first.y[i], **style)
    reach, top = 0.5 * graph.size / graph.radius, MENU * (len(views) > 1)
    figure.update_layout(
        template="none",
        width=graph.size,
        height=graph.size + top,
        margin={"l": 0, "r": 0, "t": top, "b": 0},
        showlegend=False,
        hovermode="closest",
        font={"size": SMALL},
        annotations=first.notes,
        updatemenus=[_menu(views)] if top else [],
    )
    figure.update_xaxes(visible=False, range=[-reach, reach])
    figure.update_yaxes(visible=False, range=[-reach, reach], scaleanchor="x")
    return figure


def _styles(graph: _Graph) -> list[dict[str, Any]]:
    """How each trace looks: the rim, then the spokes, the edges and the nodes of each colour."""
    quiet = {"hoverinfo": "skip", "mode": "lines"}
    styles = [{"line": {"color": RIM, "width": 1.5}, "fill": "toself", "fillcolor": PAPER, **quiet}]
    for word, colour in graph.colours.items():
        ours = graph.of(word)
        sizes = _sizes(graph.degree[ours]).tolist()
        nodes = {"color": colour, "size": sizes, "opacity": 1, "line": {"color": "#ffffff", "width": 1}}
        styles += [
            {"line": {"color": colour, "width": 0.6}, "opacity": 0.45, **quiet},
            {"line": {"color": colour, "width": 1.8}, "opacity": 0.75, **quiet},
            {
                "mode": "markers",
                "marker": nodes,
                "text": [graph.names[node] for node in ours],
                "hovertemplate": "%{text}<extra></extra>",
                "name": word or "nodes",
            },
        ]
    return styles


def _menu(views: dict[str, _View]) -> dict[str, Any]:
    return {
        "type": "buttons",
        "direction": "right",
        "x": 0.0,
        "xanchor": "left",
        "y": 1.0,
        "yanchor": "bottom",
        "pad": {"b": 8, "l": 8},
        "bgcolor": "#ffffff",
        "bordercolor": RIM,
        "font": {"size": LARGE, "color": INK},
        "buttons": [
            {
                "label": name,
                "method": "update",
                "args": [
                    {"x": _packed(view.x[1:]), "y": _packed(view.y[1:])},
                    {"annotations": view.notes},
                    list(range(1, len(view.x))),  # all but the rim
                ],
            }
            for name, view in views.items()
        ],
    }


def _packed(columns: list[np.ndarray]) -> list[dict[str, str]]:
    """Arrays in the form in which Plotly itself writes those of traces, an eighth the size of lists."""
    return [{"dtype": "f4", "bdata": base64.b64encode(column.tobytes()).decode()} for column in columns]


def _sizes(degree: np.ndarray) -> np.ndarray:
    """Diameters of nodes in pixels."""
    return np.round(5.0 + 2.2 * np.sqrt(degree), 1)


def _rim() -> np.ndarray:
    return _unit(np.linspace(0.0, 2.0 * math.pi, 181))


def _unit(angles: np.ndarray) -> np.ndarray:
    return np.stack((np.cos(angles), np.sin(angles)), -1)


def _checked_pairs(points: Tensor, edges: Edges, ball: Ball) -> np.ndarray:
    if not isinstance(points, torch.Tensor):
        raise TypeError(f"points are of type {type(points).__name__}; give a torch tensor of shape (n, 2).")
    if points.ndim != PLANE or points.shape[-1] != PLANE or not len(points):
        raise ShapeMismatch(f"points have shape {tuple(points.shape)}; a disk needs (n, 2) with n ≥ 1.")
    ball.check(points.detach(), name="points")
    pairs = [tuple(edge) for edge in edges]
    for i, pair in enumerate(pairs):
        if len(pair) != PLANE:
            raise ShapeMismatch(f"edges[{i}] = {pair!r} has {len(pair)} ends; give pairs of nodes.")
        _checked_nodes(pair, len(points), f"edges[{i}]")
    return np.asarray(pairs, int).reshape(-1, PLANE)


def _checked_nodes(nodes: Iterable[Any], number: int, name: str) -> list[int]:
    listed = list(nodes)
    for node in listed:
        if isinstance(node, bool) or not isinstance(node, (int, np.integer)):
            raise InputError(f"{name} holds {node!r} of type {type(node).__name__}; give numbers of nodes.")
        if not 0 <= node < number:
            raise InvalidValue(f"{name} names node {node}, and there are {number}; give 0 … {number - 1}.")
    return [int(node) for node in dict.fromkeys(listed)]


def _one_each(name: str, values: Iterable[str], number: int) -> list[str]:
    listed = [str(value) for value in values]
    if len(listed) != number:
        raise DataLength(f"{name} has {len(listed)} entries for {number} nodes; give one a node.")
    return listed
