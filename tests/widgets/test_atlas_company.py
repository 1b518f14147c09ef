"""What an Atlas shows beside particles in a box: flat pictures, markers, fields, districts, selections, facts."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_widgets import Atlas, Markers, Points, Selection, Slice
from stnb_widgets.atlas.frame import ParticleFrame, Picked, fair_order
from stnb_widgets.atlas.poster import POSTER_BYTES
from stnb_widgets.base import KEYFRAME_BYTES
from stnb_widgets.parcel import unpack
from stnb_widgets.quantize import LOST, Quantiser, dequantise

from .company import plane, scene_of
from .conftest import Wire

SCHEMA = json.loads((Path(__file__).parents[2] / "widgets/stnb_widgets/static/scene.schema.json").read_text())


def conforms(value, name):
    import jsonschema

    plain = json.loads(json.dumps(value))
    jsonschema.validate(plain, {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


def frame_of(points, projection="3d"):
    return ParticleFrame.own(points, 1, Quantiser(), projection=projection)


@pytest.fixture
def flat(monkeypatch):
    monkeypatch.setenv("STNB_HOST", "local")
    widget = Atlas(box=((0, 0), (1, 1)), projection="2d", attributes={"heat": "J"})
    widget._wire = widget.wire = Wire()
    yield widget
    widget.close()


def select(say, widget, ids, *, form="ids", by="view", kind="lasso", total=100):
    data = np.asarray(ids, "<u4").tobytes()
    if form == "mask":
        flags = np.zeros(total, bool)
        flags[ids] = True
        data = np.packbits(flags, bitorder="little").tobytes()
    value = {"kind": kind, "by": by, "shown": total, "total": total, "form": form}
    value["data"] = base64.b64encode(data).decode()
    conforms(value, "atlas_selection")
    say(widget, type="intent", name="select", value=value)


def test_everything_travels_and_follows_the_schema():
    points = scene_of()
    sent = frame_of(points).parcel(1, "", 9_000_000)
    conforms(sent.message()[0], "atlas_frame")
    header, arrays = sent.header, sent.arrays
    assert header["kinds"] == ["new", "old"]
    assert header["badge"] == [["energy", -1.5], ["momentum", None]]
    assert header["districts"] == [["north", "cold"], ["south", ""]]
    assert list(arrays["mark_ids"]) == [40, 30, 20, 10, 0], "the largest first"
    assert list(arrays["mark_kinds"]) == [0, 1, 0, 1, 0]
    np.testing.assert_allclose(arrays["marks"][:, :3], points.carriers.positions[::-1], rtol=1e-6)
    np.testing.assert_allclose(arrays["marks"][:, 3], [1, 0.75, 0.5, 0.25, 0])
    np.testing.assert_allclose(arrays["districts"][0], [0.5, 0.8, 0.1, 2.0], rtol=1e-6)
    assert np.isnan(arrays["districts"][1, 3])


def test_kinds_keep_their_colours_whoever_comes_first():
    def seen(kinds):
        points = scene_of(4, 2, carriers=Markers(np.eye(3)[:2], kinds=kinds, order=("a", "b", "c")))
        parcel = frame_of(points).parcel(1, "", 10_000)
        names = [parcel.header["kinds"][code] for code in parcel.arrays["mark_kinds"]]
        return parcel.header["kinds"], names, parcel.arrays["mark_kinds"].tolist()

    assert seen(["a", "c"]) == (["a", "b", "c"], ["a", "c"], [0, 2])
    assert seen(["c", "new"]) == (["a", "b", "c", "new"], ["c", "new"], [2, 3])


def test_links_keep_their_ends_and_the_heaviest_come_first():
    points = scene_of()
    frame = frame_of(points)
    arrays = frame.parcel(1, "", 9_000_000).arrays
    expected = points.carriers.links[np.argsort(-points.carriers.links[:, 2], kind="stable")]
    assert list(arrays["mark_ids"][arrays["links"]]) == [10 * int(row) for row in expected[:, 0]]
    ends = dequantise(arrays["link_ends"], frame.positions.low, frame.positions.high)
    np.testing.assert_allclose(ends, np.asarray(points.positions)[expected[:, 1].astype(int)], atol=1e-5)


@settings(max_examples=40)
@given(
    st.integers(0, 5000), st.integers(1, 40), st.integers(3, 300), st.integers(3000, 200_000), st.booleans()
)
def test_a_frame_keeps_to_its_bytes_and_gives_particles_half_of_them(n, k, side, most, named):
    ids = np.arange(n)[::-1] * 3 if named else None
    points = scene_of(max(n, 1), k, field=Slice(np.random.default_rng(1).normal(size=(side, side))))
    points = Points(
        step=1,
        time=0,
        positions=np.zeros((n, 3)),
        ids=ids,
        field=points.field,
        districts=points.districts,
        carriers=Markers(points.carriers.positions, sizes=points.carriers.sizes),
    )
    frame = frame_of(points)
    picked = Picked(1, "", np.arange(0, n, 2, dtype=np.uint32))
    sent = frame.parcel(1, "", most, picked)
    assert sent.nbytes <= most
    whole = frame.bytes_per_point * n + n / 8 + 8
    assert sent.header["count"] == n or sent.header["count"] * frame.bytes_per_point > 0.4 * most
    assert sent.header["count"] == n or whole + frame.scenery.nbytes + 400 > most


def test_a_field_is_a_byte_per_place_and_gaps_stay_open():
    values = np.linspace(-2, 3, 35).reshape(5, 7)
    values[1, 2] = np.nan
    values[4, 0] = np.inf
    sent = frame_of(scene_of(field=Slice(values, 0, 0.25, "heat", "J"))).parcel(1, "", 9_000_000)
    about, codes = sent.header["field"], sent.arrays["field"]
    assert (about["axis"], about["at"], about["lost"], about["range"]) == (0, 0.25, 2, [-2.0, 3.0])
    assert codes.shape == (5, 7)
    known = np.isfinite(values)
    assert (codes[~known] == 255).all()
    np.testing.assert_allclose(-2 + codes[known] * (5 / 254), values[known], atol=5 / 508 + 1e-9)


def test_a_large_field_is_thinned_to_1024():
    sent = frame_of(scene_of(field=Slice(np.zeros((3000, 1000))))).parcel(1, "", 90_000_000)
    assert sent.arrays["field"].shape == (1000, 1000)
    keyframe = frame_of(scene_of(field=Slice(np.ones((1024, 1024))))).parcel(1, "", KEYFRAME_BYTES)
    assert keyframe.nbytes <= KEYFRAME_BYTES
    assert keyframe.header["count"] == 200


def test_flat_points_take_six_bytes_and_lie_at_height_zero(flat, say):
    say(flat, type="view", view="v", visible=True, gone=False)
    points = plane()
    flat.offer(points)
    header, buffers = flat.wire.frames[0]
    conforms(header, "atlas_frame")
    assert header["low"][2] == header["high"][2] == 0
    codes = np.frombuffer(buffers[0], np.uint16).reshape(-1, 2)
    shown = dequantise(codes, header["low"][:2], header["high"][:2])
    np.testing.assert_allclose(shown, points.positions, atol=1e-5)
    conforms(flat.scene, "atlas_scene")
    flat.offer(plane(positions=np.random.default_rng(0).uniform(size=(100, 3))))
    assert flat.stats.errors == 0


def test_points_outside_the_disk_are_lost():
    widget = Atlas(projection="disk")
    places = np.array([[0, 0], [0.999, 0], [0.8, 0.7], [1, 0], [np.nan, 0], [0, -0.5]], np.float32)
    widget.offer(Points(step=1, time=0, positions=places))
    assert widget.stats.lost_points == 3
    assert list((widget._link.latest.positions.codes == LOST).all(axis=1)) == [
        False,
        False,
        True,
        True,
        True,
        False,
    ]
    assert "3 not drawn because a coordinate lies outside the disk" in widget.alt_text
    assert widget.scene["box"] == [[-1, -1, 0], [1, 1, 0]]
    widget.close()


@pytest.mark.parametrize("form", ["ids", "mask"])
def test_a_selection_arrives_with_its_exact_ids(flat, say, form):
    heard = []
    flat.on_select(heard.append)
    assert flat.selection is None
    flat.offer(plane())
    select(say, flat, [5, 3, 99], form=form)
    assert isinstance(heard[0], Selection)
    assert heard[0] is flat.selection
    assert (list(flat.selection.ids), flat.selection.kind, len(flat.selection)) == ([3, 5, 99], "lasso", 3)
    assert flat.selection.ids.dtype == np.uint32
    flat.assert_clean()


def test_a_selection_travels_with_the_frames_and_survives_a_reload(flat, say):
    flat.offer(plane())
    assert unpack(flat.get_state()["keyframe"]).header["picked"] == [0, ""]
    select(say, flat, [0, 9, 64])
    sent = unpack(flat.get_state()["keyframe"])
    assert sent.header["picked"] == [1, "view"]
    assert list(np.flatnonzero(np.unpackbits(sent.arrays["mask"], bitorder="little"))) == [0, 9, 64]


def test_a_selection_of_python_is_shown_at_once_and_named_particles_are_found(flat, say):
    say(flat, type="view", view="v", visible=True, gone=False)
    flat.offer(plane(ids=np.arange(100) * 7 + 1))
    say(flat, type="ack", seq=1, view="v")
    flat.select([8, 1, 1, 5000])
    header, buffers = flat.wire.frames[-1]
    named = {name: buffer for (name, _, _), buffer in zip(header["arrays"], buffers, strict=True)}
    assert header["picked"] == [1, ""]
    mask = np.unpackbits(np.frombuffer(named["mask"], np.uint8), bitorder="little")
    assert list(np.flatnonzero(mask)) == [0, 1]
    assert list(flat.selection.ids) == [1, 8, 5000]
    flat.select([])
    kept = unpack(flat.keyframe)
    assert kept.header["picked"] == [2, ""]
    assert "mask" not in kept.arrays


def test_the_ids_of_a_thinned_frame_refer_to_all_particles():
    n, picked = 50_000, Picked(1, "", np.arange(0, 50_000, 3, dtype=np.uint32))
    sent = frame_of(Points(step=1, time=0, positions=np.zeros((n, 3)))).parcel(1, "", 100_000, picked)
    count = sent.header["count"]
    assert 12_000 < count < n
    mask = np.unpackbits(sent.arrays["mask"], bitorder="little")[:count]
    np.testing.assert_array_equal(mask == 1, fair_order(n)[:count] % 3 == 0)


def test_the_fair_order_is_the_one_of_the_browser():
    assert fair_order(12).tolist() == [0, 9, 7, 11, 5, 1, 10, 2, 8, 6, 4, 3]


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"kind": "lasso"},
        {"kind": "guess", "by": "", "shown": 1, "total": 1, "form": "ids", "data": ""},
        {"kind": "lasso", "by": "", "shown": 1, "total": 1, "form": "text", "data": ""},
        {"kind": "lasso", "by": "", "shown": 1, "total": 1, "form": "ids", "data": "AAA"},
        {"kind": "lasso", "by": "", "shown": 1, "total": 1, "form": "ids", "data": "AAAA"},
    ],
)
def test_a_damaged_selection_changes_nothing(flat, say, value):
    say(flat, type="intent", name="select", value=value)
    assert flat.stats.errors == 1
    assert flat.selection is None


def test_listeners_that_fail_do_not_silence_the_others(flat, say):
    heard = []
    flat.on_select(lambda selection: 1 / 0)
    flat.on_select(heard.append)
    select(say, flat, [1])
    assert len(heard) == 1
    with pytest.raises(ExceptionGroup):
        flat.assert_clean()


def test_what_is_known_of_a_particle(flat, say):
    points = plane(n=4, attributes={"heat": np.array([1.0, np.nan, 3.0, 4.0])}, ids=[4, 3, 2, 1])
    flat.offer(points)
    say(flat, type="ask", id="q", name="particle", value=2)
    answer = flat.wire.frames[-1][0]
    conforms(answer, "answer")
    (x, y), facts = np.asarray(points.positions)[2], answer["value"]
    assert [name for name, _, _ in facts] == ["x", "y", "heat"]
    assert facts[0][1] == pytest.approx(x, abs=1e-4)
    assert facts[1][1] == pytest.approx(y, abs=1e-4)
    assert facts[2] == ["heat", pytest.approx(3.0, abs=1e-3), "J"]
    say(flat, type="ask", id="q", name="particle", value=3)
    assert flat.wire.frames[-1][0]["value"][2] == ["heat", None, "J"]
    say(flat, type="ask", id="q", name="particle", value=77)
    assert "particle 77 is not in the last frame" in flat.wire.frames[-1][0]["error"]


@pytest.mark.parametrize("projection", ["2d", "disk"])
def test_flat_posters_are_small_and_show_something(projection):
    widget = Atlas(projection=projection, attributes={"heat": ""})
    empty = widget.poster()
    rng = np.random.default_rng(0)
    points = scene_of(
        30_000, positions=rng.uniform(0, 0.7, (30_000, 2)), attributes={"heat": rng.normal(size=30_000)}
    )
    widget.offer(points)
    poster = widget.poster()
    assert len(empty) < len(poster) <= POSTER_BYTES
    assert "5 markers with 40 links" in widget.alt_text
    assert "districts north, south" in widget.alt_text
    widget.close()


def test_a_second_view_is_shown_what_was_picked_in_the_first(flat, say):
    for view in ("one", "other"):
        say(flat, type="view", view=view, visible=True, gone=False)
    flat.offer(plane())
    say(flat, type="ack", seq=1, view="one")
    select(say, flat, [4], by="one")
    assert flat.wire.frames[-1][0]["picked"] == [1, "one"]
