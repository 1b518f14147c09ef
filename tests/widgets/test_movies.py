"""Films of the real widgets: numbers in the units of what was offered, pictures that any reader shows, in order."""

import base64
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_widgets import Atlas, Carriers, Points, Timeline
from stnb_widgets.carriers.frame import COLUMNS
from stnb_widgets.carriers.wave import Event, Oscillators
from stnb_widgets.movie import save_movie
from stnb_widgets.parcel import unpack
from stnb_widgets.png import decode_png
from stnb_widgets.quantize import TOP
from stnb_widgets.timeline.axis import unwarp, warp
from stnb_widgets.timeline.poster import Run
from stnb_widgets.timeline.prefixes import prefixes

from tests.browser.lab import running_browser

from .company import scene_of
from .gif_reader import frames_of
from .test_carriers import wave

FRAMES = 3
SPAN = {"kinetic": "J", "loss": ""}
ROUNDING = 1.1  # float32 may add a twentieth of a step


def within_half_a_step(seen, offered):
    """Columns that came back against those that were offered; NaN where and only where one was offered."""
    low, high = np.nanmin(offered, axis=0), np.nanmax(offered, axis=0)
    np.testing.assert_array_equal(np.isnan(seen), np.isnan(offered))
    assert (np.nan_to_num(np.abs(seen - offered)) <= ROUNDING * (high - low) / TOP / 2 + 1e-15).all()


def saved(widget, folder):
    with np.load(widget.save_movie(folder / "run.npz")) as numbers:
        return dict(numbers)


def cloud(step, n=300):
    rng = np.random.default_rng(step)
    return Points(
        step,
        step / 8,
        rng.normal(size=(n, 3)),
        {"speed": rng.exponential(size=n), "heat": rng.normal(size=n)},
    )


@pytest.fixture
def atlas():
    widget = Atlas(box=((-3, -3, -3), (3, 3, 3)), attributes={"speed": "m/s", "heat": "J"}, colour="speed")
    for step in range(FRAMES):
        widget.offer(cloud(step))
    yield widget
    widget.close()


@pytest.fixture
def timeline():
    widget = Timeline(channels=SPAN, scales={"loss": "log"})
    steps = np.arange(100, 164)
    kinetic = np.sin(steps / 9)
    kinetic[[5, 20]] = np.nan, np.inf
    widget.extend(steps, steps / 8, {"kinetic": kinetic, "loss": np.exp(-steps / 5)})
    widget.event(103, "a start", kind="begin")
    yield widget
    widget.close()


@pytest.fixture
def carriers():
    widget = Carriers()
    for step in range(FRAMES):
        widget.offer(wave(20, 100, 5, seed=step, step=step, time=step / 8, events=(Event("born", step, 7),)))
    yield widget
    widget.close()


def test_an_atlas_gives_back_its_particles(atlas, tmp_path):
    numbers = saved(atlas, tmp_path)
    assert numbers["step"].tolist() == list(range(FRAMES))
    assert numbers["time"].tolist() == [step / 8 for step in range(FRAMES)]
    assert set(numbers["colour"]) == {"speed"}
    assert set(numbers["unit"]) == {"m/s"}
    for step in range(FRAMES):
        points = cloud(step)
        within_half_a_step(numbers["positions"][step], points.positions)
        within_half_a_step(numbers["values"][step], points.attributes["speed"])
        assert numbers["ids"][step].tolist() == list(range(300))


def test_what_is_lost_and_what_changes_colour_stays_so(atlas, tmp_path):
    positions, speed = np.array(cloud(9).positions), np.array(cloud(9).attributes["speed"])
    positions[3, 1], speed[7] = np.nan, np.inf
    atlas.offer(Points(9, 9.0, positions, {"speed": speed, "heat": -speed}))
    positions[3], speed[7] = np.nan, np.nan
    numbers = saved(atlas, tmp_path)
    within_half_a_step(numbers["positions"][-1], positions)
    within_half_a_step(numbers["values"][-1], speed)
    atlas.set_colour("heat")
    numbers = saved(atlas, tmp_path)
    assert numbers["colour"].tolist() == ["speed"] * (FRAMES + 1) + ["heat"]
    assert numbers["unit"][-1] == "J"
    within_half_a_step(numbers["values"][-1], -speed)


