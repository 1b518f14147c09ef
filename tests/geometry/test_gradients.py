"""Derivatives, to the rim, at coincident points and at zero vectors, to second order, and under torch.func."""

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

from stnb.geometry import Ball

from .samples import directions, generator

BALL = Ball(-1.7)


def _near(gap, seed=0):
    """A point at this gap, a neighbour within a curvature radius, a vector as long as the gap, a point far away."""
    rng = generator(seed)
    u = directions(3, 3, rng)
    x = u * (1 - gap) * BALL.radius
    v = directions(3, 3, rng) * gap * BALL.radius * 0.3
    return x, BALL.exp(x, 2.0 * v), v, -directions(3, 3, rng) * 0.4 * BALL.radius


MAPS = {
    "gap": lambda x, y, v, z: (BALL.gap, (x,)),
    "distance": lambda x, y, v, z: (BALL.distance, (x, y)),
    "distance far": lambda x, y, v, z: (BALL.distance, (x, z)),
    "squared distance": lambda x, y, v, z: (BALL.squared_distance, (x, y)),
    "log": lambda x, y, v, z: (BALL.log, (x, y)),
    "log far": lambda x, y, v, z: (BALL.log, (x, z)),
    "exp": lambda x, y, v, z: (BALL.exp, (x, v)),
    "transport": lambda x, y, v, z: (BALL.transport, (x, y, v)),
    "difference": lambda x, y, v, z: (lambda p, q: BALL.add(-p, q), (x, y)),
}


@pytest.mark.parametrize("gap", [0.5, 1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("name", MAPS)
def test_derivatives__are_right_to_the_rim(name, gap):
    """Central differences with step gap/100 err by (1/100)² of the third derivative: 3e-4 of the whole Jacobian."""
    f, operands = MAPS[name](*_near(gap))
    step = gap / 100 * BALL.radius
    exact = torch.autograd.functional.jacobian(f, operands)
    for index, (operand, jacobian) in enumerate(zip(operands, exact, strict=True)):
        columns = []
        for k in range(operand.numel()):
            nudge = torch.zeros(operand.numel(), dtype=operand.dtype)
            nudge[k] = step
            ends = []
            for sign in (1, -1):
                moved = list(operands)
                moved[index] = operand + sign * nudge.view_as(operand)
                ends.append(f(*moved))
            columns.append((ends[0] - ends[1]) / (2 * step))
        numeric = torch.stack(columns, -1).view_as(jacobian)
        assert float(jacobian.norm()) > 0
        assert float((numeric - jacobian).norm() / jacobian.norm()) < 1e-3


@pytest.mark.parametrize(
    "name", ["add", "exp", "log", "distance", "squared_distance", "gyration", "transport"]
)
def test_derivatives__pass_gradcheck_to_second_order(name):
    rng = generator(3)
    x, y, w = (directions(2, 3, rng) * 0.4 * BALL.radius for _ in range(3))
    operands = (x, y, w)[: 3 if name in ("gyration", "transport") else 2]
    operands = tuple(t.requires_grad_() for t in operands)
    assert gradcheck(getattr(BALL, name), operands)
    assert gradgradcheck(getattr(BALL, name), operands)


def test_derivatives__exist_at_zero_vectors_and_coincident_points():
    x = (directions(2, 3, generator(4)) * 0.4).requires_grad_()
    same, zero = (
        x.detach().clone().requires_grad_(),
        torch.zeros(2, 3, dtype=torch.float64, requires_grad=True),
    )
    for f, operands in (
        (BALL.exp, (x, zero)),
        (BALL.exp0, (zero,)),
        (BALL.log0, (zero,)),
        (BALL.log, (x, same)),
        (BALL.squared_distance, (x, same)),
    ):
        assert gradcheck(f, operands)
        assert gradgradcheck(f, operands)
    BALL.distance(x, same).sum().backward()
    assert not x.grad.any()


def test_derivative__of_many_rows_is_that_of_few():
    """Many rows are summed by Numba, few by torch."""
    rng = generator(5)
    x, y = (directions(6000, 4, rng) * 0.5 * BALL.radius for _ in range(2))
    for f in (BALL.distance, BALL.log, BALL.add, BALL.exp):
        many = [t.clone().requires_grad_() for t in (x, y)]
        f(*many).square().sum().backward()
        few = [t[:50].clone().requires_grad_() for t in (x, y)]
        f(*few).square().sum().backward()
        for one, other in zip(many, few, strict=True):
            torch.testing.assert_close(one.grad[:50], other.grad, rtol=1e-12, atol=1e-12)


def test_transforms__vmap_grad_and_forward_mode():
    rng = generator(6)
    x, y = (directions(7, 3, rng) * 0.5 * BALL.radius for _ in range(2))
    by_func = torch.func.vmap(torch.func.grad(BALL.distance))(x, y)
    tracked = x.clone().requires_grad_()
    BALL.distance(tracked, y).sum().backward()
    torch.testing.assert_close(by_func, tracked.grad, rtol=1e-12, atol=1e-13)
    reverse = torch.autograd.functional.jacobian(lambda p: BALL.exp(p, y), x)
    forward = torch.func.jacfwd(lambda p: BALL.exp(p, y))(x)
    torch.testing.assert_close(forward, reverse, rtol=1e-11, atol=1e-13)


def test_forward_mode__is_not_lost_on_many_rows():
    rng = generator(7)
    x, y, t = (directions(6000, 4, rng) * 0.5 * BALL.radius for _ in range(3))
    _, tangent = torch.func.jvp(lambda p: BALL.distance(p, y), (x,), (t,))
    tracked = x.clone().requires_grad_()
    BALL.distance(tracked, y).sum().backward()
    torch.testing.assert_close(tangent, (tracked.grad * t).sum(-1), rtol=1e-11, atol=1e-13)
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(x, t)
        other = torch.autograd.forward_ad.unpack_dual(BALL.distance(dual, y)).tangent
    torch.testing.assert_close(other, tangent, rtol=1e-11, atol=1e-13)
