"""What is refused, with its value and a remedy, and what is imported from outside."""

import json
import math
from pathlib import Path

import pytest
import torch

from stnb._core.errors import ConfigError, InputError
from stnb.geometry import RIM, TENSOR_MARGIN, Ball

from .samples import DTYPES

BALL = Ball(-1.0)
POINT = torch.tensor([[0.1, 0.2], [0.3, -0.4]])
GOLDEN = Path(__file__).parents[1] / "golden" / "session.json"


@pytest.mark.parametrize("curvature", [0.0, 1.0, math.nan, math.inf, -math.inf, -1e30, -1e-30])
def test_curvature__must_be_negative_and_finite(curvature):
    with pytest.raises(ConfigError, match=r"curvature = .*give"):
        Ball(curvature)


@pytest.mark.parametrize("curvature", ["-1", None, True])
def test_curvature__must_be_a_number(curvature):
    with pytest.raises(ConfigError, match="give a negative number"):
        Ball(curvature)


def test_ball__is_a_value():
    assert Ball(-2) == Ball(-2.0)
    assert hash(Ball(-2.0)) == hash(Ball(-2.0))
    assert Ball(-4.0).radius == 0.5
    with pytest.raises(AttributeError):
        BALL.curvature = -2.0


@pytest.mark.parametrize("name", ["add", "exp", "log", "distance", "riemannian_gradient"])
def test_shapes__that_do_not_fit_are_both_named(name):
    for other in (torch.zeros(2, 3), torch.zeros(3, 2)):
        with pytest.raises(
            InputError, match=rf"shape \(2, 2\) but .* shape \({other.shape[0]}, {other.shape[1]}\)"
        ):
            getattr(BALL, name)(POINT, other)


def test_types__that_do_not_fit_are_named():
    with pytest.raises(InputError, match=r"float32 but y is torch\.float64"):
        BALL.add(POINT, POINT.double())
    with pytest.raises(InputError, match=r"torch\.int64; give float32 or float64"):
        BALL.exp0(torch.ones(2, 2, dtype=torch.int64))
    with pytest.raises(InputError, match="type list; give a torch tensor"):
        BALL.exp0([0.1, 0.2])
    with pytest.raises(InputError, match=r"shape \(\); give"):
        BALL.exp0(torch.tensor(0.5))


@pytest.mark.parametrize("rows", [3, 20_000])
@pytest.mark.parametrize("name", ["add", "log", "distance"])
def test_points__on_or_outside_the_ball_are_refused_by_name_and_index(name, rows):
    x = torch.zeros(rows, 2)
    for value in (1.0, 1.5, math.nan):
        y = x.clone()
        y[2] = torch.tensor([value, 0.0])
        with pytest.raises(InputError, match=r"y\[2\] = \((1|1\.5|nan), 0\) is no point .* Ball\.admit"):
            getattr(BALL, name)(x, y)
        with pytest.raises(InputError, match=r"x\[2\]"):
            getattr(BALL, name)(y, x)


@pytest.mark.parametrize("rows", [3, 20_000])
def test_vectors__with_nan_are_refused_by_name_and_index(rows):
    x, v = torch.zeros(rows, 2), torch.zeros(rows, 2)
    for value in (math.nan, math.inf):
        v[1, 1] = value
        with pytest.raises(InputError, match=rf"v\[1\] = \(0, {value}\) is not finite"):
            BALL.exp(x, v)
        with pytest.raises(InputError, match=r"v\[1\]"):
            BALL.exp0(v)
        with pytest.raises(InputError, match=r"x\[1\]"):
            BALL.project(v)
        with pytest.raises(InputError, match=r"weights\[1\] = \(0, "):
            BALL.admit(v, name="weights")


def test_index__has_all_leading_axes():
    y = torch.zeros(2, 3, 4)
    y[1, 2, 0] = 2.0
    with pytest.raises(InputError, match=r"y\[1, 2\] = \(2, 0, 0, 0\)"):
        BALL.log(torch.zeros(4), y)
    with pytest.raises(InputError, match=r"y = \(2, 0, 0, 0\)"):
        BALL.log(torch.zeros(4), y[1, 2])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("curvature", [-1.0, -4.0, -0.3])