@pytest.mark.parametrize("named", [False, True])
def test_the_sample_of_a_large_cloud_says_which_particles_it_holds(named, tmp_path):
    widget, points = Atlas(attributes={"speed": "", "heat": ""}), cloud(1, n=20_000)
    names = np.random.default_rng(0).permutation(90_000)[:20_000] if named else np.arange(20_000)
    widget.offer(Points(1, 0.1, points.positions, points.attributes, ids=names if named else None))
    numbers = saved(widget, tmp_path)
    row = {name: at for at, name in enumerate(names)}
    rows = [row[name] for name in numbers["ids"][0]]
    assert 3000 < len(set(rows)) == len(rows) < 10_000
    steps = np.ptp(np.asarray(points.positions), axis=0) / TOP
    assert (np.abs(numbers["positions"][0] - np.asarray(points.positions)[rows]) < steps).all()
    speed = np.asarray(points.attributes["speed"])
    assert (np.abs(numbers["values"][0] - speed[rows]) < np.ptp(speed) / TOP).all()
    widget.close()


def test_what_stands_around_the_particles_is_saved_too(tmp_path):
    widget, points = Atlas(projection="2d"), scene_of(100)
    widget.offer(points)
    widget.select([4, 9])
    numbers = {name: array[-1] for name, array in saved(widget, tmp_path).items() if "." not in name}
    with np.load(tmp_path / "run.npz") as file:
        assert np.flatnonzero(file["selected.1"]).tolist() == [4, 9]
    assert numbers["mark_ids"].tolist() == [40, 30, 20, 10, 0]
    assert set(numbers["mark_kinds"]) == {"old", "new"}
    assert numbers["district_names"].tolist() == ["north", "south"]
    assert dict(zip(numbers["badge_names"], numbers["badge"], strict=True))["energy"] == -1.5
    field = np.asarray(points.field.values, float)
    known = np.isfinite(field)
    np.testing.assert_array_equal(np.isnan(numbers["field"]), ~known)
    span = np.ptp(field[known])
    assert np.abs(numbers["field"][known] - field[known]).max() <= span / 254 / 2 * (1 + 1e-9)
    links = np.asarray(points.carriers.links)
    heaviest = links[np.argsort(-links[:, 2], kind="stable")].astype(int)
    assert (4 - numbers["links"]).tolist() == heaviest[:, 0].tolist()
    ends = np.asarray(points.positions)[heaviest[:, 1], :2]
    np.testing.assert_allclose(numbers["link_ends"][:, :2], ends, atol=1 / TOP)
    widget.close()


def test_a_timeline_grows_and_knows_nothing_of_what_comes_later(timeline, tmp_path):
    steps, _, samples = timeline.history.read(0, 64)
    numbers = saved(timeline, tmp_path)
    assert numbers["step"].tolist() == steps.tolist()
    assert numbers["time"].tolist() == (steps / 8).tolist()
    offered = np.where(np.isfinite(samples), samples, np.nan).T
    for frame in range(1, 64):
        mean, so_far = numbers[f"mean.{frame}"], offered[:, : frame + 1]
        within_half_a_step(mean[0], so_far[0])
        within_half_a_step(np.log10(mean[1]), np.log10(so_far[1]))
        np.testing.assert_array_equal(numbers[f"holes.{frame}"], np.isnan(so_far))
        assert numbers[f"edges.{frame}"].tolist() == [*steps[: frame + 1], steps[frame]]
        within_half_a_step(numbers[f"edge_times.{frame}"][:-1], steps[: frame + 1] / 8)
        np.testing.assert_array_equal(numbers["latest"][frame], offered[:, frame])
        assert numbers[f"event_labels.{frame}"].tolist() == ["a start"] * (frame >= 3)
    assert numbers["channels"][0].tolist() == list(SPAN)
    assert numbers["units"][0].tolist() == list(SPAN.values())


def test_buckets_of_a_long_run_hold_only_samples_that_there_were():
    widget, rows = Timeline(channels={"rising": ""}), 100_003
    values = np.arange(rows) * 1.0
    widget.extend(np.arange(rows), values, {"rising": values})
    widget.show_window(10, 20)
    frames = [widget.numbers_of(unpack(packed)) for packed in widget.movie_frames()]
    assert 32 <= len(frames) <= 64
    for numbers in frames:
        newest = numbers["latest"][0]
        starts, high = numbers["edges"], numbers["high"][0]
        assert high[-1] == newest == starts[-1]
        np.testing.assert_allclose(high[:-1], starts[1:-1] - 1, atol=newest / TOP)
        np.testing.assert_allclose(numbers["low"][0], starts[:-1], atol=newest / TOP)
        np.testing.assert_array_equal(numbers["whole_high"], numbers["high"])
    widget.close()


