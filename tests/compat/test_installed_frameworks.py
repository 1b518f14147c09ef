"""The frameworks themselves, where they are installed."""

import gc
import warnings

import numpy as np
import pytest
import torch

from stnb.compat import capture, share
from stnb.compat.torch import from_torch
from stnb.zspace import Tensor


def imported(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(name)


def layouts():
    big = torch.arange(24.0).reshape(4, 6)
    return [big, big[:, ::2], big.t(), torch.arange(7.0)[1:].reshape(2, 3), torch.arange(4.0)]


def test_jax():
    jax = imported("jax")
    tensor = Tensor(2, 2, [1, 2, 3, 4])
    array = share(tensor, "jax")
    assert share(array, "jax") is array
    tensor.torch()[0, 1] = 9
    assert array[0, 1] == 9
    assert capture(array).torch().data_ptr() == tensor.torch().data_ptr()
    del tensor
    gc.collect()
    assert array.tolist() == [[1, 9], [3, 4]]
    for values in layouts():
        given_ = share(from_torch(values, require_contiguous=False), "jax")
        np.testing.assert_array_equal(given_, np.atleast_2d(values.numpy()))
    for dtype in ("float16", "bfloat16", "int32", "uint16", "bool"):
        assert capture(jax.numpy.ones((2, 2), dtype)).data() == [1.0] * 4
    with pytest.raises(TypeError):
        jax.jit(lambda x: capture(x).data())(array)


def test_tensorflow():
    tf = imported("tensorflow")
    tensor = Tensor(2, 2, [1, 2, 3, 4])
    value = share(tensor, "tf")
    assert share(value, "tensorflow") is value
    tensor.torch()[0, 1] = 9
    assert value.numpy()[0, 1] == 9
    assert capture(value).torch().data_ptr() == tensor.torch().data_ptr()
    del tensor
    gc.collect()
    assert value.numpy().tolist() == [[1, 9], [3, 4]]
    for values in layouts():
        given_ = share(from_torch(values, require_contiguous=False), "tf")
        assert float(tf.reduce_sum(given_)) == values.sum().item()
    for dtype in (tf.float16, tf.bfloat16, tf.float64, tf.int32, tf.bool):
        assert capture(tf.cast(tf.ones((2, 2)), dtype)).data() == [1.0] * 4
    variable = tf.Variable([[1.0, 2.0]])
    capture(variable).torch().zero_()
    assert variable.numpy().tolist() == [[1, 2]]
