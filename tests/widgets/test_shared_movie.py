"""Films as files: every frame once and in order, a GIF that decodes to what was drawn, numbers in the session's units."""

import io
import struct
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_widgets.gif import encode_gif, lzw, pack_codes
from stnb_widgets.movie import save_movie
from stnb_widgets.palette import indexed
from stnb_widgets.parcel import unpack
from stnb_widgets.png import decode_png, encode_png, squeeze_png

from .gif_reader import frames_of, unlzw
from .plain import Bars


@settings(max_examples=60)
@given(st.integers(2, 8), st.integers(1, 9000), st.integers(1, 256), st.integers(0, 99))
def test_lzw_says_everything_back(bits, length, colours, seed):
    rng = np.random.default_rng(seed)
    data = rng.integers(0, min(colours, 1 << bits), length).astype(np.uint8).tobytes()
    assert unlzw(pack_codes(*lzw(data, bits)), bits) == data


@pytest.mark.parametrize("length", [1, 2, 254, 255, 256, 257, 258, 3836, 3837, 3838, 3839, 3840, 3841, 7680])
def test_lzw_at_the_lengths_where_codes_grow_and_the_table_is_full(length):
    data = np.random.default_rng(1).integers(0, 256, length).astype(np.uint8).tobytes()
    assert unlzw(pack_codes(*lzw(data, 8)), 8) == data


def test_a_gif_of_few_colours_is_exact_and_stands_as_long_as_asked():
    rng = np.random.default_rng(0)
    palette = rng.integers(0, 256, (200, 3)).astype(np.uint8)
    pictures = [palette[rng.integers(0, 200, (30, 50))]]
    for _ in range(5):
        following = pictures[-1].copy()
        following[rng.integers(0, 30), rng.integers(0, 50)] = palette[7]
        pictures.append(following)
    pictures.append(pictures[-1])
    frames = frames_of(encode_gif(pictures, fps=12))
    for (seen, _), picture in zip(frames, pictures, strict=True):
        np.testing.assert_array_equal(seen, picture)
    assert sum(delay for _, delay in frames) == round(100 * 7 / 12)
    assert {delay for _, delay in frames} <= {8, 9}


def test_another_reader_sees_the_same_gif():
    from PIL import Image, ImageSequence

    rng = np.random.default_rng(3)
    pictures = [np.repeat(rng.integers(0, 256, (40, 60, 1)), 3, axis=2).astype(np.uint8) for _ in range(4)]
    with Image.open(io.BytesIO(encode_gif(pictures, fps=20))) as gif:
        assert gif.info["loop"] == 0
        for frame, picture in zip(ImageSequence.Iterator(gif), pictures, strict=True):
            assert frame.info["duration"] == 50
            np.testing.assert_array_equal(np.asarray(frame.convert("RGB")), picture)


@settings(max_examples=25)
@given(st.integers(1, 3000), st.integers(0, 99))
def test_a_palette_is_exact_while_it_can_be_and_near_otherwise(colours, seed):
    rng = np.random.default_rng(seed)
    known = rng.integers(0, 256, (colours, 3)).astype(np.uint8)
    pictures = [known[rng.integers(0, colours, (20, 31))] for _ in range(3)]
    palette, places = indexed(pictures)
    seen = len(np.unique(np.concatenate([picture.reshape(-1, 3) for picture in pictures]), axis=0))
    assert len(palette) == min(seen, 256)
    wrong = np.concatenate([palette[p].astype(int) - q for p, q in zip(places, pictures, strict=True)])
    assert np.sqrt((wrong**2).mean()) <= (0 if seen <= 256 else 22)


