"""The atlas: energy kept, cells found, components as a flood fill finds them."""

import math
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stnb._core.errors import EmptyInput, InvalidDimensions, NonFiniteValue
from stnb.zspace import Tensor
from stnb.zspace.coordinates import ZAtlas, ZBand, ZFrame, ZIndex, ZSheet, ZTemporal
from stnb.zspace.coordinates.homology import components

COUNT = st.integers(1, 5)
FRAMES = st.builds(ZFrame.regular, COUNT, COUNT, COUNT)
SERIES = hnp.arrays(np.float64, st.integers(1, 70), elements=st.floats(-1e6, 1e6))
MASSES = hnp.arrays(np.float64, st.tuples(COUNT, COUNT, COUNT), elements=st.integers(0, 5))
ROWS = [[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]]


def _flood(mass):
    """Components by walking from cell to cell."""
    high = {
        cell for cell in np.ndindex(mass.shape) if mass.sum() > 0 and mass[cell] * mass.size >= mass.sum()
    }
    found = []
    while high:
        waiting, group = [min(high)], set()
        while waiting:
            cell = waiting.pop()
            if cell not in high:
                continue
            high.discard(cell)
            group.add(cell)
            b, s, e = cell
            period = mass.shape[2]
            waiting += [(b + 1, s, e), (b - 1, s, e), (b, s + 1, e), (b, s - 1, e)]
            waiting += [(b, s, (e + 1) % period), (b, s, (e - 1) % period)]
        found.append(group)
    found.sort(key=lambda group: (-sum(mass[cell] for cell in group), min(group)))
    labels = np.zeros(mass.shape, int)
    for number, group in enumerate(found, 1):
        for cell in group:
            labels[cell] = number
    return labels


@given(MASSES)
def test_components__are_those_of_a_flood_fill(mass):
    assert np.array_equal(components(mass), _flood(mass))


@given(MASSES, st.integers(0, 9), st.integers(-300, 300))
def test_components__turn_with_the_echoes_and_know_no_scale(mass, turn, exponent):
    turned = components(np.roll(mass, turn, axis=2))
    assert turned.max() == components(mass).max()
    assert np.array_equal(turned > 0, np.roll(components(mass), turn, axis=2) > 0)
    assert np.array_equal(components(np.ldexp(mass, exponent)), components(mass))


def test_components__meet_across_the_seam_of_the_circle():
    mass = np.zeros((1, 1, 8))
    mass[0, 0, [0, 7, 3, 4]] = [1, 1, 3, 1]
    assert components(mass)[0, 0].tolist() == [2, 0, 0, 1, 1, 0, 0, 2]
    assert components(np.full((2, 3, 4), 0.1)).tolist() == np.ones((2, 3, 4), int).tolist()
    assert not components(np.zeros((2, 3, 4))).any()


@given(SERIES, FRAMES)
def test_observe__keeps_the_energy(series, frame):
    atlas = ZAtlas(frame)
    atlas.observe(series)
    whole = math.fsum(series**2)
    energy = atlas.energy().numpy()
    assert math.fsum(energy.ravel()) == pytest.approx(whole, rel=1e-12)
    assert (energy >= 0).all()
    assert energy[:, :, 1:].sum() == 0
    assert float(atlas.density().sum()) == pytest.approx(1.0 if energy.any() else 0.0, abs=1e-14)


@given(SERIES, FRAMES)
def test_observe__gives_each_sheet_its_stretch(series, frame):
    atlas = ZAtlas(frame)
    atlas.observe(series)
    sheets = atlas.energy()[:, :, 0].sum(0).tolist()
    width = math.ceil(len(series) / min(len(sheets), len(series)))
    for sheet, energy in enumerate(sheets):
        stretch = series[sheet * width : (sheet + 1) * width]
        assert energy == pytest.approx(math.fsum(stretch**2), rel=1e-12)


@pytest.mark.parametrize("cycles", [0, 3, 7, 8, 9, 12, 15, 16, 20, 24])
def test_observe__finds_the_band_of_a_wave(cycles):
    """48 samples of a cosine with `cycles` periods have ω = cycles/24: thirds begin at 8 and at 16, and 24 is above."""
    wave = np.cos(2 * np.pi * cycles * np.arange(48) / 48)
    atlas = ZAtlas(ZFrame.regular(sheets=1))
    band = 2 if cycles < 8 else 1 if cycles < 16 else 0
    assert atlas.observe(wave).cell == ZIndex(band, 0, 0)
    assert float(atlas.density()[band, 0, 0]) == pytest.approx(1.0, abs=1e-12)


def test_observe__knows_bands_in_any_order():
    bands = (ZBand(0, "low", 0.0, 0.1), ZBand(1, "high", 0.6, 1.0), ZBand(2, "middle", 0.1, 0.6))
    atlas = ZAtlas(ZFrame(bands, (ZSheet(0, "all"),), ZTemporal(3)))
    found = [atlas.observe(np.cos(np.pi * w * np.arange(40))).cell.band for w in (0.0, 1.0, 0.3)]
    assert found == [0, 1, 2]


def test_observe__goes_around_the_echoes():
    atlas = ZAtlas(ZFrame.regular(echoes=3))
    for size in (1.0, 2.0, 3.0, 4.0):
        atlas.observe([size])
    assert atlas.energy().sum((0, 1)).tolist() == [16.0, 4.0, 9.0]
    atlas.observe([5.0], echo=2)
    atlas.observe([6.0])
    assert atlas.energy().sum((0, 1)).tolist() == [16.0, 4.0, 36.0]
    assert atlas.observations == 6


