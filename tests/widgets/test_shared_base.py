"""What all live widgets share: the deck's truth, questions and answers, films, and what a notebook file keeps."""

import base64
import gc
import html
import json
import weakref

import pytest
from stnb_widgets import Slider
from stnb_widgets.parcel import unpack

from .conftest import Wire
from .plain import Bars
from .test_atlas import conforms


@pytest.fixture
def bars(monkeypatch):
    monkeypatch.setenv("STNB_HOST", "local")
    widget = Bars(
        title="Bars", deck=("play", "scrub"), controls=[Slider("dt", value=0.5), Slider("k", value=0.1)]
    )
    widget.wire = widget._wire = Wire()
    yield widget
    widget.close()


def answers(widget):
    return [data["content"] for data, _ in widget.wire.messages if data["content"]["type"] == "answer"]


def test_the_deck_says_what_is_true_and_nothing_else_changes(bars):
    before = bars.state
    bars.set_playing(1)
    bars.set_speed(30)
    bars.set_recording(True)
    bars.set_past(10, 90, shown=50)
    bars.set_control("k", 0.25, error="too large")
    conforms(bars.state, "state")
    assert bars.state == {
        "playing": True,
        "speed": 30.0,
        "recording": True,
        "past": {"first": 10, "last": 90, "shown": 50},
        "controls": {
            "dt": {"value": 0.5, "error": "", "echo": 0},
            "k": {"value": 0.25, "error": "too large", "echo": 1},
        },
    }
    assert before["playing"] is False
    bars.set_speed(None)
    bars.set_past(10, 90)
    assert (bars.state["speed"], bars.state["past"]["shown"]) == (None, None)
    assert bars.title == "Bars"


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda w: w.set_speed(0), ValueError, r"the speed is 0 steps a second; pass a number above 0"),
        (lambda w: w.set_speed(float("nan")), ValueError, r"the speed is nan"),
        (
            lambda w: w.set_past(9, 3),
            ValueError,
            r"from step 9 to 3 and shows None; pass first <= shown <= last",
        ),
        (lambda w: w.set_past(1, 3, 4), ValueError, r"from step 1 to 3 and shows 4"),
        (lambda w: w.set_control("dt", float("nan")), ValueError, r"control 'dt' has value nan"),
        (
            lambda w: w.set_control("mass", 1),
            KeyError,
            r"no control is named 'mass'; this Bars has \['dt', 'k'\]",
        ),
        (
            lambda w: Bars(deck=("play", "rewind")),
            ValueError,
            r"deck has no part 'rewind'; choose from play, step",
        ),
        (lambda w: Bars(controls=[Slider("a"), Slider("a")]), ValueError, r"two have the same name"),
    ],
)
def test_what_cannot_be_true_is_refused_before_anything_changes(bars, change, error, message):
    before = json.dumps(bars.state)
    with pytest.raises(error, match=message):
        change(bars)
    assert json.dumps(bars.state) == before


def test_a_question_is_answered_under_its_id(bars, say):
    bars.on_ask("double", lambda value: {"twice": 2 * value})
    say(bars, type="ask", id="v.0", name="double", value=21)
    conforms(answers(bars)[0], "answer")
    assert answers(bars) == [{"type": "answer", "id": "v.0", "value": {"twice": 42}, "error": ""}]
    bars.assert_clean()


def test_who_asks_in_vain_hears_why_and_so_does_assert_clean(bars, say):
    def broken(value):
        raise ZeroDivisionError(f"nothing to divide {value} by")

    def silent(value):
        raise RuntimeError

    bars.on_ask("share", broken)
    bars.on_ask("silent", silent)
    for i, name in enumerate(["share", "silent", "weight"]):
        say(bars, type="ask", id=str(i), name=name, value=3)
    assert [reply["error"] for reply in answers(bars)] == [
        "nothing to divide 3 by",
        "RuntimeError",
        "nobody here answers 'weight'; ask one of ['share', 'silent']",
    ]
    for reply in answers(bars):
        conforms(reply, "answer")
        assert reply["value"] is None
    assert bars.stats.errors == 3
    with pytest.raises(ExceptionGroup, match="3 errors"):
        bars.assert_clean()


@pytest.mark.parametrize("answer", [object(), float("nan"), {1, 2}, b"bytes", {"x": [float("inf")]}])
def test_an_answer_that_is_no_json_becomes_a_reason(bars, say, answer):
    bars.on_ask("odd", lambda _: answer)
    say(bars, type="ask", id="7", name="odd", value=None)
    (reply,) = answers(bars)
    assert reply["value"] is None
    assert "JSON" in reply["error"]
    assert bars.stats.errors == 1


def test_a_film_holds_first_and_last_and_is_the_same_parcels_as_live(bars, say):
    say(bars, type="view", view="v", visible=True, gone=False)
    for k in range(1, 200):
        bars.offer([k])
    film = [unpack(packed) for packed in bars.film()]
    assert (film[0].header["number"], film[-1].header["number"]) == (1, 199)
    assert len(film) <= 65
    for parcel in film:
        conforms(parcel.header, "frame")
        assert parcel.arrays["values"].tolist() == [parcel.header["number"]]
    bars.close()
    assert bars.film() == []


def test_a_notebook_file_keeps_a_picture_with_words(bars):
    bars.offer([1, 2, 3])
    data, metadata = bars._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "image/png", "text/html", "text/plain"} <= set(data)
    assert base64.b64decode(data["image/png"]) == bars.poster()
    assert 'role="img"' in data["text/html"]
    assert f'alt="{html.escape(bars.alt_text)}"' in data["text/html"]
    assert "http" not in data["text/html"]
    assert metadata["image/png"]["alt"] == data["text/plain"] == "Bars: 1 frames."


def test_what_is_not_said_by_a_subclass_is_named():
    from stnb_widgets.base import LiveWidget
    from stnb_widgets.parcel import Parcel

    class Bare(LiveWidget):
        _esm = "const plain={render(){}};export{plain as default};\n"

    widget = Bare({}, {})
    with pytest.raises(
        NotImplementedError, match=r"Bare draws no recorded frames; save its numbers: .* \.npz"
    ):
        widget.poster_of(Parcel({}, {}))
    assert widget.numbers_of(Parcel({}, {"x": 1})) == {"x": 1}
    widget.close()


def test_a_closed_widget_can_be_collected_and_hears_nothing(bars, say):
    heard = []
    widget = Bars()
    widget.on_intent(lambda *wish: heard.append(wish))
    widget.on_ask("x", lambda _: heard.append("asked"))
    widget.offer([1])
    alive = weakref.ref(widget)
    widget.close()
    say(widget, type="intent", name="play", value=None)
    assert heard == []
    del widget
    gc.collect()
    assert alive() is None