def test_admit__reads_rows_beyond_the_rim_as_tangent_vectors(curvature, dtype):
    ball = Ball(curvature)
    r, rim = ball.radius, RIM[dtype]
    rows = torch.tensor([[0.2, 0.1], [r, 0.0], [0.0, 3.0 * r], [r * (1 - 8 * rim), 0.0]], dtype=dtype)
    points, moved = ball.admit(rows)
    assert moved.tolist() == [False, True, True, False]
    assert ball.admit(rows).number == 2
    assert torch.equal(points[0], rows[0])
    assert torch.equal(points[3], rows[3])
    torch.testing.assert_close(points[1:3], ball.exp0(rows[1:3]))
    assert float(points[1, 0]) == pytest.approx(r * math.tanh(1.0), rel=1e-6)
    assert bool(ball.contains(points).all())


def test_admit__with_the_margin_of_a_tensor():
    rows = torch.tensor([[1 - 2e-5, 0.0], [1 - 0.5e-5, 0.0], [50.0, 0.0]])
    points, moved = BALL.admit(rows, margin=TENSOR_MARGIN)
    assert moved.tolist() == [False, True, True]
    assert torch.equal(points[0], rows[0])
    assert float(points[1, 0]) == pytest.approx(math.tanh(1.0), abs=1e-5)
    assert float(points[2, 0]) == pytest.approx(1 - TENSOR_MARGIN, abs=2e-5)
    assert bool((BALL.gap(points) >= TENSOR_MARGIN).all())
    with pytest.raises(InputError, match="margin = 1"):
        BALL.admit(rows, margin=1.0)


def test_contains__is_decided_exactly():
    """The largest float32 and float64 below 1 lie inside; 1 does not."""
    for dtype in DTYPES:
        below = torch.nextafter(torch.ones(1, dtype=dtype), torch.zeros(1, dtype=dtype))
        rows = torch.stack([below, torch.ones(1, dtype=dtype), torch.full((1,), math.nan, dtype=dtype)])
        assert BALL.contains(rows).tolist() == [True, False, False]
        BALL.check(rows[:1])
        with pytest.raises(InputError, match=r"here\[1\]"):
            BALL.check(rows, name="here")


def test_golden_cases__that_are_principled():
    cases = {case["name"]: case for case in json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]}
    case = cases["project_to_poincare_c-1"]
    a = torch.tensor(case["inputs"]["a"], dtype=torch.float64).view(2, 2)
    right = torch.tensor(case["output"], dtype=torch.float64)
    torch.testing.assert_close(
        Ball(case["inputs"]["curvature"]).exp0(a), right, rtol=0, atol=case["tolerance"]
    )
    same = torch.tensor([cases["hyperbolic_distance_same"]["inputs"]["a"]])
    assert float(BALL.distance(same, same)) == cases["hyperbolic_distance_same"]["output"]
    wrong = cases["hyperbolic_distance_origin"]
    b = torch.tensor([wrong["inputs"]["b"]])
    assert float(BALL.distance(torch.zeros(1, 2), b)) == pytest.approx(1.098612289, abs=1e-6)
    wrong = cases["project_to_poincare_c-4"]
    inside = Ball(-4.0).exp0(torch.tensor(wrong["inputs"]["a"]).view(2, 2))
    assert float(inside.norm(dim=-1).max()) < 0.5 < max(math.hypot(*row) for row in wrong["output"])


def test_riemannian_step__worked_by_hand():
    """κ = −1, η = 0.05, w = (0.2, 0.1), g = (0.2, −0.6)."""
    w, g = torch.tensor([0.2, 0.1], dtype=torch.float64), torch.tensor([0.2, -0.6], dtype=torch.float64)
    moved = BALL.exp(w, -0.05 * BALL.riemannian_gradient(w, g))
    assert moved.tolist() == pytest.approx([0.197755581614, 0.106770745990], abs=1e-11)
