"""The kernels under Triton's interpreter, against plain torch."""

import os

import pytest
import torch

from stnb.geometry import RIM, Ball, device

from .kernel_cases import MAPS, WIDTHS, adam_difference, adam_path, at_the_rim, operands, worst
from .samples import CURVATURES, DTYPES, directions, eps, generator

pytestmark = [
    pytest.mark.skipif(os.environ.get("TRITON_INTERPRET") != "1", reason="the GPU runs test_cuda.py instead"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
]
# As for the passes on the CPU: sums in float32 beside a gap of 1/8, and their rotation.
BOUND = 96.0


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("d", WIDTHS)
@pytest.mark.parametrize("name", MAPS)
def test_maps__are_those_of_plain_torch(name, d, dtype):
    for curvature in CURVATURES:
        assert worst(name, curvature, d, dtype) <= BOUND


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", MAPS)
def test_maps__of_one_row_and_of_none(name, dtype):
    ball = Ball(-2.0)
    for n in (0, 1):
        given = operands(ball, n, 3, dtype)
        rows = [given[letter] for letter in MAPS[name][1]]
        torch.testing.assert_close(
            getattr(device, name)(*rows, ball.c), MAPS[name][0](*rows, ball.c), rtol=1e-5, atol=0
        )


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", ["add", "exp", "exp0"])
def test_points__are_kept_inside_and_stay_there(name, dtype):
    gap, settled = at_the_rim(name, dtype)
    assert float(gap.min()) >= 2.0 - RIM[dtype]
    assert int((gap < 8.0).sum()) >= 20
    assert settled


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_distance__is_right_beside_the_rim(dtype):
    """Both gaps are a few rims, where a plain sum has no digit left; symmetric to the bit, 0 at x = x."""
    ball = Ball(-3.7)
    given = operands(ball, 400, 6, dtype, nearest=2.0 * RIM[dtype])
    x, y = given["x"], given["y"]
    found, right = device.distance(x, y, ball.c), ball.distance(x, y, keepdim=True)
    slack = 0.0 if dtype == torch.float32 else 2.0**-28
    assert float(((found - right).abs() - 8 * eps(dtype) * right).max()) <= slack
    assert torch.equal(found, device.distance(y, x, ball.c))
    assert not device.distance(x, x, ball.c).any()


def test_curvature__reaches_the_kernels_unrounded():
    """In float32, 0.1 would be off by 1e-8."""
    x = directions(20, 4, generator(0)) * 0.9
    y = directions(20, 4, generator(1)) * 0.5
    for c in (0.1, 1e-24, 1e24):
        scale = c**-0.5
        a, b = x * scale, y * scale
        right = Ball(-c).distance(a, b, keepdim=True)
        torch.testing.assert_close(device.distance(a, b, c), right, rtol=4e-15, atol=0)
        torch.testing.assert_close(
            device.exp(a, b, c), Ball(-c).exp(a, b), rtol=0, atol=8 * eps(a.dtype) * scale
        )


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_exp__of_a_vector_whose_square_overflows(dtype):
    ball = Ball(-1.0)
    x = directions(4, 3, generator(0)).to(dtype) * 0.5
    v = directions(4, 3, generator(1)).to(dtype)
    v[0] *= torch.finfo(dtype).max / 4
    v[1] *= 1e25
    v[2] = 0.0
    found, right = device.exp(x, v, ball.c), ball.exp(x, v)
    assert torch.equal(found[2], x[2])
    torch.testing.assert_close(found, right, rtol=0, atol=64 * RIM[dtype])
    torch.testing.assert_close(device.exp0(v, ball.c), ball.exp0(v), rtol=0, atol=64 * RIM[dtype])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(("amsgrad", "weight_decay"), [(False, 0.0), (True, 0.01)])
def test_adam__is_the_optimiser(amsgrad, weight_decay, dtype):
    settings = {"steps": 6, "amsgrad": amsgrad, "weight_decay": weight_decay}
    mine = adam_path("cpu", dtype, kernel=device.adam, **settings)
    other = adam_path("cpu", dtype, **settings)
    assert max(adam_difference(mine, other, dtype)) <= 6 * 64
    assert not torch.equal(other[1], adam_path("cpu", dtype, steps=5)[1])


def test_adam__keeps_points_inside():
    """A step of 50 goes beyond any rim."""
    ball = Ball(-1.0)
    x = directions(50, 3, generator(0)).float() * 0.5
    g = directions(50, 3, generator(1)).float()
    m, v = torch.zeros_like(x), torch.zeros(50, 1)
    settings = {"lr": 50.0, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.0}
    device.adam(x, g, m, v, None, ball.c, step=1, **settings)
    assert float(ball.gap(x).min()) >= RIM[torch.float32]
    assert float(ball.gap(x).max()) < 1e-5
    assert bool(torch.isfinite(m).all())


def test_dispatch__leaves_the_cpu_to_the_cpu():
    x = torch.zeros(3, 4)
    assert not device.applies(x, x)
    assert not device.suits(x, x)
    assert device.available() == (False, "TRITON_INTERPRET=1 has Triton interpreted on the CPU")


def test_dispatch__hands_maps_and_steps_to_the_kernels(monkeypatch):
    """As on a GPU: the same numbers through `Ball` and `RiemannianAdam`."""
    ball, launched = Ball(-1.7), []
    launch = device._launch
    rows = operands(ball, 100, 5, torch.float64)
    mine = adam_path("cpu", torch.float64, steps=3, amsgrad=True, kernel=device.adam)
    monkeypatch.setattr(device, "_launch", lambda name, *a: (launched.append(name), launch(name, *a)))
    monkeypatch.setattr(device, "suits", lambda *operands: True)
    monkeypatch.setattr(device, "applies", lambda *operands: True)
    for name, (f, letters) in MAPS.items():
        operand = [rows[letter] for letter in letters]
        found = getattr(ball, name)(*operand)
        assert launched.pop() == name.removeprefix("squared_")
        assert torch.equal(found.flatten(), getattr(device, name)(*operand, ball.c).flatten())
        assert found.shape == f(*operand, ball.c).squeeze(-1 if "distance" in name else 0).shape
    launched.clear()
    other = adam_path("cpu", torch.float64, steps=3, amsgrad=True)
    assert launched.count("adam") == 3
    assert all(torch.equal(a, b) for a, b in zip(mine[1:], other[1:], strict=True))
