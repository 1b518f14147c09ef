"""The canvas of the posters: what is painted where, gaps, dashes, words, and files that fit."""

import io
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_widgets.font import _GLYPHS, GLYPH_HEIGHT, text_mask, text_width
from stnb_widgets.png import encode_png, squeeze_png
from stnb_widgets.raster import Canvas

WHITE, RED, BLACK = (1, 1, 1), (1, 0, 0), (0, 0, 0)


def read(png):
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB")).copy()


@pytest.fixture
def canvas():
    return Canvas(60, 40, BLACK)


def lit(canvas):
    return canvas.pixels()[..., 0].astype(int)


def test_a_level_line_is_as_wide_as_asked_and_stops_at_its_ends(canvas):
    canvas.line([10, 50], [20, 20], WHITE, width=2)
    bright = lit(canvas)
    np.testing.assert_array_equal(bright[19:21, 12:48], 255)
    assert bright[:18].max() == bright[22:].max() == bright[:, :8].max() == bright[:, 52:].max() == 0


@settings(max_examples=40)
@given(st.floats(0, np.pi), st.floats(1, 5))
def test_a_line_in_any_direction_covers_length_times_width(angle, width):
    canvas = Canvas(100, 100, BLACK)
    across, down = 30 * np.cos(angle), 30 * np.sin(angle)
    canvas.line([50 - across, 50 + across], [50 - down, 50 + down], WHITE, width=width)
    area = lit(canvas).sum() / 255
    half_a_fine_pixel_on_each_side = 60 * 2 * 0.25
    wanted = 60 * width + np.pi * width**2 / 4
    assert area == pytest.approx(wanted, abs=half_a_fine_pixel_on_each_side)


def test_what_is_not_finite_is_a_gap_and_what_is_far_away_is_cut_off(canvas):
    canvas.line([5, 15, np.nan, 35, np.inf, 45, 55], [20] * 7, WHITE)
    bright = lit(canvas)[20]
    assert (bright[6:14] > 0).all()
    assert bright[18:43].max() == 0
    assert (bright[46:54] > 0).all()
    other = Canvas(60, 40, BLACK)
    other.line([-1e7, 1e7], [10, 10], WHITE)
    assert (lit(other)[10] > 0).all()
    assert lit(other)[20:].max() == 0


def test_a_dashed_line_draws_the_share_that_its_pattern_says():
    whole, dashed = Canvas(400, 9, BLACK), Canvas(400, 9, BLACK)
    x = np.linspace(0, 400, 90)
    whole.line(x, np.full(90, 4), WHITE, width=1)
    dashed.line(x, np.full(90, 4), WHITE, width=1, dash=(6, 4))
    assert 0.6 <= lit(dashed).sum() / lit(whole).sum() <= 0.75
    columns = np.flatnonzero(np.diff((lit(dashed).max(axis=0) > 0).astype(int)))
    assert len(columns) >= 2 * 38


def test_discs_have_their_area_and_later_ones_lie_on_top(canvas):
    canvas.discs([20, np.nan], [20, 5], 8, WHITE)
    assert lit(canvas).sum() / 255 == pytest.approx(np.pi * 64, rel=0.03)
    canvas.discs([20, 24], [20, 20], [3, 3], [BLACK, RED])
    assert tuple(canvas.pixels()[20, 24]) == (255, 0, 0)
    assert tuple(canvas.pixels()[20, 18]) == (0, 0, 0)


def test_many_large_discs_are_painted_in_bounded_memory():
    canvas = Canvas(64, 64, BLACK)
    centres = np.linspace(0, 64, 3000)
    canvas.discs(centres, centres, 12, np.repeat(np.linspace(0, 1, 3000)[:, None], 3, axis=1))
    assert lit(canvas)[60, 60] > 240


def test_boxes_mix_and_pictures_stretch_with_their_first_row_on_top(canvas):
    canvas.rect(10, 10, 20, 20, WHITE, 0.5)
    canvas.rect(15, 10, 20, 20, WHITE)
    assert [lit(canvas)[15, column] for column in (9, 12, 17, 20)] == [0, 128, 255, 0]
    rgb = np.zeros((2, 3, 3))
    rgb[0, 2] = RED
    rgb[1, 0] = np.nan
    canvas.image(0, 0, 60, 40, rgb)
    pixels = canvas.pixels()
    assert tuple(pixels[5, 50]) == (255, 0, 0)
    assert tuple(pixels[30, 50]) == (0, 0, 0)
    assert pixels[5, 17, 0] == 0
    canvas.image(-1000, -1000, -900, -900, rgb)


