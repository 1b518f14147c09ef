import base64
import json
import struct
import xml.etree.ElementTree as ET
import zlib

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import CapacityError, InputError
from stnb._core.show import PLOTLY, encode_png, mimebundle, show
from stnb._core.svg import _ticks

ALT = 'Energy falls to "a tenth" & stays < 1'


def lines(n=50, **layout):
    x = np.linspace(0, 1, n)
    return go.Figure([go.Scatter(x=x, y=np.exp(x), name="kinetic")], layout={"template": "none", **layout})


def test_show__plotly_is_live_with_a_still():
    data, metadata = mimebundle(lines(), ALT)
    assert set(data) == {PLOTLY, "image/svg+xml", "text/plain"}
    assert metadata == {PLOTLY: {"alt": ALT}, "image/svg+xml": {"alt": ALT}}
    svg = ET.fromstring(data["image/svg+xml"])
    assert svg.attrib["aria-label"] == ALT
    points = svg.find("{*}polyline").attrib["points"].split()
    assert len(points) == 50
    heights = [float(p.split(",")[1]) for p in points]
    assert heights == sorted(heights, reverse=True)
    assert json.loads(json.dumps(data))[PLOTLY]["data"][0]["name"] == "kinetic"


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_still__ticks_are_few_and_inside(low, width):
    ticks = _ticks((low, low + width))
    slack = 1e-9 * (abs(low) + width)
    assert 2 <= len(ticks) <= 8
    assert low - slack <= ticks[0] <= ticks[-1] <= low + width + slack


def test_show__still_thins_and_skips_what_cannot_be_drawn():
    figure = lines(5000, yaxis={"type": "log"})
    figure.add_trace(go.Scatter(x=[0, 0.5, 1], y=[0, np.nan, 2], mode="markers", name="dots"))
    svg = ET.fromstring(mimebundle(figure, ALT)[0]["image/svg+xml"])
    assert len(svg.find("{*}polyline").attrib["points"].split()) <= 240
    assert len(svg.findall(".//{*}circle")) == 1


STACKED = go.Figure([go.Bar(y=[1, 2]), go.Bar(y=[2, 1])], layout={"barmode": "stack"})
LYING = go.Figure(go.Bar(x=[1, 2], orientation="h"))


@pytest.mark.parametrize("figure", [go.Figure(go.Pie(values=[1, 2])), STACKED, LYING, go.Figure()])
def test_show__other_traces_fall_back_to_words(figure):
    data, _ = mimebundle(figure, ALT)
    assert "image/svg+xml" not in data
    assert 'role="img"' in data["text/html"]
    assert "&quot;a tenth&quot; &amp; stays &lt; 1" in data["text/html"]


@pytest.mark.parametrize("shape", [(2, 5), (2, 5, 3), (2, 5, 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_show__images_become_png(shape, dtype):
    image = np.linspace(0, 1, int(np.prod(shape))).reshape(shape)
    pixels = np.round(image * 255).astype(np.uint8)
    data, metadata = mimebundle(pixels if dtype is np.uint8 else image, ALT)
    png = base64.b64decode(data["image/png"])
    assert struct.unpack(">II", png[16:24]) == (5, 2)
    body = zlib.decompress(png[png.index(b"IDAT") + 4 : png.index(b"IEND") - 8])
    assert np.array_equal(np.frombuffer(body, np.uint8).reshape(2, -1)[:, 1:], pixels.reshape(2, -1))
    assert metadata["image/png"] == {"alt": ALT}


def test_show__widgets_keep_their_bundle():
    class Widget:
        def _repr_mimebundle_(self):
            return {"application/x": {"id": 1}, "text/plain": "Widget()"}

    data, metadata = mimebundle(Widget(), ALT)
    assert data == {"application/x": {"id": 1}, "text/plain": ALT}
    assert metadata == {"application/x": {"alt": ALT}}


@pytest.mark.parametrize("alt", ["", "  short   ", None])
def test_show__alt_text_is_required(alt):
    with pytest.raises(InputError, match="describe the figure in at least 10 characters"):
        show(lines(), alt=alt)


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        (b"GIF89a..", "only PNG files"),
        (3, "int cannot be shown"),
        (np.zeros((2, 2, 2)), r"shape \(2, 2, 2\)"),
        (np.zeros(4), r"shape \(4,\)"),
        (np.zeros((0, 3)), r"shape \(0, 3\)"),
        (np.full((2, 2), 1.5), r"outside \[0, 1\]"),
        (np.full((2, 2), np.nan), r"outside \[0, 1\]"),
        (np.zeros((2, 2), np.int32), "type int32"),
    ],
)
def test_show__what_is_no_figure_is_refused(figure, message):
    with pytest.raises(InputError, match=message):
        mimebundle(figure, ALT)


def test_show__size_is_bounded():
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), np.uint8)
    with pytest.raises(CapacityError, match="Draw fewer points"):
        mimebundle(noise, ALT)
    assert len(encode_png(noise)) > 300_000
    mimebundle(noise, ALT, max_bytes=10**7)


