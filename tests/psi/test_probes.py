"""What feeds the meter: moved weights and drifting activations."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nst

from stnb._core.errors import DataLength, NonFiniteValue, ShapeMismatch
from stnb.psi.probes import ActivationDrift, update_ratio

ROWS = nst.arrays(np.float64, (3, 4), elements=st.floats(-10, 10))


def test_update_ratio__is_the_move_over_the_size():
    before = [torch.tensor([[3.0, 0.0], [0.0, 0.0]]), torch.tensor([4.0])]
    after = [torch.tensor([[3.0, 0.3], [0.0, 0.0]]), torch.tensor([4.4])]
    assert update_ratio(before, after) == pytest.approx(0.5 / 5.0, rel=1e-6)
    assert update_ratio(before, before) == 0.0
    assert update_ratio([], []) == 0.0
    assert update_ratio([[0.0]], [[1.0]]) == pytest.approx(1e12)


def test_update_ratio__refuses_other_parameters():
    with pytest.raises(DataLength, match="before has 1 parameters, after 0"):
        update_ratio([[1.0]], [])
    with pytest.raises(ShapeMismatch, match=r"before\[0\] has shape \(1, 1\)"):
        update_ratio([[1.0]], [[1.0, 2.0]])
    with pytest.raises(NonFiniteValue, match="after"):
        update_ratio([[1.0]], [[math.nan]])


@given(ROWS, ROWS)
def test_drift__is_measured_from_the_slow_mean(first, second):
    probe = ActivationDrift()
    for rows, usual in ((first, first.mean(0)), (second, 0.9 * first.mean(0) + 0.1 * first.mean(0))):
        expected = np.mean([np.linalg.norm(row - usual) for row in rows]) / (np.linalg.norm(usual) + 1e-12)
        assert probe.observe(rows) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    third = 0.9 * usual + 0.1 * second.mean(0)
    assert probe.observe([third]) == pytest.approx(0.0, abs=1e-3)


def test_drift__of_equal_rows_is_none():
    probe = ActivationDrift()
    for _ in range(3):
        assert probe.observe([[1.0, 2.0]] * 4) == pytest.approx(0.0, abs=1e-12)
    assert probe.observe(np.zeros((0, 2))) == 0.0
    with pytest.raises(ShapeMismatch, match="outputs have 3 columns"):
        probe.observe([[1.0, 2.0, 3.0]])
    assert probe.observe([[2.0, 4.0]]) == pytest.approx(1.0)
