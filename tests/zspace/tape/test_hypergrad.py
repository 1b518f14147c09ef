"""Hyperbolic steps: inside for any input, exact where nothing pulls, of the right length, and the same on both paths."""

import itertools
import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue, NonFiniteValue, NonHyperbolicCurvature
from stnb.geometry import TENSOR_MARGIN, Ball
from stnb.zspace import Hypergrad, LanguageWaveEncoder, OpenTopos, Tensor, z_space_barycenter
from stnb.zspace.tape.step import MANY, defined_step, stepped

SEED = st.integers(0, 2**31)
CURVATURE = st.floats(-10.0, -0.01)
RETRACTION = pytest.mark.parametrize("retraction", ["exp", "euclid"])


def rows_of(rng, n, d, low, high):
    """Directions with norms spread evenly over magnitudes."""
    x = torch.randn(n, d, generator=rng, dtype=torch.float64)
    x /= x.norm(dim=1, keepdim=True)
    size = 10 ** (low + (high - low) * torch.rand(n, 1, generator=rng, dtype=torch.float64))
    return (size * x).float()


def reach(w, curvature):
    return w.torch().double().norm(dim=1) * math.sqrt(-curvature)


@RETRACTION
@given(seed=SEED, curvature=CURVATURE, eta=st.floats(1e-6, 1e3))
def test_rows_stay_strictly_inside(retraction, seed, curvature, eta):
    rng = torch.Generator().manual_seed(seed)
    w = Tensor.from_torch(rows_of(rng, 9, 3, -4, 3))
    tape = Hypergrad(curvature, eta, 9, 3)
    tape.accumulate_wave(Tensor.from_torch(rows_of(rng, 9, 3, -6, 6)))
    tape.apply(w, retraction=retraction)
    assert bool((reach(w, curvature) < 1 - 0.9 * TENSOR_MARGIN).all())
    assert tape.gradient() == [0.0] * 27
    settled = w.data()
    tape.apply(w, retraction=retraction)
    assert w.data() == settled
    assert tape.telemetry().imported_rows() == 0


@given(SEED, CURVATURE, st.floats(1e-6, 1e3), st.booleans())
def test_the_single_pass_does_what_the_definition_says(seed, curvature, eta, straight):
    rng, ball = torch.Generator().manual_seed(seed), Ball(curvature)
    d = int(torch.randint(1, 9, (1,), generator=rng))
    w, g = rows_of(rng, 20, d, -3, 1), rows_of(rng, 20, d, -4, 6)
    fast, counted = stepped(w, g, eta, ball, straight=straight)
    slow, expected = defined_step(w, g, eta, ball, straight=straight)
    assert counted == expected
    # Coordinates of size 1/√c rounded to float32 in two ways: 4 units in the last place.
    torch.testing.assert_close(fast, slow, rtol=0, atol=4 * 2**-24 * ball.radius)


