"""NumPy and back."""

import warnings

import numpy as np
import pytest

from stnb._core.errors import InvalidDimensions, InvalidValue
from stnb.compat.numpy import from_numpy, to_numpy
from stnb.zspace import Tensor


def test_one_memory_both_ways():
    a = Tensor(2, 2, [1, 2, 3, 4])
    array = to_numpy(a, copy=False)
    array[0, 1] = 9
    assert a[0, 1] == 9
    back = from_numpy(array, copy=False)
    back.torch()[1, 1] = 8
    assert a[1, 1] == 8
    for own in (to_numpy(a, copy=True), to_numpy(from_numpy(array, copy=True)), to_numpy(a, dtype="float64")):
        own[:] = 0
    assert a.tolist() == [[1, 9], [3, 8]]


def test_to_numpy__refuses_to_convert_without_a_copy():
    with pytest.raises(InvalidValue, match="float64 on the CPU without a copy"):
        to_numpy(Tensor(1, 1), dtype=np.float64, copy=False)
    with pytest.raises(TypeError, match="give a Tensor"):
        to_numpy(np.ones((1, 1)))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=">f4").reshape(2, 3),
        np.arange(6, dtype=np.longdouble).reshape(2, 3),
        np.arange(6, dtype=np.uint64).reshape(2, 3),
        np.arange(6, dtype=np.float32)[::-1].reshape(2, 3),
        np.array([(1, 2.0), (3, 4.0)], dtype=[("a", "u1"), ("x", "f4")])["x"],
        np.array([(2.0, 1)], dtype=[("x", "f4"), ("a", "u1")])["x"],
        np.ones((3, 2), np.float32)[2:1:-1],
        np.frombuffer(bytearray(25), np.float32, offset=1),
        np.array(3.0),
    ],
)
def test_what_torch_cannot_read_is_converted(array):
    np.testing.assert_array_equal(to_numpy(from_numpy(array)), np.atleast_2d(array).astype(np.float32))
    with pytest.raises(InvalidValue, match="copy=False"):
        from_numpy(array, copy=False)


def test_read_only_arrays_are_copied_with_a_warning():
    array = np.ones((2, 2), np.float32)
    array.flags.writeable = False
    with pytest.warns(UserWarning, match="array is read-only and was copied"):
        from_numpy(array).torch().zero_()
    assert array.all()
    with pytest.raises(InvalidValue, match="read-only"):
        from_numpy(array, copy=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        from_numpy(array, copy=True).torch().zero_()
        double = array.astype(np.float64)
        double.flags.writeable = False
        assert from_numpy(double).data() == [1.0] * 4
    assert array.all()


@pytest.mark.parametrize(
    ("array", "error", "words"),
    [
        (np.ones((1, 2, 3)), InvalidDimensions, "flatten"),
        (np.ones((0, 3)), InvalidDimensions, "at least one"),
        (np.ones(2, complex), TypeError, "complex128"),
        (np.array(["a"]), TypeError, "<U1"),
        (np.array([None]), TypeError, "object"),
        ([1.0], TypeError, "of type list"),
    ],
)
def test_from_numpy__refuses(array, error, words):
    with pytest.raises(error, match=words):
        from_numpy(array)
