"""A newcomer's walk from a session to its last word: every call once, in the order in which one meets them."""

import math

import numpy as np
import pytest

import stnb as st
from stnb.psi import CollapseConfig, CollapseDrive, PsiReading
from stnb.psi.collapse import publish_pulse
from stnb.telemetry import hub

SEED, GENERATOR, DIRECTION = [0.3, 0.5], [0.2, -0.1], [0.04, 0.06]
KERNEL = [0.8, 0.2, -0.5, 1.1]
VIEWS, WEIGHTS = ([0.7, 0.3], [0.45, 0.55]), [0.7, 0.3]
STEPS, DT = 40, 0.25


@pytest.fixture(autouse=True)
def _quiet_hub():
    hub.reset()
    yield
    hub.reset()


def row(values):
    return st.Tensor(1, 2, values)


def trace_of(session, scale=1.0):
    trace = session.trace(row([scale * value for value in SEED]))
    trace.deform(row(GENERATOR), row(DIRECTION))
    trace.via(st.Tensor(2, 2, KERNEL))
    trace.with_barycenter_from(WEIGHTS, [row(view) for view in VIEWS])
    trace.with_infinity([row(VIEWS[0]).clone()], [])
    return trace


@pytest.fixture
def lived():
    """A session with ten seconds of a seed that swings once in 2.5 of them, and its last resonance."""
    session = st.SpiralSession(device="wgpu", curvature=-1.0)
    resonance = None
    for step in range(STEPS):
        resonance = trace_of(session, 1.0 + 0.3 * math.sin(2 * math.pi * step / 10)).resonate()
        session.resonate_over_time(resonance, dt=DT)
    return session, resonance


def test_a_session_hands_out_a_barycentre_and_a_tape_that_fit_each_other():
    session = st.SpiralSession(device="wgpu", curvature=-1.0, hyper_learning_rate=0.2)
    bary = session.barycenter([row(view) for view in VIEWS])
    hyper = session.hypergrad(*bary.density.shape())
    assert not np.any(hyper.gradient())
    session.align_hypergrad(hyper, bary)
    weights = bary.intermediates()[0].density.clone()
    before = np.abs(np.asarray(weights) - np.asarray(bary.density)).max()
    hyper.apply(weights)
    after = np.abs(np.asarray(weights) - np.asarray(bary.density)).max()
    assert after < before
    assert bary.objective < bary.intermediates()[0].objective
    pairs = zip(*VIEWS, strict=True)
    raw = np.array([math.sqrt(a * b) ** (2 / (2 + session.entropy_weight())) for a, b in pairs])
    np.testing.assert_allclose(bary.density.tolist(), [(raw / raw.sum()).tolist()], atol=1e-6)


def test_a_trace_is_said_in_statements_and_resolved_at_the_end():
    resonance = trace_of(st.SpiralSession(device="wgpu", curvature=-1.0)).resonate()
    np.testing.assert_allclose(resonance.homotopy_flow().tolist(), [[0.308, 0.494]], atol=1e-6)
    np.testing.assert_allclose(resonance.functor_linearisation().tolist(), [[0.002, 0.074]], atol=1e-6)
    assert (np.diff(resonance.recursive_objective().tolist()[0]) <= 0).all()
    assert resonance.infinity_projection().tolist() == row(VIEWS[0]).tolist()
    assert resonance.infinity_energy().tolist()[0] == pytest.approx([0.58])
    np.testing.assert_allclose(resonance.commutator().tolist(), [[-0.0014, -0.001]], atol=1e-6)


def test_a_frame_and_the_past_it_joins(lived):
    session, resonance = lived
    frame = session.resonate_over_time(resonance, dt=DT)
    assert frame.timestamp == pytest.approx((STEPS + 1) * DT)
    assert frame.total_energy == pytest.approx(sum(resonance.energies().values()))
    assert (frame.curvature_drift, frame.energy_decay) == (0.0, 0.0)
    frames = session.timeline(timesteps=16)
    assert [f.step for f in frames] == list(range(STEPS - 15, STEPS + 1))
    summary = session.timeline_summary(timesteps=16)
    energies = [f.total_energy for f in frames]
    assert summary.mean_energy == pytest.approx(np.mean(energies))
    assert (summary.min_energy, summary.max_energy) == (min(energies), max(energies))
    times, energy, drift = session.animate_resonance(timesteps=16)
    assert (times, energy) == ([f.timestamp for f in frames], energies)
    assert drift == [f.curvature_drift for f in frames]


