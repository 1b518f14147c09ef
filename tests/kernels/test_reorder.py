"""Reorder: a permutation of columns, in place, in any block."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stnb_kernels import parity
from stnb_kernels.reorder import flat_rows, reorder_particles

from .conftest import unchecked


def blocks(rows, capacity, dtype="float32"):
    """Distinct values, names, and scratch that holds rubbish."""
    columns = np.arange(rows * capacity, dtype=dtype).reshape(rows, capacity)
    uid = np.arange(capacity, dtype=np.int32) + 100
    return columns, uid, np.full_like(columns, np.nan), np.full_like(uid, -77)


@given(n=st.integers(0, 40), spare=st.integers(0, 9), rows=st.integers(1, 5), seed=st.integers(0, 2**32))
def test_an_order_and_its_inverse_give_everything_back(n, spare, rows, seed):
    columns, uid, scratch, uid_scratch = blocks(rows, n + spare)
    before = columns.copy(), uid.copy()
    order = np.random.default_rng(seed).permutation(n).astype(np.int32)
    for turn in (order, np.argsort(order).astype(np.int32)):
        reorder_particles(columns[:, :n], uid[:n], turn, scratch, uid_scratch, backend="cpu")
    assert np.array_equal(columns, before[0])
    assert np.array_equal(uid, before[1])


def test_each_place_takes_the_particle_that_the_order_names(backend):
    columns, uid, scratch, uid_scratch = blocks(2, 5)
    order = np.array([2, 0, 1], dtype=np.int32)
    reorder_particles(columns[:, :3], uid[:3], order, scratch, uid_scratch, backend=backend)
    assert columns.tolist() == [[2, 0, 1, 3, 4], [7, 5, 6, 8, 9]]
    assert uid.tolist() == [102, 100, 101, 103, 104]


def test_torch_moves_a_view_of_a_larger_block():
    assert parity.check("reorder", "torch", cases=10, small=True).green


def test_a_block_and_its_view_look_alike_to_a_kernel():
    block = np.arange(12.0).reshape(3, 4)
    for view in (block, block[:, :2]):
        flat, pitch = flat_rows(view)
        assert pitch == 4
        assert flat.flags.c_contiguous
        assert flat[2 * pitch + 1] == block[2, 1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"columns": np.zeros(4)}, r"columns has shape \(4,\), expected \(rows, n\)"),
        ({"columns": np.zeros((4, 2)).T}, "each row must lie in one piece"),
        ({"order": np.zeros(3, dtype=np.int32)}, r"order has shape \(3,\), expected \(4,\)"),
        ({"order": np.zeros(4, dtype=np.int64)}, "order is int64, expected int32"),
        ({"uid": np.zeros(3, dtype=np.int32)}, r"uid has shape \(3,\), expected \(4,\)"),
        ({"scratch": np.zeros((2, 3))}, "4 particles do not fit scratch for 3"),
        ({"scratch": np.zeros((2, 4), dtype=np.float32)}, "scratch is float32, expected float64"),
        ({"uid_scratch": np.zeros(2, dtype=np.int32)}, "4 particles do not fit scratch for 2"),
    ],
)
def test_bad_input_is_refused_in_words(change, words):
    columns, uid, scratch, uid_scratch = blocks(2, 4, "float64")
    names = {"columns": columns, "uid": uid, "scratch": scratch, "uid_scratch": uid_scratch}
    arguments = names | {"order": np.arange(4, dtype=np.int32)} | change
    with pytest.raises(ValueError, match=words):
        unchecked(reorder_particles)(**arguments)
