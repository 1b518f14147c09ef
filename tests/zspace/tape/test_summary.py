"""Summaries: population statistics that hold up against NumPy and SciPy."""

import math

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb.zspace import GradientSummary
from tests.golden_cases import session_case

VALUES = st.lists(st.floats(-100, 100), min_size=2, max_size=40)


def test_worked_case():
    given_, expected, tolerance = session_case("hypergrad_summary")
    found = GradientSummary.from_values(given_["gradient"]).as_dict()
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=tolerance), name


@given(VALUES)
def test_against_numpy_and_scipy(values):
    v, found = np.array(values), GradientSummary.from_values(values)
    assert found.count() == len(v)
    expected = {
        "sum": v.sum(), "mean": v.mean(), "mean_abs": np.abs(v).mean(), "l1": np.abs(v).sum(),
        "l2": np.linalg.norm(v), "linf": np.abs(v).max(), "rms": np.sqrt((v**2).mean()), "sum_squares": (v**2).sum(),
        "sum_cubes": (v**3).sum(), "sum_quartic": (v**4).sum(), "variance": v.var(), "std": v.std(),
        "min": v.min(), "max": v.max(), "support_width": np.ptp(v),
    }  # fmt: skip
    for name, value in expected.items():
        assert getattr(found, name)() == pytest.approx(value, rel=1e-9, abs=1e-9), name
    if v.var() > 1e-6:
        assert found.skewness() == pytest.approx(scipy.stats.skew(v), rel=1e-6, abs=1e-6)
        assert found.kurtosis() == pytest.approx(scipy.stats.kurtosis(v, fisher=False), rel=1e-6)
    shares = [found.positive_fraction(), found.negative_fraction(), found.zero_fraction()]
    assert sum(shares) == pytest.approx(1.0)
    assert found.activation() == pytest.approx(1 - found.near_zero_fraction())
    assert -1 <= found.sign_lean() <= 1
    assert 0 <= found.sign_entropy() <= 1 + 1e-12


def test_moments_do_not_cancel_far_from_zero():
    spread = GradientSummary.from_values([1e8 + 1, 1e8 + 2, 1e8 + 3, 1e8 + 10])
    near = GradientSummary.from_values([1.0, 2.0, 3.0, 10.0])
    assert spread.variance() == pytest.approx(near.variance(), rel=1e-9)
    assert spread.skewness() == pytest.approx(near.skewness(), rel=1e-9)
    assert spread.kurtosis() == pytest.approx(near.kurtosis(), rel=1e-9)


def test_nothing_and_flat_buffers_are_zeros():
    assert set(GradientSummary.from_values([]).as_dict().values()) == {0}
    assert set(GradientSummary.from_values([math.nan, math.inf]).as_dict().values()) == {0}
    flat = GradientSummary.from_values([2.0, 2.0])
    assert (flat.skewness(), flat.kurtosis(), flat.sign_entropy()) == (0, 0, 0)


def test_values_that_are_not_finite_are_left_out():
    mixed = GradientSummary.from_values(torch.tensor([1.0, math.nan, -2.0, math.inf]))
    plain = GradientSummary.from_values([1.0, -2.0])
    assert mixed == plain
    assert hash(mixed) == hash(plain)
    assert "count=2" in repr(mixed)
