"""Tensors: the algebra of rows, what they share memory with, and what they refuse."""

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import (
    DataLength,
    EmptyInput,
    InvalidDimensions,
    InvalidValue,
    NonFiniteValue,
    NonHyperbolicCurvature,
    ShapeMismatch,
)
from stnb.geometry import TENSOR_MARGIN, Ball
from stnb.zspace import Tensor
from stnb.zspace.coordinates.frame import ZFrame
from stnb.zspace.tensor import as_tensor
from tests.golden_cases import session_case

SIZE = st.integers(1, 6)
SEED = st.integers(0, 2**31)
CURVATURE = st.floats(-10.0, -0.01)


def drawn(rows, cols, seed, scale=1.0):
    return Tensor.from_torch(scale * torch.randn(rows, cols, generator=torch.Generator().manual_seed(seed)))


def test_products_match_the_worked_cases():
    given_, expected, tolerance = session_case("tensor_matmul")
    a, b = Tensor(2, 3, given_["a"]), Tensor(3, 2, given_["b"])
    np.testing.assert_allclose(a.matmul(b).tolist(), expected, atol=tolerance)
    given_, expected, tolerance = session_case("tensor_transpose_sum_axis0")
    a = Tensor(2, 3, given_["a"])
    np.testing.assert_allclose(a.transpose().tolist(), expected[0], atol=tolerance)
    np.testing.assert_allclose(a.sum_axis0(), expected[1], atol=tolerance)


@given(SIZE, SIZE, SIZE, SEED)
def test_algebra_is_that_of_torch(m, n, k, seed):
    a, b, c = drawn(m, n, seed), drawn(m, n, seed + 1), drawn(n, k, seed + 2)
    x, y = a.torch(), b.torch()
    assert torch.equal((a + b).torch(), x + y)
    assert torch.equal((a - b).torch(), x - y)
    assert torch.equal((a * b).torch(), x * y)
    assert torch.equal((2.5 * a).torch(), 2.5 * x)
    assert torch.equal((-a).torch(), -x)
    assert torch.equal((a @ c).torch(), x @ c.torch())
    assert a.transpose().transpose() == a
    assert a.reshape(n, m).data() == a.data()
    assert Tensor(m, n, a.data()) == a == Tensor(m, n, a.tolist())
    np.testing.assert_allclose(a.sum_axis1(), x.double().sum(1).tolist(), rtol=1e-12)
    assert a.squared_l2_norm() == pytest.approx(float((x.double() ** 2).sum()), rel=1e-12)
    assert Tensor.cat_rows([a, b]).shape() == (2 * m, n)


def test_clones_and_results_have_memory_of_their_own():
    a = Tensor(2, 2, [1, 2, 3, 4])
    for other in (
        a.clone(),
        a.reshape(4, 1),
        a.scale(1.0),
        copy.copy(a),
        copy.deepcopy(a),
        pickle.loads(pickle.dumps(a)),
    ):
        other.torch().zero_()
    assert a.data() == [1, 2, 3, 4]


def test_torch_numpy_and_dlpack_see_the_same_memory():
    a = Tensor(2, 2, [1, 2, 3, 4])
    a.torch()[0, 0] = 5
    np.asarray(a)[0, 1] = 6
    torch.from_dlpack(a)[1, 0] = 7
    Tensor.from_dlpack(a.to_dlpack()).torch()[1, 1] = 8
    assert a.tolist() == [[5, 6], [7, 8]]
    array = np.ones((2, 3), np.float32)
    Tensor.from_numpy(array).torch()[1, 2] = 9
    assert array[1, 2] == 9
    rows = torch.ones(2, 3)
    Tensor.from_torch(rows).torch()[0, 0] = 9
    assert rows[0, 0] == 9
    assert np.array(a, dtype=np.float64).dtype == np.float64
    with pytest.raises(ValueError, match="without a copy"):
        np.asarray(a, dtype=np.float64, copy=False)


def test_other_types_are_converted():
    assert Tensor.from_torch(torch.arange(3)).shape() == (1, 3)
    assert Tensor.from_torch(torch.ones(2, 2, dtype=torch.float64).t()).data() == [1.0] * 4
    assert Tensor.from_numpy(np.arange(4, dtype=np.uint16)[::-1]).data() == [3.0, 2.0, 1.0, 0.0]
    fixed = np.ones((1, 2), np.float32)
    fixed.flags.writeable = False
    with pytest.warns(UserWarning, match="read-only"):
        copied = Tensor.from_numpy(fixed)
    copied.torch().zero_()
    assert fixed.sum() == 2
    grown = torch.ones(1, 2, requires_grad=True)
    assert not Tensor.from_torch(grown).torch().requires_grad


