"""Torch and back: what shares memory, what is converted, what is refused."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import BackendError, InvalidDimensions, InvalidValue
from stnb.compat.torch import from_torch, to_torch
from stnb.zspace import Tensor
from stnb.zspace.coordinates.frame import ZFrame

REAL = [torch.float16, torch.bfloat16, torch.float64, torch.int8, torch.int32, torch.int64, torch.uint8]


def square():
    return Tensor(2, 2, [1, 2, 3, 4])


def seen_in_both(tensor, values, index=(0, 0)):
    values[index] = 77.0
    there = tensor[index] == 77.0
    tensor.torch()[index] = 78.0
    return there and values[index].item() == 78.0


def test_to_torch__is_a_view():
    a = square()
    assert seen_in_both(a, to_torch(a))
    assert seen_in_both(a, to_torch(a, dtype=torch.float32, device="cpu", copy=False), (1, 1))
    copied = to_torch(a, copy=True)
    copied.zero_()
    assert a[0, 1] == 2.0


def test_to_torch__converts_or_refuses():
    a = square()
    assert to_torch(a, dtype=torch.float64).tolist() == a.tolist()
    assert to_torch(a, dtype=torch.float64, copy=True).dtype == torch.float64
    with pytest.raises(InvalidValue, match=r"torch\.float64 on cpu needs a copy of torch\.float32"):
        to_torch(a, dtype=torch.float64, copy=False)
    with pytest.raises(TypeError, match="'float64' is of type str"):
        to_torch(a, dtype="float64")
    with pytest.raises(BackendError, match="cuda:99"):
        to_torch(a, device="cuda:99")
    with pytest.raises(BackendError, match="nowhere"):
        from_torch(torch.ones(1, 1), device="nowhere")
    with pytest.raises(InvalidValue, match="meta"):
        to_torch(a, device="meta")
    with pytest.raises(TypeError, match="give a Tensor"):
        to_torch(torch.ones(1, 1))


def test_to_torch__memory_format():
    turned = from_torch(torch.arange(6.0).reshape(2, 3).t(), require_contiguous=False)
    assert not to_torch(turned, memory_format=torch.preserve_format).is_contiguous()
    assert to_torch(turned, memory_format=torch.contiguous_format).is_contiguous()
    assert to_torch(turned, memory_format=torch.contiguous_format).tolist() == turned.tolist()
    with pytest.raises(InvalidValue, match="needs a copy"):
        to_torch(turned, memory_format=torch.contiguous_format, copy=False)
    with pytest.raises(InvalidValue, match="images"):
        to_torch(turned, memory_format=torch.channels_last)


def test_requires_grad__makes_a_leaf_over_the_same_memory():
    a = square()
    x = to_torch(a, requires_grad=True)
    x.square().sum().backward()
    assert x.grad.tolist() == [[2, 4], [6, 8]]
    assert not to_torch(a).requires_grad
    assert x.data_ptr() == a.torch().data_ptr()
    assert to_torch(a, dtype=torch.float64, requires_grad=True).is_leaf
    with pytest.raises(InvalidValue, match=r"torch\.int64"):
        to_torch(a, dtype=torch.int64, requires_grad=True)


@given(st.integers(1, 5), st.integers(1, 5), st.sampled_from([torch.float32, *REAL]), st.booleans())
def test_round_trips_keep_every_entry(rows, cols, dtype, turned):
    values = torch.arange(rows * cols).reshape(rows, cols).to(dtype)
    values = values.t() if turned else values
    tensor = from_torch(values)
    assert torch.equal(to_torch(tensor, dtype=dtype), values)
    assert (to_torch(tensor).data_ptr() == values.data_ptr()) == (
        dtype == torch.float32 and values.is_contiguous()
    )


def test_from_torch__shares_float32_rows():
    values = torch.ones(2, 3)
    assert seen_in_both(from_torch(values), values)
    assert seen_in_both(from_torch(values, strict=True, copy=False, dtype=torch.float32), values, (1, 2))
    vector = torch.ones(3)
    from_torch(vector, copy=False).torch()[0, 1] = 5
    assert vector[1] == 5
    own = from_torch(values, copy=True)
    own.torch().zero_()
    assert values[0, 1] == 1
    grown = torch.ones(1, 2, requires_grad=True)
    assert not from_torch(grown).torch().requires_grad
    assert from_torch(grown).torch().data_ptr() == grown.data_ptr()


def test_require_contiguous__false_shares_strided_rows():
    big = torch.arange(24.0).reshape(4, 6)
    for values in (big[:, ::2], big.t(), big[1:3, :5], big[0, ::3]):
        assert from_torch(values).torch().data_ptr() != values.data_ptr() or values.is_contiguous()
        shared = from_torch(values, require_contiguous=False, copy=False)
        rows = values if values.ndim == 2 else values.reshape(1, -1)
        assert shared.torch().stride() == rows.stride()
        assert seen_in_both(shared, rows)
        np.testing.assert_array_equal(np.asarray(shared), rows.numpy())
        assert shared.data() == rows.reshape(-1).tolist()
        assert shared.clone() == shared


@pytest.mark.parametrize("overlapping", [torch.ones(1, 3).expand(2, 3), torch.arange(5.0).unfold(0, 3, 1)])
def test_rows_that_overlap_are_never_shared(overlapping):
    tensor = from_torch(overlapping, require_contiguous=False)
    tensor.torch()[0, 1] = 9
    assert tensor.torch()[1].tolist() == overlapping[1].tolist()
    with pytest.raises(InvalidValue, match="row after row"):
        from_torch(overlapping, require_contiguous=False, copy=False)


@pytest.mark.parametrize("dtype", REAL)
def test_copy_false_refuses_to_convert(dtype):
    with pytest.raises(InvalidValue, match=f"holds {str(dtype)[6:]} and copy=False"):
        from_torch(torch.ones(2, 2, dtype=dtype), copy=False)
    assert from_torch(torch.ones(2, 2, dtype=dtype)).data() == [1.0] * 4


def test_copy_false_refuses_to_move_or_lay_out():
    with pytest.raises(InvalidValue, match="row after row"):
        from_torch(torch.ones(2, 3).t(), copy=False)
    with pytest.raises(InvalidValue, match="on meta and copy=False"):
        from_torch(torch.ones(2, 3, device="meta"), copy=False)


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        (torch.ones(2, 2, dtype=torch.float64), InvalidValue, r"torch\.float64"),
        (torch.ones(2, 2, dtype=torch.int32), InvalidValue, r"torch\.int32"),
        (torch.ones(4), InvalidDimensions, r"shape \(4,\)"),
        (torch.ones(2, 3).t(), InvalidValue, r"strides \(1, 3\)"),
        (torch.ones(2, 3, device="meta"), InvalidValue, "on meta"),
    ],
)
def test_strict_takes_float32_rows_on_the_cpu_alone(values, error, words):
    with pytest.raises(error, match=words):
        from_torch(values, strict=True)


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        (torch.ones(1, 2, 3), InvalidDimensions, "flatten"),
        (torch.ones(0, 3), InvalidDimensions, "at least one"),
        (torch.ones(2, 2, dtype=torch.complex64), TypeError, "complex64"),
        (torch.eye(2).to_sparse(), InvalidValue, "sparse_coo"),
        (torch.ones(2, 2, device="meta"), InvalidValue, "on meta"),
        (np.ones((2, 2)), TypeError, "give a torch tensor"),
    ],
)
def test_from_torch__refuses(values, error, words):
    with pytest.raises(error, match=words):
        from_torch(values)


def test_from_torch__holds_float32_alone():
    with pytest.raises(InvalidValue, match=r"torch\.float64"):
        from_torch(torch.ones(2, 2), dtype=torch.float64)


def test_values_that_torch_negates_lazily_are_read():
    lazy = torch.tensor([[1 + 2j]]).conj().imag
    assert lazy.is_neg()
    assert np.asarray(from_torch(lazy)).tolist() == [[-2.0]]
    with pytest.raises(InvalidValue, match="copy=False"):
        from_torch(lazy, copy=False)


@pytest.mark.parametrize("options", [{}, {"copy": True}, {"dtype": torch.float64}, {"requires_grad": True}])
def test_frames_survive_the_round_trip(options):
    frame = ZFrame.regular()
    given_ = square().with_frame(frame)
    assert from_torch(to_torch(given_, **options)).frame is frame
    assert from_torch(to_torch(square(), **options)).frame is None


@pytest.mark.cuda
def test_ensure_cpu__decides_where_it_lives():
    values = torch.ones(2, 2, device="cuda")
    assert from_torch(values).torch().device.type == "cpu"
    stayed = from_torch(values, ensure_cpu=False, copy=False)
    assert stayed.torch().data_ptr() == values.data_ptr()
    assert from_torch(torch.ones(2, 2), device="cuda").torch().device.type == "cuda"
    with pytest.raises(InvalidValue, match="forbids to bring"):
        from_torch(values, copy=False)
    with pytest.raises(InvalidValue, match="on the CPU without a copy"):
        np.asarray(stayed, copy=False)
