import decimal
import fractions
import math

import numpy as np
import pytest
import torch

from stnb._core.errors import InvalidDimensions, InvalidValue, NonFiniteValue, NonPositiveWeight
from stnb._core.numbers import finite, positive, real, whole


@pytest.mark.parametrize(
    "value",
    [
        2,
        2.0,
        np.float32(2),
        np.int8(2),
        np.array(2.0),
        np.array([2]),
        torch.tensor(2.0),
        fractions.Fraction(2),
    ],
)
def test_numbers_of_all_kinds_become_floats(value):
    assert real("x", value) == finite("x", value) == positive("x", value) == 2.0
    assert type(real("x", value)) is float


@pytest.mark.parametrize(
    "value", ["2", b"2", None, True, np.bool_(True), [2.0], np.zeros(2), 2j, decimal.Decimal(2)]
)
def test_what_is_no_number_is_a_type_error(value):
    for check in (real, finite, positive):
        with pytest.raises(TypeError, match=r"x = .*give a number"):
            check("x", value)


def test_infinities_and_nan():
    assert real("x", 10**400) == math.inf
    assert real("x", -(10**400)) == -math.inf
    assert math.isnan(real("x", math.nan))
    for value in (math.nan, math.inf, 10**400):
        with pytest.raises(NonFiniteValue, match="x = "):
            finite("x", value)
        with pytest.raises(InvalidValue):
            positive("x", value)
    for value in (0, -1.0):
        with pytest.raises(NonPositiveWeight, match="above 0"):
            positive("x", value, NonPositiveWeight)


def test_whole_numbers():
    assert whole("n", np.int64(3)) == 3
    assert whole("n", -3, low=None) == -3
    for value in (3.0, "3", None, True):
        with pytest.raises(TypeError, match="whole number"):
            whole("n", value)
    with pytest.raises(InvalidValue, match="from 0 on"):
        whole("n", -1)
    with pytest.raises(InvalidDimensions, match="below 1"):
        whole("n", 0, low=1, error=InvalidDimensions)
