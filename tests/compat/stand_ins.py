"""Small frameworks that speak DLPack through NumPy and are as strict as JAX and TensorFlow are."""

from __future__ import annotations

import types

import numpy as np
import torch


class Exporter:
    """An array that only speaks DLPack."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


class Unversioned(Exporter):
    """One that has not heard of versions, as JAX."""

    def __dlpack__(self, *, stream=None):
        return self.array.__dlpack__()


class Holder:
    """A capsule as NumPy wants it."""

    def __init__(self, capsule):
        self.capsule = capsule

    def __dlpack__(self, **options):
        return self.capsule

    def __dlpack_device__(self):
        return 1, 0


def make_jax(version="0.4.30"):
    jax = types.ModuleType("jax")

    class Array(Unversioned):
        def __array__(self, dtype=None, copy=None):
            return np.array(self.array, dtype)

    class Sharded(Array):
        def __dlpack__(self, *, stream=None):
            raise BufferError("sharded")

    class Traced(Array):
        def __dlpack_device__(self):
            raise AttributeError("traced")

        def __array__(self, dtype=None, copy=None):
            raise TypeError("traced")

    def from_dlpack(source):
        array = np.from_dlpack(source)
        if not (array.flags.c_contiguous or array.flags.f_contiguous):
            raise RuntimeError("only compact strides")
        return Array(array)

    jax.__version__, jax.Array, jax.Sharded, jax.Traced = version, Array, Sharded, Traced
    jax.dlpack = types.SimpleNamespace(from_dlpack=from_dlpack)
    return jax


def make_tensorflow(version="2.12.0"):
    tf = types.ModuleType("tensorflow")

    class Tensor:
        def __init__(self, array):
            self.array = array
            self.dtype = types.SimpleNamespace(name=array.dtype.name if array.dtype.kind != "U" else "string")

    class Eager(Tensor):
        def numpy(self):
            return self.array

    class Variable:
        def __init__(self, array):
            self.array = array

    def to_dlpack(tensor):
        if type(tensor) is not Eager:
            raise AssertionError("not a tensor")
        return tensor.array.__dlpack__()

    def from_dlpack(capsule):
        array = torch.from_dlpack(capsule).numpy()
        if array.ctypes.data % 64 or not array.flags.c_contiguous:
            raise AssertionError("the process would end here")
        return Eager(array)

    tf.__version__, tf.Tensor, tf.Eager, tf.Variable = version, Tensor, Eager, Variable
    tf.convert_to_tensor = lambda variable: Eager(variable.array)
    tf.experimental = types.SimpleNamespace(
        dlpack=types.SimpleNamespace(to_dlpack=to_dlpack, from_dlpack=from_dlpack)
    )
    return tf
