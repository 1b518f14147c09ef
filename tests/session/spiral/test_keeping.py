"""Saving and loading a spiral session: settings, timeline, maintainer and atlas come back; damage is refused."""

import json

import numpy as np
import pytest

import stnb as st
from stnb._core.errors import CheckpointError

DENSITIES = [st.Tensor(1, 2, [0.7, 0.3]), st.Tensor(1, 2, [0.2, 0.8])]


def resonance(session, scale):
    trace = session.trace(st.Tensor(1, 2, [0.4 * scale, 0.1]))
    trace.deform(st.Tensor(1, 2, [0.1, 0.2]), st.Tensor(1, 2, [0.5, scale]))
    trace.via(st.Tensor(2, 2, [1, 0.2, 0, 1]))
    trace.with_barycenter_from([0.5, 0.5], DENSITIES)
    return trace.resonate()


@pytest.fixture
def session():
    made = st.SpiralSession(
        device="wgpu",
        curvature=-1.5,
        hyper_learning_rate=0.07,
        beta_j=0.5,
        topos=st.OpenTopos(-1.5, saturation=40.0),
        coupling=st.Tensor(2, 2, [0, 1, 1, 0]),
        chrono_capacity=12,
    )
    made.configure_maintainer(window=9, clamp_max=2.5)
    for step in range(15):
        made.resonate_over_time(resonance(made, 1 + 0.1 * np.sin(step)), 0.1)
        if step in {5, 11}:
            made.atlas()
    return made


def everything(session):
    settings = session.settings.as_dict()
    return {
        "settings": {
            name: v for name, v in settings.items() if name not in {"coupling", "maintainer", "topos"}
        },
        "topos": session.given_topos(),
        "coupling": session.coupling().tolist(),
        "maintainer": session.maintainer_config(),
        "timeline": session.timeline(),
        "summary": session.timeline_summary(),
        "harmonics": session.timeline_harmonics(),
        "route": session.atlas_route().as_dict(),
        "story": session.atlas_story(),
        "report": session.self_maintain().as_dict(),
    }


def test_everything_comes_back(session, tmp_path):
    path = session.save(tmp_path / "run.stnb")
    loaded = st.SpiralSession.load(path)
    assert everything(loaded) == everything(session)
    assert loaded.atlas_route().length == 3
    assert type(loaded.atlas().summary()) is type(session.atlas().summary())
    assert loaded.atlas().harmonics() == session.atlas().harmonics()


def test_recording_goes_on_where_it_stood(session, tmp_path):
    loaded = st.SpiralSession.load(session.save(tmp_path / "run.stnb"))
    for each in (session, loaded):
        each.resonate_over_time(resonance(each, 2.0), 0.25)
    assert loaded.timeline() == session.timeline()
    assert loaded.timeline()[-1].step == 15
    assert loaded.atlas().as_dict() == session.atlas().as_dict()


def test_the_loaded_session_is_its_own(session, tmp_path):
    loaded = st.SpiralSession.load(session.save(tmp_path / "run.stnb"))
    loaded.reset_chrono()
    loaded.configure_maintainer(window=3)
    assert len(session.timeline()) == 12
    assert session.maintainer_config()["window"] == 9


def test_a_session_without_a_past_comes_back_too(tmp_path):
    loaded = st.SpiralSession.load(st.SpiralSession().save(tmp_path / "empty.stnb"))
    assert loaded.timeline() == []
    assert loaded.atlas() is None
    assert loaded.coupling() is None
    assert loaded.given_topos() is None


def test_what_is_damaged_or_foreign_is_refused(session, tmp_path):
    path = session.save(tmp_path / "run.stnb")
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    (tmp_path / "bad.stnb").write_bytes(content)
    with pytest.raises(CheckpointError, match="checksum"):
        st.SpiralSession.load(tmp_path / "bad.stnb")
    with st.ManifoldSession(particles=4, grid=4) as other:
        other.save(tmp_path / "other.stnb")
    with pytest.raises(CheckpointError, match="holds a 'manifold' session, not a 'spiral' one"):
        st.SpiralSession.load(tmp_path / "other.stnb")
    with pytest.raises(CheckpointError, match="there is no folder"):
        session.save(tmp_path / "nowhere" / "run.stnb")


def test_a_file_of_other_settings_is_refused(session, tmp_path, monkeypatch):
    from stnb.session.spiral import keeping

    monkeypatch.setattr(keeping, "AS_THEY_ARE", (*keeping.AS_THEY_ARE[1:],))
    path = session.save(tmp_path / "old.stnb")
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match="does not fit this version"):
        st.SpiralSession.load(path)


def test_the_history_and_the_figures_show_the_timeline(session):
    frames = session.timeline()
    history = session.history
    assert history["total_energy"].tolist() == [frame.total_energy for frame in frames]
    assert history.times.tolist() == [frame.timestamp for frame in frames]
    figure = session.plot_timeline(10)
    total = next(trace for trace in figure.data if trace.name == "total")
    np.testing.assert_allclose(total.y, [frame.total_energy for frame in frames[-10:]], rtol=1e-6)
    assert {trace.name for trace in figure.data} >= {"flow", "functor", "drift", "decay"}
    spectrum = session.plot_harmonics()
    bars = next(trace for trace in spectrum.data if trace.name == "energy")
    harmonics = session.timeline_harmonics()
    assert list(bars.y) == harmonics.energy_power[1:]
    assert any("strongest at" in trace.name for trace in spectrum.data)


def test_figures_of_an_empty_session_say_what_to_do():
    empty = st.SpiralSession()
    with pytest.raises(ValueError, match="resonate_over_time"):
        empty.plot_timeline()
    with pytest.raises(ValueError, match="fewer than two frames"):
        empty.plot_harmonics()
    assert "no frames yet" in empty._repr_html_()


def test_a_session_shows_settings_and_state(session):
    shown = session._repr_html_()
    for word in (
        "hyper_learning_rate",
        "0.07",
        "window=9",
        "12 of 12 frames",
        session.self_maintain().status,
    ):
        assert word in shown
    assert json.dumps(shown)
    assert "<script" not in st.SpiralSession(device=None)._repr_html_()