def test_words_stand_where_their_anchor_says():
    wide, tall = text_width("Hi"), 7
    for anchor, (left, top) in {"lt": (0, 0), "cm": (-wide / 2, -tall / 2), "rb": (-wide, -tall)}.items():
        canvas = Canvas(60, 40, BLACK)
        canvas.text(30, 20, "Hi", WHITE, anchor)
        rows, columns = np.nonzero(lit(canvas))
        assert columns.min() == pytest.approx(30 + left, abs=0.5)
        assert rows.min() == pytest.approx(20 + top, abs=0.5)
        assert columns.max() - columns.min() + 1 == pytest.approx(wide, abs=1)
    double = Canvas(60, 40, BLACK)
    double.text(0, 0, "Hi", WHITE, size=2)
    assert lit(double).sum() / 255 == 4 * text_mask("Hi").sum()


def test_every_glyph_is_seven_even_rows_and_none_looks_like_another():
    printable = {chr(code) for code in range(32, 127)} | set("·…–−×°µΔκωρθπ√²³±")
    assert printable <= set(_GLYPHS)
    for letter, rows in _GLYPHS.items():
        lengths = {len(row) for row in rows.split()}
        assert len(rows.split()) == 7, letter
        assert len(lengths) == 1, letter
    masks = {letter: text_mask(letter).tobytes() for letter in _GLYPHS}
    assert len(set(masks.values())) == len(masks)
    assert {text_width(digit) for digit in "0123456789"} == {5}
    assert text_mask("g")[7:].any()
    assert not text_mask("n")[7:].any()
    assert text_mask("語").tobytes() not in masks.values()
    assert text_mask("語").any()
    assert text_mask("").shape == (GLYPH_HEIGHT, 0)


@settings(max_examples=20)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 600), st.integers(0, 9))
def test_a_png_says_what_it_was_given(height, width, colours, seed):
    rng = np.random.default_rng(seed)
    palette = rng.integers(0, 256, (colours, 3)).astype(np.uint8)
    picture = palette[rng.integers(0, colours, (height, width))]
    np.testing.assert_array_equal(read(encode_png(picture)), picture)
    np.testing.assert_array_equal(read(squeeze_png(picture, 10**6)), picture)


def test_the_fewer_bytes_there_are_the_coarser_the_picture_but_never_none():
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    wrong = []
    for most in (200_000, 120_000, 60_000, 20_000, 3000):
        png = squeeze_png(noise, most)
        assert len(png) <= most
        seen = read(png)
        assert seen.shape == noise.shape
        wrong.append(np.abs(seen.astype(int) - noise).mean())
    assert all(few <= many for few, many in pairwise(wrong))
    assert wrong[0] == 0
    assert wrong[1] < 4
    assert read(squeeze_png(noise, 10)).shape == noise.shape


@pytest.mark.parametrize(
    ("paint", "message"),
    [
        (lambda c: c.rect(0, 0, 1, 1, WHITE, 1.5), r"alpha is 1\.5; pass a share"),
        (lambda c: c.rect(0, 0, 1, 1, WHITE, np.nan), r"alpha is nan"),
        (lambda c: c.rect(0, np.nan, 1, 1, WHITE), r"corner of the box .* is not finite"),
        (lambda c: c.rect(0, 0, 1, 1, (1, 0)), r"a colour is \(1, 0\); pass red, green, blue"),
        (lambda c: c.discs([1], [1], 1, (np.nan, 0, 0)), r"a colour is"),
        (lambda c: c.line([1, 2], [1], WHITE), r"x has shape \(2,\), y has \(1,\)"),
        (lambda c: c.line([1, 2], [1, 2], WHITE, dash=(3,)), r"dash is \[3\.0\]; list at least two"),
        (lambda c: c.image(0, 0, 9, 9, np.zeros((3, 3))), r"picture has shape \(3, 3\)"),
        (lambda c: c.text(0, 0, "a", WHITE, "xx"), r"anchor is 'xx'; give two letters"),
        (lambda c: Canvas(0, 4), r"0 x 4 pixels has no pixel"),
    ],
)
def test_bad_input_is_explained(canvas, paint, message):
    with pytest.raises(ValueError, match=message):
        paint(canvas)
    assert not lit(canvas).any()
