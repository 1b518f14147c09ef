"""Derivatives by kernel under Triton's interpreter, against the definitions' and against what geometry says of them."""

import os

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

from stnb.geometry import RIM, Ball, BallParameter, device

from .kernel_cases import (
    DEFINITIONS,
    MAPS,
    beyond_the_rim,
    by_autograd,
    cotangent,
    operands,
    worst_derivative,
)
from .samples import CURVATURES, DTYPES, directions, eps, generator, points

pytestmark = [
    pytest.mark.skipif(os.environ.get("TRITON_INTERPRET") != "1", reason="the GPU runs test_cuda.py instead"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
]
BALL = Ball(-1.7)
LENGTHS = ("distance", "squared_distance")


@pytest.fixture
def launched(monkeypatch):
    """As on a GPU: maps of CPU rows go to the kernels, whose names are kept."""
    names, launch = [], device._launch
    monkeypatch.setattr(device, "_launch", lambda name, *a: (names.append(name), launch(name, *a)))
    monkeypatch.setattr(
        device,
        "suits",
        lambda *t: not torch.compiler.is_compiling() and all(device._plain(one, t[0]) for one in t),
    )
    return names


def rows_for(name, n=5, d=3, dtype=torch.float64, nearest=0.1):
    given = operands(BALL, n, d, dtype, nearest=nearest)
    return [given[letter] for letter in MAPS[name][1]]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("d", [1, 3, 16, 17])
@pytest.mark.parametrize("name", DEFINITIONS)
def test_derivatives__are_those_of_the_definition(name, d, dtype):
    """In float32 to the last bit but one. In float64 `add`'s definition itself loses digits to the rim."""
    nearest = 1e-2 if name == "add" and dtype == torch.float64 else None
    for curvature in CURVATURES:
        off = worst_derivative(name, curvature, d, dtype, nearest=nearest)
        assert off <= (0.52 if dtype == torch.float32 else 1024.0)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_translation__scales_lengths_by_the_gaps_to_the_rim(dtype):
    """Y ↦ x ⊕ y is an isometry: its derivative is (gap of the sum / gap of y) times a rotation."""
    given = operands(BALL, 300, 5, dtype)
    x, y = given["x"], given["y"]
    g = cotangent(y)
    found = device.back("add", (x, y), g, BALL.c, (False, True))[1]
    a, b, far = BALL.gap(x).double(), BALL.gap(y).double(), (x + y).double().square().sum(-1)
    arrival = a * b / (BALL.c * far + a * b)
    free = arrival > 256.0 * eps(dtype)
    ratio = (found.double().norm(dim=-1) / g.double().norm(dim=-1) * b / arrival)[free]
    assert int(free.sum()) > 100
    assert float((ratio - 1.0).abs().max()) < 256.0 * eps(dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_distance__rises_at_unit_speed_to_the_rim(dtype):
    """‖∂d/∂x‖ = λ_x, also where both gaps are a few rims; and 0 at x = y."""
    given = operands(BALL, 300, 6, dtype)
    x, y = given["x"], given["y"]
    one = torch.ones(300, 1, dtype=dtype)
    by_x, by_y = device.back("distance", (x, y), one, BALL.c, (True, True))
    same = (x == y).all(-1)
    assert int(same.sum()) >= 10
    assert not by_x[same].any()
    assert not by_y[same].any()
    # Neighbours at the rim: the difference of their coordinates is exact, their gaps are not known better than this.
    for by, at in ((by_x, x), (by_y, y)):
        speed = by.double().norm(dim=-1) / BALL.conformal_factor(at).double()
        assert float((speed[~same] - 1.0).abs().max()) < 512.0 * eps(dtype)


def test_log__obeys_the_lemma_of_gauss():
    """⟨log_x(y), d log_x(y)⟩_x is d(d²/2)."""
    given = operands(BALL, 300, 5, torch.float64)
    x, y = given["x"], given["y"]
    g = BALL.conformal_factor(x, keepdim=True) ** 2 * BALL.log(x, y)
    mine = device.back("log", (x, y), g, BALL.c, (False, True))[1]
    half = torch.full((300, 1), 0.5, dtype=torch.float64)
    other = device.back("squared_distance", (x, y), half, BALL.c, (False, True))[1]
    off = (mine - other).norm(dim=-1) / other.norm(dim=-1).clamp_min(1e-30)
    assert float(off.max()) < 4096.0 * eps(torch.float64)


@pytest.mark.parametrize("name", ["add", "exp", "exp0"])
def test_clipped_results__move_along_the_rim_alone(name):
    """In float32, where float64 tells which results lay beyond the rim, and by the definition in float64."""
    ball, rows = beyond_the_rim(name, torch.float32)
    wanted = [True] * len(rows)
    beyond = ball.gap(DEFINITIONS[name](*(t.double() for t in rows), ball.c)) < RIM[torch.float32]
    assert int(beyond.sum()) >= 50
    out = getattr(device, name)(*rows, ball.c)
    outwards = device.back(name, rows, out, ball.c, wanted)
    across = device.back(name, rows, cotangent(out), ball.c, wanted)
    for still, moved in zip(outwards, across, strict=True):
        assert float(still[beyond].norm()) < 32.0 * eps(torch.float32) * float(moved[beyond].norm())
    ball, rows = beyond_the_rim(name, torch.float64)
    g = cotangent(rows[0])
    right, _ = by_autograd(DEFINITIONS[name], rows, ball.c, g)
    for mine, other in zip(device.back(name, rows, g, ball.c, wanted), right, strict=True):
        torch.testing.assert_close(mine, other, rtol=0, atol=1e-11 * float(other.abs().max()))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", ["exp", "exp0"])
def test_vectors__whose_square_overflows(name, dtype):
    x, v = (directions(4, 3, generator(seed)).to(dtype) * 0.5 for seed in (0, 1))
    v[0] *= torch.finfo(dtype).max / 4
    v[1] *= 1e25
    v[2] = 0.0
    rows = (x, v) if name == "exp" else (v,)
    g = cotangent(v)
    found = device.back(name, rows, g, 1.0, [True] * len(rows))
    right, _ = by_autograd(DEFINITIONS[name], rows, 1.0, g)
    for mine, other in zip(found, right, strict=True):
        # Derivatives by the longest vectors are so small that few bits are left of them.
        scale = other.abs().amax(-1, keepdim=True)
        slack = 64.0 * eps(dtype) * scale + 2.0 * torch.finfo(dtype).smallest_normal * eps(dtype)
        assert bool(((mine - other).abs() <= slack).all())
        assert bool(mine.any(-1).all())


@pytest.mark.parametrize("name", DEFINITIONS)
def test_balls__take_one_kernel_forwards_and_one_backwards(name, launched):
    rows = rows_for(name, dtype=torch.float32)
    kernel = "distance" if name in LENGTHS else name
    for wanted in ([True, True], [True, False], [False, True]) if len(rows) == 2 else ([True],):
        leaves = [t.clone().requires_grad_(by) for t, by in zip(rows, wanted, strict=True)]
        out = getattr(BALL, name)(*leaves)
        g = cotangent(out)
        out.backward(g)
        assert [launched.pop(0) for _ in range(2)] == [kernel, f"back through {kernel}"]
        assert not launched
        whole = g.unsqueeze(-1) if name in LENGTHS else g
        known = device.back(name, rows, whole, BALL.c, [True] * len(rows))
        for leaf, right in zip(leaves, known, strict=True):
            assert (leaf.grad is None) != leaf.requires_grad
            assert leaf.grad is None or torch.equal(leaf.grad, right)
        launched.clear()
    assert not getattr(BALL, name)(*rows).requires_grad


@pytest.mark.parametrize("name", ["log", "distance"])
def test_derivatives_by_the_result__of_any_layout(name, launched):
    """Expanded by `sum`, cut out of a larger one off any alignment, transposed, or of no rows at all."""
    rows = rows_for(name, dtype=torch.float32)

    def passes_through(by):
        leaves = [t.clone().requires_grad_() for t in rows]
        out = getattr(BALL, name)(*leaves)
        by(out).sum().backward()
        assert launched[-1].startswith("back through")
        plain = [t.clone().requires_grad_() for t in rows]
        by(DEFINITIONS[name](*plain, BALL.c).view_as(out)).sum().backward()
        for mine, other in zip(leaves, plain, strict=True):
            torch.testing.assert_close(mine.grad, other.grad, rtol=1e-5, atol=1e-5)

    passes_through(lambda out: out)
    passes_through(lambda out: torch.cat([torch.ones(1), out.flatten()]) * torch.arange(1 + out.numel()))
    passes_through(lambda out: out.t() @ torch.ones(len(out), 2))
    for shape in ((0, 3), (3,), (2, 3, 4, 3)):
        some = [torch.full(shape, 0.1 * k).requires_grad_() for k in (1, 2)]
        getattr(BALL, name)(*some).sum().backward()
        assert all(t.grad.shape == t.shape for t in some)
        assert bool(some[0].grad.any()) == (0 not in shape)


def second_derivatives(f, rows):
    """By the operands and by the derivative by the result, after a first derivative that was recorded."""
    leaves = [t.clone().requires_grad_() for t in rows]
    out = f(*leaves)
    leaves.append(cotangent(out).requires_grad_())
    first = torch.autograd.grad(out, leaves[:-1], leaves[-1], create_graph=True)
    return torch.autograd.grad(sum(torch.sin(3.0 * t).sum() for t in first), leaves)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_derivatives_of_derivatives__are_those_of_the_definition(name, launched):
    rows = rows_for(name)
    found = second_derivatives(lambda *t: getattr(BALL, name)(*t).view(5, -1), rows)
    assert launched == ["distance" if name in LENGTHS else name]
    right = second_derivatives(lambda *t: DEFINITIONS[name](*t, BALL.c), rows)
    for mine, other in zip(found, right, strict=True):
        assert bool(mine.any())
        torch.testing.assert_close(mine, other, rtol=1e-12, atol=1e-12)


def test_derivatives_of_derivatives__of_one_tensor_given_twice_or_made_of_another(launched):
    x = points(BALL, 1, 2, generator(5), dtype=torch.float64, nearest=0.2).requires_grad_()
    for f in (lambda p: BALL.add(p, p), lambda p: BALL.squared_distance(p, 0.5 * p + 0.1 * p.roll(1, -1))):
        assert gradcheck(f, (x,))
        assert gradgradcheck(f, (x,))
        plain, recorded = (torch.autograd.grad(f(x).sum(), x, create_graph=by)[0] for by in (False, True))
        torch.testing.assert_close(recorded, plain, rtol=1e-12, atol=1e-12)
    assert launched


def test_transforms__go_the_general_way(launched):
    x, y = rows_for("log", n=4)
    for f in (BALL.distance, BALL.log):
        tracked = x.clone().requires_grad_()
        right = torch.autograd.functional.jacobian(lambda p, f=f: f(p, y).sum(0), tracked)
        launched.clear()
        batched = torch.autograd.functional.jacobian(lambda p, f=f: f(p, y).sum(0), tracked, vectorize=True)
        forward = torch.func.jacfwd(lambda p, f=f: f(p, y).sum(0))(x)
        for other in (batched, forward):
            torch.testing.assert_close(other, right, rtol=1e-11, atol=1e-12)
        assert not any(name.startswith("back through") for name in launched)
    launched.clear()
    each = torch.func.vmap(torch.func.grad(BALL.distance))(x, y)
    assert not launched
    leaf = x.clone().requires_grad_()
    BALL.distance(leaf, y).sum().backward()
    torch.testing.assert_close(each, leaf.grad, rtol=1e-12, atol=1e-13)


def test_tangent__of_the_derivative_by_the_result_is_not_lost(launched):
    x, y = rows_for("log", n=4)
    leaf, t = x.clone().requires_grad_(), cotangent(x)
    out = BALL.log(leaf, y)
    with torch.autograd.forward_ad.dual_level():
        g = torch.autograd.forward_ad.make_dual(torch.ones_like(x), t)
        (found,) = torch.autograd.grad(out, leaf, g)
        tangent = torch.autograd.forward_ad.unpack_dual(found).tangent
    assert launched == ["log"]
    right, _ = by_autograd(DEFINITIONS["log"], (x, y), BALL.c, t)
    torch.testing.assert_close(tangent, right[0], rtol=1e-12, atol=1e-13)


def test_parameters__train_through_the_kernels(launched):
    x, y = rows_for("distance", n=4)
    table = BallParameter(x.clone(), BALL)
    loss = BALL.squared_distance(table, y).sum()
    loss.backward()
    assert launched == ["distance", "back through distance"]
    assert table.grad.shape == table.shape
    changed = BALL.distance(table, y)
    with torch.no_grad():
        table.mul_(0.5)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        changed.sum().backward()
