"""Each dot stands at its own number, beside the others of its name."""

import numpy as np
import pytest

from stnb._core.errors import EmptyInput, NonFiniteValue, ShapeMismatch
from stnb._core.show import mimebundle
from stnb.plots import plot_categories

NAMES = ["quay", "pier", "park"]
SERIES = {"dusk": [0.5, -0.2, 0.1], "dawn": [0.1, 0.3, 0.2]}


def test_dots_stand_beside_each_other_in_the_room_of_their_name():
    figure = plot_categories(NAMES, SERIES, y="share")
    assert [trace.name for trace in figure.data] == ["dusk", "dawn"]
    for trace, values in zip(figure.data, SERIES.values(), strict=True):
        np.testing.assert_allclose(trace.y, values, rtol=1e-6)
        assert np.round(trace.x).tolist() == [0, 1, 2]
    assert (figure.data[1].x - figure.data[0].x > 0.1).all()
    assert figure.layout.xaxis.ticktext == tuple(NAMES)
    assert figure.layout.yaxis.title.text == "share"


def test_stems_reach_from_0_to_the_dot():
    stem, dot = plot_categories(NAMES, {"change": SERIES["dusk"]}, stems=True).data
    np.testing.assert_array_equal(stem.y[0::3], 0)
    np.testing.assert_array_equal(stem.y[1::3], dot.y)
    assert np.isnan(stem.y[2::3]).all()
    np.testing.assert_array_equal(stem.x[1::3], dot.x)
    assert stem.showlegend is False


def test_the_still_names_the_places():
    still = mimebundle(plot_categories(NAMES, SERIES), "Shares of three stations")[0]["image/svg+xml"]
    assert all(f">{name}</text>" in still for name in NAMES)


REFUSED = [
    ({"names": []}, EmptyInput, "names or series are empty"),
    ({"series": {}}, EmptyInput, "names or series are empty"),
    ({"series": {"a": [1, 2]}}, ShapeMismatch, r"'a' has shape \(2,\); give a number for each of 3"),
    ({"series": {"a": [1, np.nan, 2]}}, NonFiniteValue, r"a\[1\] = nan"),
]


@pytest.mark.parametrize(("wrong", "error", "words"), REFUSED)
def test_what_cannot_be_drawn_is_refused(wrong, error, words):
    with pytest.raises(error, match=words):
        plot_categories(**{"names": NAMES, "series": SERIES, **wrong})