def test_many_rows_take_all_cores_and_say_which_is_broken():
    rng = torch.Generator().manual_seed(0)
    n = MANY // 4
    w, g = rows_of(rng, n, 4, -3, 1), rows_of(rng, n, 4, -4, 2)
    few = torch.cat(
        [stepped(w[i : i + 64], g[i : i + 64], 0.1, Ball(), straight=False)[0] for i in range(0, n, 64)]
    )
    assert torch.equal(stepped(w, g, 0.1, Ball(), straight=False)[0], few)
    w[n // 2, 1] = math.nan
    with pytest.raises(NonFiniteValue, match=rf"weights\[{n // 2}, 1\]"):
        stepped(w, g, 0.1, Ball(), straight=False)
    with pytest.raises(NonFiniteValue, match=r"weights\[2, 1\]"):
        stepped(w[n // 2 - 2 : n // 2 + 1], g[:3], 0.1, Ball(), straight=False)


def test_worked_step():
    w, tape = Tensor(1, 2, [0.2, 0.1]), Hypergrad(-1.0, 0.05, 1, 2)
    tape.accumulate_wave(Tensor(1, 2, [0.2, -0.6]))
    tape.apply(w)
    assert w.data() == pytest.approx([0.197755581614, 0.106770745990], abs=1e-7)


@given(SEED, CURVATURE, st.floats(1e-4, 0.1))
def test_the_distance_covered_is_eta_g_over_lambda(seed, curvature, eta):
    rng, ball = torch.Generator().manual_seed(seed), Ball(curvature)
    before = (0.6 * ball.radius * torch.rand(5, 1, generator=rng)) * torch.nn.functional.normalize(
        torch.randn(5, 3, generator=rng)
    )
    g = rows_of(rng, 5, 3, -1, 0.5)
    after, _ = stepped(before, g, eta, ball, straight=False)
    x = before.double()
    expected = eta * g.double().norm(dim=1) / ball.conformal_factor(x)
    # Both ends are rounded to float32, each by half a unit in the last place of coordinates up to the radius.
    noise = 2**-23 * ball.radius * float(ball.conformal_factor(x).max()) * math.sqrt(3)
    torch.testing.assert_close(ball.distance(x, after.double()), expected, rtol=2e-6, atol=2 * noise)


@given(SEED)
def test_rotations_turn_the_step_with_them(seed):
    rng = torch.Generator().manual_seed(seed)
    w, g = rows_of(rng, 6, 3, -2, -0.2), rows_of(rng, 6, 3, -1, 1)
    turn = torch.linalg.qr(torch.randn(3, 3, generator=rng, dtype=torch.float64))[0]
    plain, _ = stepped(w, g, 0.1, Ball(), straight=False)
    turned, _ = stepped((w.double() @ turn).float(), (g.double() @ turn).float(), 0.1, Ball(), straight=False)
    torch.testing.assert_close(turned.double(), plain.double() @ turn, rtol=0, atol=2e-6)


def test_far_from_curved_a_step_is_a_quarter_of_the_flat_one():
    w, g = torch.tensor([[3.0, -2.0]]), torch.tensor([[1.0, 4.0]])
    moved, _ = stepped(w, g, 0.1, Ball(-1e-8), straight=False)
    torch.testing.assert_close(moved, w - 0.1 / 4 * g, rtol=0, atol=1e-6)


def test_a_convex_loss_falls_to_its_minimum():
    """½d(x, t)² has one minimum; its Riemannian gradient −log_x(t) is given as partial derivatives, λ²-fold."""
    ball, target = Ball(-1.0), torch.tensor([[0.5, -0.3], [-0.7, 0.1]], dtype=torch.float64)
    w, tape = Tensor(2, 2, [0.1, 0.2, -0.2, 0.6]), Hypergrad(-1.0, 0.3, 2, 2)
    losses = []
    for _ in range(40):
        x = w.torch().double().requires_grad_()
        loss = 0.5 * ball.squared_distance(x, target).sum()
        losses.append(loss.item())
        tape.accumulate_wave(Tensor.from_torch(torch.autograd.grad(loss, x)[0]))
        tape.apply(w)
    assert all(b < a for a, b in itertools.pairwise(losses) if a > 1e-10)
    # 0.7⁴⁰ of the first distance, squared, and what float32 coordinates leave of it.
    assert losses[-1] < 1e-10


def test_pairs_pull_towards_the_target():
    encoder = LanguageWaveEncoder(-1.0, 0.6)
    target = encoder.encode_z_space("hyperbolic")
    w, tape = Tensor(*target.shape()), Hypergrad(-1.0, 0.05, *target.shape())
    away = []
    for _ in range(5):
        away.append((w - target).squared_l2_norm())
        tape.accumulate_pair(w, target)
        tape.apply(w)
    assert all(b < a for a, b in itertools.pairwise(away))


@given(SEED)
def test_a_step_along_the_path_leads_towards_the_barycentre(seed):
    rng = torch.Generator().manual_seed(seed)
    q = [Tensor.from_torch(torch.rand(1, 4, generator=rng) + 0.05) for _ in range(3)]
    bary = z_space_barycenter(q, entropy_weight=0.5)
    start, best = (np.array(s.density.data()) for s in (bary.intermediates()[0], bary.intermediates()[-1]))
    w, tape = bary.intermediates()[0].density.clone(), Hypergrad(-0.5, 0.02, 1, 4)
    tape.accumulate_barycenter_path(bary.intermediates())
    tape.apply(w)
    moved = np.array(w.data())
    way = best - start
    if np.linalg.norm(way) > 1e-3:
        assert (moved - start) @ way > 0
        assert moved.sum() == pytest.approx(1.0, abs=1e-5)
        assert objective(moved / moved.sum(), q, 0.5) < objective(start, q, 0.5)


def objective(rho, densities, gamma):
    p = [np.array(q.data()) / sum(q.data()) for q in densities]
    return sum((rho * np.log(rho / q)).sum() for q in p) + gamma * (rho * np.log(rho)).sum()


def test_rows_beyond_the_margin_are_imported_once():
    w, tape = Tensor(3, 2, [0.9, 0.8, 0.3, 0.1, 0.999995, 0.0]), Hypergrad(-1.0, 0.05, 3, 2)
    tape.apply(w)
    assert tape.telemetry().imported_rows() == 2
    v = torch.tensor([0.9, 0.8], dtype=torch.float64)
    expected = torch.tanh(v.norm()) * v / v.norm()
    torch.testing.assert_close(w.torch()[0].double(), expected, rtol=0, atol=1e-7)
    assert w[1] == pytest.approx([0.3, 0.1])
    assert w[2][0] == pytest.approx(math.tanh(0.999995))
    tape.apply(w)
    assert tape.telemetry().imported_rows() == 0


def test_an_encoded_text_is_a_point_and_not_imported():
    w = LanguageWaveEncoder(-1.0, 1.0).encode_z_space("a long text that reaches the rim of the ball " * 9)
    before, tape = w.data(), Hypergrad(-1.0, 0.05, *w.shape())
    tape.apply(w)
    assert tape.telemetry().imported_rows() == 0
    assert w.data() == before


def test_torch_rows_are_changed_in_place():
    rows, tape = torch.zeros(1, 2), Hypergrad(-1.0, 1.0, 1, 2)
    tape.accumulate_wave(torch.tensor([[0.4, 0.0]]))
    tape.apply(rows)
    assert rows[0, 0] == pytest.approx(-math.tanh(0.1), rel=1e-6)


def test_the_buffer_saturates():
    tape = Hypergrad(-1.0, 0.05, 1, 2, OpenTopos(-1.0, saturation=3.0))
    tape.accumulate_wave(Tensor(1, 2, [2, -5]))
    tape.accumulate_wave(Tensor(1, 2, [2, 1]))
    assert tape.gradient() == [3.0, -2.0]
    tape.scale_gradient(10.0)
    assert tape.gradient() == [3.0, -3.0]


def test_penalties_shorten_the_next_step_alone():
    def step(*penalties):
        w, tape = Tensor(1, 2), Hypergrad(-1.0, 0.1, 1, 2)
        for penalty in penalties:
            tape.push_penalty(penalty)
        tape.accumulate_wave(Tensor(1, 2, [0.3, 0.1]))
        assert tape.telemetry().penalty() == sum(penalties)
        tape.apply(w)
        assert tape.telemetry().penalty() == 0.0
        return Tensor(1, 2).hyperbolic_distance(w, -1.0)

    assert step(1.0, 2.0) == pytest.approx(step() / 4, rel=1e-5)
    assert step(0.0) == step()
    tape = Hypergrad(-1.0, 0.1, 1, 2)
    for bad, error in ((-1.0, InvalidValue), (math.nan, NonFiniteValue), ("1", TypeError)):
        with pytest.raises(error):
            tape.push_penalty(bad)


def test_retune_and_telemetry():
    tape = Hypergrad(-1.0, 0.05, 2, 3)
    tape.accumulate_wave(Tensor(2, 3, [1.0] * 6))
    state = tape.telemetry()
    assert (state.shape(), state.volume(), state.curvature(), state.learning_rate()) == (
        (2, 3),
        6,
        -1.0,
        0.05,
    )
    assert (state.saturation(), state.tolerance(), state.max_depth(), state.max_volume()) == (
        1e6,
        1e-6,
        24,
        6,
    )
    assert (state.finite_count(), state.non_finite_count(), state.non_finite_ratio()) == (6, 0, 0.0)
    assert json.loads(json.dumps(state.as_dict()))["summary"]["l1"] == 6.0
    tape.retune(-2.0, 0.1)
    assert (tape.curvature(), tape.learning_rate(), tape.topos().curvature()) == (-2.0, 0.1, -2.0)
    assert tape.gradient() == [0.0] * 6
    assert state.summary().l1() == 6.0
    with pytest.raises(NonHyperbolicCurvature):
        tape.retune(0.0, 0.1)
    assert tape.curvature() == -2.0
    assert "imported_rows=0" in repr(state)
    with pytest.raises(InvalidValue, match="'exp'"):
        tape.apply(Tensor(2, 3), retraction="expo")