@settings(max_examples=300)
@given(st.integers(0, 10**9), st.integers(1, 80), st.integers(2, 900))
def test_prefixes_end_where_a_bucket_ends(rows, most, buckets):
    stops = prefixes(rows, most, buckets)
    assert len(stops) <= most
    assert stops == sorted(set(stops))
    assert stops[-1:] == ([rows] if rows else [])
    for stop in stops[:-1]:
        size = 1
        while -(-stop // size) > buckets:
            size *= 2
        assert stop % size == 0
        assert 0 < stop < rows


@given(st.floats(-1e200, 1e200), st.sampled_from(["linear", "log", "symlog"]), st.integers(-30, 30))
def test_what_lies_at_a_place_along_an_axis_is_what_was_put_there(value, scale, decade):
    value = abs(value) + 1e-200 if scale == "log" else value
    knee = max(10.0**decade, abs(value) / 1e6)
    back = unwarp(warp(np.array([value]), scale, knee), scale, knee)[0]
    assert back == pytest.approx(value, rel=1e-9, abs=1e-9 * knee)


def test_a_picture_of_a_zoomed_frame_still_shows_the_whole_run(timeline):
    timeline.show_window(110, 120)
    run = Run.of(unpack(timeline.film()[-1]))
    samples = timeline.history.read(0, 64)[2][:, 0]
    known = samples[np.isfinite(samples)]
    assert (np.nanmin(run.low[0]), np.nanmax(run.high[0])) == (known.min(), known.max())
    assert (run.across[0], run.across[-1]) == (0.0, 1.0)
    assert 0 < run.mean_across[0] < run.mean_across[-1] < 0.5


def test_carriers_give_back_their_waves(carriers, tmp_path):
    numbers = saved(carriers, tmp_path)
    assert numbers["step"].tolist() == list(range(FRAMES))
    for step in range(FRAMES):
        offered = wave(20, 100, 5, seed=step)
        order = np.argsort(offered.omega)
        assert numbers["uid"][step].tolist() == offered.uid[order].tolist()
        assert numbers["state"][step].tolist() == offered.state[order].tolist()
        for name in COLUMNS:
            within_half_a_step(numbers[name][step], getattr(offered, name)[order])
        for name in ("omega", "phase", "energy"):
            within_half_a_step(numbers[f"tone_{name}"][step], getattr(offered.oscillators, name))
        loud = np.argsort(-offered.weights[order], axis=1)
        np.testing.assert_array_equal(
            numbers["links"][step], np.take_along_axis(offered.links[order], loud, axis=1)
        )
        shares = np.take_along_axis(offered.weights[order], loud, axis=1)
        np.testing.assert_allclose(numbers["weights"][step], shares / shares[:, :1], atol=0.5 / 255 + 1e-12)
        low, high = numbers["band"][step]
        assert low <= min(offered.omega) < max(offered.omega) <= high
        assert numbers[f"event_steps.{step}"].tolist() == list(range(step + 1))
    assert numbers["mean_order"].tolist() == [0.4] * FRAMES


def test_carriers_that_nobody_hears_and_none_at_all_are_saved(tmp_path):
    widget = Carriers()
    widget.offer(wave(3, 4, 2, links=np.full((3, 2), -1), age=np.array([1.0, np.nan, 2.0])))
    widget.offer(wave(0, 0, 0, oscillators=Oscillators(), mean_order=float("nan")))
    numbers = saved(widget, tmp_path)
    assert (numbers["links.0"] == -1).all()
    assert not numbers["weights.0"].any()
    assert np.isnan(numbers["age.0"]).sum() == 1
    assert numbers["omega.1"].shape == (0,)
    assert np.isnan(numbers["mean_order"][1])
    assert len(frames_of(widget.save_movie(tmp_path / "run.gif").read_bytes())) == 2
    widget.close()


@pytest.mark.parametrize("kind", ["atlas", "carriers", "timeline"])
def test_the_last_picture_of_a_film_is_the_poster(kind, request):
    widget = request.getfixturevalue(kind)
    last = decode_png(widget.poster_of(unpack(list(widget.movie_frames())[-1]))).astype(int)
    poster = decode_png(widget.poster()).astype(int)
    assert last.shape == poster.shape == (400, 640, 3)
    assert np.abs(last - poster).max() <= 2
    assert len(widget.poster()) <= 60_000


def test_phases_turn_the_wheel_and_nothing_else(carriers):
    turned = wave(20, 100, 5, phase=wave(20, 100, 5).phase + 1)
    for offered in (wave(20, 100, 5), turned):
        carriers.offer(offered)
    before, after = (decode_png(carriers.poster_of(unpack(packed))) for packed in carriers.film()[-2:])
    rows, columns = np.nonzero((before != after).any(axis=2))
    assert 430 < columns.min() < columns.max() < 620
    assert 100 < rows.min() < rows.max() < 292


def few(widget):
    """Three frames of a movie, the last among them."""
    frames = list(widget.movie_frames())
    return frames[:: -(-len(frames) // FRAMES)][: FRAMES - 1] + frames[-1:]


@pytest.fixture
def films(atlas, carriers, timeline):
    return {"atlas": atlas, "carriers": carriers, "timeline": timeline}


def test_a_gif_shows_every_frame_in_order(films, tmp_path):
    for name, widget in films.items():
        frames = few(widget)
        path = save_movie(tmp_path / f"{name}.gif", widget, frames=frames, fps=10)
        drawn = [decode_png(widget.poster_of(unpack(packed))) for packed in frames]
        seen = frames_of(path.read_bytes())
        assert [delay for _, delay in seen] == [10] * FRAMES
        for (shown, _), picture in zip(seen, drawn, strict=True):
            away = np.abs(shown.astype(int) - picture)
            assert away.mean() < 1, name
            others = [np.abs(other.astype(int) - shown).mean() for other in drawn]
            assert away.mean() == min(others), name
        assert all((one != other).any() for one, other in pairwise(drawn)), name


@pytest.mark.browser
def test_chromium_shows_the_gifs(films, tmp_path):
    gifs = [
        save_movie(tmp_path / f"{name}.gif", widget, frames=few(widget)[:2]) for name, widget in films.items()
    ]
    with running_browser() as browser:
        page = browser.new_page()
        for path in gifs:
            data = base64.b64encode(path.read_bytes()).decode()
            page.set_content(f'<img src="data:image/gif;base64,{data}">')
            size = page.eval_on_selector(
                "img", "async image => (await image.decode(), [image.naturalWidth, image.naturalHeight])"
            )
            assert size == [640, 400], path.name


# imageio-ffmpeg leaves the pipes of its reader to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", ["atlas", "carriers", "timeline"])
def test_an_mp4_has_every_frame_in_its_size(kind, request, tmp_path):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg", reason="needs imageio-ffmpeg: the extra `export`")
    widget = request.getfixturevalue(kind)
    frames = few(widget)
    reader = imageio_ffmpeg.read_frames(str(save_movie(tmp_path / "run.mp4", widget, frames=frames, fps=8)))
    about = next(reader)
    assert about["size"] == (640, 400)
    assert about["fps"] == 8
    seen = [np.frombuffer(data, np.uint8).reshape(400, 640, 3).astype(int) for data in reader]
    drawn = [decode_png(widget.poster_of(unpack(packed))).astype(int) for packed in frames]
    assert len(seen) == FRAMES
    for shown, picture in zip(seen, drawn, strict=True):
        away = np.abs(shown - picture).mean()
        assert away < 8
        assert away == min(np.abs(shown - other).mean() for other in drawn)


def test_a_widget_saves_what_it_was_given_last(timeline, tmp_path):
    timeline.append(200, 25.0, {"kinetic": 1.0, "loss": 1.0})
    with np.load(timeline.save_movie(tmp_path / "run.npz", fps=1)) as numbers:
        assert numbers["step"][-1] == 200
    empty = Timeline(channels=SPAN)
    with pytest.raises(ValueError, match="the Timeline has shown nothing yet"):
        empty.save_movie(tmp_path / "empty.gif")
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]
    empty.close()