def test_show__outside_a_notebook_the_words_are_printed(capsys):
    show(lines(), alt=ALT)
    assert capsys.readouterr().out == f"[figure] {ALT}\n"


def test_show__in_a_notebook_the_bundle_is_published():
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    InteractiveShell.instance()
    try:
        with capture_output() as captured:
            show(lines(), alt=ALT)
    finally:
        InteractiveShell.clear_instance()
    (output,) = captured.outputs
    assert output.data["text/plain"] == ALT
    assert output.metadata["image/svg+xml"] == {"alt": ALT}


def test_show__a_still_breaks_its_lines_at_gaps_and_keeps_colours_and_hidden_names():
    from plotly.graph_objects import Figure, Scatter

    figure = Figure()
    figure.add_trace(
        Scatter(x=[0, 1, None, 2, 3], y=[0, 1, None, 0, 1], name="stems", line={"color": "#123456"})
    )
    figure.add_trace(Scatter(x=[0, 3], y=[1, 0], name="a gate", showlegend=False))
    svg = ET.fromstring(mimebundle(figure, ALT)[0]["image/svg+xml"])
    lines = svg.findall("{*}polyline")
    assert [len(line.attrib["points"].split()) for line in lines] == [2, 2, 2]
    assert [line.attrib["stroke"] for line in lines[:2]] == ["#123456"] * 2
    words = [text.text for text in svg.findall("{*}text")]
    assert "stems" in words
    assert "a gate" not in words


def test_show__a_still_with_equal_scales_is_round_and_closed():
    turn = np.linspace(0, 2 * np.pi, 400)
    figure = go.Figure(go.Scatter(x=np.cos(turn), y=np.sin(turn), mode="lines"))
    figure.update_layout(
        xaxis={"visible": False}, yaxis={"visible": False, "scaleanchor": "x"}, showlegend=False
    )
    svg = ET.fromstring(mimebundle(figure, ALT)[0]["image/svg+xml"])
    (line,) = svg.findall("{*}polyline")
    points = np.array([[float(v) for v in place.split(",")] for place in line.attrib["points"].split()])
    width, height = np.ptp(points, axis=0)
    assert width == pytest.approx(height, rel=1e-2)
    assert np.linalg.norm(points[0] - points[-1]) < 1.0
    assert svg.findall("{*}text") == []


def still(figure):
    return ET.fromstring(mimebundle(figure, ALT)[0]["image/svg+xml"])


def test_show__a_still_draws_bars_as_strokes_that_stand_on_0():
    strokes = still(go.Figure(go.Bar(x=[1, 2, 3], y=[2.0, -1.0, 4.0], name="bars"))).findall("{*}polyline")
    ends = [[tuple(map(float, point.split(","))) for point in s.attrib["points"].split()] for s in strokes]
    assert all(foot[0] == top[0] for foot, top in ends)
    assert len({foot[1] for foot, _ in ends}) == 1
    heights = [foot[1] - top[1] for foot, top in ends]
    np.testing.assert_allclose(np.array(heights) / heights[0], [1.0, -0.5, 2.0], atol=0.01)


def test_show__a_still_shows_the_first_scale_alone():
    figure = lines()
    alone = still(figure).find("{*}polyline").attrib["points"]
    figure.add_scatter(x=[0, 1], y=[0, 1e6], yaxis="y2", name="another scale")
    drawn = still(figure)
    assert [line.attrib["points"] for line in drawn.findall("{*}polyline")] == [alone]
    assert "another scale" not in [text.text for text in drawn.findall("{*}text")]


def test_show__a_still_keeps_the_names_of_places():
    figure = lines(xaxis={"tickvals": [0.25, 0.5, 7], "ticktext": ["here & now", "there", "beyond"]})
    words = [text.text for text in still(figure).findall("{*}text")]
    assert [word for word in words if word in ("here & now", "there", "beyond")] == ["here & now", "there"]
