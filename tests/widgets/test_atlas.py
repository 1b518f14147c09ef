"""Atlas as the session layer uses it, over a transport that keeps what was sent."""

import base64
import gc
import json
import struct
import time
import weakref
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_widgets import Atlas, Points, Slider
from stnb_widgets.atlas.frame import ParticleFrame, fair_order
from stnb_widgets.atlas.poster import POSTER_BYTES, POSTER_SIZE, encode_png, render_poster
from stnb_widgets.base import KEYFRAME_BYTES
from stnb_widgets.parcel import unpack
from stnb_widgets.quantize import LOST, Quantiser, dequantise

from .conftest import Wire

SCHEMA = json.loads((Path(__file__).parents[2] / "widgets/stnb_widgets/static/scene.schema.json").read_text())
HALF_STEP = 31 / 65534 * 0.55


def conforms(value, name):
    import jsonschema

    plain = json.loads(json.dumps(value))
    jsonschema.validate(plain, {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


def positions_of(header, buffers):
    codes = np.frombuffer(buffers[0], np.uint16).reshape(-1, 3)
    return dequantise(codes, header["low"], header["high"])


def watch(atlas, say):
    say(atlas, type="view", view="v", visible=True, gone=False)


def test_a_frame_arrives_as_it_was_offered(atlas, cloud, say):
    watch(atlas, say)
    points = cloud(n=500)
    atlas.offer(points)
    (header, buffers), *more = atlas.wire.frames
    assert not more
    conforms(header, "atlas_frame")
    np.testing.assert_allclose(positions_of(header, buffers), points.positions, atol=HALF_STEP)
    speed = dequantise(
        np.frombuffer(buffers[1], np.uint16)[:, None], header["range"][:1], header["range"][1:]
    )
    np.testing.assert_allclose(speed[:, 0], points.attributes["speed"], atol=1e-3)
    atlas.assert_clean()


@settings(max_examples=25)
@given(st.integers(1, 4000), st.sampled_from([np.float32, np.float64]))
def test_sent_bytes_are_ours(n, dtype):
    widget = Atlas()
    try:
        widget._link.seen("v", visible=True)
        widget._wire = Wire()
        live = np.random.default_rng(n).uniform(0, 31, (n, 3)).astype(dtype)
        kept = live.copy()
        widget.offer(Points(step=1, time=0.0, positions=live))
        live[:] = -1e9
        widget.offer(Points(step=2, time=0.0, positions=live))
        np.testing.assert_allclose(positions_of(*widget._wire.frames[0]), kept, atol=HALF_STEP)
    finally:
        widget.close()


def test_traits_and_scene_follow_the_schema(atlas):
    conforms(atlas.scene, "atlas_scene")
    conforms(atlas.state, "atlas_state")


def test_the_keyframe_restores_the_last_frame_and_stays_small(atlas, cloud):
    points = cloud(n=200_000, step=7)
    atlas.offer(points)
    atlas.flush()
    assert len(atlas.keyframe) <= KEYFRAME_BYTES
    sent = unpack(atlas.keyframe)
    header, codes, values = sent.header, sent.arrays["positions"], sent.arrays["values"]
    conforms(header, "atlas_frame")
    assert (header["step"], header["total"], len(codes), len(values)) == (
        7,
        200_000,
        header["count"],
        header["count"],
    )
    sample = fair_order(200_000)[: header["count"]]
    shown = dequantise(codes, header["low"], header["high"])
    np.testing.assert_allclose(shown, np.asarray(points.positions)[sample], atol=HALF_STEP)


def test_a_page_reload_gets_the_newest_frame_not_the_last_keyframe(atlas, cloud):
    for step in range(1, 5):
        atlas.offer(cloud(step=step))
    assert unpack(atlas.keyframe).header["step"] == 1
    assert unpack(atlas.get_state()["keyframe"]).header["step"] == 4


def test_a_prefix_of_a_thinned_frame_is_a_fair_sample(cloud):
    positions = np.repeat(np.arange(10_000.0)[:, None], 3, axis=1)
    frame = ParticleFrame.own(Points(step=1, time=0, positions=positions), 1, Quantiser())
    header, buffers = frame.parcel(1, "", 8 * 2000).message()
    assert (header["count"], header["total"]) == (2000, 10_000)
    seen = positions_of(header, buffers)[:, 0]
    assert abs(seen.mean() - 5000) < 250
    assert abs(seen[:500].mean() - 5000) < 500


def test_lost_particles_are_counted_and_said(atlas, cloud, say):
    watch(atlas, say)
    positions = np.random.default_rng(0).uniform(0, 31, (1000, 3))
    positions[3] = np.nan
    positions[5, 1] = np.inf
    speed = np.ones(1000)
    speed[:4] = np.nan
    atlas.offer(cloud(positions=positions, attributes={"speed": speed, "heat": np.zeros(1000)}))
    header, buffers = atlas.wire.frames[0]
    assert (header["lost"], header["blank"]) == (2, 4)
    codes = np.frombuffer(buffers[0], np.uint16).reshape(-1, 3)
    assert list(np.flatnonzero((codes == LOST).all(axis=1))) == [3, 5]
    assert atlas.stats.lost_points == 2
    assert "2 not drawn because a coordinate is not finite" in atlas.alt_text


def test_wishes_reach_every_listener_and_failures_are_kept(atlas, say):
    heard = []

    def broken(name, value):
        raise ZeroDivisionError(name)

    atlas.on_intent(broken)
    atlas.on_intent(lambda name, value: heard.append((name, value)))
    say(atlas, type="intent", name="play", value=None)
    say(atlas, type="intent", name="set", value={"name": "dt", "value": 0.02})
    assert heard == [("play", None), ("set", {"name": "dt", "value": 0.02})]
    assert atlas.stats.errors == 2
    with pytest.raises(ExceptionGroup, match="2 errors happened") as caught:
        atlas.assert_clean()
    assert [type(error) for error in caught.value.exceptions] == [ZeroDivisionError] * 2


def test_nonsense_from_the_browser_is_counted_not_raised(atlas, say):
    say(atlas, type="ack", seq="many")
    say(atlas, type="view")
    say(atlas, type="intent", name="colour", value="mass")
    say(atlas, type="something else")
    assert atlas.stats.errors == 3


def test_truth_flows_back(atlas):
    atlas.set_playing(True)
    atlas.set_control("dt", 0.02)
    atlas.set_control("dt", 0.01, error="dt must be > 0")
    assert atlas.state["playing"] is True
    assert atlas.state["controls"]["dt"] == {"value": 0.01, "error": "dt must be > 0", "echo": 2}
    conforms(atlas.state, "atlas_state")
    with pytest.raises(KeyError, match=r"no control is named 'mass'; this Atlas has \['dt'\]"):
        atlas.set_control("mass", 1.0)


def test_choosing_a_colour_recolours_the_frame_that_is_shown(atlas, cloud, say):
    watch(atlas, say)
    points = cloud(n=300)
    atlas.offer(points)
    true_heat = points.attributes["heat"].copy()
    points.attributes["heat"][:] = -1.0
    say(atlas, type="intent", name="colour", value="heat")
    header, buffers = atlas.wire.frames[-1]
    assert (header["colour"], header["step"], header["number"]) == ("heat", 1, 2)
    heat = dequantise(np.frombuffer(buffers[1], np.uint16)[:, None], header["range"][:1], header["range"][1:])
    np.testing.assert_allclose(heat[:, 0], true_heat, atol=1e-3)
    assert atlas.state["colour"] == "heat"
    atlas.assert_clean()


def test_acks_touch_no_traits_and_print_nothing(atlas, cloud, say, capsys):
    watch(atlas, say)
    for step in range(1, 6):
        atlas.offer(cloud(step=step))
    changes = []
    atlas.observe(changes.append)
    for seq in (1, 2, 2, 1, 77):
        say(atlas, type="ack", seq=seq, view="v")
    assert changes == []
    assert capsys.readouterr() == ("", "")


def test_the_browser_cannot_write_what_python_owns(atlas, cloud):
    atlas.offer(cloud())
    before = (atlas.keyframe, atlas.state, atlas.scene)
    atlas.set_state({"keyframe": b"x", "state": {}, "scene": {}})
    assert (atlas.keyframe, atlas.state, atlas.scene) == before


def test_the_mimebundle_holds_a_picture_with_words(atlas, cloud):
    atlas.offer(cloud(n=1000, step=12))
    data, metadata = atlas._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "image/png", "text/html", "text/plain"} <= set(data)
    picture = base64.b64decode(data["image/png"])
    assert picture.startswith(b"\x89PNG")
    assert f"data:image/png;base64,{data['image/png']}" in data["text/html"]
    assert 'role="img"' in data["text/html"]
    assert 'alt="1,000 particles under their own gravity: 1,000 particles at step 12' in data["text/html"]
    assert metadata["image/png"]["alt"] == atlas.alt_text == data["text/plain"]


def test_the_alt_text_is_escaped_and_the_empty_atlas_has_one_too():
    widget = Atlas(title='a <b> & "c"')
    html = widget._repr_mimebundle_()[0]["text/html"]
    assert 'alt="a &lt;b&gt; &amp; &quot;c&quot;: no frame yet."' in html
    widget.close()


def read_png(png):
    """Width, height and the (h, w, 3) pixels of a PNG without filters."""
    at, data, size = 8, b"", None
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", png, at + 8 + length)[0] == zlib.crc32(kind + body)
        size = struct.unpack_from(">II", body) if kind == b"IHDR" else size
        data += body if kind == b"IDAT" else b""
        at += 12 + length
    width, height = size
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + 3 * width)
    assert (rows[:, 0] == 0).all()
    return rows[:, 1:].reshape(height, width, 3)