def test_in_place_operations_change_this_tensor_alone():
    a, b = Tensor(2, 2, [1, 2, 3, 4]), Tensor(2, 2, [1, 1, 1, 1])
    a.add_scaled_inplace(b, 2.0)
    a.add_scaled_(b, -1.0)
    a.add_row_inplace([10, 20])
    assert a.tolist() == [[12, 23], [14, 25]]
    assert b.data() == [1.0] * 4
    with pytest.raises(DataLength):
        a.add_row_inplace([1, 2, 3])
    with pytest.raises(NonFiniteValue):
        a.add_row_inplace([1, float("nan")])
    assert a.tolist() == [[12, 23], [14, 25]]


@given(SIZE, SIZE, SEED, CURVATURE, st.floats(1e-3, 1e3))
def test_project_to_poincare__is_the_exponential_map(rows, cols, seed, curvature, scale):
    tangent, ball = drawn(rows, cols, seed, scale), Ball(curvature)
    points = tangent.project_to_poincare(curvature).torch().double()
    norm = points.norm(dim=1) / ball.radius
    assert bool((norm < 1 - 0.9 * TENSOR_MARGIN).all())
    v = tangent.torch().double()
    cosine = torch.cosine_similarity(points, v, dim=1)
    assert bool((cosine > 1 - 1e-6).all())
    expected = torch.tanh(v.norm(dim=1) / ball.radius)
    free = expected < 1 - 2 * TENSOR_MARGIN
    torch.testing.assert_close(norm[free], expected[free], rtol=4e-7, atol=0)
    assert points.float().equal(Tensor.from_torch(points).torch())


def test_project_to_poincare__matches_the_worked_case_and_keeps_zero():
    given_, expected, tolerance = session_case("project_to_poincare_c-1")
    found = Tensor(2, 2, given_["a"]).project_to_poincare(given_["curvature"])
    np.testing.assert_allclose(found.tolist(), expected, atol=tolerance)
    assert Tensor(1, 3).project_to_poincare(-2.0).data() == [0.0] * 3
    with pytest.raises(NonHyperbolicCurvature):
        found.project_to_poincare(0.0)


def test_hyperbolic_distance__is_that_of_the_product_of_balls():
    origin, half = Tensor(1, 2), Tensor(1, 2, [0.5, 0.0])
    assert origin.hyperbolic_distance(half, -1.0) == pytest.approx(2 * np.arctanh(0.5), rel=1e-7)
    given_, expected, tolerance = session_case("hyperbolic_distance_same")
    same = Tensor(1, 2, given_["a"])
    assert same.hyperbolic_distance(same, -1.0) == pytest.approx(expected, abs=tolerance)
    both = Tensor.cat_rows([half, half])
    assert both.hyperbolic_distance(Tensor(2, 2), -1.0) == pytest.approx(
        2**0.5 * 2 * np.arctanh(0.5), rel=1e-7
    )
    with pytest.raises(InvalidValue, match=r"other\[0\]"):
        origin.hyperbolic_distance(Tensor(1, 2, [0.6, 0.0]), -4.0)


@pytest.mark.parametrize(("rows", "cols"), [(0, 2), (2, 0), (-1, 2)])
def test_axes_below_one_are_refused(rows, cols):
    with pytest.raises(InvalidDimensions):
        Tensor(rows, cols)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        ([1, 2, 3], DataLength, "3 entries for 2 × 2"),
        ([[1, 2], [3]], DataLength, r"data\[1\] has 1 entries"),
        ([[1, 2, 3, 4]], DataLength, r"shape \(1, 4\)"),
        ([[1], [2], [3], [4]], DataLength, r"shape \(4, 1\)"),
        ([1, [2], 3, 4], TypeError, "mixes"),
        ([1, "2", 3, 4], TypeError, "a text"),
        ([1, None, 3, 4], TypeError, "NoneType"),
        ("1234", TypeError, "of type str"),
        (7, TypeError, "of type int"),
        ([], DataLength, "0 entries"),
        (torch.ones(3), DataLength, "3 entries"),
    ],
)
def test_constructor_data(data, error, words):
    with pytest.raises(error, match=words):
        Tensor(2, 2, data)


