"""DLPack: one memory under two owners, how long it lives, and capsules that are spent."""

import datetime as dt
import gc
import weakref

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidDimensions, InvalidValue
from stnb.compat import from_dlpack, to_dlpack
from stnb.zspace import ComplexTensor, Tensor
from stnb.zspace.capsule import contents
from stnb.zspace.coordinates.frame import ZFrame

from .stand_ins import Exporter, Holder, Unversioned

DTYPES = ["float16", "float64", "int8", "int32", "int64", "uint8", "uint16", "uint32", "bool"]


def ones(shape=(2, 3), dtype="float32"):
    return np.ones(shape, dtype)


def frozen(array):
    array.flags.writeable = False
    return array


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**31))
def test_a_round_trip_is_equal_bit_by_bit_and_shares_memory(rows, cols, seed):
    a = Tensor.from_torch(torch.randn(rows, cols, generator=torch.Generator().manual_seed(seed)))
    b = from_dlpack(to_dlpack(a))
    assert np.asarray(a).tobytes() == np.asarray(b).tobytes()
    assert b.torch().stride() == a.torch().stride()
    b.torch()[0, 0] = 5.0
    assert a[0, 0] == 5.0
    a.torch()[-1, -1] = 6.0
    assert b[-1, -1] == 6.0


@pytest.mark.parametrize("kind", [Exporter, Unversioned, lambda array: array.__dlpack__()])
def test_what_speaks_dlpack_shares_its_memory(kind):
    array = ones()
    tensor = from_dlpack(kind(array), copy=False)
    tensor.torch()[1, 2] = 5
    assert array[1, 2] == 5
    array[0, 0] = 6
    assert tensor[0, 0] == 6
    own = from_dlpack(kind(array), copy=True)
    own.torch().zero_()
    assert array[0, 0] == 6


def test_a_capsule_serves_once():
    a = Tensor(1, 2, [1, 2])
    capsule = to_dlpack(a)
    first = from_dlpack(capsule)
    with pytest.raises(InvalidValue, match="consumed already; a capsule serves once"):
        from_dlpack(capsule)
    versioned = a.__dlpack__(max_version=(1, 0))
    from_dlpack(versioned)
    with pytest.raises(InvalidValue, match="consumed already"):
        from_dlpack(versioned)
    foreign = ones().__dlpack__()
    np.from_dlpack(Holder(foreign))
    with pytest.raises(InvalidValue, match="consumed already"):
        from_dlpack(foreign)
    assert first == a


def test_what_is_refused_is_not_consumed():
    capsule = ones((1, 2, 3)).__dlpack__()
    with pytest.raises(InvalidDimensions, match=r"shape \(1, 2, 3\)"):
        from_dlpack(capsule)
    assert np.from_dlpack(Holder(capsule)).shape == (1, 2, 3)
    capsule = ones(dtype="float64").__dlpack__()
    with pytest.raises(InvalidValue, match="float64 and copy=False"):
        from_dlpack(capsule, copy=False)
    assert from_dlpack(capsule).data() == [1.0] * 6


@pytest.mark.parametrize("kind", [Exporter, lambda array: array.__dlpack__(max_version=(1, 0))])
def test_the_memory_outlives_its_exporter(kind):
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    alive = weakref.ref(array)
    tensor = from_dlpack(kind(array))
    del array
    gc.collect()
    assert alive() is not None
    assert tensor.data() == [0, 1, 2, 3, 4, 5]
    del tensor
    gc.collect()
    assert alive() is None


def test_an_importer_keeps_the_tensor_s_memory():
    tensor = Tensor(2, 2, [1, 2, 3, 4])
    array, capsule = np.from_dlpack(tensor), to_dlpack(tensor)
    del tensor
    gc.collect()
    spoiled = [torch.full((2, 2), 9.0) for _ in range(100)]
    assert array.tolist() == [[1, 2], [3, 4]] == from_dlpack(capsule).tolist()
    assert len(spoiled) == 100


def test_inspecting_an_exporter_leaves_nothing_behind():
    array = ones((3, 4))
    alive = weakref.ref(array)
    found = contents(Exporter(array[:, ::2]), "x")
    assert (found.shape, found.strides, found.dtype) == ((3, 2), (4, 2), "float32")
    assert not found.row_major
    del array
    gc.collect()
    assert alive() is None


@pytest.mark.parametrize("dtype", DTYPES)
def test_other_types_are_converted_or_refused(dtype):
    array = ones((2, 2), dtype)
    assert from_dlpack(Exporter(array)).data() == [1.0] * 4
    with pytest.raises(InvalidValue, match=f"{dtype}8? and copy=False"):
        from_dlpack(Exporter(array), copy=False)


@pytest.mark.parametrize(
    "view", [np.s_[:, ::2], np.s_[::-1], np.s_[:, ::-1], np.s_[::-1, ::-2], np.s_[0, ::-1], np.s_[2:1:-1]]
)
@pytest.mark.parametrize("kind", [Exporter, Unversioned, lambda array: array.__dlpack__()])
def test_strides_are_laid_out(view, kind):
    array = np.arange(12, dtype=np.float32).reshape(3, 4)[view]
    tensor = from_dlpack(kind(array))
    np.testing.assert_array_equal(np.asarray(tensor), np.atleast_2d(array))
    tensor.torch().zero_()
    assert array.any()
    with pytest.raises(InvalidValue, match="row after row"):
        from_dlpack(kind(array), copy=False)


def test_the_stride_of_a_single_row_is_of_no_account():
    array = ones((4, 3))
    from_dlpack(Exporter(array[::4]), copy=False).torch()[0, 1] = 5
    assert array[0, 1] == 5


def test_what_is_read_only_is_copied_with_a_warning():
    array = frozen(ones())
    with pytest.warns(UserWarning, match="source is read-only and was copied"):
        tensor = from_dlpack(Exporter(array))
    tensor.torch().zero_()
    assert array.all()
    with pytest.raises(InvalidValue, match="read-only"):
        from_dlpack(Exporter(array), copy=False)
    from_dlpack(Exporter(array), copy=True).torch().zero_()
    assert array.all()


def test_frames_survive():
    framed = Tensor(1, 2).with_frame(ZFrame.regular())
    assert from_dlpack(framed).frame is framed.frame
    assert from_dlpack(framed.torch()).frame is framed.frame
    assert from_dlpack(to_dlpack(framed)).frame is None


def test_a_tensor_that_wants_gradients_is_cut_off():
    x = torch.ones(1, 2, requires_grad=True)
    assert from_dlpack(x, copy=False).torch().data_ptr() == x.data_ptr()


@pytest.mark.parametrize(
    ("source", "error", "words"),
    [
        (7, TypeError, "of type int"),
        ([[1.0]], TypeError, "of type list"),
        (Exporter(ones((0, 3))), InvalidDimensions, "at least one"),
        (Exporter(ones((1, 1, 1))), InvalidDimensions, "flatten"),
        (Exporter(ones((1, 1), "complex64")), TypeError, "complex64"),
        (Unversioned(frozen(ones())), InvalidValue, "refuses to share its memory .*readonly"),
        (ComplexTensor(1, 1), TypeError, "of type ComplexTensor"),
    ],
)
def test_from_dlpack__refuses(source, error, words):
    with pytest.raises(error, match=words):
        from_dlpack(source)


def test_capsules_that_hold_something_else_are_refused():
    with pytest.raises(InvalidValue, match=r"datetime\.datetime_CAPI"):
        from_dlpack(dt.datetime_CAPI)
    with pytest.raises(TypeError, match="give a Tensor"):
        to_dlpack([1.0])
