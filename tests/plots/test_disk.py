"""The picture shows the points, arcs that are geodesics, and names that do not lie on each other."""

import base64
import json
import math

import networkx as nx
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InputError
from stnb._core.show import mimebundle
from stnb.geometry import Ball
from stnb.geometry.trees import sarkar
from stnb.plots.disk import COLOURS, SAMPLES, arcs, plot_disk
from stnb.plots.labels import box, roomiest_side, spoke, spread

EDGES = list(nx.balanced_tree(3, 2).edges)
TREE = sarkar(EDGES, length=1.6)
NAMES = [f"node {i}" for i in range(len(TREE))]
GROUPS = ["root"] + [f"branch {i}" for i in range(3)] + [f"branch {i // 3}" for i in range(9)]


def draw(**settings):
    return plot_disk(TREE, EDGES, labels=NAMES, groups=GROUPS, **settings)


def relative_luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("curvature", [-1.0, -0.2, -5.0])
def test_arcs__lie_on_circles_that_meet_the_rim_at_right_angles(curvature):
    """Such a circle with middle m holds x when 2x·m = ‖x‖² + 1/c; m follows from the two ends."""
    ball = Ball(curvature)
    tree = TREE * ball.radius
    moved = ball.add(ball.radius * torch.tensor([0.3, -0.2]).double().expand_as(tree), tree)
    ways = arcs(moved, EDGES, ball=ball)
    ends = ways[:, [0, -1]]
    middle = np.linalg.solve(ends, 0.5 * ((ends**2).sum(-1, keepdims=True) + ball.radius**2))[..., 0]
    power = 2 * np.einsum("mti,mi->mt", ways, middle) - (ways**2).sum(-1)
    np.testing.assert_allclose(power, ball.radius**2, rtol=1e-9)
    steps = ball.distance(*(torch.from_numpy(ways[:, s]) for s in (slice(1, None), slice(-1))))
    torch.testing.assert_close(steps, steps.mean(-1, keepdim=True).expand_as(steps), rtol=1e-9, atol=0)


@pytest.mark.parametrize("curvature", [-1.0, -4.0])
def test_the_disk__is_the_unit_disk_whatever_the_curvature(curvature):
    ball = Ball(curvature)
    figure = plot_disk(TREE * ball.radius, EDGES, ball=ball)
    nodes = figure.data[-1]
    np.testing.assert_allclose(np.stack((nodes.x, nodes.y), -1), TREE, atol=1e-6)
    edges = figure.data[-2]
    np.testing.assert_allclose((edges.x[0], edges.y[0]), TREE[0], atol=1e-6)
    np.testing.assert_allclose((edges.x[-2], edges.y[-2]), TREE[12], atol=1e-6)
    assert np.hypot(figure.data[0].x, figure.data[0].y)[:-1] == pytest.approx(1.0)


def test_every_node__tells_its_name_and_has_the_colour_of_its_group():
    figure = draw()
    nodes = [trace for trace in figure.data if trace.mode == "markers"]
    assert [trace.name for trace in nodes] == ["root", "branch 0", "branch 1", "branch 2"]
    assert sorted(name for trace in nodes for name in trace.text) == sorted(NAMES)
    assert [trace.marker.color for trace in nodes] == list(COLOURS[:4])
    edges = [trace for trace in figure.data if trace.mode == "lines" and trace.line.width > 1.6]
    drawn = [np.count_nonzero(np.isnan(trace.x)) for trace in edges]
    assert drawn == [0, 4, 4, 4]
    assert all(len(trace.x) == number * (SAMPLES + 1) for trace, number in zip(edges, drawn, strict=True))


def test_names__are_written_once_for_those_that_asked_for_it():
    assert not draw().layout.annotations
    written = [note.text for note in draw(written=[0, 3, 12, 12]).layout.annotations]
    assert sorted(written) == ["<b>node 0</b>", "<b>node 3</b>", "node 12"]


def test_names__in_colours_that_can_be_read_on_white():
    for colour in COLOURS:
        assert 1.05 / (relative_luminance(colour) + 0.05) > 4.5


def test_buttons__move_a_node_to_the_middle_and_change_nothing_else():
    figure = draw(written=range(13), centres=[0, 5])
    buttons = figure.layout.updatemenus[0].buttons
    assert [button.label for button in buttons] == ["node 0", "node 5"]
    coordinates, _, traces = buttons[1].args
    assert list(traces) == list(range(1, len(figure.data)))
    places = {}
    for number, x, y in zip(traces, coordinates["x"], coordinates["y"], strict=True):
        if figure.data[number].mode == "markers":
            xy = np.stack([np.frombuffer(base64.b64decode(v["bdata"]), v["dtype"]) for v in (x, y)], -1)
            places.update(zip(figure.data[number].text, xy, strict=True))
    moved = torch.from_numpy(np.stack([places[name] for name in NAMES])).double()
    assert moved[5].tolist() == [0.0, 0.0]
    ball = Ball(-1.0)
    before = ball.distance(TREE[:, None], TREE[None])
    torch.testing.assert_close(ball.distance(moved[:, None], moved[None]), before, rtol=1e-3, atol=1e-3)


