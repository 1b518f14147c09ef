"""Against 50 digits, and round trips, from the middle of the ball to its rim."""

import math

import mpmath
import pytest
import torch

from stnb.geometry import RIM, Ball

from .samples import CURVATURES, DTYPES, directions, eps, generator, points, rim_gap, vectors

N = 400
ROUND_TRIP = {torch.float32: 1e-5, torch.float64: 1e-10}
ROUNDINGS = 16  # 4/g of the cone (see below), times four roundings of a direction


def _exact(row):
    return [mpmath.mpf(value) for value in row.tolist()]


def _gap(c, x):
    return 1 - c * sum(p * p for p in x)


def _distance(c, x, y):
    q = c * sum((p - q) ** 2 for p, q in zip(x, y, strict=True)) / (_gap(c, x) * _gap(c, y))
    return 2 / mpmath.sqrt(c) * mpmath.asinh(mpmath.sqrt(q))


@pytest.fixture(autouse=True)
def _fifty_digits():
    with mpmath.workdps(50):
        yield


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("curvature", CURVATURES)
def test_distance__is_right_to_the_rim_of_both_points(curvature, dtype):
    """float32: sums in float64 leave roundings of single numbers, 4 of them. float64: the exact part of the gap leaves
    2⁻⁷⁹ of 2⁻⁴⁹, a relative 2⁻³⁰, twice √d, half of which is an error of the distance in curvature radii."""
    ball, rng = Ball(curvature), generator(1)
    x, y = (points(ball, N, 5, rng, dtype=dtype) for _ in range(2))
    found = ball.distance(x, y).double()
    c = mpmath.mpf(ball.c)
    right = [_distance(c, _exact(p), _exact(q)) for p, q in zip(x, y, strict=True)]
    assert max(right) * math.sqrt(ball.c) > {torch.float32: 25, torch.float64: 60}[dtype]
    absolute = 0.0 if dtype == torch.float32 else 2.0**-28
    for mine, true in zip(found.tolist(), right, strict=True):
        assert abs(mine - true) <= 4 * eps(dtype) * true + absolute / math.sqrt(ball.c)


@pytest.mark.parametrize(("dtype", "reach"), [(torch.float32, 17.0), (torch.float64, 37.0)], ids=str)
def test_distance__across_the_middle_to_the_stated_reach(dtype, reach):
    """Opposite points at half the reach: their gaps are far above the rounding of a sum, so every digit is right."""
    ball = Ball(-1.0)
    for part in (0.01, 0.3, 1.0):
        radius = math.tanh(part * reach / 4)
        u = directions(1, 7, generator(2))
        x, y = (u * radius).to(dtype), (-u * radius).to(dtype)
        true = _distance(mpmath.mpf(1), _exact(x[0]), _exact(y[0]))
        assert abs(float(ball.distance(x, y)) - true) <= 4 * eps(dtype) * true
        assert abs(float(true) - part * reach) < 0.05


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("curvature", CURVATURES)
def test_distance__of_close_points_keeps_its_digits(curvature, dtype):
    ball, rng = Ball(curvature), generator(3)
    x = points(ball, 50, 3, rng, dtype=dtype, nearest=1e-3)
    y = x + (directions(50, 3, rng) * 1e-6 * ball.radius).to(dtype)
    c = mpmath.mpf(ball.c)
    for p, q, mine in zip(x, y, ball.distance(x, y).tolist(), strict=True):
        true = _distance(c, _exact(p), _exact(q))
        assert abs(mine - true) <= 6 * eps(dtype) * true


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("curvature", CURVATURES)
def test_gap__is_right_relative_to_itself(curvature, dtype):
    """float32: six squares summed in float32 err by 3 eps beside a gap of 1/8, from where on they are summed in float64.
    float64: 2⁻⁷⁹√d beside a gap of at least 2⁻⁴⁹."""
    ball = Ball(curvature)
    x = points(ball, N, 6, generator(4), dtype=dtype)
    c = mpmath.mpf(ball.c)
    bound = 24 * eps(dtype) if dtype == torch.float32 else 2.0**-28
    for row, mine in zip(x, ball.gap(x).tolist(), strict=True):
        true = _gap(c, _exact(row))
        assert true > 0
        assert abs(mine - true) <= bound * true


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("curvature", CURVATURES)
def test_exp_of_log__is_the_point(curvature, dtype):
    """In ball coordinates. The direction of a velocity is rounded by eps; seen from a base at gap g the ball lies in a
    cone that magnifies it by up to 4/g: 1e-5 asks for g ≥ 0.19 in float32, 1e-10 for g ≥ 4e-5 in float64."""
    ball, rng = Ball(curvature), generator(5)
    x = points(ball, 2000, 4, rng, dtype=dtype, nearest=ROUNDINGS * eps(dtype) / ROUND_TRIP[dtype])
    y = points(ball, 2000, 4, rng, dtype=dtype)
    error = (ball.exp(x, ball.log(x, y)) - y).norm(dim=-1) / ball.radius
    assert float(error.max()) <= ROUND_TRIP[dtype]
    assert float(((ball.exp0(ball.log0(y)) - y).norm(dim=-1) / ball.radius).max()) <= ROUND_TRIP[dtype]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("curvature", CURVATURES)