def test_a_png_holds_the_pixels_it_was_given():
    picture = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)
    np.testing.assert_array_equal(read_png(encode_png(picture)), picture)


@pytest.mark.parametrize("n", [0, 1, 1000, 200_000])
def test_a_poster_is_small_and_shows_something(n):
    rng = np.random.default_rng(n)
    png = render_poster(rng.uniform(0, 31, (n, 3)), rng.normal(size=n), ((0, 0, 0), (31, 31, 31)))
    assert len(png) <= POSTER_BYTES
    pixels = read_png(png)
    assert pixels.shape == (POSTER_SIZE[1], POSTER_SIZE[0], 3)
    painted = (pixels != pixels[0, 0]).any(axis=2).mean()
    assert painted > (0.01 if n < 1000 else 0.04)


def test_a_poster_of_one_particle_differs_from_the_empty_one_by_a_disc_of_its_colour():
    one = read_png(render_poster(np.full((1, 3), 0.5), np.array([np.nan]))).astype(int)
    empty = read_png(render_poster(np.empty((0, 3)), None)).astype(int)
    disc = one[(one != empty).any(axis=2)]
    assert 20 < len(disc) < 120
    red, _, blue = disc.max(axis=0)
    assert red > 80
    assert abs(red - blue) < 30, "grey, because its value is not finite"


