"""Optimisers: inside for ever, still without a gradient, atomic in refusal, and better than clipping flat Adam."""

import copy
import math
import pickle

import pytest
import torch

from stnb._core.errors import ConfigError, InputError
from stnb.geometry import RIM, Ball, BallParameter, RiemannianAdam, RiemannianSGD

from .samples import DTYPES, directions, generator, points

BALL = Ball(-1.0)
MAKERS = {
    "sgd": lambda p, **k: RiemannianSGD(p, **{"lr": 0.1, **k}),
    "momentum": lambda p, **k: RiemannianSGD(p, **{"lr": 0.05, "momentum": 0.9, **k}),
    "adam": lambda p, **k: RiemannianAdam(p, **{"lr": 0.05, **k}),
    "amsgrad": lambda p, **k: RiemannianAdam(p, **{"lr": 0.05, "amsgrad": True, **k}),
}
every_maker = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def _parameter(ball, n, d, seed, *, dtype=torch.float64, nearest=0.2):
    return BallParameter(points(ball, n, d, generator(seed), dtype=dtype, nearest=nearest), ball)


@every_maker
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("rows", [40, 5000])
def test_step__never_leaves_the_ball(make, dtype, rows):
    """Curvatures from −0.01 to −10, gradients to 1e6, from points on the rim."""
    for seed, curvature in enumerate((-0.01, -1.0, -10.0)):
        ball, rng = Ball(curvature), generator(seed)
        p = _parameter(ball, rows, 4, seed, dtype=dtype, nearest=2 * RIM[dtype])
        optimizer = make([p])
        for _ in range(6):
            power = 10.0 ** (12 * torch.rand(rows, 1, generator=rng, dtype=torch.float64) - 6)
            p.grad = (directions(rows, 4, rng) * power).to(dtype)
            optimizer.step()
            assert bool((ball.gap(p.detach()).double() >= RIM[dtype] * (2 - RIM[dtype])).all())


@every_maker
def test_step__without_gradient_moves_nothing(make):
    p, q = (_parameter(BALL, 5000, 4, seed, nearest=2 * RIM[torch.float64]) for seed in (0, 1))
    before = p.detach().clone(), q.detach().clone()
    optimizer = make([p, q])
    p.grad = torch.zeros_like(p)
    for _ in range(3):
        optimizer.step()
    assert torch.equal(p.detach(), before[0])
    assert torch.equal(q.detach(), before[1])
    assert q not in optimizer.state


@pytest.mark.parametrize("rows", [3, 5000])
def test_sgd__is_the_exponential_map_of_the_riemannian_gradient(rows):
    ball = Ball(-2.0)
    p = _parameter(ball, rows, 4, 0)
    g = directions(rows, 4, generator(1))
    right = ball.exp(p.detach(), -0.3 * ball.riemannian_gradient(p.detach(), g))
    p.grad = g
    RiemannianSGD([p], lr=0.3).step()
    torch.testing.assert_close(p.detach(), right, rtol=0, atol=1e-15)


@pytest.mark.parametrize("rows", [3, 5000])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_momentum__is_carried_along_the_step(rows, dtype):
    """The buffer after two steps, by transport along the geodesics."""
    ball = Ball(-2.0)
    p = _parameter(ball, rows, 4, 0, dtype=dtype)
    g1, g2 = (directions(rows, 4, generator(seed)).to(dtype) for seed in (1, 2))
    optimizer = RiemannianSGD([p], lr=0.3, momentum=0.8)
    x, buffer = p.detach().clone(), torch.zeros_like(g1)
    for g in (g1, g2):
        buffer = 0.8 * buffer + ball.riemannian_gradient(x, g)
        moved = ball.exp(x, -0.3 * buffer)
        x, buffer = moved, ball.transport(x, moved, buffer)
        p.grad = g
        optimizer.step()
    atol = {torch.float32: 2e-6, torch.float64: 1e-14}[dtype]
    torch.testing.assert_close(p.detach(), x, rtol=0, atol=atol)
    torch.testing.assert_close(optimizer.state[p]["momentum_buffer"], buffer, rtol=0, atol=atol)