def test_a_png_of_ours_is_read_back():
    picture = np.random.default_rng(0).integers(0, 256, (9, 13, 3)).astype(np.uint8)
    np.testing.assert_array_equal(decode_png(encode_png(picture)), picture)
    np.testing.assert_array_equal(decode_png(squeeze_png(picture // 64 * 64, 10**6)), picture // 64 * 64)
    for wrong in (b"", b"GIF89a" * 20, encode_png(picture)[:30]):
        with pytest.raises((ValueError, struct.error)):
            decode_png(wrong)


@pytest.fixture
def bars():
    widget = Bars(title="Three bars")
    for k in range(9):
        widget.offer([20 * k, 255 - 20 * k, 90])
    yield widget
    widget.close()


def test_a_movie_has_every_frame_once_and_in_order(bars, tmp_path):
    path = save_movie(tmp_path / "run.gif", bars, fps=10)
    frames = frames_of(path.read_bytes())
    drawn = [decode_png(bars.poster_of(unpack(packed))) for packed in bars.film()]
    assert len(frames) == len(drawn) == 9
    for (seen, delay), picture in zip(frames, drawn, strict=True):
        np.testing.assert_array_equal(seen, picture)
        assert delay == 10
    chosen = save_movie(tmp_path / "two.gif", bars, frames=bars.film()[3:5]).read_bytes()
    for (seen, _), picture in zip(frames_of(chosen), drawn[3:5], strict=True):
        np.testing.assert_array_equal(seen, picture)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["run.gif", "two.gif"]


def test_numbers_are_stacked_in_the_units_of_the_session(bars, tmp_path):
    with np.load(save_movie(tmp_path / "run.npz", bars)) as saved:
        assert sorted(saved) == ["step", "time", "values"]
        np.testing.assert_array_equal(saved["step"], 10 * np.arange(1, 10))
        np.testing.assert_array_equal(saved["time"], saved["step"] / 8)
        np.testing.assert_allclose(saved["values"][3], np.array([60, 195, 90]) / 255)
    bars.offer([1, 2], step=200)
    with np.load(save_movie(tmp_path / "run.npz", bars)) as saved:
        assert saved["values.0"].shape == (3,)
        assert saved["values.9"].shape == (2,)
        assert len(saved) == 12


# imageio-ffmpeg leaves the pipes of its reader to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_mp4_has_every_frame(bars, tmp_path):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg", reason="needs imageio-ffmpeg: the extra `export`")
    path = save_movie(tmp_path / "run.mp4", bars, fps=8)
    reader = imageio_ffmpeg.read_frames(str(path))
    width, height = next(reader)["size"]
    assert (width, height) == (42, 28)
    seen = [np.frombuffer(data, np.uint8).reshape(height, width, 3) for data in reader]
    assert len(seen) == 9
    drawn = decode_png(bars.poster_of(unpack(bars.film()[4]))).astype(int)
    assert np.abs(seen[4][:27, :41] - drawn).mean() < 8
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.mp4"]


def test_without_ffmpeg_the_extra_is_named(bars, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(ImportError, match=r"pip install 'stnb\[export\]', or save a \.gif"):
        save_movie(tmp_path / "run.mp4", bars)
    assert list(tmp_path.iterdir()) == []


def test_bad_input_is_explained_before_anything_is_written(bars, tmp_path):
    empty = Bars()
    with pytest.raises(ValueError, match=r"'run\.avi' ends in '\.avi'; choose from \.gif, \.mp4, \.npz"):
        save_movie(tmp_path / "run.avi", bars)
    for fps in (0, -1, float("nan"), float("inf"), 51):
        with pytest.raises(ValueError, match=r"fps is .*; a \.gif shows more than 0 and at most 50"):
            save_movie(tmp_path / "run.gif", bars, fps=fps)
    with pytest.raises(ValueError, match="the Bars has shown nothing yet"):
        save_movie(tmp_path / "run.gif", empty)
    with pytest.raises(ValueError, match="the Bars has shown nothing yet"):
        save_movie(tmp_path / "run.gif", bars, frames=[])
    assert list(tmp_path.iterdir()) == []
    empty.close()
