"""Colours that everybody can tell apart, that stand out from the ground, and maps that rise."""

from itertools import pairwise

import numpy as np
import pytest
from stnb_widgets.colours import blank_colour, categories, colour_table, cyclic_table

from .colour_sight import as_seen_by, ciede2000, closest_pair, contrast, lab, luminance

LEAST_DIFFERENCE = 10
LEAST_CONTRAST = 3
SIGHTS = ("normal", "protan", "deutan", "tritan")
STAGES = {True: [(13, 17, 23), (20, 24, 29)], False: [(255, 255, 255), (246, 246, 246)]}


def test_the_difference_of_colours_is_that_of_the_published_examples():
    examples = [
        ([50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425),
        ([50, -1.3802, -84.2814], [50, 0, -82.7485], 1.0000),
        ([50, 2.5, 0], [73, 25, -18], 27.1492),
        ([50, 2.5, 0], [50, 0, -2.5], 4.3065),
        ([50, 0, 0], [50, -1, 2], 2.3669),
        ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
        ([22.7233, 20.0904, -46.6940], [23.0331, 14.9730, -42.5619], 2.0373),
        ([2.0776, 0.0795, -1.1350], [0.9033, -0.0636, -0.5514], 0.9082),
    ]
    one, other, wanted = (np.array(column, float) for column in zip(*examples, strict=True))
    np.testing.assert_allclose(ciede2000(one, other), wanted, atol=1e-4)


def test_simulated_sight_keeps_white_and_confuses_what_is_known_to_be_confused():
    red_and_green = np.array([[0.76, 0.25, 0.18], [0.45, 0.45, 0.0]])
    for kind in SIGHTS:
        np.testing.assert_allclose(as_seen_by(kind, np.ones(3)), 1, atol=1e-9)
    for kind in ("protan", "deutan"):
        np.testing.assert_allclose(as_seen_by(kind, [0.0, 0, 1]), [0, 0, 1], atol=1e-9)
        assert closest_pair(kind, red_and_green) < 0.5 * closest_pair("normal", red_and_green)
    np.testing.assert_allclose(as_seen_by("tritan", [1.0, 0, 0]), [1, 0, 0], atol=1e-9)


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("sight", SIGHTS)
def test_the_eight_categories_differ_for_everybody(sight, dark):
    colours = categories(dark=dark)
    assert colours.shape == (8, 3)
    assert closest_pair(sight, colours) >= LEAST_DIFFERENCE


@pytest.mark.parametrize("dark", [True, False])
def test_every_category_stands_out_from_the_ground(dark):
    for ground in STAGES[dark]:
        assert contrast(categories(dark=dark), np.array(ground) / 255).min() >= LEAST_CONTRAST


@pytest.mark.parametrize("sight", SIGHTS)
def test_the_sequential_map_rises_in_lightness_for_everybody(sight):
    lightness = lab(as_seen_by(sight, colour_table(256)))[:, 0]
    assert all(one < other for one, other in pairwise(lightness))
    assert lightness[-1] - lightness[0] > 40


def test_the_cyclic_map_has_one_lightness_and_no_seam():
    table = cyclic_table(360)
    light = luminance(table)
    assert light.max() / light.min() < 1.35
    steps = ciede2000(lab(as_seen_by("normal", table)), lab(as_seen_by("normal", np.roll(table, -1, axis=0))))
    assert steps.max() < 4 * np.median(steps)


def test_what_is_not_finite_is_grey():
    assert np.ptp(blank_colour()) < 0.06
