"""Pyramid: exact at every height, whatever came in and in whatever pieces; small in memory, clean behind itself."""

import gc
import subprocess
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_widgets import Pyramid
from stnb_widgets.timeline import growing
from stnb_widgets.timeline.growing import GrowingRows, Shelf

ODD = [np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, -2e-310, 1.7e308, -1.7e308, 1.5, 1.5]


def bounds_of(part):
    """Least, largest and holes of rows (n, channels), as they are defined."""
    finite = np.where(np.isfinite(part), part, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmin(finite, axis=0), np.nanmax(finite, axis=0), np.isnan(finite).sum(axis=0)


def assert_exact(window, samples):
    """Every bucket is what its samples say."""
    assert len(window) == len(window.rows) - 1
    for i in range(len(window)):
        part = samples[window.rows[i] : window.rows[i + 1]]
        low, high, holes = bounds_of(part)
        np.testing.assert_array_equal(window.low[i], low)
        np.testing.assert_array_equal(window.high[i], high)
        np.testing.assert_array_equal(window.holes[i], holes)
        mean = window.digest.mean[i]
        known = ~np.isnan(low)
        np.testing.assert_array_equal(np.isnan(mean), ~known)
        assert ((low <= mean) & (mean <= high))[known].all()


@st.composite
def histories(draw):
    """Samples with odd values among them, rising x, and the sizes of the blocks that they come in; 0: row by row."""
    rows, channels = draw(st.integers(1, 1500)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    samples = rng.normal(size=(rows, channels)) * 10.0 ** rng.integers(-3, 4)
    odd = rng.random(samples.shape) < draw(st.sampled_from([0.0, 0.02, 0.9]))
    samples[odd] = rng.choice(ODD, odd.sum())
    x = np.cumsum(rng.integers(1, 5, rows)).astype(float)
    return x, samples, draw(st.lists(st.integers(0, 700), min_size=1, max_size=6))


def filled(x, samples, sizes, **options):
    pyramid = Pyramid(samples.shape[1], dtype=np.float64, **options)
    at, turn = 0, 0
    while at < len(x):
        size = sizes[turn % len(sizes)]
        turn += 1
        if size:
            pyramid.append(x[at : at + size], samples[at : at + size])
        else:
            pyramid.append_row(x[at], samples[at])
        at += max(size, 1)
    return pyramid


@settings(max_examples=60, deadline=None)
@given(histories(), st.tuples(st.floats(-0.1, 1.1), st.floats(-0.1, 1.1)), st.integers(2, 400))
def test_every_bucket_is_exact_and_covers_its_window(history, ends, buckets):
    x, samples, sizes = history
    pyramid = filled(x, samples, sizes)
    first, last = sorted(x[0] + np.array(ends) * (x[-1] - x[0]))
    window = pyramid.window(first, last, buckets)
    assert len(window) <= buckets
    assert_exact(window, samples)
    inside = np.flatnonzero((x >= first) & (x <= last))
    if inside.size:
        assert window.rows[0] <= inside[0] < window.rows[1]
        assert window.rows[-2] <= inside[-1] < window.rows[-1]
        np.testing.assert_array_equal(window.edges[:-1], x[window.rows[:-1]])
        assert window.edges[-1] == x[window.rows[-1] - 1]
        assert_exact(window.coarser(), samples)
        assert window.size == 1 or 2 * len(window) > buckets - 2, "no coarser than it has to be"
    else:
        assert len(window) == 0


@settings(max_examples=20, deadline=None)
@given(histories())
def test_pieces_do_not_matter_nor_does_the_place_of_the_samples(history):
    x, samples, sizes = history
    one, other, third = filled(x, samples, sizes), filled(x, samples, [len(x)]), Pyramid.over(samples, x)
    for buckets in (2, 7, 64):
        windows = [pyramid.window(x[0], x[-1], buckets) for pyramid in (one, other, third)]
        for window in windows[1:]:
            np.testing.assert_array_equal(window.low, windows[0].low)
            np.testing.assert_array_equal(window.digest.mean, windows[0].digest.mean)
            np.testing.assert_array_equal(window.holes, windows[0].holes)


def test_the_mean_is_the_mean():
    rng = np.random.default_rng(3)
    samples = rng.normal(size=(5000, 2)) + 1e3
    samples[rng.random(samples.shape) < 0.1] = np.nan
    window = filled(np.arange(5000.0), samples, [321]).window(0, 4999, 20)
    for i in range(len(window)):
        expected = np.nanmean(samples[window.rows[i] : window.rows[i + 1]], axis=0)
        np.testing.assert_allclose(window.digest.mean[i], expected, rtol=1e-13)


def test_a_window_of_some_channels_and_of_few_samples():
    samples = np.arange(300.0).reshape(100, 3)
    pyramid = filled(np.arange(100.0), samples, [40])
    window = pyramid.window(10, 19, 32, [2])
    assert window.size == 1
    np.testing.assert_array_equal(window.low, samples[10:20, 2:])
    np.testing.assert_array_equal(window.edges, [*range(10, 20), 19])
    assert pyramid.around(10.5, 10.6) == (10, 11)
    assert pyramid.around(-9, 500) == (0, 99)
    assert len(pyramid.window(10.5, 10.6)) == 0
    for wrong, message in [
        ((5, 4, 8), "from 5 to 4"),
        ((0, 9, 1), "buckets is 1"),
        ((np.nan, 1, 8), "from nan"),
    ]:
        with pytest.raises(ValueError, match=message):
            pyramid.window(*wrong)


@pytest.mark.parametrize(
    ("x", "values", "message"),
    [
        ([3.0, 3.0], np.zeros((2, 2)), "x is 3.0 after 3.0"),
        ([2.0], np.zeros((1, 2)), "x is 2.0 after 2.0"),
        ([np.nan], np.zeros((1, 2)), "x is nan after 2.0"),
        ([np.inf], np.zeros((1, 2)), "x is inf after 2.0"),
        ([3.0], np.zeros((1, 3)), r"values has shape \(1, 3\)"),
        ([3.0, 4.0], np.zeros(2), r"values has shape \(2,\)"),
        ([3.0], [[1.0, 1e300]], "which float32 cannot hold; make the history with dtype=float64"),
    ],
)
def test_what_is_refused_leaves_no_trace(x, values, message):
    pyramid = Pyramid(2)
    pyramid.append([1.0, 2.0], [[1, 2], [3, np.nan]])
    with pytest.raises(ValueError, match=message):
        pyramid.append(x, values)
    if len(x) == 1:
        with pytest.raises(ValueError, match=r"x is|a row has shape|cannot hold"):
            pyramid.append_row(x[0], np.asarray(values)[0])
    assert len(pyramid) == 2
    assert pyramid.extent == (1.0, 2.0)
    pyramid.append(3, [5, 6])
    assert_exact(pyramid.window(0, 9), np.array([[1, 2], [3, np.nan], [5, 6]]))


def test_wrong_kinds_are_named():
    with pytest.raises(TypeError, match="dtype is int64; choose float32 or float64"):
        Pyramid(1, dtype=np.int64)
    with pytest.raises(TypeError, match="values has dtype <U1"):
        Pyramid(1).append([1.0], np.array([["a"]]))
    with pytest.raises(TypeError, match="not its own"):
        Pyramid.over(np.zeros((4, 1))).append([9.0], [[1.0]])
    with pytest.raises(FileNotFoundError, match="no folder is"):
        Pyramid(1, folder="/nowhere/at/all")


def test_nothing_is_looked_at_twice():
    pyramid = Pyramid(3)
    for at in range(0, 60_000, 777):
        rows = min(777, 60_000 - at)
        pyramid.append(np.arange(at, at + rows), np.zeros((rows, 3)))
        pyramid.window(0, at, 50)
    assert pyramid.read_once <= 60_000 * 16 / 15


@pytest.mark.parametrize("end", ["close", "forget"])
def test_files_appear_when_needed_and_go_with_their_owner(tmp_path, monkeypatch, end):
    monkeypatch.setattr(growing, "IN_MEMORY_BYTES", 10_000)
    samples = np.random.default_rng(0).normal(size=(20_000, 4))
    pyramid = Pyramid(4, folder=tmp_path)
    pyramid.append(np.arange(100), samples[:100])
    assert pyramid.folder is None
    pyramid.append(np.arange(100, 20_000), samples[100:])
    assert pyramid.folder is not None
    assert pyramid.folder.parent == tmp_path
    assert_exact(pyramid.window(0, 2e4, 300), samples.astype(np.float32))
    x, times, kept = pyramid.read(19_990, 20_000)
    np.testing.assert_array_equal(kept, samples[-10:].astype(np.float32))
    assert x[-1] == 19_999
    assert np.isnan(times).all()
    if end == "close":
        pyramid.close()
        assert len(pyramid) == 0
        pyramid.append(0, np.ones(4))
        assert len(pyramid) == 1
    else:
        del pyramid
        gc.collect()
    assert list(tmp_path.iterdir()) == []


class FullDisk:
    """A file that takes half of what is written to it and then fails, until it is mended."""

    def __init__(self, file):
        self.file = file
        self.full = True

    def write(self, data):
        if not self.full:
            return self.file.write(data)
        self.file.write(data[: len(data) // 2])
        raise OSError(28, "no space left on device")

    def __getattr__(self, name):
        return getattr(self.file, name)


def test_a_full_disk_takes_nothing_half(tmp_path, monkeypatch):
    monkeypatch.setattr(growing, "IN_MEMORY_BYTES", 1000)
    samples = np.random.default_rng(1).normal(size=(3000, 3))
    pyramid = filled(np.arange(1000.0), samples[:1000], [1000], folder=tmp_path)
    store = pyramid._samples
    store._file = FullDisk(store._file)
    with pytest.raises(OSError, match="no space left"):
        pyramid.append(np.arange(1000, 3000), samples[1000:])
    assert len(pyramid) == 1000
    assert pyramid.extent == (0.0, 999.0)
    store._file.full = False
    store._file = store._file.file
    pyramid.append(np.arange(1000, 3000), samples[1000:])
    assert_exact(pyramid.window(0, 3000, 40), samples)


def test_rows_outside_are_refused():
    rows = GrowingRows(2, np.float32, Shelf())
    rows.append(np.zeros((3, 2), np.float32))
    with pytest.raises(IndexError, match=r"rows 1 \.\.\. 4 of 3"):
        rows.read(1, 4)


SCALE = """
import sys, time
import numpy as np
from stnb_widgets import Pyramid

def status(name):
    return int(next(l for l in open("/proc/self/status") if l.startswith(name)).split()[1]) / 1e3

block = np.random.default_rng(0).normal(size=(10_000, 64)).astype(np.float32)
before, began = status("VmHWM"), time.perf_counter()
pyramid = Pyramid(64, folder=sys.argv[1])
for at in range(0, 1_000_000, 10_000):
    pyramid.append(np.arange(at, at + 10_000), block)
took = time.perf_counter() - began
began = time.perf_counter()
window = pyramid.window(0, 1e6, 512)
looked = time.perf_counter() - began
assert len(window) == 489 and (window.low == block.min(0)).sum() > 0
print(status("VmHWM") - before, status("RssAnon"), took, looked)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_64_million_samples_stay_out_of_memory(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SCALE, str(tmp_path)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    grown, anonymous, took, looked = map(float, done.stdout.split())
    print(
        f"64 x 1 M: peak +{grown:.0f} MB, anonymous {anonymous:.0f} MB, {took:.1f} s, a window {1e3 * looked:.0f} ms"
    )
    assert grown < 200
    assert anonymous < 500
