"""Pictures share one scale of colours, and a number that cannot be drawn is refused by its place."""

import io

import numpy as np
import pytest
from PIL import Image

from stnb._core.errors import EmptyInput, InvalidValue, NonFiniteValue, ShapeMismatch
from stnb._core.show import mimebundle
from stnb.plots import plot_pictures

STEPS = np.arange(12.0).reshape(3, 4)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), int)


def shades(png, colour, within=6):
    """How many pixels have nearly this colour."""
    return int((np.abs(pixels(png) - colour).max(2) <= within).sum())


def test_two_pictures_are_on_one_scale():
    dim, bright = np.zeros((4, 4)), np.ones((4, 4))
    png = plot_pictures({"dim": dim, "bright": bright}, limits=(0, 1), colours="gray")
    alone = plot_pictures({"dim": dim}, limits=(0, 1), colours="gray")
    assert shades(png, (0, 0, 0)) > 10_000
    assert shades(alone, (0, 0, 0)) > 2 * shades(png, (0, 0, 0))


def test_limits_are_those_of_all_pictures_unless_given():
    own = {"low": STEPS, "high": STEPS + 5}
    assert plot_pictures(own) == plot_pictures(own, limits=(0, 16))
    assert plot_pictures(own) != plot_pictures(own, limits=(0, 11))


def test_a_picture_of_one_number_is_drawn():
    assert pixels(plot_pictures({"flat": np.full((2, 2), 3.0)})).size


def test_the_file_is_small_and_shown_with_words():
    png = plot_pictures({"noise": np.random.default_rng(0).random((64, 64))}, colours="viridis")
    assert len(np.unique(pixels(png).reshape(-1, 3), axis=0)) <= 160
    data, metadata = mimebundle(png, "noise in shades of green")
    assert len(data["image/png"]) < 60_000
    assert metadata["image/png"]["alt"] == "noise in shades of green"


def test_axes_appear_with_an_extent():
    plain = plot_pictures({"run": STEPS}, height=3)
    framed = plot_pictures({"run": STEPS}, height=3, extent=(0, 8, 0, 2), x="time / s", y="radius / m")
    assert pixels(plain).shape == pixels(framed).shape
    assert plain != framed
    wider = plot_pictures({"run": STEPS}, height=3, extent=(0, 80, 0, 2), x="time / s", y="radius / m")
    assert wider != framed


@pytest.mark.parametrize(
    ("pictures", "options", "error", "words"),
    [
        ({}, {}, EmptyInput, "pictures is empty"),
        ({"a": [1.0, 2.0]}, {}, ShapeMismatch, r"'a' has shape \(2,\)"),
        ({"a": np.empty((0, 3))}, {}, ShapeMismatch, r"'a' has shape \(0, 3\)"),
        ({"a": [[1.0, np.nan]]}, {}, NonFiniteValue, r"a\[0, 1\] = nan"),
        ({"a": STEPS}, {"limits": (1, 1)}, InvalidValue, r"limits = \(1, 1\)"),
        ({"a": STEPS}, {"limits": (0, np.nan)}, InvalidValue, "two finite numbers"),
        ({"a": STEPS}, {"colours": "virids"}, InvalidValue, "no colour map"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(pictures, options, error, words):
    with pytest.raises(error, match=words):
        plot_pictures(pictures, **options)
