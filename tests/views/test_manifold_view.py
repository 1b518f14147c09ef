"""A view shows the session and obeys it; people's wishes reach it or are answered."""

from __future__ import annotations

import gc
import weakref

import pytest

import stnb
from stnb._core.errors import ConfigError


@pytest.fixture
def session():
    with stnb.ManifoldSession(particles=50, grid=8, pattern="cluster", temperature=1.0) as made:
        yield made


def wish(atlas, name, value=None):
    """What the front end sends when somebody touches a control."""
    atlas._receive(name, value)
    atlas.assert_clean()


def shown(atlas, name):
    return atlas.state["controls"][name]


def test_the_same_view_is_given_again_until_it_is_closed(session):
    atlas = session.view("atlas")
    assert session.view("atlas") is atlas
    assert session.view("atlas", colour="heat") is not atlas
    atlas.close()
    assert session.view("atlas") is not atlas


def test_sliders_come_from_the_config(session):
    atlas = session.view("atlas", controls=("dt", "gravity", "conductivity"))
    controls = {c["name"]: c for c in atlas.scene["controls"]}
    assert list(controls) == ["dt", "gravity", "conductivity"]
    assert controls["dt"]["unit"] == "s"
    assert controls["dt"]["log"]
    assert controls["dt"]["low"] == pytest.approx(1e-4)
    assert controls["dt"]["value"] == session.config.dt
    assert controls["gravity"]["low"] == 0.0


def test_what_is_fixed_for_a_run_is_no_slider(session):
    with pytest.raises(ConfigError, match="'spacing' cannot be a slider"):
        session.view("atlas", controls=("spacing",))


def test_a_slider_sets_the_session(session):
    atlas = session.view("atlas")
    wish(atlas, "set", {"name": "dt", "value": 0.03})
    assert session.config.dt == 0.03
    assert shown(atlas, "dt")["value"] == 0.03


def test_a_refused_value_is_answered_with_the_old_one_and_the_reason(session):
    atlas = session.view("atlas")
    wish(atlas, "set", {"name": "dt", "value": -1.0})
    assert session.config.dt == 0.01
    assert shown(atlas, "dt")["value"] == 0.01
    assert "outside its range" in shown(atlas, "dt")["error"]


def test_a_change_from_python_moves_the_slider(session):
    atlas = session.view("atlas")
    session.set(gravity=0.004)
    assert shown(atlas, "gravity")["value"] == 0.004


def test_play_and_pause_buttons(session):
    atlas = session.view("atlas")
    wish(atlas, "play")
    session.wait_for(5, timeout=60)
    assert atlas.state["playing"]
    wish(atlas, "pause")
    assert not session.playing
    assert not atlas.state["playing"]


def test_step_button_shows_the_step(session):
    atlas = session.view("atlas")
    wish(atlas, "step", 1)
    assert session.step_index == 1
    assert "step 1," in atlas.alt_text


def test_pausing_from_python_shows_the_last_step(session):
    atlas = session.view("atlas")
    session.play()
    session.wait_for(3, timeout=60)
    session.pause()
    assert f"step {session.step_index:,}," in atlas.alt_text
    assert "energy drift" in atlas.alt_text


def test_poster_is_in_the_mimebundle(session):
    bundle = session.view("atlas")._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "image/png" in data
    assert "50 particles" in data["text/html"]


def test_a_view_keeps_no_session_alive():
    made = stnb.ManifoldSession(particles=20, grid=8)
    atlas = made.view("atlas")
    ghost = weakref.ref(made)
    del made
    gc.collect()
    assert ghost() is None
    wish(atlas, "step", 1)
    atlas.close()


@pytest.mark.parametrize("advance", [lambda s: s.run(7, progress=False), lambda s: s.step(7)])
def test_the_last_step_of_a_run_is_shown(session, advance):
    atlas = session.view("atlas", hz=0.001)
    advance(session)
    assert "step 7," in atlas.alt_text
