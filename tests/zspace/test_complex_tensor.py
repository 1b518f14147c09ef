"""Complex tensors: interleaving, products, and what they refuse."""

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import DataLength, InvalidDimensions, NonFiniteValue, ShapeMismatch
from stnb.zspace import ComplexTensor
from tests.golden_cases import session_case

SIZE = st.integers(1, 5)


def drawn(rows, cols, seed):
    rng = torch.Generator().manual_seed(seed)
    return ComplexTensor.from_torch(torch.randn(rows, cols, dtype=torch.complex64, generator=rng))


def test_worked_cases():
    given_, expected, tolerance = session_case("complex_to_tensor")
    np.testing.assert_allclose(
        ComplexTensor(1, 2, given_["d"]).to_tensor().tolist(), expected, atol=tolerance
    )
    given_, expected, tolerance = session_case("complex_matmul")
    product = ComplexTensor(1, 2, given_["a"]).matmul(ComplexTensor(2, 1, given_["b"])).data()
    np.testing.assert_allclose([[z.real, z.imag] for z in product], expected, atol=tolerance)


@given(SIZE, SIZE, SIZE, st.integers(0, 2**31))
def test_products_and_lengths(m, n, k, seed):
    a, b = drawn(m, n, seed), drawn(n, k, seed + 1)
    assert torch.equal((a @ b).torch(), a.torch() @ b.torch())
    lanes = a.to_tensor()
    assert lanes.shape() == (m, 2 * n)
    assert lanes.squared_l2_norm() == pytest.approx(sum(abs(z) ** 2 for z in a.data()), rel=1e-5)
    assert ComplexTensor(m, n, a.data()) == a
    assert ComplexTensor(m, n, [(z.real, z.imag) for z in a.data()]) == a


def test_memory_is_shared_or_copied_as_promised():
    a = ComplexTensor(1, 2, [1 + 2j, 3])
    a.torch()[0, 0] = 5
    assert a[0, 0] == 5
    np.asarray(a)[0, 1] = 6
    assert a.data() == [5, 6]
    for other in (
        a.clone(),
        copy.deepcopy(a),
        pickle.loads(pickle.dumps(a)),
        ComplexTensor.from_torch(a.torch().clone()),
    ):
        other.torch().zero_()
    a.to_tensor().torch().zero_()
    assert a.tolist() == [[5, 6]]
    assert ComplexTensor.zeros(2, 3).shape() == (2, 3)
    assert len(ComplexTensor(2, 3)) == 2
    assert "j" in a._repr_html_()


def test_bad_input():
    with pytest.raises(InvalidDimensions):
        ComplexTensor(0, 1)
    with pytest.raises(DataLength, match="3 entries for 1 × 2"):
        ComplexTensor(1, 2, [1, 2, 3])
    with pytest.raises(TypeError, match=r"data\[1\] = '2'"):
        ComplexTensor(1, 2, [1, "2"])
    with pytest.raises(TypeError, match=r"data\[0\]"):
        ComplexTensor(1, 1, [(1, 2, 3)])
    with pytest.raises(TypeError):
        ComplexTensor(1, 2, "ab")
    with pytest.raises(ShapeMismatch, match=r"\(1, 2\).*\(1, 2\)"):
        ComplexTensor(1, 2).matmul(ComplexTensor(1, 2))
    with pytest.raises(TypeError):
        ComplexTensor(1, 2).matmul([[1], [2]])
    with pytest.raises(NonFiniteValue, match=r"other\[0, 0\]"):
        ComplexTensor(1, 1, [1]).matmul(ComplexTensor(1, 1, [complex(0, float("nan"))]))
    with pytest.raises(InvalidDimensions):
        ComplexTensor.from_torch(torch.ones(1, 1, 1))