@pytest.mark.parametrize("rows", [3, 5000])
@pytest.mark.parametrize("amsgrad", [False, True])
def test_adam__is_its_definition(rows, amsgrad):
    ball = Ball(-2.0)
    p = _parameter(ball, rows, 4, 0)
    optimizer = RiemannianAdam([p], lr=0.1, betas=(0.8, 0.9), eps=1e-6, weight_decay=0.01, amsgrad=amsgrad)
    x, m, v, most = p.detach().clone(), torch.zeros(rows, 4).double(), torch.zeros(rows, 1).double(), 0.0
    for t in (1, 2, 3):
        g = directions(rows, 4, generator(t)) / t**2
        r = ball.riemannian_gradient(x, g + 0.01 * x)
        m, v = 0.8 * m + 0.2 * r, 0.9 * v + 0.1 * ball.inner(x, r, r, keepdim=True)
        most = torch.maximum(v, torch.as_tensor(most)) if amsgrad else v
        step = m / (1 - 0.8**t) / ((most / (1 - 0.9**t)).sqrt() + 1e-6)
        moved = ball.exp(x, -0.1 * step)
        m, x = ball.transport(x, moved, m), moved
        p.grad = g
        optimizer.step()
    torch.testing.assert_close(p.detach(), x, rtol=0, atol=1e-13)
    torch.testing.assert_close(optimizer.state[p]["exp_avg"], m, rtol=0, atol=1e-13)


def test_adam__first_step_covers_the_learning_rate():
    p = _parameter(BALL, 20, 3, 0)
    before = p.detach().clone()
    p.grad = directions(20, 3, generator(1)) * 1e-3
    RiemannianAdam([p], lr=0.01, eps=0.0).step()
    far = BALL.distance(before, p.detach())
    torch.testing.assert_close(far, torch.full_like(far, 0.01), rtol=1e-9, atol=0)


@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        (RiemannianAdam, torch.optim.Adam, {"lr": 0.1, "betas": (0.8, 0.95), "weight_decay": 0.1}),
        (RiemannianAdam, torch.optim.Adam, {"lr": 0.1, "amsgrad": True}),
        (RiemannianSGD, torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1}),
        (RiemannianSGD, torch.optim.SGD, {"lr": 0.1}),
    ],
)
def test_flat_parameters__move_as_in_torch(ours, theirs, options):
    p, q = (torch.nn.Parameter(torch.linspace(-1, 1, 6, dtype=torch.float64).view(2, 3)) for _ in range(2))
    a, b = ours([p], **options), theirs([q], **options)
    for t in range(5):
        p.grad = q.grad = torch.sin(torch.arange(6.0, dtype=torch.float64) + t).view(2, 3)
        a.step()
        b.step()
    torch.testing.assert_close(p, q, rtol=1e-13, atol=1e-14)


@every_maker
def test_optimiser__finds_the_mean(make):
    """Σ d² is convex along geodesics: every optimiser must reach its minimum, the Fréchet mean."""
    x = points(BALL, 30, 3, generator(0), dtype=torch.float64, nearest=0.05)
    right = BALL.mean(x)
    p = BallParameter(BALL.exp(right, torch.tensor([0.3, -0.1, 0.2], dtype=torch.float64)), BALL)
    optimizer = make([p])
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.985)
    for _ in range(700):
        optimizer.zero_grad()
        BALL.squared_distance(p, x).mean().backward()
        optimizer.step()
        schedule.step()
    assert float(BALL.distance(p.detach(), right)) < 1e-4


