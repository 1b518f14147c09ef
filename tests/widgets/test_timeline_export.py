"""What a Timeline gives away: codes, spectra, tables, files, posters."""

import builtins
import csv
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_widgets import Timeline
from stnb_widgets.parcel import unpack
from stnb_widgets.quantize import LOST, TOP
from stnb_widgets.timeline.axis import SCALES, encode, knee_of, warp
from stnb_widgets.timeline.spectrum import amplitude_spectrum

from .conftest import Wire
from .test_timeline import NAMES, conforms, fill


@pytest.fixture
def timeline(monkeypatch):
    monkeypatch.setenv("STNB_HOST", "local")
    widget = Timeline(channels=NAMES, scales={"loss": "log"}, title="Energies")
    widget.wire = widget._wire = Wire()
    yield widget
    widget.close()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(width=64), min_size=1, max_size=40),
    st.sampled_from(SCALES),
)
def test_codes_are_half_a_step_off_at_most(values, scale):
    values = np.array(values)
    places = warp(values, scale, knee_of(values))
    codes, (low, high) = encode(places)
    drawn = np.isfinite(places)
    np.testing.assert_array_equal(codes == LOST, ~drawn)
    np.testing.assert_array_equal(drawn, np.isfinite(values) & ((scale != "log") | (values > 0)))
    shares = codes[drawn] / TOP
    back = low * (1 - shares) + high * shares
    step = high / TOP - low / TOP
    error = np.abs(0.5 * back - 0.5 * places[drawn])
    assert (error <= 0.2501 * step + 1e-12 * max(abs(low), abs(high)) + 5e-324).all()


def answer(widget, say, name, value):
    say(widget, type="ask", id="q", name=name, value=value)
    reply = widget.wire.frames[-1][0]
    conforms(reply, "answer")
    return reply


def test_harmonics_find_a_sine(timeline, say):
    steps = np.arange(20_000)
    timeline.extend(steps, steps, {"kinetic": 5 + 3 * np.sin(2 * np.pi * steps / 37.3)})
    reply = answer(timeline, say, "harmonics", {"channel": "kinetic", "first": 0, "last": 19_999})
    conforms(reply["value"], "timeline_harmonics")
    frequency, amplitude = reply["value"]["peak"]
    assert frequency == pytest.approx(1 / 37.3, abs=1 / 65536)
    assert amplitude == pytest.approx(3, rel=0.01)
    assert answer(timeline, say, "harmonics", {"channel": "mass", "first": 0, "last": 9})["error"]
    assert (
        "0 finite samples"
        in answer(timeline, say, "harmonics", {"channel": "loss", "first": 0, "last": 99})["error"]
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(64, 3000), st.floats(0.03, 0.45), st.floats(1e-6, 1e6))
def test_an_amplitude_is_read_within_one_in_a_hundred(count, frequency, amplitude):
    steps = np.arange(count, dtype=float)
    if frequency * count < 4 or (0.5 - frequency) * count < 4:
        return
    spectrum = amplitude_spectrum(steps, amplitude * np.sin(2 * np.pi * frequency * steps + 1))
    found, height = spectrum.peak()
    assert abs(found - frequency) <= 0.5 / count
    assert height == pytest.approx(amplitude, rel=0.011)


def test_uneven_steps_and_gaps_are_named():
    rng = np.random.default_rng(2)
    steps = np.cumsum(rng.integers(1, 4, 4000)).astype(float)
    values = np.sin(2 * np.pi * steps / 80)
    values[100:110] = np.nan
    spectrum = amplitude_spectrum(steps, values)
    assert spectrum.peak()[0] == pytest.approx(1 / 80, rel=0.01)
    assert [note.split(",")[0] for note in spectrum.notes] == [
        "uneven steps",
        "10 gaps bridged by straight lines",
    ]


