"""geoopt agrees where it is right: float64, well inside the ball. And one place where it is not."""

import warnings

import pytest
import torch

from stnb.geometry import Ball, BallParameter, RiemannianAdam, RiemannianSGD

from .samples import directions, generator, points, vectors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import geoopt

CURVATURES = (-1.0, -0.3, -2.5)
NAMES = {
    "add": "mobius_add",
    "exp": "expmap",
    "log": "logmap",
    "distance": "dist",
    "riemannian_gradient": "egrad2rgrad",
}


def _pair(curvature):
    """Both balls, points within a distance of 4 radii of each other, and vectors."""
    ball, rng = Ball(curvature), generator(0)
    x, y = (points(ball, 200, 5, rng, dtype=torch.float64, nearest=0.1) for _ in range(2))
    peer = geoopt.PoincareBallExact(c=torch.tensor(ball.c, dtype=torch.float64))
    return ball, peer, x, y, vectors(ball, x, rng, longest=1.0)


@pytest.mark.parametrize("curvature", CURVATURES)
@pytest.mark.parametrize("name", NAMES)
def test_maps__agree(name, curvature):
    ball, peer, x, y, v = _pair(curvature)
    other = v if name in ("exp", "riemannian_gradient") else y
    mine, theirs = getattr(ball, name)(x, other), getattr(peer, NAMES[name])(x, other)
    torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("curvature", CURVATURES)
def test_other_maps__agree(curvature):
    ball, peer, x, y, v = _pair(curvature)
    for mine, theirs in (
        (ball.transport(x, y, v), peer.transp(x, y, v)),
        (ball.gyration(x, y, v), peer.gyration(x, y, v)),
        (ball.exp0(v), peer.expmap0(v)),
        (ball.log0(x), peer.logmap0(x)),
        (ball.conformal_factor(x), peer.lambda_x(x)),
        (ball.inner(x, v, y, keepdim=True), peer.inner(x, v, y, keepdim=True)),
        (ball.norm(x, v), peer.norm(x, v)),
        (ball.geodesic(0.3, x, y), peer.geodesic(torch.tensor(0.3, dtype=torch.float64), x, y)),
        (ball.scale(0.7, x), peer.mobius_scalar_mul(torch.tensor(0.7, dtype=torch.float64), x)),
    ):
        torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("curvature", CURVATURES)
@pytest.mark.parametrize("name", ["distance", "log"])
def test_gradients__agree(name, curvature):
    ball, peer, x, y, _ = _pair(curvature)
    grads = []
    for f in (getattr(ball, name), getattr(peer, NAMES[name])):
        operands = [t.clone().requires_grad_() for t in (x, y)]
        f(*operands).square().sum().backward()
        grads.append([t.grad for t in operands])
    for mine, theirs in zip(*grads, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        (RiemannianAdam, geoopt.optim.RiemannianAdam, {"lr": 0.05}),
        (RiemannianAdam, geoopt.optim.RiemannianAdam, {"lr": 0.05, "amsgrad": True, "weight_decay": 0.1}),
        (RiemannianSGD, geoopt.optim.RiemannianSGD, {"lr": 0.05, "momentum": 0.9}),
        (RiemannianSGD, geoopt.optim.RiemannianSGD, {"lr": 0.05}),
    ],
)
def test_optimisers__agree(ours, theirs, options):
    ball, peer, x, _, _ = _pair(-1.0)
    p, q = BallParameter(x.clone(), ball), geoopt.ManifoldParameter(x.clone(), manifold=peer)
    a, b = ours([p], **options), theirs([q], **options)
    if "momentum" in options:
        # Left alone it starts its buffer with the partial derivatives, which are no tangent vector.
        b.state[q]["momentum_buffer"] = torch.zeros_like(x)
    for t in range(4):
        g = directions(200, 5, generator(t))
        p.grad, q.grad = g.clone(), g.clone()
        a.step()
        b.step()
    torch.testing.assert_close(p.detach(), q.detach(), rtol=0, atol=1e-9)


def test_distance__where_geoopt_saturates():
    """Two float32 points 12.2 apart or more are all the same distance there; here each has its own."""
    peer = geoopt.PoincareBall(c=1.0)
    x = torch.tensor([[1 - 1e-4, 0.0], [1 - 1e-5, 0.0]])
    theirs, mine = peer.dist(x, -x), Ball(-1.0).distance(x, -x)
    assert float(theirs[0]) == pytest.approx(float(theirs[1]), rel=1e-6)
    assert float(mine[1] - mine[0]) == pytest.approx(4.6, abs=0.05)
