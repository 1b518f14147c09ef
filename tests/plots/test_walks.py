"""Geodesic steps are arcs of the ball, flat steps end in a cross at the rim, and nothing is drawn where none is."""

import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InputError
from stnb._core.show import mimebundle
from stnb.geometry import Ball
from stnb.plots.walks import COLOURS, plot_walks

BALL = Ball(-1.0)
STARTS = torch.tensor([[0.6, 0.2], [-0.7, 0.5]], dtype=torch.float64)
GOAL = torch.tensor([0.1, -0.4], dtype=torch.float64)


def curved(ball=BALL, steps=5):
    starts, goal = ball.radius * STARTS, ball.radius * GOAL
    shares = torch.linspace(0, 0.9, steps, dtype=torch.float64)
    return torch.stack([ball.geodesic(t, starts, goal.expand(2, 2)) for t in shares])


def leaving(angle=0.3, length=5.0, start=(0.0, 0.0)):
    first = torch.tensor([start], dtype=torch.float64)
    step = length * torch.tensor([[math.cos(angle), math.sin(angle)]], dtype=torch.float64)
    return torch.stack((first, first + step, torch.full((1, 2), math.nan).double()))


def line(figure, name):
    return next(t for t in figure.data if t.name == name and t.mode == "lines")


def points(figure, name, symbol=None):
    found = [t for t in figure.data if t.legendgroup == name and t.mode == "markers"]
    (only,) = [t for t in found if t.marker.symbol == symbol and t.marker.line.color is None] or [
        t for t in found if t.marker.symbol == symbol
    ]
    return np.stack((only.x, only.y), -1)


@pytest.mark.parametrize("curvature", [-1.0, -0.3, -4.0])
def test_steps__are_drawn_along_geodesics_of_the_unit_disk_whatever_the_curvature(curvature):
    ball = Ball(curvature)
    figure = plot_walks({"walk": curved(ball)}, ball=ball)
    drawn = line(figure, "walk")
    way = np.stack((drawn.x, drawn.y), -1)[: np.flatnonzero(np.isnan(drawn.x))[0]]
    np.testing.assert_allclose(way[0], STARTS[0], atol=1e-6)
    ends = way[[0, -1]]
    middle = np.linalg.solve(ends, 0.5 * ((ends**2).sum(-1) + 1.0))
    np.testing.assert_allclose(2 * way @ middle - (way**2).sum(-1), 1.0, atol=1e-5)
    np.testing.assert_allclose(
        points(figure, "walk"), curved()[1:].flatten(0, 1)[[0, 2, 4, 6, 1, 3, 5, 7]], atol=1e-6
    )


@given(st.floats(-3.1, 3.1), st.floats(1.01, 1e4))
def test_a_step_over_the_rim__has_its_cross_on_the_rim_and_is_cut_at_the_edge(angle, length):
    figure = plot_walks({"flat": leaving(angle, length)}, straight=["flat"], reach=1.2)
    np.testing.assert_allclose(points(figure, "flat", "x"), [[math.cos(angle), math.sin(angle)]], atol=1e-5)
    drawn = line(figure, "flat")
    assert np.nanmax(np.abs([drawn.x, drawn.y])) <= 1.2 + 1e-5
    turn = drawn.y[1] * math.cos(angle) - drawn.x[1] * math.sin(angle)
    assert turn == pytest.approx(0.0, abs=1e-5)


def test_a_step_from_anywhere__has_its_cross_where_its_line_meets_the_rim():
    figure = plot_walks({"flat": leaving(0.0, 3.0, start=(-0.2, 0.6))}, straight=["flat"])
    np.testing.assert_allclose(points(figure, "flat", "x"), [[0.8, 0.6]], atol=1e-6)


def test_the_first_walk__lies_on_top_and_each_has_its_colour():
    figure = plot_walks({"a": curved(), "b": leaving()}, straight=["b"])
    named = [t for t in figure.data if t.mode == "lines" and t.name]
    assert [t.name for t in named] == ["b", "a"]
    assert [t.line.color for t in named] == [COLOURS[1], COLOURS[0]]
    assert named[1].legendrank < named[0].legendrank


def test_steps_too_short_to_be_seen__are_one():
    crowd = curved()[:1].repeat(200, 1, 1) + 1e-5 * torch.arange(200).double().view(-1, 1, 1)
    assert len(line(plot_walks({"a": crowd}), "a").x) < 20


def test_marks_and_goals__are_named_where_they_are():
    figure = plot_walks({"a": curved()}, marks={"home": STARTS[1]}, goals={"goal": GOAL})
    found = {t.name: t for t in figure.data if t.mode == "markers+text"}
    assert (found["home"].x[0], found["home"].y[0]) == pytest.approx(STARTS[1].tolist())
    assert [found[n].marker.symbol for n in ("home", "goal")] == ["diamond-open", "diamond"]
    assert found["goal"].text[0].strip() == "goal"


def test_one_walker_that_stands_still__can_be_drawn_and_shown():
    figure = plot_walks({"still": STARTS[None, :1].repeat(3, 1, 1)})
    assert len(line(figure, "still").x) == 2
    data, _ = mimebundle(figure, "One walker that does not move")
    assert "image/svg+xml" in data
    assert len(json.dumps(data)) < 20_000


REFUSED = [
    ({"walks": {}}, "walks is empty"),
    ({"walks": {"a": torch.zeros(3, 2)}}, r"shape \(3, 2\)"),
    ({"walks": {"a": torch.zeros(0, 1, 2)}}, "none of them 0"),
    ({"walks": {"a": torch.full((2, 1, 2), math.nan)}}, "starts nowhere"),
    ({"walks": {"a": leaving()}}, "the walk 'a'"),
    ({"walks": {"a": leaving() + 3}, "straight": ["a"]}, "starts outside"),
    ({"straight": ["b"]}, "straight names 'b'.*give some of a"),
    ({"marks": {"m": torch.ones(2)}}, "m"),
    ({"goals": {"m": torch.zeros(3)}}, r"shape \(3,\)"),
    ({"reach": 0.5}, "reach = 0.5"),
    ({"reach": math.nan}, "reach = nan"),
]


@pytest.mark.parametrize(("wrong", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_what_cannot_be_drawn__is_refused(wrong, words):
    with pytest.raises((InputError, TypeError), match=words):
        plot_walks(**{"walks": {"a": curved()}, **wrong})


def test_arrays__are_refused():
    with pytest.raises(TypeError):
        plot_walks({"a": curved().numpy()})
