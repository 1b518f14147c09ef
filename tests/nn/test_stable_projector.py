"""Series at fixed points: the polynomial itself, large points, transforms that are known, and derivatives."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import EmptyInput, InvalidValue, NonFiniteValue
from stnb.nn import StableZSpaceProjector
from stnb.zspace import ComplexTensor
from stnb.zspace.series import zspace_eval

SEED, COUNT = st.integers(0, 2**31), st.integers(1, 30)


def drawn(seed, n, points, reach=1.3):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, n)) + 1j * rng.normal(size=(2, n))
    return x, rng.uniform(0, reach, points) * np.exp(2j * np.pi * rng.random(points))


@given(SEED, COUNT, st.integers(1, 6))
def test_values_are_those_of_the_polynomial(seed, n, points):
    x, z = drawn(seed, n, points)
    found = StableZSpaceProjector(z).project_series(torch.from_numpy(x)).numpy()
    for row, values in zip(x, found, strict=True):
        expected = np.array([complex(*v) for v in zspace_eval(row.real, row.imag, z.real, z.imag)])
        np.testing.assert_allclose(values, expected, rtol=1e-12, atol=1e-12 * 1.3**n)


def test_large_points_do_not_overflow_before_their_value_does():
    x = np.zeros(200)
    x[0], x[-1] = 1.0, 2.0
    found = StableZSpaceProjector([30.0]).project_series(x)
    assert complex(found[0, 0]) == pytest.approx(30.0**199, rel=1e-12)
    assert complex(StableZSpaceProjector([0.0]).project_series([[4.0, 1.0]])[0, 0]) == 2.0


@pytest.mark.parametrize("sigma", [0.7, 1.5, 2.0 + 1.0j])
def test_mellin_transform_of_the_exponential_is_gamma(sigma):
    from scipy.special import gamma

    t = np.arange(-40.0, 4.5, 0.05)
    made = StableZSpaceProjector.from_abscissae([sigma], log_start=t[0], log_step=0.05)
    found = complex(made.project_series(np.exp(-np.exp(t)))[0, 0])
    assert found == pytest.approx(gamma(sigma), rel=1e-9)
    given_z = StableZSpaceProjector(made.z_points, log_start=t[0], log_step=0.05)
    assert complex(given_z.project_series(np.exp(-np.exp(t)))[0, 0]) == pytest.approx(gamma(sigma), rel=1e-9)


def test_kinds_of_input_and_derivatives():
    made = StableZSpaceProjector([0.5, 2.0], log_step=0.5)
    wave = ComplexTensor(1, 3, [1, 1, 1])
    assert made(wave).tolist() == [[0.5 * 1.125, 0.5 * 4.5]]
    x = torch.randn(2, 4, dtype=torch.complex128, generator=torch.Generator().manual_seed(0)).requires_grad_()
    assert torch.autograd.gradcheck(made.forward, x)
    assert "2 points" in repr(made)


def test_bad_input():
    for wrong in ([], [[]]):
        with pytest.raises(EmptyInput):
            StableZSpaceProjector(wrong)
        with pytest.raises(EmptyInput):
            StableZSpaceProjector([0.5]).project_series(wrong)
    with pytest.raises(NonFiniteValue, match=r"z_points\[1\]"):
        StableZSpaceProjector([0.5, math.nan])
    with pytest.raises(NonFiniteValue):
        StableZSpaceProjector([0.5]).project_series([[1.0, math.inf]])
    with pytest.raises(InvalidValue, match="log_step"):
        StableZSpaceProjector([0.5], log_step=0.0)
    with pytest.raises(InvalidValue, match="holds 0"):
        StableZSpaceProjector([0.0], log_start=1.0)
    with pytest.raises(InvalidValue, match=r"\(B, N\)"):
        StableZSpaceProjector([0.5]).project_series(torch.ones(1, 1, 1))
