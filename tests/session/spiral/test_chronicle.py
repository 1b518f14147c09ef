"""A session looks back: frames, summaries, stories, a maintainer and an atlas, worked out when somebody asks."""

import math

import numpy as np
import pytest

import stnb as st
from stnb._core.errors import InvalidDimensions, InvalidValue, NonFiniteValue, NonPositiveTemperature
from stnb.chrono import AtlasFrame, MaintainerReport
from stnb.telemetry import hub


@pytest.fixture(autouse=True)
def _quiet_hub():
    hub.reset()
    yield
    hub.reset()


def resonance(session, scale=1.0):
    seed = st.Tensor(1, 2, [0.4 * scale, 0.6 * scale])
    trace = session.trace(seed).deform(st.Tensor(1, 2, [0.1, -0.2]), st.Tensor(1, 2, [0.05, 0.07]))
    trace.via(st.Tensor(2, 2, [1, 0.5, -0.25, 1.25]))
    densities = [st.Tensor(1, 2, [0.6, 0.4]), st.Tensor(1, 2, [0.5, 0.5])]
    return trace.with_barycenter_from([0.6, 0.4], densities).with_infinity([densities[0]]).resonate()


def lived(frames=12, **settings):
    session = st.SpiralSession(**settings)
    for step in range(frames):
        session.resonate_over_time(resonance(session, 1.0 + 0.2 * math.sin(step)), dt=0.1)
    return session


def test_frames_hold_the_energies_of_the_worked_resonance():
    session = st.SpiralSession()
    frame = session.resonate_over_time(resonance(session), dt=0.1)
    assert (frame.step, frame.timestamp, frame.dt) == (0, 0.1, 0.1)
    assert frame.total_energy == pytest.approx(1.331859968064, rel=1e-6)
    assert frame.flow_norm == pytest.approx(0.712334893, rel=1e-6)
    assert frame.observed_curvature == pytest.approx(-1.567731794, rel=1e-5)
    assert (frame.curvature_drift, frame.energy_decay) == (0.0, 0.0)


def test_the_past_can_be_read_in_parts():
    session = lived(12)
    frames = session.timeline()
    assert [f.step for f in frames] == list(range(12))
    assert session.timeline(3) == frames[-3:]
    summary = session.timeline_summary(timesteps=5)
    assert summary.frames == 5
    assert summary.mean_energy == pytest.approx(np.mean([f.total_energy for f in frames[-5:]]))
    harmonics = session.timeline_harmonics(timesteps=10, bins=4)
    assert (harmonics.frames, len(harmonics.energy_power)) == (10, 4)
    times, energy, drift = session.animate_resonance(timesteps=4)
    assert times == [f.timestamp for f in frames[-4:]]
    assert energy == [f.total_energy for f in frames[-4:]]
    assert drift == [f.curvature_drift for f in frames[-4:]]
    assert [f.step for f in lived(9, chrono_capacity=4).timeline()] == [5, 6, 7, 8]


def test_the_loop_signal_goes_to_the_hub_when_asked_for():
    session = lived(12)
    assert hub.get_chrono_loop() is None
    signal = session.loop_signal(timesteps=6)
    assert hub.get_chrono_loop().spiralk_script == signal.spiralk_script
    assert signal.summary.frames == 6
    assert session.loop_signal().summary.frames == 12
    narrow = lived(12, maintainer=st.MaintainerConfig(window=5))
    assert narrow.loop_signal().summary.frames == 5


def test_words_and_sounds():
    session = lived(8)
    frames = session.timeline()
    wave = session.speak(timesteps=5, temperature=0.7)
    assert wave == st.LanguageWaveEncoder(-1.0, 0.7).speak(frames[-5:])
    story, highlights = session.timeline_story(timesteps=8, temperature=0.65)
    assert story == st.describe_timeline(frames) == session.describe()
    assert highlights
    found = resonance(session)
    assert session.describe(found, temperature=0.8) == st.describe_resonance(found)
    with pytest.raises(NonPositiveTemperature):
        session.describe(temperature=0.0)


