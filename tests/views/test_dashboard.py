"""Views of one session side by side: one company that plays, seeks, paces and records together."""

import pytest

import stnb
from stnb._core.errors import InputError
from stnb.views import Dashboard


@pytest.fixture
def session():
    with stnb.ManifoldSession(particles=60, grid=8, speed=0.3, seed=3) as made:
        yield made


def wish(widget, name, value=None):
    widget._handle_custom_msg({"type": "intent", "name": name, "value": value}, [])


def test_all_panels_by_default_and_one_by_name(session):
    view = session.view()
    assert isinstance(view, Dashboard)
    assert list(view) == ["atlas", "carriers", "timeline"]
    assert session.view() is view
    assert len({widget.scene["group"] for widget in view.widgets.values()} - {""}) == 1
    assert session.view("timeline", "atlas").widgets.keys() == {"atlas", "timeline"}
    alone = session.view("carriers")
    assert type(alone).__name__ == "Carriers"
    assert alone.scene["group"] == ""
    with pytest.raises(InputError, match="did you mean 'atlas'"):
        session.view("atals")
    with pytest.raises(AttributeError, match="did you mean 'timeline'"):
        view.timelin  # noqa: B018
    with pytest.raises(KeyError, match="carriers"):
        view["carrier"]


def test_a_session_without_carriers_has_no_panel_for_them():
    with stnb.ManifoldSession(particles=10, grid=8, cadence=0) as still:
        assert list(still.view()) == ["atlas", "timeline"]
        with pytest.raises(InputError, match="cadence = 0"):
            still.view("carriers")


def test_every_step_reaches_the_timeline_once(session):
    view = session.view("atlas", "timeline")
    session.step(7)
    session.refresh()
    session.step(5)
    session.refresh()
    assert len(view.timeline.history) == 13
    steps, times, rows = view.timeline.history.read(0, 13)
    assert steps.tolist() == list(range(13))
    assert times.tolist() == session.history.times.tolist()
    at = list(view.timeline.scene["channels"]).index("kinetic")
    assert rows[:, at].tolist() == session.history["kinetic"].tolist()
    view.assert_clean()


def test_an_earlier_moment_is_shown_by_all_until_somebody_goes_on(session):
    view = session.view()
    for _ in range(4):
        session.step(5)
        session.refresh()
    assert view.atlas.state["past"] == {"first": 0, "last": 20, "shown": None}
    wish(view.atlas, "seek", 9)
    assert view.atlas.state["past"]["shown"] == 9
    assert "step 10," in view.atlas.alt_text
    assert view.carriers._link.latest.step == 10
    session.step(5)
    session.refresh()
    assert "step 10," in view.atlas.alt_text
    assert view.atlas.state["past"]["last"] == 25
    wish(view.timeline, "seek", None)
    assert view.atlas.state["past"]["shown"] is None
    assert "step 25," in view.atlas.alt_text
    wish(view.atlas, "seek", 0)
    wish(view.atlas, "step", 1)
    assert "step 26," in view.atlas.alt_text
    view.assert_clean()


def test_one_speed_for_all(session):
    view = session.view()
    wish(view.atlas, "speed", 5)
    assert {widget.state["speed"] for widget in view.widgets.values()} == {5.0}
    wish(view.atlas, "play")
    assert session.playing
    wish(view.atlas, "speed", None)
    assert session.playing
    wish(view.atlas, "pause")
    assert not session.playing
    assert {widget.state["playing"] for widget in view.widgets.values()} == {False}


def test_the_record_button_writes_a_file_with_a_name_of_its_own(session, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "manifold-0.zip").write_bytes(b"somebody else's")
    view = session.view()
    wish(view.atlas, "record", value=True)
    wish(view.atlas, "record", value=True)
    assert {widget.state["recording"] for widget in view.widgets.values()} == {True}
    session.step(20)
    wish(view.atlas, "record", value=False)
    assert {widget.state["recording"] for widget in view.widgets.values()} == {False}
    with stnb.recording.load(tmp_path / "manifold-0-2.zip") as kept:
        assert kept.frames.steps.tolist() == [0, 10, 20]
    assert (tmp_path / "manifold-0.zip").read_bytes() == b"somebody else's"
    view.assert_clean()


def test_sliders_that_were_asked_for_stand_on_the_first_panel_only(session):
    view = session.view("atlas", "carriers", controls=("coupling",), colour="swing", title="Choir")
    assert list(view.atlas.state["controls"]) == ["coupling"]
    assert list(view.carriers.state["controls"]) == []
    assert view.atlas.title == view.title == "Choir"
    own = session.view()
    assert list(own.atlas.state["controls"]) == ["dt", "gravity"]
    assert "pump" in own.carriers.state["controls"]


def test_a_dashboard_says_and_shows_all_of_it_without_a_browser(session, tmp_path):
    view = session.view()
    data, metadata = view._repr_mimebundle_()
    assert data["text/html"].count('role="img"') == 3
    assert "application/vnd.jupyter.widget-view+json" in data
    assert metadata["image/png"]["alt"] == view.atlas.alt_text
    assert all(widget.alt_text in data["text/plain"] for widget in view.widgets.values())
    path = session.to_html(tmp_path / "run.html")
    page = path.read_text(encoding="utf-8")
    for kind in view:
        assert f'kind:"{kind}"' in page
    assert not [
        part for part in page.split('"') if part.startswith(("http:", "https:")) and "w3.org" not in part
    ]


def test_closing_takes_everything_with_it(session):
    view = session.view("atlas", "timeline")
    view._repr_mimebundle_()
    view.close()
    assert all(widget.comm is None for widget in view.widgets.values())
    assert session.view("atlas", "timeline") is not view