def _fit(make, after):
    """Loss of embedding a binary tree of depth 5 after 150 steps."""
    n = 63

    def steps(i, j):
        i, j, count = i + 1, j + 1, 0
        while i != j:
            i, j, count = (i // 2, j, count + 1) if i > j else (i, j // 2, count + 1)
        return count

    tree = torch.tensor([[steps(i, j) for j in range(n)] for i in range(n)], dtype=torch.float64)
    pairs = torch.triu_indices(n, n, 1)
    target = tree[pairs[0], pairs[1]]
    start = directions(n, 2, generator(0)) * torch.tensor([[0.1 * (i + 1).bit_length()] for i in range(n)])
    p = BallParameter(start.clone(), BALL)
    optimizer = make(p)
    for _ in range(150):
        optimizer.zero_grad()
        loss = (BALL.distance(p[pairs[0]], p[pairs[1]]) / target - 1).square().mean()
        loss.backward()
        optimizer.step()
        after(p)
    return float(loss.detach())


def test_adam__embeds_a_tree_better_than_flat_adam_that_is_clipped():
    """Each with the best of six learning rates."""

    def clip(p):
        p.data = BALL.project(p.data, margin=1e-9)

    rates = (0.003, 0.01, 0.03, 0.1, 0.2, 0.3)
    riemannian = min(_fit(lambda p, lr=lr: RiemannianAdam([p], lr=lr), lambda p: None) for lr in rates)
    clipped = min(_fit(lambda p, lr=lr: torch.optim.Adam([p], lr=lr), clip) for lr in rates)
    print(f"distortion after 150 steps: Riemannian Adam {riemannian:.4f}, clipped Adam {clipped:.4f}")
    assert riemannian < clipped


def test_model__with_both_kinds_trains_from_one_optimiser():
    """Points of two classes told apart by distances to trained prototypes, behind a flat linear map."""
    rng = generator(0)

    class Classifier(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.map = torch.nn.Linear(4, 2, dtype=torch.float64)
            self.prototypes = BallParameter(directions(2, 2, rng) * 0.1, BALL)

        def forward(self, x):
            z = BALL.exp0(self.map(x))
            return -BALL.squared_distance(z[:, None], self.prototypes)

    torch.manual_seed(0)
    model = Classifier()
    x = torch.randn(200, 4, dtype=torch.float64, generator=rng)
    label = (x[:, 0] + x[:, 1] ** 2 > 0.5).long()
    optimizer = RiemannianAdam(model.named_parameters(), lr=0.05)
    first = None
    for _ in range(120):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), label)
        first = first or float(loss.detach())
        loss.backward()
        optimizer.step()
    assert float(loss.detach()) < 0.6 * first
    assert bool(BALL.contains(model.prototypes).all())


@every_maker
def test_state__round_trips_exactly(make):
    """Stopping, saving and going on is the same as going on."""

    def run(p, optimizer, steps):
        for t in steps:
            p.grad = directions(50, 3, generator(t))
            optimizer.step()

    p = _parameter(BALL, 50, 3, 0)
    optimizer = make([p], weight_decay=0.1)
    run(p, optimizer, range(4))
    q = copy.deepcopy(p)
    other = make([q], lr=9.0)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    run(p, optimizer, range(4, 8))
    run(q, other, range(4, 8))
    assert torch.equal(p.detach(), q.detach())


def test_state__is_made_of_plain_numbers_and_tensors(tmp_path):
    p = _parameter(BALL, 5, 3, 0)
    optimizer = RiemannianAdam(
        [{"params": [p]}, {"params": [torch.zeros(2, 2, requires_grad=True)], "curvature": -2}]
    )
    p.grad = torch.ones_like(p)
    optimizer.step()
    torch.save(optimizer.state_dict(), tmp_path / "state.pt")
    loaded = torch.load(tmp_path / "state.pt", weights_only=True)
    assert loaded["param_groups"][1]["curvature"] == -2.0
    assert loaded["state"][0]["exp_avg_sq"].shape == (5, 1)