def test_a_table_holds_every_sample_or_says_that_it_does_not(timeline, say):
    _, values = fill(timeline, rows=50_000)
    reply = answer(timeline, say, "table", {"channels": ["loss", "kinetic"], "first": 100, "last": 199})
    conforms(reply["value"], "timeline_table")
    rows = list(csv.reader(io.StringIO(reply["value"]["text"])))
    assert rows[0] == ["step", "time", "loss", "kinetic"]
    assert [int(row[0]) for row in rows[1:]] == list(range(100, 200))
    assert [float(row[3]) for row in rows[1:]] == values["kinetic"][100:200].tolist()
    reply = answer(timeline, say, "table", {"channels": list(NAMES), "first": 0, "last": 49_999})
    conforms(reply["value"], "timeline_table")
    assert "buckets of" in reply["value"]["note"]
    rows = list(csv.reader(io.StringIO(reply["value"]["text"])))
    assert float(min(rows[1:], key=lambda row: float(row[2]))[2]) == values["kinetic"].min()


def test_the_window_is_written_whole_or_not_at_all(timeline, tmp_path, monkeypatch):
    _, values = fill(timeline, rows=40_000)
    path = tmp_path / "window.csv"
    assert timeline.save_window(path, 1000, 39_000) == 38_001
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    assert float(rows[-1][2]) == values["kinetic"][39_000]
    timeline.show_window(5, 9)
    assert timeline.save_window(path) == 5
    kept = path.read_bytes()
    monkeypatch.setattr("stnb_widgets.timeline.export._csv", lambda rows: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        timeline.save_window(path)
    assert path.read_bytes() == kept
    assert [file.name for file in tmp_path.iterdir()] == ["window.csv"]


def test_parquet(timeline, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    _, values = fill(timeline, rows=40_000)
    assert timeline.save_window(tmp_path / "w.parquet") == 40_000
    table = pq.read_table(tmp_path / "w.parquet")
    assert table.column_names == ["step", "time", *NAMES]
    np.testing.assert_array_equal(table["drift"].to_numpy(), values["drift"])


def test_without_pyarrow_the_extra_is_named(timeline, tmp_path, monkeypatch):
    fill(timeline)
    plain = builtins.__import__

    def refuse(name, *rest):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return plain(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match=r'pip install "stnb\[export\]", or write a .csv file'):
        timeline.save_window(tmp_path / "w.parquet")
    assert list(tmp_path.iterdir()) == []


def test_an_array_is_looked_at_where_it_is(tmp_path):
    path = tmp_path / "samples.f4"
    samples = np.random.default_rng(0).normal(size=(30_000, 2)).astype(np.float32)
    samples.tofile(path)
    mapped = np.memmap(path, np.float32, "r", shape=samples.shape)
    widget = Timeline(channels={"a": "", "b": ""}, history=mapped)
    assert unpack(widget.keyframe).header["latest"] == samples[-1].tolist()
    with pytest.raises(TypeError, match="not its own"):
        widget.append(30_000, 0.0, {"a": 1.0})
    assert widget.history.folder is None or "samples" not in str(widget.history.folder)
    widget.close()
    assert path.stat().st_size == samples.nbytes


def test_the_poster_is_a_small_png(timeline):
    for _ in range(2):
        png = timeline.poster()
        assert len(png) <= 60_000
        assert struct.unpack(">II", png[16:24]) == (640, 400)
        start = png.index(b"IDAT") + 4
        assert len(zlib.decompress(png[start:-16])) >= 640 * 400
        fill(timeline, rows=3000, first=len(timeline.history))
    assert timeline.alt_text.startswith("Energies: 6,000 samples from step 0 to 5,999; last values kinetic ")
    assert Timeline(channels={"a": ""}).alt_text == "Timeline: no sample yet of a."


def test_the_mimebundle_has_picture_and_words(timeline):
    fill(timeline)
    data, metadata = timeline._repr_mimebundle_()
    assert data["text/plain"] == timeline.alt_text == metadata["image/png"]["alt"]
    assert "image/png" in data
