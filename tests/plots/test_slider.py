"""Moving the slider redraws the figure; without a kernel its still stays."""

import math

import numpy as np
import pytest
from plotly.graph_objects import Figure

from stnb._core.errors import InputError
from stnb._core.show import mimebundle
from stnb.gallery.tidy import WIDGET, strip
from stnb.plots.slider import Slider

PLOTLY = "application/vnd.plotly.v1+json"
PLACES = {"low": 0.0, "high": 2.0, "value": 1.0, "step": 0.5, "label": "slope"}


def draw(slope):
    figure = Figure()
    figure.add_scatter(x=[0.0, 1.0], y=[0.0, slope], name=f"slope {slope}")
    figure.add_vline(x=slope)
    return figure.update_layout(title=f"slope {slope}")


def test_moving__redraws_everything_that_depends_on_the_value():
    slider = Slider(draw, **PLACES)
    slider.value = 2.0
    fresh, live = draw(2.0), slider.figure
    np.testing.assert_array_equal(live.data[0].y, fresh.data[0].y)
    assert live.data[0].name == "slope 2.0"
    assert live.layout.title.text == "slope 2.0"
    assert live.layout.shapes[0].x0 == 2.0
    assert slider.value == 2.0


def test_it_shows_a_widget_with_a_still_and_keeps_the_still():
    data, metadata = mimebundle(Slider(draw, **PLACES), "A line that rises by one")
    assert {WIDGET, PLOTLY, "image/svg+xml"} <= data.keys()
    assert metadata["image/svg+xml"]["alt"] == "A line that rises by one"
    assert data[PLOTLY]["data"][0]["name"] == "slope 1.0"
    output = {"output_type": "display_data", "data": data, "metadata": metadata}
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [output], "source": ""}
    (kept,) = strip({"cells": [cell], "metadata": {}})["cells"][0]["outputs"]
    assert WIDGET not in kept["data"]
    assert "image/svg+xml" in kept["data"]


def test_the_widget__is_made_once():
    slider = Slider(draw, **PLACES)
    first = mimebundle(slider, "A line that rises by one")[0][WIDGET]
    assert mimebundle(slider, "A line that rises by one")[0][WIDGET] == first


def test_another_number_of_traces__is_refused():
    def growing(value):
        figure = draw(value)
        return figure if value < 2 else figure.add_scatter(x=[0.0], y=[0.0])

    slider = Slider(growing, **PLACES)
    with pytest.raises(InputError, match="2 traces at 2 and 1 before"):
        slider.value = 2.0


@pytest.mark.parametrize(
    "wrong",
    [{"low": 2.0}, {"value": 3.0}, {"value": -1.0}, {"step": 0.0}, {"step": math.nan}, {"high": math.inf}],
)
def test_places_that_make_no_slider__are_refused(wrong):
    with pytest.raises(InputError):
        Slider(draw, **{**PLACES, **wrong})
