"""The mean has no pull, is where symmetry puts it, and carries derivatives."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import gradcheck

from stnb._core.errors import InputError
from stnb.geometry import Ball

from .samples import CURVATURES, directions, generator, points


def _pull(ball, m, x, w):
    """‖Σ wᵢ log_m xᵢ‖_m in curvature radii, which is 0 at the mean and nowhere else."""
    total = (w.unsqueeze(-1) * ball.log(m.unsqueeze(-2), x)).sum(-2) / w.sum(-1, keepdim=True)
    return ball.norm(m, total) * math.sqrt(ball.c)


@settings(max_examples=25)
@given(st.sampled_from(CURVATURES), st.integers(1, 6), st.integers(1, 9), st.integers(0, 2**31))
def test_mean__has_no_pull(curvature, d, count, seed):
    """Points to gap 1e-6, 14 from the middle: rounding leaves eps/gap of the mean, whose gap stays above 1e-6."""
    ball, rng = Ball(curvature), generator(seed)
    x = points(ball, 4 * count, d, rng, dtype=torch.float64, nearest=1e-6).view(4, count, d)
    w = 0.05 + torch.rand(4, count, dtype=torch.float64, generator=rng)
    m = ball.mean(x, w)
    assert float(_pull(ball, m, x, w).max()) <= 1e-7
    nudged = ball.exp(m, 1e-3 * ball.radius * directions(4, d, rng) / ball.conformal_factor(m, keepdim=True))
    spread = (w.unsqueeze(-1) * ball.squared_distance(m.unsqueeze(-2), x, keepdim=True)).sum((-1, -2))
    other = (w.unsqueeze(-1) * ball.squared_distance(nudged.unsqueeze(-2), x, keepdim=True)).sum((-1, -2))
    assert bool((spread < other).all())
    torch.testing.assert_close(ball.variance(x, w), spread / w.sum(-1), rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("curvature", CURVATURES)
def test_mean__of_two_is_their_midpoint(curvature):
    ball, rng = Ball(curvature), generator(0)
    x = points(ball, 40, 3, rng, dtype=torch.float64, nearest=1e-4).view(20, 2, 3)
    torch.testing.assert_close(
        ball.mean(x), ball.geodesic(0.5, x[:, 0], x[:, 1]), rtol=0, atol=1e-9 * ball.radius
    )
    w = torch.tensor([3.0, 1.0], dtype=torch.float64)
    quarter = ball.geodesic(0.25, x[:, 0], x[:, 1])
    torch.testing.assert_close(ball.mean(x, w), quarter, rtol=0, atol=1e-9 * ball.radius)


def test_mean__moves_with_isometries_and_ignores_weightless_points():
    ball, rng = Ball(-1.0), generator(1)
    x, a = points(ball, 6, 4, rng, dtype=torch.float64, nearest=0.05), directions(1, 4, rng) * 0.6
    torch.testing.assert_close(
        ball.mean(ball.add(a, x)), ball.add(a, ball.mean(x)[None])[0], rtol=0, atol=1e-11
    )
    w = torch.tensor([1.0, 2.0, 0.0, 1.0, 0.0, 0.5], dtype=torch.float64)
    torch.testing.assert_close(ball.mean(x, w), ball.mean(x[w > 0], w[w > 0]), rtol=0, atol=1e-12)
    torch.testing.assert_close(ball.mean(x, 7 * w), ball.mean(x, w), rtol=0, atol=1e-13)
    assert torch.equal(ball.mean(x[:1]), ball.mean(x[:1].expand(3, 4)))


def test_mean__of_far_points_needs_its_safeguard():
    """A bare Newton step, or a bare average of logarithms, overshoots here."""
    ball = Ball(-1.0)
    angles = torch.tensor([0.0, 0.1, 2.0, 2.1, 4.0], dtype=torch.float64)
    x = (1 - 1e-9) * torch.stack([angles.cos(), angles.sin()], -1)
    m = ball.mean(x)
    assert float(_pull(ball, m, x, torch.ones(5, dtype=torch.float64))) < 1e-9


def test_mean__in_float32():
    ball, rng = Ball(-1.0), generator(2)
    x = points(ball, 30, 3, rng, dtype=torch.float32, nearest=1e-2)
    torch.testing.assert_close(ball.mean(x).double(), ball.mean(x.double()), rtol=0, atol=1e-6)


def test_mean__has_the_derivatives_of_the_implicit_function():
    ball, rng = Ball(-1.3), generator(3)
    x = points(ball, 5, 3, rng, dtype=torch.float64, nearest=0.1).requires_grad_()
    w = torch.rand(5, dtype=torch.float64, generator=rng).add(0.1).requires_grad_()
    assert gradcheck(ball.mean, (x, w))
    assert gradcheck(ball.variance, (x, w))


def test_mean__refuses_weights_that_are_none():
    ball, x = Ball(-1.0), torch.zeros(3, 2)
    for w in ([1.0, -1.0, 1.0], [0.0, 0.0, 0.0], [1.0, math.nan, 1.0], [1.0, math.inf, 1.0]):
        with pytest.raises(InputError, match="give finite weights"):
            ball.mean(x, torch.tensor(w))
    with pytest.raises(InputError, match=r"weights has shape \(2,\) but points has shape \(3, 2\)"):
        ball.mean(x, torch.ones(2))
    with pytest.raises(InputError, match="at least one point"):
        ball.mean(torch.zeros(0, 2))
    with pytest.raises(InputError, match=r"points\[1\] = \(1, 0\)"):
        ball.mean(torch.tensor([[0.0, 0.0], [1.0, 0.0]]))