def test_the_rhythm_that_was_put_in_comes_out_everywhere(lived):
    session, _ = lived
    harmonics = session.timeline_harmonics(timesteps=128, bins=20)
    assert (harmonics.frames, len(harmonics.energy_power)) == (STEPS, 20)
    assert harmonics.dominant_energy.frequency == pytest.approx(1 / (10 * DT))
    assert harmonics.dominant_drift.frequency == pytest.approx(1 / (10 * DT))
    loop_signal = session.loop_signal(timesteps=128)
    assert loop_signal.harmonics.dominant_energy == harmonics.dominant_energy
    wanted = 128 + 48 * harmonics.dominant_energy.frequency
    assert f"\nsoft (wg, {wanted:.3f}, " in loop_signal.spiralk_script
    assert hub.get_chrono_loop() == loop_signal
    report = session.self_maintain()
    assert report.drift_peak.frequency == pytest.approx(0.4, abs=0.07)
    assert report.drift_peak.magnitude > 0


def test_words_and_sounds_agree_whoever_is_asked(lived):
    session, resonance = lived
    frames = session.timeline(timesteps=64)
    story, highlights = session.timeline_story(timesteps=128, temperature=0.65)
    narrator = st.TextResonator(session.curvature(), 0.55)
    assert session.describe() == st.describe_timeline(frames) == narrator.describe_timeline(frames) == story
    assert f"Frames: {STEPS}" in highlights
    assert session.describe(resonance, temperature=0.8) == narrator.describe_resonance(resonance)
    assert f"{resonance.total_energy():.3f}" in narrator.describe_resonance(resonance)
    assert f"{frames[-1].timestamp:.3f}" in narrator.describe_frame(frames[-1])
    encoder = st.LanguageWaveEncoder(session.curvature(), 0.55)
    wave = encoder.speak(frames)
    assert wave == narrator.speak(frames)
    assert len(wave) == STEPS
    louder = session.speak(timesteps=64, temperature=0.7)
    np.testing.assert_allclose(louder, np.array(wave) * 0.7 / 0.55, rtol=1e-12)
    assert 0 < max(louder) <= 0.7


def test_one_look_at_everything(lived):
    session, resonance = lived
    atlas = session.atlas()
    assert (atlas.timestamp, atlas.maintainer_status) == (
        pytest.approx(STEPS * DT),
        session.self_maintain().status,
    )
    values = {metric.name: metric.value for metric in atlas.metrics()}
    window = session.maintainer_config()["window"]
    assert values["timeline.energy"] == session.timeline_summary(timesteps=window).mean_energy
    for district in atlas.districts():
        inside = [values[metric.name] for metric in district.metrics()]
        assert district.mean == pytest.approx(sum(inside) / len(inside), abs=1e-12)
        assert district.span == max(inside) - min(inside)
    assert [district.name for district in atlas.districts()] == ["Concourse", "Surface"]
    story = session.atlas_story(temperature=0.6)
    assert story[0] == st.describe_atlas(atlas)
    assert any("timeline.energy" in line for line in story[1])
    session.resonate_over_time(resonance, dt=DT)
    session.atlas()
    route = session.atlas_route(limit=6)
    assert (route.length, [frame.timestamp for frame in route.frames]) == (2, [STEPS * DT, (STEPS + 1) * DT])


def test_the_maintainer_is_set_before_and_after_building():
    builder = st.SpiralSession.builder("wgpu")
    builder.curvature(-0.8)
    builder.maintainer(jitter_threshold=0.25, growth_threshold=0.03)
    builder.maintainer(clamp_max=2.8)
    session = builder.build()
    config = session.maintainer_config()
    assert (config["jitter_threshold"], config["growth_threshold"], config["clamp_max"]) == (0.25, 0.03, 2.8)
    assert config["pressure_step"] == 0.12
    for scale in (0.2, 0.5, 1.2, 1.5):
        session.resonate_over_time(trace_of(session, scale).resonate(), dt=DT)
    report = session.self_maintain()
    assert report.should_rewrite()
    assert "growth_threshold 0.03" in report.diagnostic
    assert report.spiralk_script == session.loop_signal().spiralk_script
    session.configure_maintainer(pressure_step=0.001)
    assert session.maintainer_config() == config | {"pressure_step": 0.001}
    growth = -session.timeline_summary().mean_decay
    assert session.self_maintain().suggested_pressure == pytest.approx(0.001 * (1 + growth / 0.03))
    assert session.self_maintain().suggested_pressure < report.suggested_pressure <= 1


def test_a_pulse_of_the_drive_reaches_the_session():
    session = st.SpiralSession()
    assert session.collapse_pulse() is None
    reading = PsiReading(3.0, {}, 60)
    publish_pulse(reading, CollapseDrive(CollapseConfig(enabled=True)).update(reading))
    pulse = session.collapse_pulse()
    assert (pulse.command, pulse.step, pulse.total) == ("collapse", 60, 3.0)