def test_wrong_types_are_type_errors():
    with pytest.raises(TypeError):
        Tensor(2.0, 2)
    with pytest.raises(TypeError):
        Tensor(True, 2)
    with pytest.raises(TypeError, match="complex"):
        Tensor.from_torch(torch.ones(1, 1, dtype=torch.complex64))
    with pytest.raises(InvalidDimensions, match="flatten"):
        Tensor.from_torch(torch.ones(1, 2, 3))
    with pytest.raises(TypeError):
        as_tensor("x", {"a": 1})
    with pytest.raises(EmptyInput):
        as_tensor("x", [])


def test_shapes_that_do_not_fit_are_printed():
    a, b = Tensor(2, 3), Tensor(3, 3)
    for call in (a.add, a.sub, a.hadamard, lambda o: a.add_scaled_inplace(o, 1.0), lambda o: o.matmul(a)):
        with pytest.raises(ShapeMismatch, match=r"\(2, 3\).*\(3, 3\)|\(3, 3\).*\(2, 3\)"):
            call(b)
    with pytest.raises(RuntimeError):
        a.add(b)
    with pytest.raises(ShapeMismatch):
        Tensor.cat_rows([a, Tensor(1, 2)])
    with pytest.raises(EmptyInput):
        Tensor.cat_rows([])
    with pytest.raises(DataLength):
        a.reshape(4, 2)
    with pytest.raises(ShapeMismatch):
        a.item()


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_nan_is_stored_and_every_operation_refuses_it_by_index(bad):
    a, fine = Tensor(2, 2, [1, 2, bad, 4]), Tensor(2, 2)
    assert len(a.data()) == 4
    calls = [
        lambda: a.add(fine), lambda: fine.add(a), lambda: a.matmul(fine), lambda: fine.hadamard(a), lambda: a.scale(2.0),
        a.transpose, lambda: a.reshape(1, 4), a.sum_axis0, a.sum_axis1, a.squared_l2_norm,
        lambda: Tensor.cat_rows([fine, a]), lambda: a.project_to_poincare(-1.0),
        lambda: fine.hyperbolic_distance(a, -1.0), lambda: fine.add_scaled_inplace(a, 1.0),
        lambda: a.add_row_inplace([1, 1]),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(NonFiniteValue, match=r"\[1, 0\]"):
            call()
    with pytest.raises(NonFiniteValue):
        fine.scale(bad)
    assert fine.data() == [0.0] * 4


def test_backends_are_names_and_a_missing_gpu_is_no_error(caplog):
    a = Tensor(1, 1, [2.0])
    for name in ("auto", "cpu", "naive", "faer", "simd", "wgpu", "GPU", None):
        assert a.matmul(a, backend=name).item() == 4.0
    with pytest.raises(InvalidValue, match="'cpu'"):
        a.matmul(a, backend="cpuu")


def test_frames_travel_with_the_rows():
    bands = Tensor(1, 2, [1, 2])
    frame, other = (ZFrame.regular(sheets=s) for s in (2, 3))
    framed = bands.with_frame(frame)
    assert bands.frame is None
    for result in (
        framed + bands,
        bands @ framed.transpose(),
        framed.scale(2.0),
        framed.clone(),
        framed.reshape(2, 1),
    ):
        assert result.frame is frame
    assert Tensor.from_torch(framed.torch()).frame is frame
    assert pickle.loads(pickle.dumps(framed)).frame.signature == frame.signature
    with pytest.raises(InvalidValue, match="two Z-frames"):
        framed.add(bands.with_frame(other))


def test_tables_show_the_first_rows():
    shown = Tensor(20, 20)._repr_html_()
    assert shown.count("<tr>") == 9
    assert "…" in shown
    assert repr(Tensor(1, 2)) == "Tensor(rows=1, cols=2)"
    assert list(Tensor(2, 1, [1, 2])) == [[1.0], [2.0]]
    assert Tensor(2, 1, [1, 2])[1, 0] == 2.0
    assert len(Tensor(3, 1)) == 3
    assert Tensor(1, 1) != "tensor"
