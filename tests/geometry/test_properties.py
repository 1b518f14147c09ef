"""Identities of the gyrogroup and of the metric, for any curvature, any dimension, any points."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb.geometry import RIM, Ball

from .samples import DTYPES, eps, generator, points, vectors

CURVATURE = st.floats(-10.0, -0.01)
DIMENSION = st.integers(1, 9)
SEED = st.integers(0, 2**31)
N = 16


def _draw(curvature, d, seed, count, *, nearest=1e-3, dtype=torch.float64):
    ball, rng = Ball(curvature), generator(seed)
    return ball, [points(ball, N, d, rng, dtype=dtype, nearest=nearest) for _ in range(count)]


def _close(x, y, bound, scale):
    assert float((x - y).norm(dim=-1).max()) <= bound * scale


@given(CURVATURE, DIMENSION, SEED)
def test_addition__cancels_on_the_left(curvature, d, seed):
    """(−x) ⊕ (x ⊕ y) = y: the sum rounds by eps, and undoing x magnifies that by 4/gap(x) ≤ 4000."""
    ball, (x, y) = _draw(curvature, d, seed, 2)
    _close(ball.add(-x, ball.add(x, y)), y, 1e4 * eps(y.dtype), ball.radius)


@given(CURVATURE, DIMENSION, SEED)
def test_addition__has_a_unit_and_inverses_to_the_bit(curvature, d, seed):
    ball, (x,) = _draw(curvature, d, seed, 1)
    zero = torch.zeros_like(x)
    assert torch.equal(ball.add(x, -x), zero)
    _close(ball.add(zero, x), x, 4 * eps(x.dtype), ball.radius)
    _close(ball.add(x, zero), x, 4 * eps(x.dtype), ball.radius)


@given(CURVATURE, DIMENSION, SEED)
def test_addition__is_the_textbook_formula(curvature, d, seed):
    ball, (x, y) = _draw(curvature, d, seed, 2, nearest=0.1)
    c = ball.c
    xx, yy, xy = ((p * q).sum(-1, keepdim=True) for p, q in ((x, x), (y, y), (x, y)))
    right = ((1 + 2 * c * xy + c * yy) * x + (1 - c * xx) * y) / (1 + 2 * c * xy + c * c * xx * yy)
    _close(ball.add(x, y), right, 1e-12, ball.radius)


@given(CURVATURE, DIMENSION, SEED)
def test_gyration__repairs_associativity_and_preserves_length(curvature, d, seed):
    ball, (x, y, z) = _draw(curvature, d, seed, 3, nearest=0.05)
    turned = ball.gyration(x, y, z)
    _close(ball.add(x, ball.add(y, z)), ball.add(ball.add(x, y), turned), 1e-9, ball.radius)
    torch.testing.assert_close(turned.norm(dim=-1), z.norm(dim=-1), rtol=1e-10, atol=0)


@given(CURVATURE, DIMENSION, SEED)
def test_transport__keeps_lengths_and_angles(curvature, d, seed):
    """Even at the rim: the rotation is formed without cancellation, so eps/gap never enters."""
    ball, (x, y) = _draw(curvature, d, seed, 2, nearest=2 * RIM[torch.float64])
    rng = generator(seed + 1)
    u, v = (vectors(ball, x, rng, longest=1.0) for _ in range(2))
    pu, pv = ball.transport(x, y, u), ball.transport(x, y, v)
    scale = ball.norm(x, u) * ball.norm(x, v)
    assert float(((ball.inner(y, pu, pv) - ball.inner(x, u, v)).abs() / scale).max()) <= 1e-9
    torch.testing.assert_close(ball.norm(y, pu), ball.norm(x, u), rtol=1e-9, atol=0)


@given(CURVATURE, DIMENSION, SEED)
def test_transport__carries_the_velocity_of_a_geodesic(curvature, d, seed):
    ball, (x, y) = _draw(curvature, d, seed, 2, nearest=0.05)
    arriving = ball.transport(x, y, ball.log(x, y))
    _close(arriving, -ball.log(y, x), 1e-11, ball.radius)
    v = vectors(ball, x, generator(seed), longest=1.0)
    _close(ball.transport(y, x, ball.transport(x, y, v)), v, 1e-11, ball.radius)


@given(CURVATURE, DIMENSION, SEED)
def test_distance__is_a_metric(curvature, d, seed):
    ball, (x, y, z) = _draw(curvature, d, seed, 3, nearest=2 * RIM[torch.float64])
    xy, yz, xz = ball.distance(x, y), ball.distance(y, z), ball.distance(x, z)
    assert torch.equal(xy, ball.distance(y, x))
    assert not ball.distance(x, x).any()
    assert bool((xy > 0).all())
    assert bool((xz <= (xy + yz) * (1 + 1e-9)).all())


@given(CURVATURE, DIMENSION, SEED)
def test_distance__is_not_changed_by_translations(curvature, d, seed):
    ball, (a, x, y) = _draw(curvature, d, seed, 3, nearest=0.05)
    moved = ball.distance(ball.add(a, x), ball.add(a, y))
    torch.testing.assert_close(moved, ball.distance(x, y), rtol=1e-10, atol=1e-10 * ball.radius)
    by_artanh = 2 / math.sqrt(ball.c) * torch.arctanh(math.sqrt(ball.c) * ball.add(-x, y).norm(dim=-1))
    torch.testing.assert_close(ball.distance(x, y), by_artanh, rtol=1e-10, atol=1e-10 * ball.radius)
    torch.testing.assert_close(ball.squared_distance(x, y), ball.distance(x, y) ** 2, rtol=1e-12, atol=0)


@given(CURVATURE, DIMENSION, SEED, st.floats(-0.5, 1.5))
def test_geodesic__runs_at_constant_speed(curvature, d, seed, t):
    ball, (x, y) = _draw(curvature, d, seed, 2, nearest=0.1)
    z = ball.geodesic(t, x, y)
    torch.testing.assert_close(ball.distance(x, z), abs(t) * ball.distance(x, y), rtol=1e-10, atol=1e-12)
    _close(ball.geodesic(0.0, x, y), x, 0.0, 1.0)
    _close(ball.geodesic(1.0, x, y), y, 1e-12, ball.radius)


@given(CURVATURE, DIMENSION, SEED, st.floats(-3.0, 3.0))
def test_scale__multiplies_the_distance_from_the_origin(curvature, d, seed, r):
    ball, (x,) = _draw(curvature, d, seed, 1, nearest=0.1)
    zero = torch.zeros_like(x)
    far = ball.distance(zero, ball.scale(r, x))
    torch.testing.assert_close(far, abs(r) * ball.distance(zero, x), rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(ball.scale(2.0, x), ball.add(x, x), rtol=0, atol=1e-12 * ball.radius)


@given(CURVATURE, DIMENSION, SEED, st.sampled_from(DTYPES), st.floats(1e-3, 1e30))
def test_project__is_idempotent_and_leaves_the_inside_alone(curvature, d, seed, dtype, far):
    ball, (x,) = _draw(curvature, d, seed, 1, nearest=2 * RIM[dtype], dtype=dtype)
    assert torch.equal(ball.project(x), x)
    stretched = x * far
    once = ball.project(stretched)
    assert torch.equal(ball.project(once), once)
    a = RIM[dtype] * (2 - RIM[dtype])
    assert bool((ball.gap(once).double() >= a).all())
    cosine = torch.nn.functional.cosine_similarity(once.double(), x.double(), dim=-1)
    assert bool((cosine[x.norm(dim=-1) > 0] > 1 - 1e-6).all())


@pytest.mark.parametrize("curvature", [-1.0, -3.0])
def test_project__of_long_rows_is_idempotent(curvature):
    """The norm of 700 coordinates rounds by more than the rim of float32."""
    ball = Ball(curvature)
    for seed in range(100):
        x = 3.0 * torch.randn(20, 700, generator=generator(seed)) / 26.0
        once = ball.project(x)
        assert torch.equal(ball.project(once), once)
        assert bool((ball.gap(once).double() >= RIM[torch.float32] * (2 - RIM[torch.float32])).all())


@given(CURVATURE, DIMENSION, SEED, st.sampled_from(DTYPES), st.floats(-30, 30))
def test_exp__stays_inside_for_any_finite_vector(curvature, d, seed, dtype, power):
    ball, (x,) = _draw(curvature, d, seed, 1, nearest=2 * RIM[dtype], dtype=dtype)
    v = vectors(ball, x, generator(seed), longest=1.0) * 10.0**power
    y = ball.exp(x, v)
    assert bool((ball.gap(y).double() >= RIM[dtype] * (2 - RIM[dtype])).all())
    assert torch.equal(ball.exp(x, torch.zeros_like(x)), x)


def test_exp__of_a_vector_whose_square_overflows_still_points_its_way():
    ball = Ball(-1.0)
    v = torch.tensor([[3e30, -4e30]])
    y = ball.exp(torch.zeros(1, 2), v)
    torch.testing.assert_close(y, torch.tensor([[0.6, -0.8]]), rtol=1e-6, atol=0)
    torch.testing.assert_close(ball.exp0(v), y)


@given(CURVATURE, DIMENSION, SEED)
def test_maps__at_the_origin_are_their_short_forms(curvature, d, seed):
    ball, (y,) = _draw(curvature, d, seed, 1)
    zero = torch.zeros_like(y)
    torch.testing.assert_close(ball.log0(y), ball.log(zero, y), rtol=1e-12, atol=0)
    v = ball.log0(y)
    s = math.sqrt(ball.c) * v.norm(dim=-1, keepdim=True)
    torch.testing.assert_close(ball.exp0(v), torch.tanh(s) / s * v, rtol=1e-12, atol=0)
    torch.testing.assert_close(ball.exp0(v), ball.exp(zero, v), rtol=1e-12, atol=1e-12 * ball.radius)


def test_rows__broadcast_over_leading_axes():
    ball, rng = Ball(-1.0), generator(0)
    x = points(ball, 3, 4, rng, dtype=torch.float64, nearest=0.1).view(3, 1, 4)
    y = points(ball, 5, 4, rng, dtype=torch.float64, nearest=0.1).view(1, 5, 4)
    table = ball.distance(x, y)
    assert table.shape == (3, 5)
    assert ball.distance(x, y, keepdim=True).shape == (3, 5, 1)
    for i in range(3):
        for j in range(5):
            assert float(table[i, j]) == pytest.approx(float(ball.distance(x[i, 0], y[0, j])), rel=1e-14)
            torch.testing.assert_close(ball.log(x, y)[i, j], ball.log(x[i, 0], y[0, j]), rtol=1e-13, atol=0)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_million_random_operations__give_no_nan(dtype):
    """Points to the last representable one inside, vectors of lengths 1e-30 … 1e30, equal and opposite points."""
    rows, done = 20_000, 0
    for seed in range(8):
        rng = generator(seed)
        ball = Ball(-(10.0 ** (2 * float(torch.rand(1, generator=rng)) - 1)))
        x, y = (points(ball, rows, 1 + seed % 5, rng, dtype=dtype) for _ in range(2))
        y[:100], y[100:200], x[200:300] = x[:100], -x[100:200], 0.0
        power = (60 * torch.rand(rows, 1, generator=rng, dtype=torch.float64) - 30).to(dtype)
        v = vectors(ball, x, rng, longest=1.0) * 10.0**power
        moved = ball.exp(x, v)
        for result in (
            moved,
            ball.add(x, y),
            ball.log(x, y),
            ball.log(moved, y),
            ball.distance(x, y),
            ball.transport(x, y, y - x),
            ball.geodesic(0.5, x, y),
            ball.scale(1.7, x),
        ):
            assert bool(torch.isfinite(result).all())
            done += rows
    assert done >= 1_000_000
