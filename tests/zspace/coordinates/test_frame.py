"""Frames: addresses, distances, signatures."""

import copy
import math
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import (
    EmptyInput,
    InvalidDimensions,
    InvalidValue,
    NonFiniteValue,
    NonHyperbolicCurvature,
    NonPositiveWeight,
    ShapeMismatch,
)
from stnb.zspace.coordinates import ZBand, ZFrame, ZIndex, ZSheet, ZTemporal

COUNT = st.integers(1, 7)
WEIGHT = st.floats(0, 1e3)
WEIGHTS = st.tuples(WEIGHT, WEIGHT, WEIGHT)
CURVATURE = st.floats(-1e6, -1e-6)
PRINT = (
    "import sys; from stnb.zspace.coordinates import ZFrame; print(ZFrame.regular(5, 3, 2, -0.1).signature)"
)


@st.composite
def _frames_with_cells(draw, cells):
    frame = ZFrame.regular(draw(COUNT), draw(COUNT), draw(COUNT))
    places = [tuple(draw(st.integers(0, n - 1)) for n in frame.shape) for _ in range(cells)]
    return frame, [ZIndex(*place) for place in places]


def test_regular__names_the_bands_from_above():
    frame = ZFrame.regular()
    assert [(b.index, b.label) for b in frame.bands] == [(0, "above"), (1, "here"), (2, "beneath")]
    assert [(b.low, b.high) for b in frame.bands] == [(2 / 3, 1.0), (1 / 3, 2 / 3), (0.0, 1 / 3)]
    assert [s.label for s in frame.sheets] == ["sheet 0", "sheet 1", "sheet 2", "sheet 3"]
    assert frame.temporal == ZTemporal(8, 8)
    assert frame.curvature == -1.0


@pytest.mark.parametrize(
    ("bands", "labels"),
    [
        (1, ["here"]),
        (2, ["above", "beneath"]),
        (4, ["above 2", "above 1", "beneath 1", "beneath 2"]),
        (5, ["above 2", "above 1", "here", "beneath 1", "beneath 2"]),
    ],
)
def test_regular__names_any_number_of_bands(bands, labels):
    assert [band.label for band in ZFrame.regular(bands).bands] == labels


@given(_frames_with_cells(3), WEIGHTS)
def test_distance__is_a_metric(drawn, weights):
    frame, (i, j, k) = drawn
    ij, jk, ik = (frame.distance(a, b, weights) for a, b in ((i, j), (j, k), (i, k)))
    assert ij == frame.distance(j, i, weights)
    assert frame.distance(i, i, weights) == 0
    assert ik <= (ij + jk) * (1 + 1e-15)
    if min(weights) > 0 and i != j:
        assert ij > 0


@given(_frames_with_cells(2), WEIGHTS, st.floats(1e-3, 1e3))
def test_distance__is_the_formula_and_knows_no_scale(drawn, weights, scale):
    frame, (i, j) = drawn
    total = sum(weights)
    used = [w / total for w in weights] if total > 0 else [w / 2.2 for w in (1.0, 0.7, 0.5)]
    echo = abs(i.echo - j.echo)
    apart = (abs(i.band - j.band), abs(i.sheet - j.sheet), min(echo, frame.shape[2] - echo))
    expected = math.sqrt(sum((w * d) ** 2 for w, d in zip(used, apart, strict=True)))
    assert frame.distance(i, j, weights) == pytest.approx(expected, rel=1e-12)
    assert frame.distance(i, j, [scale * w for w in weights]) == pytest.approx(expected, rel=1e-9)


@given(_frames_with_cells(2), st.integers(0, 20))
def test_echo_distance__does_not_change_when_the_circle_turns(drawn, turn):
    frame, (i, j) = drawn
    count = frame.shape[2]
    turned = frame.echo_distance((i.echo + turn) % count, (j.echo + turn) % count)
    assert turned == frame.echo_distance(i.echo, j.echo) == frame.echo_circular_distance(j.echo, i.echo)
    assert turned <= count / 2


def test_distance__falls_back_to_its_weights():
    frame, (i, j) = ZFrame.regular(), (ZIndex(0, 0, 0), ZIndex(2, 1, 4))
    assert frame.distance(i, j, (0, 0, 0)) == frame.distance(i, j, (-1, 0.5, 0)) == frame.distance(i, j)
    with pytest.raises(NonPositiveWeight, match=r"weights\[1\]"):
        frame.distance(i, j, (2.0, -0.5, 0.0))
    with pytest.raises(NonFiniteValue, match=r"weights\[2\] = nan"):
        frame.distance(i, j, (1.0, 0.5, math.nan))
    with pytest.raises(ShapeMismatch, match="three"):
        frame.distance(i, j, (1.0, 0.5))


@given(COUNT, COUNT, COUNT)
def test_cells__are_all_there_once_and_in_order(bands, sheets, echoes):
    frame = ZFrame.regular(bands, sheets, echoes)
    cells = list(frame.cells())
    assert cells == sorted(set(cells))
    assert len(cells) == bands * sheets * echoes
    assert all(frame.contains(cell) for cell in cells)
    for outside in ((bands, 0, 0), (0, sheets, 0), (0, 0, echoes), (-1, 0, 0)):
        assert not frame.contains(ZIndex(*outside))