def test_the_maintainer_is_configured_and_asked():
    builder = st.SpiralSessionBuilder(device="cpu")
    builder.maintainer(jitter_threshold=0.25, clamp_max=2.8)
    session = builder.build()
    assert session.maintainer_config()["clamp_max"] == 2.8
    assert session.self_maintain().status == "dormant"
    for step in range(6):
        session.resonate_over_time(resonance(session, 1.0 + step % 2), dt=0.1)
    before = session.timeline()
    report = session.self_maintain()
    assert isinstance(report, MaintainerReport)
    assert report.status in {"clamp", "rewrite"}
    assert str(0.25) in report.diagnostic
    session.configure_maintainer(jitter_threshold=1e6, growth_threshold=1e6, harmonic_threshold=1e6)
    assert session.self_maintain().status == "stable"
    assert session.timeline() == before
    assert session.maintainer_config()["clamp_max"] == 2.8
    assert session.builder().build().maintainer_config() == session.maintainer_config()
    with pytest.raises(TypeError, match="jitter_threshold"):
        session.configure_maintainer(jitter_treshold=1.0)
    with pytest.raises(TypeError, match="MaintainerConfig"):
        st.SpiralSession(maintainer={"window": 3})


def test_the_atlas_is_charted_when_asked_for():
    session = lived(6)
    assert hub.get_atlas() is None
    atlas = session.atlas()
    assert isinstance(atlas, AtlasFrame)
    assert atlas.timestamp == pytest.approx(session.timeline(1)[0].timestamp)
    assert atlas.metric_value("timeline.energy") == pytest.approx(session.timeline_summary(32).mean_energy)
    assert atlas.maintainer_status == session.self_maintain().status
    assert hub.get_atlas().timestamp == atlas.timestamp
    assert session.atlas_route().length == 1
    session.resonate_over_time(resonance(session), dt=0.1)
    route = session.atlas_route(limit=6)
    assert route.length == 2
    assert [frame.timestamp for frame in route.frames] == pytest.approx([0.6, 0.7])
    story, highlights = session.atlas_story(temperature=0.6)
    assert story == st.describe_atlas(session.atlas())
    assert highlights


def test_two_sessions_have_two_pasts():
    first, second = lived(3), lived(5)
    assert (len(first.timeline()), len(second.timeline())) == (3, 5)
    assert first.atlas().timestamp != second.atlas().timestamp
    assert first.atlas_route().length == second.atlas_route().length == 1


def test_an_empty_past_is_an_empty_result():
    session = st.SpiralSession()
    assert session.timeline() == []
    assert session.timeline_summary() is None
    assert session.timeline_harmonics() is None
    assert session.loop_signal() is None
    assert session.atlas() is None
    assert session.atlas_story() is None
    assert session.atlas_route().length == 0
    assert session.speak() == []
    assert session.describe() == st.describe_timeline([])
    assert session.collapse_pulse() is None
    session = lived(4)
    session.atlas()
    session.reset_chrono()
    assert session.timeline() == []
    assert session.atlas() is None
    session.resonate_over_time(resonance(session), dt=0.1)
    assert session.atlas().timestamp == pytest.approx(0.1)


@pytest.mark.parametrize("dt", [0.0, -1.0, math.nan, math.inf])
def test_bad_time_steps_are_refused(dt):
    session = lived(2)
    with pytest.raises((InvalidValue, NonFiniteValue), match="dt"):
        session.resonate_over_time(resonance(session), dt=dt)
    assert len(session.timeline()) == 2


def test_bad_questions_are_refused():
    session = lived(2)
    for call in (
        session.timeline,
        session.timeline_summary,
        session.timeline_harmonics,
        session.animate_resonance,
    ):
        with pytest.raises((InvalidValue, InvalidDimensions)):
            call(timesteps=0)
    with pytest.raises(TypeError):
        session.resonate_over_time("resonance", dt=0.1)
    with pytest.raises(InvalidDimensions):
        st.SpiralSession(chrono_capacity=0)