def test_the_figure__has_equal_scales_and_can_be_shown():
    figure = draw(written=range(13), centres=[0, 5])
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.xaxis.range == figure.layout.yaxis.range
    data, _ = mimebundle(figure, "A tree of thirteen nodes in the disk")
    assert "image/svg+xml" in data
    assert len(json.dumps(data)) < 60_000


def test_a_point_alone_and_points_without_edges_can_be_drawn():
    assert len(plot_disk(torch.zeros(1, 2), []).data[-1].x) == 1
    assert len(plot_disk(torch.rand(5, 2) / 2, [], written=range(5)).layout.annotations) == 5


@given(st.lists(st.floats(-7.0, 7.0), max_size=30), st.floats(0.01, 0.4))
def test_spread__keeps_order_and_distance(angles, gap):
    placed = spread(np.array(angles), gap)
    room = min(gap, 2 * math.pi / max(len(angles), 1))
    around = np.sort(np.mod(placed, 2 * math.pi))
    assert len(placed) == len(angles)
    if len(angles) > 1:
        assert np.diff(around, append=around[0] + 2 * math.pi).min() >= room - 1e-9
        turns = [np.argsort(np.mod(a, 2 * math.pi), kind="stable") for a in (np.array(angles), placed)]
        shift = int(np.flatnonzero(turns[1] == turns[0][0])[0])
        if len(set(np.mod(angles, 2 * math.pi).round(9))) == len(angles):
            assert np.roll(turns[1], -shift).tolist() == turns[0].tolist()


def test_spread__leaves_alone_what_is_apart():
    angles = np.array([0.1, 3.0, 1.5, -1.0])
    np.testing.assert_allclose(np.exp(1j * spread(angles, 0.3)), np.exp(1j * angles), atol=1e-12)
    np.testing.assert_allclose(spread(np.array([1.0, 1.0]), 0.2), [0.9, 1.1])


@pytest.mark.parametrize("angle", np.linspace(-3.1, 3.1, 9))
def test_spoke__is_never_upside_down_and_reads_along_its_angle(angle):
    note = spoke("name", angle, 1.0, "#333333", 10)
    assert -90 <= note["textangle"] <= 90
    turn = math.radians(-note["textangle"])
    assert abs(math.sin(turn - angle)) < 1e-3
    assert (note["xanchor"] == "left") == (math.cos(angle) >= 0)


def test_roomiest_side__goes_where_nothing_is():
    wall = np.stack((np.full(50, 8.0), np.linspace(-60, 60, 50)), -1)
    nothing = np.zeros((0, 2))
    assert roomiest_side(np.zeros(2), "name", 12, 5.0, lines=wall, names=nothing)[0] < 0
    for free in np.linspace(0, 6, 20):
        wall = 12.0 * np.stack(
            (np.cos(free + np.linspace(0.9, 5.4, 200)), np.sin(free + np.linspace(0.9, 5.4, 200))), -1
        )
        middle = roomiest_side(np.zeros(2), "name", 12, 5.0, lines=wall, names=nothing)
        assert not (np.abs(box(middle, "name", 12)).max(-1) < 4.0).any(), "a name covers its own node"
    everywhere = np.concatenate([box(np.array([0.0, 8.0 * k]), "n" * 40, 12) for k in range(-9, 10)])
    assert roomiest_side(np.zeros(2), "name", 12, 5.0, lines=wall, names=everywhere) is None


REFUSED = [
    ({"points": torch.zeros(3, 3)}, r"shape \(3, 3\)"),
    ({"points": torch.ones(3, 2)}, r"points\[0\] = \(1, 1\) is no point"),
    ({"points": torch.full((3, 2), math.nan)}, r"points\[0\]"),
    ({"edges": [(0, 13)]}, r"edges\[0\] names node 13"),
    ({"edges": [(0, 1, 2)]}, r"edges\[0\] = \(0, 1, 2\) has 3 ends"),
    ({"edges": [(0, 1.5)]}, "1.5 of type float"),
    ({"labels": ["a"]}, "labels has 1 entries for 13 nodes"),
    ({"groups": ["a"] * 14}, "groups has 14 entries"),
    ({"written": [True]}, "written holds True"),
    ({"centres": [-1]}, "centres names node -1"),
]


@pytest.mark.parametrize(("wrong", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_what_cannot_be_drawn_is_refused(wrong, words):
    with pytest.raises(InputError, match=words):
        plot_disk(**{"points": TREE, "edges": EDGES, **wrong})


def test_arrays__are_refused():
    with pytest.raises(TypeError):
        plot_disk(TREE.numpy(), EDGES)
