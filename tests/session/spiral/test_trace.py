"""Traces: worked numbers, linear layers, curves that fall, and tapes that are pulled once or not at all."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb import DifferentialResonance, OpenTopos, SpiralSession, Tensor
from stnb._core.errors import (
    DataLength,
    EmptyInput,
    InvalidValue,
    NonFiniteValue,
    NonPositiveLearningRate,
    ShapeMismatch,
    TensorVolumeExceeded,
    UnknownNameError,
)
from stnb.geometry import Ball

SEED = st.integers(0, 2**31)


def drawn(rows, cols, seed, scale=1.0):
    return Tensor.from_torch(scale * torch.randn(rows, cols, generator=torch.Generator().manual_seed(seed)))


def density(*values):
    return Tensor(1, len(values), values)


class Parts:
    """The parts of a trace over one seed, random or as worked out by hand."""

    def __init__(self, seed=None, rows=2, cols=3, width=3):
        self.session = SpiralSession(device="cpu", curvature=-1.0)
        if seed is None:
            self.S, self.G, self.D = density(0.4, 0.6), density(0.1, -0.2), density(0.05, 0.07)
            self.K = Tensor(2, 2, [1, 0.5, -0.25, 1.25])
            self.weights, self.densities = [0.6, 0.4], [density(0.6, 0.4), density(0.5, 0.5)]
            self.levels = [self.densities[0].clone()]
            return
        self.S, self.G, self.D = (drawn(rows, cols, seed + i, 0.3) for i in range(3))
        self.K = drawn(cols, width, seed + 3)
        q = torch.rand(3, 4, generator=torch.Generator().manual_seed(seed)) + 0.05
        self.weights, self.densities = [1.0, 0.5, 2.0], [Tensor.from_torch(row.reshape(1, -1)) for row in q]
        self.levels = [drawn(rows, cols, seed + 4 + i) for i in range(3)]

    def trace(self, *, levels=True, **changes):
        p = {**self.__dict__, **changes}
        trace = self.session.trace(p["S"]).deform(p["G"], p["D"]).via(p["K"])
        trace.with_barycenter_from(p["weights"], p["densities"])
        return trace.with_infinity(p["levels"], []) if levels else trace


def test_worked_numbers():
    found = Parts().trace().resonate()
    assert isinstance(found, DifferentialResonance)
    expected = {
        "homotopy_flow": (0.405, 0.586),
        "homotopy_displacement": (0.005, -0.014),
        "functor_linearisation": (0.0325, 0.1125),
        "recursive_objective": (
            -0.063725745253, -0.063749483936, -0.063766435304, -0.063776603305, -0.063779991795,
        ),
        "infinity_projection": (0.6, 0.4),
        "infinity_energy": (0.52,),
    }  # fmt: skip
    for name, values in expected.items():
        assert getattr(found, name)().data() == pytest.approx(values, abs=1e-7), name
        assert found.as_dict()[name] == getattr(found, name)()
    assert found.commutator().data() == pytest.approx((-0.0035, 0.001), abs=1e-8)
    energies = {
        "homotopy": 0.507421,
        "functor": 0.0137125,
        "recursive": 0.020326468064,
        "projection": 0.52,
        "infinity": 0.2704,
    }
    assert found.energies() == pytest.approx(energies, rel=1e-6)
    assert found.total_energy() == pytest.approx(1.331859968064, rel=1e-6)
    assert found.barycenter().density.data() == pytest.approx((0.555066424094, 0.444933575906), abs=1e-7)
    assert found.barycenter().effective_weight == pytest.approx(1.1)
    assert found.kl_curve()[-1] == pytest.approx(0.004927032073, abs=1e-8)
    assert found.entropy_curve()[-1] == pytest.approx(0.687070238684, abs=1e-8)


@given(SEED, st.integers(1, 3), st.integers(1, 4), st.integers(1, 4))
def test_layers_follow_their_definitions(seed, rows, cols, width):
    p = Parts(seed, rows, cols, width)
    found = p.trace().resonate()
    S, G, D, K = (x.torch().double() for x in (p.S, p.G, p.D, p.K))
    levels = torch.stack([level.torch().double() for level in p.levels])

    def same(tensor, values):
        torch.testing.assert_close(tensor.torch().double(), values, rtol=1e-5, atol=1e-6)

    same(found.homotopy_displacement(), G * D)
    same(found.homotopy_flow(), S + G * D)
    same(found.functor_linearisation(), D @ K)
    same(found.infinity_projection(), levels.mean(0))
    same(found.infinity_energy(), levels.square().sum((1, 2)).reshape(1, -1))
    if cols == width:
        same(found.commutator(), (S @ K + G * D) - (S + G * D) @ K)
    else:
        assert found.commutator() is None
    curve = found.recursive_objective().data()
    assert curve == pytest.approx(
        [s.objective for s in p.session.barycenter(p.densities, p.weights).intermediates()]
    )
    assert all(b <= a + 1e-6 for a, b in itertools.pairwise(curve))
    assert all(energy >= 0 for energy in found.energies().values())
    lowest, highest = levels.amin(0) - 1e-6, levels.amax(0) + 1e-6
    assert bool(((lowest <= levels.mean(0)) & (levels.mean(0) <= highest)).all())


@given(SEED, st.floats(0.1, 5.0))
def test_layers_are_linear_or_quadratic(seed, k):
    p = Parts(seed)
    once = p.trace().resonate()
    for name in ("G", "D"):
        scaled = p.trace(**{name: getattr(p, name).scale(k)}).resonate()
        expected = once.homotopy_displacement().scale(k)
        torch.testing.assert_close(
            scaled.homotopy_displacement().torch(), expected.torch(), rtol=1e-5, atol=1e-6
        )
    turned = p.trace(K=p.K.scale(k)).resonate().functor_linearisation()
    torch.testing.assert_close(
        turned.torch(), once.functor_linearisation().scale(k).torch(), rtol=1e-5, atol=1e-6
    )
    raised = p.trace().with_infinity([level.scale(k) for level in p.levels])
    torch.testing.assert_close(
        raised.resonate().infinity_energy().torch(),
        once.infinity_energy().scale(k * k).torch(),
        rtol=1e-5,
        atol=1e-6,
    )


def test_no_direction_moves_nothing():
    p = Parts(3)
    found = p.trace(D=Tensor(2, 3)).resonate()
    assert found.homotopy_flow() == p.S
    assert found.functor_linearisation().data() == [0.0] * 6
    assert found.commutator().data() == [0.0] * 6


def test_the_order_of_calls_is_free_and_the_source_of_a_matrix_does_not_matter():
    p = Parts(5)
    plain = p.trace().resonate().as_dict()
    trace = p.session.trace(p.S)
    trace.with_infinity(p.levels)
    trace.with_barycenter(p.session.barycenter(p.densities, p.weights))
    trace.via(p.K, source=p.G)
    trace.functor_step(1e-3)
    trace.deform(p.G, p.D)
    assert trace.resonate().as_dict() == plain
    assert trace.resonate().as_dict() == plain
    assert "deform, via, barycenter, infinity" in repr(trace)
    p.S.torch().zero_()
    assert trace.resonate().as_dict() == plain


def test_the_short_form_moves_by_the_direction_itself():
    p = Parts(6)
    bary = p.session.barycenter(p.densities, p.weights)
    found = p.session.trace(p.S).generator(p.D).barycenter(bary).resonate()
    assert found.homotopy_displacement() == found.functor_linearisation() == p.D
    assert found.commutator().data() == [0.0] * 6
    lifted = p.session.trace(p.S).via(p.K).generator(p.D).barycenter(bary).resonate()
    torch.testing.assert_close(lifted.functor_linearisation().torch(), p.D.torch() @ p.K.torch())


def test_without_levels_the_barycentre_is_the_only_one():
    found = Parts().trace(levels=False).resonate()
    assert found.infinity_projection() == found.barycenter().density
    assert found.infinity_energy().item() == pytest.approx(found.barycenter().density.squared_l2_norm())


def test_levels_have_curvatures_and_energies_of_their_own():
    p = Parts(7)
    trace = p.trace().with_infinity(p.levels, [-2.0, 0.5, -1.0])
    norms = [level.squared_l2_norm() for level in p.levels]
    expected = [2.0 * norms[0], 0.5 * norms[1], norms[2]]
    assert trace.resonate().infinity_energy().data() == pytest.approx(expected, rel=1e-6)
    small = [level.scale(1e-3) for level in p.levels]
    flat = p.trace().with_infinity(small, [-2.0, -0.5, -1.0]).resonate().infinity_energy().data()
    curved = (
        p.trace()
        .with_infinity(small, [-2.0, -0.5, -1.0], energy="hyperbolic")
        .resonate()
        .infinity_energy()
        .data()
    )
    assert curved == pytest.approx(flat, rel=1e-4)
    half = density(0.5, 0.0)
    found = Parts().trace(S=density(0.1, 0.1)).with_infinity([half], energy="hyperbolic").resonate()
    assert found.infinity_energy().item() == pytest.approx(math.atanh(0.5) ** 2, rel=1e-6)


def test_geodesic_flow_stays_in_the_ball():
    p = Parts()
    trace = p.trace(S=density(0.9, 0.3)).deform(density(3, 2), density(5, 1), mode="geodesic")
    found = trace.resonate().homotopy_flow().torch().double()
    assert float(found.norm()) < 1
    ball, S = Ball(-1.0), torch.tensor([[0.9, 0.3]], dtype=torch.float32).double()
    small = (
        p.trace(S=density(0.9, 0.3)).deform(density(0.01, 0.02), density(1, 1), mode="geodesic").resonate()
    )
    exact = ball.exp(S, small.homotopy_displacement().torch().double())
    torch.testing.assert_close(small.homotopy_flow().torch().double(), exact, rtol=0, atol=1e-7)
    with pytest.raises(InvalidValue, match=r"seed\[0\]"):
        p.trace(S=density(2, 2)).deform(density(1, 1), density(1, 1), mode="geodesic").resonate()


def test_functions_are_differentiated():
    p = Parts(9)
    D, S = p.D.torch().double(), p.S.torch().double()
    exact = p.trace().via(torch.sin).resonate().functor_linearisation()
    np.testing.assert_allclose(exact.tolist(), (torch.cos(S) * D).numpy(), rtol=1e-6)
    elsewhere = p.trace().via(torch.sin, source=p.G).resonate().functor_linearisation()
    np.testing.assert_allclose(elsewhere.tolist(), (torch.cos(p.G.torch().double()) * D).numpy(), rtol=1e-6)

    def hidden(x):
        return torch.from_numpy(np.sin(x.numpy()))

    near = p.trace().via(hidden).functor_step(1e-6).resonate().functor_linearisation()
    np.testing.assert_allclose(near.tolist(), exact.tolist(), atol=2e-6)
    assert p.trace().via(torch.sin).resonate().commutator() is None
    with pytest.raises(ShapeMismatch, match="rows and columns"):
        p.trace().via(lambda x: x.sum()).resonate()


def test_a_topos_clamps_every_field():
    p = Parts(11)
    found = p.trace().across(OpenTopos(saturation=0.1)).resonate()
    bound = float(np.float32(0.1))
    assert max(abs(v) for field in found.as_dict().values() for v in field.data()) <= bound
    assert max(abs(v) for v in found.commutator().data()) <= bound
    own = SpiralSession(topos=OpenTopos(-1.0, saturation=0.2))
    p.session = own
    assert max(abs(v) for field in p.trace().resonate().as_dict().values() for v in field.data()) <= 0.2000001
    with pytest.raises(TensorVolumeExceeded):
        SpiralSession(topos=OpenTopos(-1.0, max_volume=2)).trace(p.S)


def test_a_tape_is_pulled_as_by_aligning_it_and_only_once():
    p = Parts()
    pulled, aligned = p.session.hypergrad(1, 2), p.session.hypergrad(1, 2)
    trace = p.trace()
    found = trace.resonate_with_hypergrad(pulled)
    p.session.align_hypergrad(aligned, found.barycenter())
    assert pulled.gradient() == aligned.gradient() != [0.0, 0.0]
    with pytest.raises(InvalidValue, match=r"session\.trace"):
        trace.resonate_with_hypergrad(pulled)
    assert pulled.gradient() == aligned.gradient()
    narrow = p.session.hypergrad(1, 3)
    again = p.trace()
    with pytest.raises(ShapeMismatch):
        again.resonate_with_hypergrad(narrow)
    assert narrow.gradient() == [0.0] * 3
    again.resonate_with_hypergrad(p.session.hypergrad(1, 2))
    with pytest.raises(TypeError):
        p.trace().resonate_with_hypergrad("tape")


def test_plans_come_with_a_trace():
    session, seed = SpiralSession(), Tensor(1, 8, [0.2] * 8)
    assert session.trace(seed).sot_plan is None
    assert session.trace(seed, sot={}).sot_plan.total_steps == 8
    assert session.trace(seed, sot={"steps": 0}).sot_plan is None
    plan = session.trace(seed, sot={"steps": 64, "radial_growth": 0.08}).sot_plan
    assert (plan.total_steps, plan.radial_growth, plan.base_radius) == (64, 0.08, 1.0)
    with pytest.raises(UnknownNameError, match="did you mean 'steps'"):
        session.trace(seed, sot={"step": 8})
    with pytest.raises(KeyError):
        session.trace(seed, sot={"step": 8})


NAN = math.nan


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda p, t: t.deform(density(1), density(1)), ShapeMismatch, r"\(1, 2\).*\(1, 1\)"),
        (lambda p, t: t.deform(p.G, density(1)), ShapeMismatch, "direction"),
        (lambda p, t: t.deform(p.G, density(NAN, 0)), NonFiniteValue, r"direction\[0, 0\]"),
        (lambda p, t: t.deform(p.G, p.D, mode="curved"), InvalidValue, "'flat'"),
        (lambda p, t: t.via(Tensor(3, 2)), ShapeMismatch, r"\(1, 2\).*\(3, 2\)"),
        (lambda p, t: t.via(p.K, density(1)), ShapeMismatch, "source"),
        (lambda p, t: t.via("kernel"), TypeError, "of type str"),
        (lambda p, t: t.functor_step(0.0), NonPositiveLearningRate, "epsilon"),
        (lambda p, t: t.functor_step(NAN), NonPositiveLearningRate, "epsilon"),
        (lambda p, t: t.across("topos"), TypeError, "OpenTopos"),
        (lambda p, t: t.with_barycenter("bary"), TypeError, "ZSpaceBarycenter"),
        (lambda p, t: t.with_infinity([]), EmptyInput, "levels is empty"),
        (lambda p, t: t.with_infinity([density(1)]), ShapeMismatch, r"levels\[0\]"),
        (lambda p, t: t.with_infinity([p.S], [-1.0, -1.0]), DataLength, "2 curvatures for 1"),
        (lambda p, t: t.with_infinity([p.S], [NAN]), NonFiniteValue, r"curvatures\[0\]"),
        (lambda p, t: t.with_infinity([p.S], energy="warm"), InvalidValue, "'flat'"),
    ],
)
def test_what_is_refused_changes_nothing(call, error, words):
    p = Parts()
    trace = p.trace()
    before = trace.resonate().as_dict()
    with pytest.raises(error, match=words):
        call(p, trace)
    assert trace.resonate().as_dict() == before


def test_missing_layers_are_named():
    p = Parts()
    with pytest.raises(EmptyInput, match=r"deform\(…\), via\(…\), with_barycenter_from\(…\)"):
        p.session.trace(p.S).resonate()
    with pytest.raises(EmptyInput, match=r"lacks via\(…\);"):
        p.session.trace(p.S).deform(p.G, p.D).with_barycenter_from(p.weights, p.densities).resonate()
    with pytest.raises(NonFiniteValue, match=r"seed\[0, 1\]"):
        p.session.trace(density(1, NAN))


def test_a_resonance_is_shown_and_cannot_be_changed():
    found = Parts().trace().resonate()
    found.homotopy_flow().torch().zero_()
    found.as_dict()["homotopy_flow"].torch().zero_()
    assert found.homotopy_flow().data() == pytest.approx((0.405, 0.586))
    assert found._repr_html_().count("<tr>") == 6
    assert "homotopy=0.5074" in repr(found)
    assert found.curvature() == -1.0
