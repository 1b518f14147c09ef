"""Spiral sessions: settings once, and everything that fits them; builders that build once."""

import pytest

import stnb as st
from stnb._core.errors import (
    CurvatureMismatch,
    InvalidValue,
    NonFiniteValue,
    NonHyperbolicCurvature,
    NonPositiveLearningRate,
    ShapeMismatch,
)

DENSITIES = [st.Tensor(1, 2, [0.7, 0.3]), st.Tensor(1, 2, [0.2, 0.8])]


def test_defaults():
    session = st.SpiralSession()
    assert session.curvature() == -1.0
    assert (session.hyper_learning_rate(), session.fallback_learning_rate()) == (0.05, 0.01)
    assert (session.entropy_weight(), session.beta_j(), session.coupling()) == (0.1, 0.0, None)
    assert session.topos() == st.OpenTopos(-1.0, 1e-6, 1e6, 1024, 2**24)
    assert session.given_topos() is None


def test_the_first_lines_of_a_newcomer():
    session = st.SpiralSession(device="wgpu", curvature=-1.0, hyper_learning_rate=0.05)
    bary = session.barycenter(DENSITIES)
    hyper = session.hypergrad(*bary.density.shape())
    session.align_hypergrad(hyper, bary)
    assert bary.objective == pytest.approx(0.223760093497, abs=1e-6)
    assert hyper.gradient() == pytest.approx([0.45 - 0.4361837, 0.55 - 0.5638163], abs=1e-6)
    assert (hyper.curvature(), hyper.learning_rate()) == (-1.0, 0.05)


def test_tapes_take_the_limits_that_were_given():
    plain = st.SpiralSession().hypergrad(2, 3)
    assert plain.topos().max_volume() == 6
    topos = st.OpenTopos(-2.0, saturation=3.0)
    session = st.SpiralSession(curvature=-2.0, topos=topos)
    assert session.hypergrad(2, 3).topos() == session.topos() == topos
    assert session.realgrad(1, 2).learning_rate() == session.fallback_learning_rate()


def test_settings_of_a_barycentre_can_be_overridden():
    J = st.Tensor(2, 2, [0, 1, 1, 0])
    session = st.SpiralSession(entropy_weight=0.3, beta_j=2.0, coupling=J)
    own = session.barycenter(DENSITIES)
    assert own.as_dict() == st.z_space_barycenter(DENSITIES, None, 0.3, 2.0, J).as_dict()
    assert own.coupling_energy > 0
    other = session.barycenter(DENSITIES, [1.0, 2.0], 0.0, 0.0, st.Tensor(2, 2))
    assert other.coupling_energy == 0
    assert other.effective_weight == 3.0
    J.torch().zero_()
    session.coupling().torch().zero_()
    assert session.barycenter(DENSITIES).objective == own.objective


@pytest.mark.parametrize("name", ["cpu", "cuda", "hip", "hip-real", "mps", "wgpu", "auto", None])
def test_a_device_that_is_not_there_is_no_error(name):
    session = st.SpiralSession(device=name)
    caps = session.device_caps()
    assert caps["lane_width"] >= 1
    assert session.device() == (caps["torch_device"] if caps["available"] else "cpu")


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"device": "gpu9"}, InvalidValue, "gpu9"),
        ({"curvature": 0.0}, NonHyperbolicCurvature, "below 0"),
        ({"curvature": float("nan")}, NonHyperbolicCurvature, "nan"),
        ({"hyper_learning_rate": 0.0}, NonPositiveLearningRate, "hyper_learning_rate"),
        ({"fallback_learning_rate": float("inf")}, NonPositiveLearningRate, "fallback_learning_rate"),
        ({"entropy_weight": float("nan")}, NonFiniteValue, "entropy_weight"),
        ({"beta_j": -1.0}, InvalidValue, "beta_j"),
        ({"topos": "topos"}, TypeError, "OpenTopos"),
        ({"topos": st.OpenTopos(-2.0)}, CurvatureMismatch, "-2.0"),
        ({"coupling": st.Tensor(1, 2)}, ShapeMismatch, r"\(1, 2\)"),
        ({"coupling": [[float("nan")]]}, NonFiniteValue, "coupling"),
    ],
)
def test_bad_settings(settings, error, words):
    with pytest.raises(error, match=words):
        st.SpiralSession(**settings)
    with pytest.raises(error, match=words):
        st.SpiralSessionBuilder(**settings).build()


def test_builders_gather_settings_and_build_once():
    builder = st.SpiralSessionBuilder("cpu")
    J = st.Tensor(2, 2, [0, 1, 1, 0])
    same = (
        builder.curvature(-0.5)
        .hyper_learning_rate(0.1)
        .fallback_learning_rate(0.2)
        .entropy_weight(0.3)
        .beta_j(0.4)
        .coupling(J)
        .topos(-0.5, 1e-3, 10.0, 64, 512)
    )
    assert same is builder
    session = builder.build()
    expected = st.SpiralSession("cpu", -0.5, 0.1, 0.2, 0.3, 0.4, st.OpenTopos(-0.5, 1e-3, 10.0, 64, 512), J)
    assert repr(session) == repr(expected)
    assert settings_of(session) == settings_of(expected)
    for call in (builder.build, lambda: builder.curvature(-1.0), builder.clear_topos):
        with pytest.raises(ValueError, match=r"session\.builder"):
            call()
    again = session.builder().build()
    assert settings_of(again) == settings_of(session)
    assert session.builder().clear_topos().build().given_topos() is None
    assert settings_of(st.SpiralSession.builder("cpu").build()) == settings_of(st.SpiralSession("cpu"))
    assert st.SpiralSessionBuilder(device="cpu", curvature=-3.0).build().curvature() == -3.0


def test_builders_refuse_at_the_call():
    builder = st.SpiralSessionBuilder()
    with pytest.raises(NonHyperbolicCurvature):
        builder.curvature(1.0)
    with pytest.raises(TypeError):
        builder.topos_guard("topos")
    with pytest.raises(TypeError, match="did you mean 'curvature'"):
        st.SpiralSessionBuilder(curvatur=-1.0)
    builder.topos_guard(st.OpenTopos(-2.0))
    with pytest.raises(CurvatureMismatch):
        builder.build()
    assert builder.curvature(-2.0).build().curvature() == -2.0


def test_sessions_align_tapes_and_barycentres_only():
    session = st.SpiralSession()
    with pytest.raises(TypeError):
        session.align_hypergrad("tape", session.barycenter(DENSITIES))
    with pytest.raises(TypeError):
        session.align_hypergrad(session.hypergrad(1, 2), "bary")


def test_sessions_are_shown():
    with st.SpiralSession("cpu") as session:
        assert "curvature=-1.0" in repr(session)
        assert "computes on" in session._repr_html_()


def settings_of(session):
    values = session.settings.as_dict()
    values["coupling"] = None if values["coupling"] is None else values["coupling"].tolist()
    return values


def test_a_session_plans_for_its_device():
    plan = st.SpiralSession(device="cuda").plan("top", 128, 8192, 64)
    assert (plan.kind, plan["rows"], plan.choice["tile"]) == ("topk", 128, plan["choice"]["tile"])
    assert plan == st.plan_topk(128, 8192, 64, device="cuda")
    assert plan != st.SpiralSession(device="cpu").plan("topk", 128, 8192, 64)
    with pytest.raises(InvalidValue, match="topk"):
        st.SpiralSession().plan("tok", 1, 2, 1)