def test_a_closed_atlas_can_be_collected(cloud):
    widget = Atlas(attributes={"speed": "", "heat": ""})
    widget.on_intent(widget._receive)
    widget.offer(cloud())
    widget._repr_mimebundle_()
    alive = weakref.ref(widget)
    widget.close()
    del widget
    gc.collect()
    assert alive() is None


def test_offering_after_close_does_nothing(atlas, cloud):
    atlas.close()
    atlas.offer(cloud())
    atlas.flush()
    assert atlas.wire.messages == []
    assert atlas.stats.offered == 0


def test_a_million_particles_are_accepted(atlas, cloud, say):
    watch(atlas, say)
    atlas.offer(cloud(n=1_000_000))
    header, buffers = atlas.wire.frames[0]
    assert header["count"] == header["total"] == 1_000_000
    assert sum(buffer.nbytes for buffer in buffers) == 8_000_000


@pytest.mark.parametrize("n", [1000, 100_000])
def test_the_cost_of_an_offer_is_reported(atlas, cloud, n, record_property):
    points, seconds = cloud(n=n), []
    for _ in range(30):
        start = time.perf_counter()
        atlas.offer(points)
        seconds.append(time.perf_counter() - start)
    median = 1e3 * float(np.median(seconds))
    record_property("offer_ms_median", median)
    print(f"offer() of {n:,} points and two attributes: median {median:.3f} ms")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Points(step=1, time=0, positions=np.zeros((4, 4))),
            r"positions has shape \(4, 4\).*\(n, 3\)",
        ),
        (lambda: Points(step=-1, time=0, positions=np.zeros((4, 3))), r"step is -1"),
        (
            lambda: Points(step=1, time=0, positions=np.zeros((4, 3)), attributes={"speed": np.zeros(5)}),
            r"attribute 'speed' has shape \(5,\), positions has \(4, 3\)",
        ),
        (lambda: Slider("dt", value=3, low=0, high=1), r"slider 'dt' has value 3 outside 0 \.\.\. 1"),
        (lambda: Slider("dt", value=0.5, low=0, high=1, log=True), r"logarithmic but starts at 0"),
        (lambda: Slider("dt", value=0.5, low=1, high=0), r"low < high"),
        (lambda: Slider("", value=0.5), r"empty name"),
        (lambda: Atlas(box=((0, 0, 0), (1, 0, 1))), r"box is .*lower one first"),
        (lambda: Atlas(attributes={"speed": ""}, colour="heat"), r"colour is 'heat'.*\['speed'\]"),
        (lambda: Atlas(controls=[Slider("a"), Slider("a")]), r"same name"),
    ],
)
def test_bad_input_is_explained(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_wrong_attributes_and_dtypes_are_explained(atlas):
    with pytest.raises(ValueError, match=r"carry attributes \['mass'\].*\['heat', 'speed'\]"):
        atlas.offer(Points(step=1, time=0, positions=np.zeros((2, 3)), attributes={"mass": np.zeros(2)}))
    with pytest.raises(TypeError, match="positions has dtype complex128; real numbers"):
        Points(step=1, time=0, positions=np.zeros((2, 3), complex))
