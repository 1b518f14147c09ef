"""Curves are drawn as they are given, in the way that was asked for."""

import numpy as np
import pytest

from stnb._core.errors import InputError
from stnb._core.show import mimebundle
from stnb.plots.curves import COLOURS, plot_curves

X = np.linspace(0, 1, 5)
CURVES = {"a": (X, X**2), "b": (X, 1 - X), "c": (X, X)}


def test_each_curve__is_drawn_as_asked_with_its_own_numbers_and_colour():
    figure = plot_curves(CURVES, dots=["b"], rings=["c"], x="share", y="cost", from_zero=True)
    assert [t.name for t in figure.data] == ["a", "b", "c"]
    assert [t.mode for t in figure.data] == ["lines", "markers", "markers"]
    assert [figure.data[0].line.color, *(t.marker.color for t in figure.data[1:])] == list(COLOURS[:3])
    assert figure.data[2].marker.symbol == "circle-open"
    assert [t.zorder for t in figure.data] == [None, 1, 1]
    for trace, (x, y) in zip(figure.data, CURVES.values(), strict=True):
        np.testing.assert_allclose((trace.x, trace.y), (x, y), atol=1e-7)
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("share", "cost")
    assert figure.layout.yaxis.range == pytest.approx((0.0, 1.0), abs=0.05)
    assert plot_curves(CURVES).layout.yaxis.range is None


def test_the_still__is_a_picture():
    assert "image/svg+xml" in mimebundle(plot_curves(CURVES), "Three short curves over each other")[0]


REFUSED = [
    ({"curves": {}}, "curves is empty"),
    ({"curves": {"a": (X, X[:3])}}, r"'a' has shapes \(5,\), \(3,\)"),
    ({"curves": {"a": (X[:0], X[:0])}}, r"shapes \(0,\), \(0,\)"),
    ({"curves": {"a": (X[None], X[None])}}, r"shapes \(1, 5\)"),
    ({"dots": ["d"]}, "'d' is no curve; give some of a, b, c"),
    ({"rings": ["e"]}, "'e' is no curve"),
]


@pytest.mark.parametrize(("wrong", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_what_cannot_be_drawn__is_refused(wrong, words):
    with pytest.raises(InputError, match=words):
        plot_curves(**{"curves": CURVES, **wrong})
