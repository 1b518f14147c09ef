"""What a newcomer types first, top to bottom, with the numbers that come out."""

import math

import pytest

import stnb as st


def test_a_text_pulls_two_rows():
    z = st.Tensor(2, 4, [0.1, 0.2, 0.3, 0.4, 0.9, 0.8, 0.7, 0.6])
    encoder = st.LanguageWaveEncoder(-1.0, 0.5)
    wave = encoder.encode_z_space("SpiralTorch in Rust")
    assert wave.shape() == (1, 38)
    assert math.sqrt(wave.squared_l2_norm()) == pytest.approx(0.969500879, abs=1e-7)
    lanes = [0.465213, 0.0, -0.092345, 0.382475, -0.085595, 0.257853, -0.102278, 0.166394]
    assert wave.data()[:8] == pytest.approx(lanes, abs=1e-6)
    tape = st.Hypergrad(-1.0, 0.05, *z.shape())
    tape.accumulate_pair(z, wave)
    tape.apply(z)
    assert z[0] == pytest.approx([0.102243685, 0.198775785, 0.297596803, 0.399899460], abs=1e-7)
    assert z[1] == pytest.approx([0.538524423, 0.478817457, 0.418838528, 0.359102658], abs=1e-7)
    assert tape.telemetry().imported_rows() == 1


def test_weights_start_towards_a_text():
    target = st.LanguageWaveEncoder(-1.0, 0.6).encode_z_space("SpiralTorch dances in Z-space")
    weights = st.Tensor(*target.shape())
    tape = st.Hypergrad(-1.0, 0.05, *target.shape())
    tape.accumulate_pair(weights, target)
    tape.apply(weights)
    # From the origin one step covers η‖g‖/λ = 0.05·‖target‖/2 along −g = target.
    length = math.tanh(0.05 * math.sqrt(target.squared_l2_norm()) / 4)
    assert math.sqrt(weights.squared_l2_norm()) == pytest.approx(length, rel=1e-6)
    scale = length / math.sqrt(target.squared_l2_norm())
    assert weights.data() == pytest.approx([scale * t for t in target.data()], abs=1e-8)


def test_a_spiral_becomes_a_biome_and_comes_back():
    plan = st.sot.generate_plan(64, radial_growth=0.08)
    topos = st.OpenTopos(-1.0)
    projector = st.nn.ZSpaceProjector(topos, st.nn.LanguageWaveEncoder(topos.curvature(), 0.5))
    canvas = projector.project_spiral(plan)
    assert plan.as_tensor().shape() == canvas.shape() == (64, 3)
    biome = plan.grow_biome(topos)
    biome.absorb_weighted("canvas", canvas, weight=2.0)
    meaning = projector.reimport_biome(biome)
    assert biome.stack().shape() == (6 * 64, 3)
    assert meaning.shape() == (64, 3)


def test_a_session_has_bands_sheets_and_echoes():
    with st.zspace.session() as session:
        frame = session.frame
        assert [band.label for band in frame.bands] == ["above", "here", "beneath"]
        assert len(frame.sheets) == 4
        assert frame.temporal.echo_count == 8
        session.observe([0.0, 1.0, 0.0, -1.0] * 4)
        assert st.zspace.sample_field().density == pytest.approx(1.0)
        assert st.zspace.current() is session


def test_two_densities_meet():
    bary = st.z_space_barycenter(
        [st.Tensor(1, 2, [0.7, 0.3]), st.Tensor(1, 2, [0.2, 0.8])], entropy_weight=0.1
    )
    assert bary.density.data() == pytest.approx([0.436183700980, 0.563816299020], abs=1e-7)
    assert bary.objective == pytest.approx(0.223760093497, abs=1e-6)
    hyper = st.Hypergrad(-1.0, 0.05, *bary.density.shape())
    hyper.accumulate_barycenter_path(bary.intermediates())
    start = bary.intermediates()[0].density
    assert hyper.gradient() == pytest.approx((start - bary.density).data(), abs=1e-7)
    alone = st.z_space_barycenter([st.Tensor(1, 2, [0.7, 0.3])], entropy_weight=0.1)
    assert alone.density.data() == pytest.approx([0.683579466446, 0.316420533554], abs=1e-7)
    assert alone.objective == pytest.approx(-0.061778658191, abs=1e-6)


def test_metrics_partials_and_a_trainer():
    metrics = st.z_metrics(speed=0.5, mem=0.2, stab=0.8, drift=0.1, grad=[0.1, 0.2])
    seen = st.z.partial(speed=0.4, weight=2.0, origin="canvas", telemetry={"psi": {"mean": 0.1}})
    latent = st.z["a latent text"].data()
    found = st.infer_with_partials(latent, seen, metrics)
    assert 0 < found.confidence <= 1
    trainer = st.ZSpaceTrainer(z_dim=4)
    losses = st.stream_zspace_training(trainer, [metrics, found, seen.resolved()])
    assert len(losses) == 3
    weights = st.weights_partial_from_dlpack(st.Tensor(2, 2, [0.1, -0.2, 0.3, 0.4]))
    assert weights.resolved()["import_count"] == 4