@pytest.mark.parametrize(
    "make",
    [
        list,
        tuple,
        np.array,
        lambda x: np.array(x, np.float32),
        torch.tensor,
        lambda x: torch.tensor(x, dtype=torch.bfloat16),
        lambda x: torch.tensor(x, requires_grad=True),
        lambda x: [torch.tensor(row) for row in x],
        lambda x: np.array(x)[:, ::-1][:, ::-1],
        lambda x: Tensor(2, 3, x),
    ],
    ids=["list", "tuple", "float64", "float32", "torch", "bfloat16", "gradient", "rows", "strides", "Tensor"],
)
def test_observe__takes_whatever_holds_numbers(make):
    atlas, plain = ZAtlas(), ZAtlas()
    assert atlas.observe(make(ROWS)) == plain.observe([x for row in ROWS for x in row])
    assert torch.equal(atlas.density(), plain.density())


@pytest.mark.parametrize(
    ("samples", "error", "words"),
    [
        ([], EmptyInput, r"shape \(0,\)"),
        (torch.zeros(0, 3), EmptyInput, r"\(0, 3\)"),
        ([1.0, float("nan")], NonFiniteValue, r"samples\[1\] = .*nan"),
        ([[1.0, 2.0], [3.0, float("inf")]], NonFiniteValue, r"samples\[1, 1\]"),
        ([1e200], NonFiniteValue, "overflows"),
        ([[1.0], [1.0, 2.0]], InvalidDimensions, "ragged"),
        ("abc", TypeError, "str"),
        (None, TypeError, "NoneType"),
        ([1j], TypeError, "complex"),
        (torch.ones(2, dtype=torch.complex64), TypeError, "complex"),
        ([True, False], TypeError, "bool"),
    ],
)
def test_observe__refuses_and_changes_nothing(samples, error, words):
    atlas = ZAtlas()
    atlas.observe([1.0, 2.0])
    before = atlas.energy()
    with pytest.raises(error, match=words):
        atlas.observe(samples)
    assert torch.equal(atlas.energy(), before)
    assert atlas.observations == 1


@pytest.mark.parametrize(("echo", "error"), [(8, IndexError), (-1, IndexError), (1.0, TypeError)])
def test_observe__refuses_an_echo_outside(echo, error):
    atlas = ZAtlas()
    with pytest.raises(error, match="echo"):
        atlas.observe([1.0], echo=echo)
    assert atlas.observations == 0


@pytest.mark.parametrize("make", [np.array, lambda x: torch.tensor(x, dtype=torch.float64)])
def test_atlas__shares_no_memory(make):
    atlas = ZAtlas()
    series = make([0.1, 0.2, 0.3])
    atlas.observe(series)
    whole = float(atlas.energy().sum())
    atlas.energy().zero_()
    atlas.density().zero_()
    series[:] = 0.0
    assert float(atlas.energy().sum()) == whole == pytest.approx(0.14)
    atlas.warp(ZFrame.regular(2))
    assert float(atlas.energy().sum()) == pytest.approx(0.14, rel=1e-12)


@given(st.lists(st.tuples(SERIES, st.none() | st.integers(0, 15)), max_size=7), FRAMES)
def test_warp__reads_what_is_kept_as_if_it_came_in_the_new_frame(observed, frame):
    atlas, fresh, echoes = ZAtlas(ZFrame.regular(2, 2, 16)), ZAtlas(frame), frame.shape[2]
    homes = [number if echo is None else echo for number, (_, echo) in enumerate(observed)]
    for number, (series, echo) in enumerate(observed):
        atlas.observe(series, echo=echo)
        if homes[number] not in homes[number + 1 :]:
            fresh.observe(series, echo=homes[number] % echoes)
    atlas.warp(frame)
    assert atlas.frame == frame
    assert atlas.revision == 1
    assert torch.equal(atlas.energy(), fresh.energy())


def test_warp__there_and_back_changes_nothing():
    atlas, rng = ZAtlas(), np.random.default_rng(0)
    for _ in range(11):
        atlas.observe(rng.normal(size=50).astype(np.float32))
    before, home = atlas.energy(), atlas.frame
    atlas.warp(ZFrame.regular(5, 7, 9, -2.0))
    assert float(atlas.energy().sum()) == pytest.approx(float(before.sum()), rel=1e-12)
    atlas.warp(home)
    assert torch.equal(atlas.energy(), before)
    assert atlas.revision == 2


def test_warp__to_fewer_echoes_keeps_the_newest():
    atlas = ZAtlas(ZFrame.regular(echoes=4))
    for size in (1.0, 2.0, 3.0, 4.0, 5.0):
        atlas.observe([size])
    atlas.warp(ZFrame.regular(echoes=2))
    assert atlas.energy().sum((0, 1)).tolist() == [25.0, 16.0]
    with pytest.raises(TypeError, match="ZFrame"):
        atlas.warp((3, 4, 8))


def test_threads__observe_without_loss():
    atlas, workers, each = ZAtlas(ZFrame.regular(2, 2, 64)), 4, 16
    barrier = Barrier(workers)

    def work(worker):
        barrier.wait(timeout=60)
        for number in range(each):
            atlas.observe([float(1 + worker * each + number)])
            assert float(atlas.density().sum()) == pytest.approx(1.0)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))
    assert sorted(atlas.energy().sum((0, 1)).tolist()) == [float(n * n) for n in range(1, 65)]