def test_closure__is_called_with_gradients_and_its_loss_returned():
    p = _parameter(BALL, 1, 3, 0)
    optimizer = RiemannianSGD([p], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = BALL.squared_distance(p, torch.zeros(1, 3, dtype=torch.float64)).sum()
        loss.backward()
        return loss

    with torch.no_grad():
        losses = [float(optimizer.step(closure)) for _ in range(3)]
    assert losses[0] > losses[1] > losses[2]


def test_groups__have_curvatures_and_rates_of_their_own():
    start, g = directions(4, 2, generator(0)) * 0.3, directions(4, 2, generator(1))
    tensors = [start.clone().requires_grad_() for _ in range(3)]
    for t in tensors:
        t.grad = g
    optimizer = RiemannianSGD(
        [
            {"params": tensors[:1], "curvature": -4.0},
            {"params": tensors[1:2], "lr": 0.2},
            {"params": tensors[2:]},
        ],
        lr=0.1,
        curvature=-1.0,
    )
    optimizer.param_groups[2]["curvature"] = None
    optimizer.step()
    for t, ball, lr in zip(tensors, (Ball(-4.0), Ball(-1.0)), (0.1, 0.2), strict=False):
        right = ball.exp(start, -lr * ball.riemannian_gradient(start, g))
        torch.testing.assert_close(t.detach(), right, rtol=0, atol=1e-15)
    torch.testing.assert_close(tensors[2].detach(), start - 0.1 * g)


@every_maker
def test_refusal__comes_before_any_change(make):
    p, q = _parameter(BALL, 4, 3, 0), _parameter(BALL, 4, 3, 1)
    flat = torch.nn.Parameter(torch.zeros(3, dtype=torch.float64))
    optimizer = make([("table", p), ("bias", flat), ("other", q)])
    for t in (p, q, flat):
        t.grad = torch.ones_like(t)
    optimizer.step()
    kept = [t.detach().clone() for t in (p, q, flat)], copy.deepcopy(optimizer.state_dict())
    q.grad[2, 1] = math.nan
    with pytest.raises(InputError, match=r"other\.grad\[2\] = \(1, nan, 1\) is not finite"):
        optimizer.step()
    q.grad[2, 1] = 1.0
    flat.grad[1] = math.inf
    with pytest.raises(InputError, match=r"bias\.grad.* = \(1, inf, 1\) is not finite"):
        optimizer.step()
    flat.grad[1] = 1.0
    q.data[3] = torch.tensor([2.0, 0.0, 0.0])
    with pytest.raises(InputError, match=r"other\[3\] = \(2, 0, 0\) is no point .* Ball\.admit"):
        optimizer.step()
    q.data[3] = kept[0][1][3]
    for t, before in zip((p, q, flat), kept[0], strict=True):
        assert torch.equal(t.detach(), before)
    state = optimizer.state_dict()["state"]
    for key, row in kept[1]["state"].items():
        assert all(torch.equal(torch.as_tensor(state[key][k]), torch.as_tensor(v)) for k, v in row.items())


def test_refusal__of_settings_and_points():
    p = _parameter(BALL, 4, 3, 0)
    for options, name in (({"lr": -1.0}, "lr"), ({"lr": math.nan}, "lr"), ({"betas": (0.9, 1.0)}, "betas")):
        with pytest.raises(ConfigError, match=f"{name} = .* give"):
            RiemannianAdam([p], **options)
    with pytest.raises(ConfigError, match="momentum = -1"):
        RiemannianSGD([p], momentum=-1)
    with pytest.raises(ConfigError, match="not hyperbolic"):
        RiemannianSGD([p], curvature=1.0)
    outside = torch.full((2, 2), 0.9, requires_grad=True)
    with pytest.raises(InputError, match=r"params'\]\[0\]\[0\] = \(0\.89.*Ball\.admit"):
        RiemannianSGD([outside], curvature=-1.0)
    with pytest.raises(InputError, match=r"data\[0\]"):
        BallParameter(outside.detach(), BALL)
    with pytest.raises(InputError, match=r"shape \(\)"):
        RiemannianSGD([torch.tensor(0.1, requires_grad=True)], curvature=-1.0)
    sparse = torch.nn.Embedding(3, 2, sparse=True)
    sparse.weight.data.mul_(0.01)
    optimizer = RiemannianAdam(sparse.parameters(), curvature=-1.0)
    sparse(torch.tensor([1])).sum().backward()
    with pytest.raises(InputError, match="sparse=False"):
        optimizer.step()


def test_parameter__keeps_its_ball():
    p = BallParameter(torch.full((2, 2), 0.1), Ball(-2.0), requires_grad=False)
    assert "curvature=-2" in repr(p)
    for q in (copy.deepcopy(p), pickle.loads(pickle.dumps(p))):
        assert isinstance(q, BallParameter)
        assert q.ball == Ball(-2.0)
        assert not q.requires_grad
        assert torch.equal(q, p)
        assert q.data_ptr() != p.data_ptr()
    module = torch.nn.Module()
    module.p = p
    assert module.double().p.ball == Ball(-2.0)
    assert list(module.parameters()) == [p]
    assert type(p + 1) is torch.Tensor


def test_step__with_gradients_whose_squares_overflow():
    p = _parameter(BALL, 3, 3, 0, dtype=torch.float32)
    before = p.detach().clone()
    p.grad = torch.full_like(p, 1e30)
    RiemannianAdam([p], lr=0.1).step()
    assert bool(torch.isfinite(p).all())
    far = BALL.distance(before, p.detach())
    torch.testing.assert_close(far, torch.full_like(far, 0.1), rtol=1e-4, atol=0)
