"""Quantisation: half a step of error, nothing lost in silence, bytes that are ours."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from stnb_widgets.quantize import LOST, TOP, Quantiser, dequantise

ROWS, WIDTHS = st.integers(0, 300), st.integers(1, 3)
FLOAT32_SHARE = 0.05


def columns(elements, dtype):
    return st.tuples(ROWS, WIDTHS).flatmap(lambda shape: hnp.arrays(dtype, shape, elements=elements))


def worst_error_in_steps(values, packed):
    back = dequantise(packed.codes, packed.low, packed.high)
    step = (np.array(packed.high) - np.array(packed.low)) / TOP
    wrong = np.abs(back - values)
    slack = 1e-12 * np.maximum(np.abs(packed.low), np.abs(packed.high))
    return float(np.max((wrong - slack) / np.where(step > 0, step, np.inf), initial=0.0))


@given(columns(st.floats(-1e6, 1e6, width=64), np.float64))
def test_the_error_is_half_a_step(values):
    assert worst_error_in_steps(values, Quantiser()(values)) <= 0.5 + FLOAT32_SHARE


@given(columns(st.floats(-1000, 1000, width=32), np.float32))
def test_the_error_is_half_a_step_for_float32(values):
    assert worst_error_in_steps(values.astype(float), Quantiser()(values)) <= 0.5 + FLOAT32_SHARE


@example(offset=18556152.0, digits=4, seed=0)
@given(st.floats(-1e9, 1e9), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_far_from_the_origin_small_spans_keep_their_digits(offset, digits, seed):
    values = offset + np.random.default_rng(seed).uniform(0, 10.0**-digits, (64, 3))
    assert worst_error_in_steps(values, Quantiser()(values)) <= 0.5 + FLOAT32_SHARE


@given(columns(st.floats(allow_nan=True, allow_infinity=True, width=32), np.float32))
def test_rows_that_are_not_finite_are_counted_and_marked(values):
    packed = Quantiser()(values)
    lost = ~np.isfinite(values).all(axis=1)
    assert packed.lost == lost.sum()
    assert (packed.codes[lost] == LOST).all()
    assert (packed.codes[~lost] <= TOP).all()
    assert np.isfinite([*packed.low, *packed.high]).all()


@pytest.mark.parametrize("rows", [1, 2, 2047, 2048, 2049, 8192, 100_003])
def test_every_length_of_the_last_tile(rows):
    values = np.random.default_rng(rows).normal(size=(rows, 3)) * [1, 10, 100]
    packed = Quantiser()(values)
    np.testing.assert_allclose(packed.low, values.min(axis=0), rtol=1e-6)
    np.testing.assert_allclose(packed.high, values.max(axis=0), rtol=1e-6)
    assert worst_error_in_steps(values, packed) <= 0.5 + FLOAT32_SHARE


def test_a_float64_beyond_float32_is_lost_and_said_so():
    packed = Quantiser()(np.array([[0.0, 1.0, 2.0], [1e300, 0.0, 0.0]]))
    assert packed.lost == 1
    assert packed.high == (0.0, 1.0, 2.0)


def test_a_flat_column_comes_back_as_it_was():
    packed = Quantiser()(np.full((7, 3), 1234.5))
    np.testing.assert_array_equal(dequantise(packed.codes, packed.low, packed.high), 1234.5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.uint8, bool])
def test_any_real_dtype_and_any_stride(dtype):
    values = (np.random.default_rng(1).uniform(0, 2, (60, 6)) * 50).astype(dtype)[::2, ::2]
    assert worst_error_in_steps(values.astype(float), Quantiser()(values)) <= 0.5 + FLOAT32_SHARE


def test_codes_stay_when_the_source_and_the_scratch_change():
    quantise = Quantiser()
    values = np.random.default_rng(2).normal(size=(500, 3))
    first = quantise(values)
    kept = first.codes.copy()
    values[:] = np.nan
    quantise(np.zeros((500, 3)))
    np.testing.assert_array_equal(first.codes, kept)
