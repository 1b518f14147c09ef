"""The weighted series as a polynomial, its derivative, both ways of summing it, and Mellin transforms that are known."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import DataLength, EmptyInput, InvalidValue, NonFiniteValue
from stnb.zspace.series import (
    mellin_transform,
    zspace_eval,
    zspace_eval_stable,
    zspace_eval_with_derivative,
    zspace_eval_with_derivative_stable,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "session.json"
SEED = st.integers(0, 2**31)
COUNT = st.integers(1, 30)
ALL = [zspace_eval, zspace_eval_stable, zspace_eval_with_derivative, zspace_eval_with_derivative_stable]


def _draw(seed, n, points=7, *, low=0.0, high=1.2):
    rng = np.random.default_rng(seed)
    f = rng.normal(size=n) + 1j * rng.normal(size=n)
    z = rng.uniform(low, high, points) * np.exp(2j * np.pi * rng.random(points))
    return f, z


def _call(function, f, z):
    found = function(f.real, f.imag, z.real, z.imag)
    pairs = found if isinstance(found, tuple) else (found,)
    values = [np.array([complex(*pair) for pair in part]) for part in pairs]
    return values if isinstance(found, tuple) else values[0]


def _weighted(f):
    return f * np.where((np.arange(len(f)) % max(1, len(f) - 1) == 0) & (len(f) > 1), 0.5, 1.0)


def test_eval__matches_the_worked_case():
    cases = json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]
    found = next(c for c in cases if c["name"] == "zspace_eval_basic")
    values = zspace_eval(**found["inputs"])
    assert [list(pair) for pair in values] == found["output"]
    assert all(type(part) is float for pair in values for part in pair)


@given(SEED, COUNT)
def test_eval__is_the_polynomial_and_its_derivative(seed, n):
    f, z = _draw(seed, n)
    a = np.polynomial.Polynomial(_weighted(f))
    scale = np.polynomial.Polynomial(np.abs(a.coef))
    value, slope = _call(zspace_eval_with_derivative, f, z)
    assert np.array_equal(value, _call(zspace_eval, f, z))
    assert (np.abs(value - a(z)) <= 1e-14 * n * scale(np.abs(z))).all()
    assert (np.abs(slope - a.deriv()(z)) <= 1e-14 * n * (scale.deriv()(np.abs(z)) + 1)).all()


@given(SEED, COUNT)
def test_derivative__is_that_of_finite_differences(seed, n):
    f, z = _draw(seed, n, high=0.9)
    h = 1e-5
    difference = (_call(zspace_eval, f, z + h) - _call(zspace_eval, f, z - h)) / (2 * h)
    _, slope = _call(zspace_eval_with_derivative, f, z)
    assert np.abs(slope - difference).max() <= 1e-7 * n**3


@given(SEED, COUNT)
def test_eval__is_linear_and_symmetric(seed, n):
    f, z = _draw(seed, n)
    g, _ = _draw(seed + 1, n)
    joint = _call(zspace_eval, 2.0 * f - 3.0 * g, z)
    apart = 2.0 * _call(zspace_eval, f, z) - 3.0 * _call(zspace_eval, g, z)
    bound = 1e-13 * n * (2 * np.abs(f).sum() + 3 * np.abs(g).sum()) * 1.2**n
    assert np.abs(joint - apart).max() <= bound
    assert _call(zspace_eval, f, np.zeros(1, complex))[0] == _weighted(f)[0]
    real = f.real.astype(complex)
    assert np.array_equal(_call(zspace_eval, real, z.conj()), _call(zspace_eval, real, z).conj())


@given(SEED, COUNT)
def test_stable__sums_to_the_same(seed, n):
    f, z = _draw(seed, n, points=20, high=2.5)
    scale = np.polynomial.Polynomial(np.abs(_weighted(f)))(np.abs(z))
    value, slope = _call(zspace_eval_with_derivative, f, z)
    other, other_slope = _call(zspace_eval_with_derivative_stable, f, z)
    assert np.array_equal(other, _call(zspace_eval_stable, f, z))
    assert (np.abs(value - other) <= 1e-14 * n * scale).all()
    assert (np.abs(slope - other_slope) <= 1e-14 * n * n * (scale + 1)).all()


def test_stable__survives_powers_that_overflow():
    f = np.zeros(400, complex)
    f[:3] = 2.0, 1.0, 1.0
    z = np.array([1e3 + 0j])
    assert _call(zspace_eval_stable, f, z)[0] == pytest.approx(1.0 + 1e3 + 1e6)


def test_series__that_exceeds_float64_is_refused():
    for function in ALL:
        with pytest.raises(NonFiniteValue, match="point 1 exceeds float64"):
            function([1.0] * 400, [0.0] * 400, [0.5, 1e3], [0.0, 0.0])


@pytest.mark.parametrize("function", ALL)
def test_bad_input__is_refused(function):
    with pytest.raises(DataLength, match="real has 2 values but imag has 1"):
        function([1.0, 2.0], [0.0], [0.5], [0.0])
    with pytest.raises(DataLength, match="z_re has 1 values but z_im has 2"):
        function([1.0], [0.0], [0.5], [0.0, 1.0])
    with pytest.raises(EmptyInput, match="real"):
        function([], [], [0.5], [0.0])
    with pytest.raises(EmptyInput, match="z_re"):
        function([1.0], [0.0], [], [])
    for bad in (math.nan, math.inf):
        with pytest.raises(NonFiniteValue, match=r"imag\[0\]"):
            function([1.0], [bad], [0.5], [0.0])
        with pytest.raises(NonFiniteValue, match=r"z_im\[0\]"):
            function([1.0], [0.0], [0.5], [bad])
    with pytest.raises(TypeError, match="z_re"):
        function([1.0], [0.0], "a", [0.0])


def test_inputs__of_torch_and_numpy_are_read_and_left_alone():
    real = torch.tensor([1.0, 0.5, 0.25], requires_grad=True)
    imag, z_re = np.zeros(3), np.array([0.5, 1.0])
    expected = zspace_eval([1, 0.5, 0.25], [0, 0, 0], [0.5, 1.0], [0, 0])
    assert zspace_eval(real, imag, z_re, (0, 0)) == expected
    assert real.tolist() == [1.0, 0.5, 0.25]


def _decay(rate=1.0, start=-12.0, step=0.05, end=4.0):
    t = start + step * np.arange(round((end - start) / step) + 1)
    return start, step, np.exp(-rate * np.exp(t)), np.zeros_like(t)


def test_mellin__of_the_exponential_is_gamma():
    assert mellin_transform(*_decay(), 1.5) == pytest.approx(0.88623, abs=1e-4)
    for s in (1.5, 2.0, 3.7):
        assert mellin_transform(*_decay(start=-30.0), s) == pytest.approx(math.gamma(s), rel=1e-12)
    half = mellin_transform(*_decay(start=-60.0, end=5.0), 1 + 2j)
    assert abs(half) ** 2 == pytest.approx(2 * math.pi / math.sinh(2 * math.pi), rel=1e-12)


@given(st.floats(0.2, 5.0), st.floats(1.0, 3.0), st.floats(-3.0, 3.0))
def test_mellin__of_a_stretched_function_gains_a_power(rate, re, im):
    s = complex(re, im)
    stretched, plain = (mellin_transform(*_decay(r, start=-40.0, end=6.0), s) for r in (rate, 1.0))
    assert stretched == pytest.approx(rate**-s * plain, abs=1e-10 * rate**-re)


@given(SEED, COUNT, st.floats(-1.5, 1.5), st.floats(-3.0, 3.0))
def test_mellin__is_the_series_at_a_diagnostic_point(seed, n, re, im):
    f, _ = _draw(seed, n)
    s, start, step = complex(re, im), -0.7, 0.1
    z = np.exp(np.array([s * step]))
    found = mellin_transform(start, step, f.real, f.imag, s)
    assert found == pytest.approx(step * np.exp(s * start) * _call(zspace_eval, f, z)[0], abs=1e-11 * n)


def test_mellin__refuses_bad_input():
    for step in (0.0, -0.1):
        with pytest.raises(InvalidValue, match="log_step"):
            mellin_transform(0.0, step, [1.0], [0.0], 1.0)
    for name, args in (
        ("log_start", (math.nan, 0.1, [1.0], [0.0], 1.0)),
        ("log_step", (0.0, math.inf, [1.0], [0.0], 1.0)),
        ("s = ", (0.0, 0.1, [1.0], [0.0], complex(1.0, math.nan))),
        ("exceeds float64", (0.0, 10.0, [1.0] * 100, [0.0] * 100, 1.0)),
    ):
        with pytest.raises(NonFiniteValue, match=name):
            mellin_transform(*args)
    with pytest.raises(DataLength):
        mellin_transform(0.0, 0.1, [1.0], [0.0, 1.0], 1.0)
    with pytest.raises(EmptyInput):
        mellin_transform(0.0, 0.1, [], [], 1.0)
    for s in ("1", True, None):
        with pytest.raises(TypeError, match="give a complex number"):
            mellin_transform(0.0, 0.1, [1.0], [0.0], s)
