"""The passes over many rows against plain torch over few of them, which is the definition."""

import threading

import pytest
import torch

from stnb._core.errors import InputError, InvalidValue
from stnb.geometry import Ball, passes, rim

from .kernel_cases import DEFINITIONS, by_autograd, cotangent, operands
from .samples import CURVATURES, DTYPES, directions, eps, generator, points, vectors

ROWS = 6000


def _slices(f, *operands):
    """f over 1,000 rows at a time, too few for the passes."""
    parts = [f(*(t[i : i + 1000] for t in operands)) for i in range(0, ROWS, 1000)]
    return torch.cat(parts)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("curvature", CURVATURES)
@pytest.mark.parametrize("name", ["add", "log", "distance", "exp"])
def test_maps__are_the_same_for_many_rows(name, curvature, dtype):
    """To the rim; a result is compared in its own metric, where both roundings count eps/gap."""
    ball, rng = Ball(curvature), generator(0)
    x, y = (points(ball, ROWS, 3, rng, dtype=dtype, nearest=eps(dtype) ** 0.5) for _ in range(2))
    y[:10], y[10:20], x[20:30] = x[:10], -x[10:20], 0.0
    other = vectors(ball, x, rng, longest=3.0) if name == "exp" else y
    assert passes.fits(x, other)
    assert not passes.fits(x[:1000], other[:1000])
    f = getattr(ball, name)
    many, few = f(x, other), _slices(f, x, other)
    assert many.dtype == dtype
    scale = ball.radius if name != "distance" else few.clamp_min(1e-30)
    gap = rim.gap(x, ball.c).double() if name in ("add", "exp") else torch.ones(ROWS, 1).double()
    error = ((many - few).double().view(ROWS, -1) / torch.as_tensor(scale).view(-1, 1)).abs() * gap
    # A sum of three squares in float32 errs by 1.5 eps beside a gap of 1/8.
    assert float(error.max()) <= 64 * eps(dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("curvature", CURVATURES)
def test_transport__is_the_same_for_many_rows(curvature, dtype):
    ball, rng = Ball(curvature), generator(5)
    x, y = (points(ball, ROWS, 3, rng, dtype=dtype, nearest=eps(dtype) ** 0.5) for _ in range(2))
    v = vectors(ball, x, rng, longest=3.0)
    many, few = ball.transport(x, y, v), _slices(ball.transport, x, y, v)
    # Gaps of 1/8 carry 24 eps in float32; the rotation rounds by a few more.
    assert float((ball.norm(y, many - few) / ball.norm(x, v)).max()) <= 96 * eps(dtype)
    y[5] = 2.0 * ball.radius
    with pytest.raises(InputError, match=r"y\[5\]"):
        ball.transport(x, y, v)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_gaps__are_the_same_for_many_rows(dtype):
    ball = Ball(-0.37)
    x = points(ball, ROWS, 5, generator(1), dtype=dtype)
    few = _slices(ball.gap, x)
    # Both mend gaps below 1/8; above, five squares in the type of x err by 2.5 eps of 1/8.
    bound = 24 * eps(dtype) if dtype == torch.float32 else 2.0**-28
    assert float(((passes.gaps(x, ball.c).squeeze(-1) - few) / few).abs().max()) <= bound


def test_rows__need_not_be_contiguous_and_are_not_changed():
    ball, rng = Ball(-1.0), generator(2)
    x, y = (directions(2 * ROWS, 4, rng) * 0.5 for _ in range(2))
    before = x.clone(), y.clone()
    for f in (ball.add, ball.log, ball.distance, ball.exp):
        strided = f(x[::2], y[::2])
        assert torch.equal(strided, f(x[::2].contiguous(), y[::2].contiguous()))
        shaped = f(x.view(4, -1, 4), y.view(4, -1, 4))
        assert torch.equal(shaped.flatten(), f(x, y).flatten())
    assert torch.equal(x, before[0])
    assert torch.equal(y, before[1])


def test_passes__repeat_to_the_bit_and_from_two_threads():
    ball, rng = Ball(-1.0), generator(3)
    x, y = (directions(ROWS, 4, rng) * 0.5 for _ in range(2))
    first = ball.log(x, y)
    found = []
    threads = [threading.Thread(target=lambda: found.append(ball.log(x, y))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(torch.equal(first, other) for other in found)


def test_general_path__takes_over_where_a_vector_saturates():
    """One endless vector among many must not spoil the others."""
    ball, rng = Ball(-1.0), generator(4)
    x, v = directions(ROWS, 4, rng).float() * 0.5, directions(ROWS, 4, rng).float() * 0.1
    v[7] *= 1e25
    found = ball.exp(x, v)
    assert bool(torch.isfinite(found).all())
    torch.testing.assert_close(found[:7], ball.exp(x[:7], v[:7]))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", ["distance", "log"])
def test_derivatives__are_those_of_the_definition(name, dtype):
    """To the rim, by both operands or one; the definition of `log` itself is up to 3,000 eps off in float64 there."""
    ball = Ball(-1.7)
    given = operands(ball, 6000, 5, dtype)
    rows = [given[letter] for letter in "xy"]
    g = cotangent(rows[0][:, :1] if name == "distance" else rows[0])
    right, _ = by_autograd(DEFINITIONS[name], [t.double() for t in rows], ball.c, g)
    for wanted in ((True, True), (True, False), (False, True)):
        leaves = [t.clone().requires_grad_(by) for t, by in zip(rows, wanted, strict=True)]
        out = getattr(ball, name)(*leaves)
        out.backward(g.view_as(out))
        for by, leaf, other in zip(wanted, leaves, right, strict=True):
            assert (leaf.grad is not None) == by
            if by:
                off = (leaf.grad.double() - other).norm(dim=-1) / other.norm(dim=-1).clamp_min(1e-30)
                assert float(off.max()) <= (64.0 if dtype == torch.float32 else 8192.0) * eps(dtype)


@pytest.mark.parametrize("name", ["distance", "log"])
def test_derivatives_of_derivatives__are_those_of_few_rows(name):
    ball = Ball(-1.7)
    given = operands(ball, 6000, 4, torch.float64, nearest=0.1)
    found = []
    for n in (6000, 60):
        leaves = [given[letter][:n].clone().requires_grad_() for letter in "xy"]
        first = torch.autograd.grad(getattr(ball, name)(*leaves).sum(), leaves, create_graph=True)
        found.append(torch.autograd.grad(sum(t.square().sum() for t in first), leaves))
    for many, few in zip(*found, strict=True):
        assert bool(few.any())
        torch.testing.assert_close(many[:60], few, rtol=1e-10, atol=1e-10)


def test_rows_outside__are_refused_also_where_derivatives_are_asked_for():
    x = torch.zeros(6000, 4, requires_grad=True)
    y = torch.zeros(6000, 4)
    y[7] = 2.0
    for f in (Ball(-1.0).distance, Ball(-1.0).log):
        with pytest.raises(InvalidValue, match=r"y\[7\]"):
            f(x, y)
