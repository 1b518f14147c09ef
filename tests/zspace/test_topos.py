"""Topoi and the monad that rewrites by them: clamps, limits and laws."""

import copy
import math
import pickle

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import (
    InvalidDimensions,
    InvalidValue,
    LoopDetected,
    NonFiniteValue,
    NonHyperbolicCurvature,
    NonPositiveSaturation,
    NonPositiveTolerance,
    TensorVolumeExceeded,
)
from stnb.zspace import OpenCartesianTopos, OpenTopos, RewriteMonad, Tensor
from tests.golden_cases import session_case

NUMBER = st.floats(allow_nan=False)
NAN, INF = float("nan"), float("inf")


def test_one_class_has_two_names():
    assert OpenTopos is OpenCartesianTopos


@given(st.floats(1e-3, 1e6), NUMBER, NUMBER)
def test_saturate__is_an_odd_monotone_projection(saturation, a, b):
    topos = OpenTopos(saturation=saturation)
    x, y = topos.saturate(a), topos.saturate(b)
    assert abs(x) <= saturation
    assert topos.saturate(x) == x
    assert topos.saturate(-a) == -x
    assert (x <= y) if a <= b else (x >= y)
    if math.isfinite(a) and math.isfinite(b) and math.isfinite(a - b):
        assert abs(x - y) <= abs(a - b)
    if abs(a) <= saturation:
        assert x == a


def test_worked_cases():
    given_, expected, tolerance = session_case("topos_saturate_hard")
    topos = OpenTopos(-1.0, 1e-3, 10.0, 8, 16)
    finite = [(x, y) for x, y in zip(given_["x"], expected, strict=True) if not isinstance(x, str)]
    assert len(finite) == 5
    for x, y in finite:
        assert topos.saturate(x) == pytest.approx(y, abs=tolerance)
    assert (topos.saturate(INF), topos.saturate(-INF)) == (10.0, -10.0)
    depth = session_case("topos_loop_guard")[0]["max_depth"]
    guard = OpenTopos(max_depth=depth)
    guard.ensure_loop_free(depth - 1)
    with pytest.raises(LoopDetected, match=f"max_depth = {depth}"):
        guard.ensure_loop_free(depth)


def test_volume_may_be_reached_but_not_passed():
    topos = OpenTopos(max_volume=6)
    topos.guard_tensor("x", Tensor(2, 3))
    topos.guard_slice("x", [0.0] * 6)
    topos.guard_slice("x", [])
    with pytest.raises(TensorVolumeExceeded, match="2 × 4 = 8"):
        topos.guard_tensor("x", Tensor(2, 4))
    with pytest.raises(TensorVolumeExceeded):
        topos.guard_slice("x", [0.0] * 7)
    with pytest.raises(RuntimeError):
        topos.saturate_tensor(Tensor(2, 4))


def test_guards_refuse_what_is_not_finite_by_index():
    topos = OpenTopos()
    for bad in (NAN, INF):
        with pytest.raises(NonFiniteValue, match=r"signal\[1, 0\]"):
            topos.guard_tensor("signal", Tensor(2, 1, [0, bad]))
        with pytest.raises(NonFiniteValue, match=r"signal\[2\]"):
            topos.guard_slice("signal", [0.0, 1.0, bad])
    with pytest.raises(NonFiniteValue):
        topos.saturate(NAN)


def test_saturate_tensor__works_in_place_and_refuses_before_it_changes_anything():
    topos = OpenTopos(saturation=2.0)
    x = Tensor(1, 3, [5, -INF, 1])
    topos.saturate_tensor(x)
    assert x.data() == [2, -2, 1]
    broken = Tensor(1, 3, [5, NAN, 1])
    with pytest.raises(NonFiniteValue, match=r"\[0, 1\]"):
        topos.saturate_tensor(broken)
    assert broken.data()[0] == 5


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        ({"curvature": 0.0}, NonHyperbolicCurvature),
        ({"curvature": NAN}, NonHyperbolicCurvature),
        ({"curvature": -INF}, NonHyperbolicCurvature),
        ({"tolerance": 0.0}, NonPositiveTolerance),
        ({"tolerance": NAN}, NonPositiveTolerance),
        ({"saturation": -1.0}, NonPositiveSaturation),
        ({"saturation": INF}, NonPositiveSaturation),
        ({"max_depth": 0}, InvalidDimensions),
        ({"max_volume": 0}, InvalidDimensions),
        ({"max_volume": 1.5}, TypeError),
    ],
)
def test_bad_limits(limits, error):
    with pytest.raises(error):
        OpenTopos(**limits)
    with pytest.raises((ValueError, TypeError)):
        OpenTopos(**limits)


def test_a_topos_is_a_value():
    topos = OpenTopos(-0.9, 1e-6, 1e4, 512, 16_384)
    assert topos == copy.deepcopy(topos) == pickle.loads(pickle.dumps(topos))
    assert len({topos, OpenTopos(-0.9, 1e-6, 1e4, 512, 16_384), OpenTopos()}) == 2
    assert topos.ball().curvature == topos.curvature()
    assert topos.close(1.0, 1.0 + 5e-7)
    assert not topos.close(1.0, 1.1)
    with pytest.raises(AttributeError, match="never changes"):
        topos._saturation = 3.0
    assert eval(repr(topos)) == topos


ROWS = st.lists(st.floats(-100, 100, width=32), min_size=4, max_size=4)


@given(ROWS, st.floats(0.5, 50.0))
def test_monad_laws(values, saturation):
    monad = RewriteMonad(OpenTopos(saturation=saturation))
    x = Tensor(2, 2, values)

    def f(t):
        return t.scale(3.0)

    def g(t):
        return t.sub(Tensor(2, 2, [1.0] * 4))

    once = monad.rewrite_tensor("x", x)
    assert monad.rewrite_tensor("x", once) == once
    assert monad.bind(f)(once) == monad.bind(f)(x)
    assert monad.bind()(x) == once
    assert monad.bind(f, g)(x) == monad.bind(monad.bind(f), g)(x) == monad.bind(g)(monad.bind(f)(x))
    assert float(once.torch().abs().max()) <= torch.tensor(saturation)
    assert x.data() == pytest.approx(values)


def test_rewriting_lists_and_scalars():
    monad = RewriteMonad(OpenTopos(saturation=10.0, max_volume=3))
    assert monad.rewrite_slice("x", [20.0, -INF, 1.0]) == [10.0, -10.0, 1.0]
    assert monad.rewrite_slice("x", []) == []
    assert monad.rewrite_scalar(-11.0) == -10.0
    with pytest.raises(NonFiniteValue, match=r"x\[1\]"):
        monad.rewrite_slice("x", [0.0, NAN])
    with pytest.raises(TensorVolumeExceeded):
        monad.rewrite_slice("x", [0.0] * 4)
    with pytest.raises(TensorVolumeExceeded):
        monad.rewrite_tensor("x", Tensor(2, 2))
    with pytest.raises(InvalidValue, match=r"x\[0, 1\] = 20"):
        monad.rewrite_tensor("x", Tensor(1, 2, [1, 20]), strict=True)
    assert monad.rewrite("x", Tensor(1, 2, [1, 20]))[1] == 1
    with pytest.raises(TypeError):
        RewriteMonad("topos")