def test_exp_of_log__degrades_no_faster_than_the_base_nears_the_rim(curvature, dtype):
    ball, rng = Ball(curvature), generator(6)
    x, y = (points(ball, 2000, 4, rng, dtype=dtype) for _ in range(2))
    error = (ball.exp(x, ball.log(x, y)) - y).norm(dim=-1).double() / ball.radius
    assert float((error * rim_gap(ball, x)).max()) <= ROUNDINGS * eps(dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("curvature", CURVATURES)
def test_log_of_exp__errs_by_at_most_eight_eps_over_the_gap(curvature, dtype):
    """In Riemannian length and curvature radii; the velocity must not lead beyond the rim, and `gap` is the smaller."""
    ball, rng = Ball(curvature), generator(7)
    x = points(ball, 2000, 4, rng, dtype=dtype)
    reach = math.log(2.0 / RIM[dtype]) - 1.0
    v = vectors(ball, x, rng, longest=reach)
    origin = torch.zeros_like(x)
    total = (ball.distance(origin, x) + ball.norm(x, v)) * math.sqrt(ball.c)
    inside = total < reach
    assert int(inside.sum()) > 400
    x, v = x[inside], v[inside]
    y = ball.exp(x, v)
    error = (ball.norm(x, ball.log(x, y) - v) * math.sqrt(ball.c)).double()
    gap = torch.minimum(rim_gap(ball, x), rim_gap(ball, y))
    assert float((error * gap).max()) <= 8 * eps(dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_log__is_as_long_as_the_distance(dtype):
    ball, rng = Ball(-2.0), generator(8)
    x, y = (points(ball, 1000, 5, rng, dtype=dtype) for _ in range(2))
    torch.testing.assert_close(
        ball.norm(x, ball.log(x, y)), ball.distance(x, y), rtol=16 * eps(dtype), atol=0
    )


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_exp__travels_as_far_as_the_vector_is_long(dtype):
    ball, rng = Ball(-0.5), generator(9)
    x = points(ball, 1000, 5, rng, dtype=dtype, nearest=0.01)
    v = vectors(ball, x, rng, longest=3.0)
    length = ball.norm(x, v)
    # A point at gap g ≥ 0.01·e⁻³/2 rounds to a distance of 2·eps/g.
    torch.testing.assert_close(ball.distance(x, ball.exp(x, v)), length, rtol=0, atol=2.0e4 * eps(dtype))


def test_flat_limit__is_euclidean():
    """κ → 0: exp_x(v) → x + v and d → 2‖x − y‖, up to c·‖x‖²."""
    ball, rng = Ball(-1e-12), generator(10)
    x, v = directions(20, 3, rng), directions(20, 3, rng)
    torch.testing.assert_close(ball.exp(x, v), x + v, rtol=0, atol=1e-11)
    torch.testing.assert_close(ball.distance(x, v), 2 * (x - v).norm(dim=-1), rtol=0, atol=1e-11)
    torch.testing.assert_close(ball.transport(x, v, x), x, rtol=0, atol=1e-11)
