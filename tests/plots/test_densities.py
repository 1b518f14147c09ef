"""Curves enclose the area 1, lie where they say, and what is no density is refused."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stnb._core.errors import InputError
from stnb._core.show import mimebundle
from stnb.plots.densities import MEAN_COLOURS, OVERLAP, plot_densities
from stnb.zspace import Tensor

X = (np.arange(8) + 0.5) / 2
SLOPE = np.arange(1.0, 9.0) / 36
FLAT = np.full(8, 1 / 8)


def trace(figure, name):
    return next(t for t in figure.data if t.name == name)


@given(arrays(float, 8, elements=st.floats(0.01, 1e3)), st.floats(0.1, 50.0), st.floats(-5.0, 5.0))
def test_every_curve__encloses_the_area_one(values, width, start):
    x = start + width * np.arange(8.0)
    curve = plot_densities(x, {"q": values / values.sum()}).data[0]
    assert math.isclose(float(curve.y[1:-1].astype(float).sum()) * width, 1.0, rel_tol=2e-3)
    np.testing.assert_allclose(curve.x[1:-1], x, atol=1e-4)


@pytest.mark.parametrize("kind", [np.asarray, list, lambda v: Tensor(1, 8, v), lambda v: Tensor(2, 4, v)])
def test_arrays_lists_and_tensors__are_drawn_alike(kind):
    assert plot_densities(X, {"q": kind(SLOPE)}).data[0].y == pytest.approx([0, *(SLOPE / 0.5), 0], abs=1e-5)


def test_lines_apart__lie_under_each_other_in_order_and_keep_one_scale():
    figure = plot_densities(X, {"a": FLAT, "b": SLOPE, "m": FLAT}, means=["m"], apart=True)
    for row, name in enumerate("abm"):
        assert trace(figure, name).y[0] == trace(figure, name).y[-1] == -row
    heights = {name: np.ptp(trace(figure, name).y) for name in "abm"}
    assert heights["b"] == pytest.approx(OVERLAP, abs=1e-4)
    assert heights["a"] / heights["b"] == pytest.approx(FLAT.max() / SLOPE.max(), abs=1e-4)
    assert list(figure.layout.yaxis.ticktext) == ["a", "b", "<b>m</b>"]
    assert list(figure.layout.yaxis.tickvals) == [0, -1, -2]
    assert figure.layout.legend.visible is False


def test_means__are_coloured_drawn_first_and_lie_on_top():
    figure = plot_densities(X, {"a": FLAT, "m": SLOPE, "n": FLAT}, means=["n", "m"])
    assert [t.name for t in figure.data] == ["m", "n", "a"]
    assert trace(figure, "n").line.color == MEAN_COLOURS[0]
    assert trace(figure, "m").line.color == MEAN_COLOURS[1]
    assert trace(figure, "m").zorder > trace(figure, "a").zorder
    assert trace(figure, "a").line.color not in MEAN_COLOURS


def test_marks__stand_where_they_say_in_the_colour_of_their_curve():
    figure = plot_densities(X, {"a": FLAT, "m": SLOPE}, means=["m"], marks={"m": 2.25})
    (line,) = figure.layout.shapes
    assert line.x0 == line.x1 == 2.25
    assert line.line.color == trace(figure, "m").line.color


def test_axes__are_named_and_the_still_is_a_picture():
    figure = plot_densities(X, {"a": FLAT}, axis="hour", unit="hour")
    assert figure.layout.xaxis.title.text == "hour"
    assert figure.layout.yaxis.title.text == "chance per hour"
    assert tuple(figure.layout.xaxis.range) == (0.0, 4.0)
    data, _ = mimebundle(figure, "One flat curve of eight bins")
    assert "image/svg+xml" in data
    assert len(json.dumps(data)) < 10_000


REFUSED = [
    ({"densities": {}}, "densities is empty"),
    ({"densities": {"q": FLAT[:3]}}, "'q' has 3 entries for 8 bins"),
    ({"densities": {"q": 2 * FLAT}}, "'q' has entries from 0.25 on and the sum 2"),
    ({"densities": {"q": np.full(8, math.nan)}}, "'q' has entries from nan on"),
    ({"densities": {"q": 9 * (SLOPE - 1 / 9)}}, "entries from -0.75 on and the sum 1;"),
    ({"x": X[::-1].copy()}, "steps from -0.5"),
    ({"x": X**2}, "equally spaced"),
    ({"x": np.array([0.0])}, r"shape \(1,\)"),
    ({"x": np.full(8, math.inf)}, "all finite"),
    ({"means": ["r"]}, "means names 'r'.*give some of q"),
    ({"marks": {"r": 1.0}}, "marks names 'r'"),
]


@pytest.mark.parametrize(("wrong", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_what_is_no_density__is_refused(wrong, words):
    with pytest.raises(InputError, match=words):
        plot_densities(**{"x": X, "densities": {"q": FLAT}, **wrong})