@pytest.mark.parametrize("cell", [(3, 0, 0), (0, 4, 0), (0, 0, 8), (-1, 0, 0), (0, -1, 0), (0, 0, -1)])
def test_index__outside_the_frame_is_an_index_error(cell):
    frame = ZFrame.regular()
    with pytest.raises(IndexError, match="is not in this frame; give 0 …"):
        frame.index(*cell)
    with pytest.raises(IndexError):
        frame.distance(ZIndex(*cell), ZIndex(0, 0, 0))
    name = ("band", "sheet", "echo")[[place == 0 for place in cell].index(False)]
    with pytest.raises(IndexError, match=name):
        getattr(frame, f"{name}_distance")(0, next(place for place in cell if place))


@pytest.mark.parametrize("odd", [1.0, True, "1", None])
def test_index__is_made_of_whole_numbers(odd):
    with pytest.raises(TypeError, match="sheet"):
        ZIndex(0, odd, 0)
    with pytest.raises(TypeError, match="band"):
        ZFrame.regular().band_distance(odd, 0)


def test_index__takes_numpy_integers_and_is_ordered():
    index = ZIndex(np.int64(1), np.uint8(2), 3)
    assert index == ZIndex(1, 2, 3)
    assert type(index.band) is int
    assert min(index, ZIndex(0, 9, 9)) == ZIndex(0, 9, 9)
    with pytest.raises(TypeError, match="ZIndex"):
        ZFrame.regular().contains((0, 0, 0))


@given(COUNT, COUNT, COUNT, CURVATURE)
def test_signature__decides_equality_and_hash(bands, sheets, echoes, curvature):
    frame = ZFrame.regular(bands, sheets, echoes, curvature)
    for twin in (
        ZFrame.regular(bands, sheets, echoes, curvature),
        copy.deepcopy(frame),
        pickle.loads(pickle.dumps(frame)),
    ):
        assert twin == frame
        assert hash(twin) == hash(frame)
        assert twin.signature == frame.signature
    others = [
        ZFrame.regular(bands + 1, sheets, echoes, curvature),
        ZFrame.regular(bands, sheets + 1, echoes, curvature),
        ZFrame.regular(bands, sheets, echoes + 1, curvature),
        ZFrame.regular(bands, sheets, echoes, curvature * 2),
    ]
    assert len({frame, *others}) == 5


def test_signature__is_worked_out_once():
    frame = ZFrame.regular()
    assert frame.signature is frame.signature
    assert len(frame.signature) == 64
    assert frame.signature[:8] in repr(frame)
    assert frame != "frame"


def test_signature__is_the_same_in_every_process():
    found = [
        subprocess.run(
            [sys.executable, "-c", PRINT],
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert found == [ZFrame.regular(5, 3, 2, -0.1).signature] * 2


def test_frame__may_have_bands_of_its_own():
    low, high = ZBand(0, "hum", 0, 0.1), ZBand(1, "hiss", 0.1, 1.0)
    frame = ZFrame((low, high), [ZSheet(0, "all")], ZTemporal(2))
    assert frame.shape == (2, 1, 2)
    assert frame.sheets == (ZSheet(0, "all"),)
    with pytest.raises(AttributeError):
        frame.curvature = -2.0


@pytest.mark.parametrize(
    ("bands", "error"),
    [
        ([ZBand(0, "low", 0.0, 0.5)], InvalidValue),
        ([ZBand(0, "a", 0.0, 0.6), ZBand(1, "b", 0.5, 1.0)], InvalidValue),
        ([ZBand(0, "a", 0.0, 0.4), ZBand(1, "b", 0.5, 1.0)], InvalidValue),
        ([ZBand(1, "a", 0.0, 1.0)], InvalidValue),
        ([], EmptyInput),
        ("above", TypeError),
        ([0.5], TypeError),
    ],
)
def test_frame__refuses_bands_that_do_not_share_out_all_frequencies(bands, error):
    with pytest.raises(error, match=r"band|ZBand"):
        ZFrame(bands, (ZSheet(0, "all"),), ZTemporal(2))


@pytest.mark.parametrize(
    ("build", "error"),
    [
        (lambda: ZBand(0, "a", 0.5, 0.5), InvalidValue),
        (lambda: ZBand(0, "a", -0.1, 0.5), InvalidValue),
        (lambda: ZBand(0, "a", 0.0, math.nan), NonFiniteValue),
        (lambda: ZBand(0, 7, 0.0, 1.0), TypeError),
        (lambda: ZTemporal(0), InvalidDimensions),
        (lambda: ZTemporal(4, 5), InvalidValue),
        (lambda: ZFrame.regular(0), InvalidDimensions),
        (lambda: ZFrame.regular(3, -1), InvalidDimensions),
        (lambda: ZFrame.regular(3, 4, 2.5), TypeError),
        (lambda: ZFrame.regular(curvature=1.0), NonHyperbolicCurvature),
        (lambda: ZFrame.regular(curvature=math.nan), NonHyperbolicCurvature),
        (lambda: ZFrame(ZFrame.regular().bands, (), ZTemporal(2)), EmptyInput),
        (lambda: ZFrame(ZFrame.regular().bands, ZFrame.regular().sheets, 8), TypeError),
    ],
)
def test_parts__refuse_bad_values(build, error):
    with pytest.raises(error):
        build()
