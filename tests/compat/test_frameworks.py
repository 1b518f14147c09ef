"""JAX and TensorFlow: imported when asked for, named when missing, and treated as they need it."""

import gc
import subprocess
import sys

import numpy as np
import pytest
import torch

from stnb._core.errors import InvalidDimensions, InvalidValue, MissingExtraError
from stnb.compat.frameworks import belongs
from stnb.compat.jax import from_jax, to_jax
from stnb.compat.tensorflow import from_tensorflow, to_tensorflow
from stnb.compat.torch import from_torch
from stnb.zspace import Tensor

from .stand_ins import make_jax, make_tensorflow

DOORS = {"jax": (to_jax, from_jax, "0.4"), "tensorflow": (to_tensorflow, from_tensorflow, "2.12")}


@pytest.fixture
def jax(monkeypatch):
    module = make_jax()
    monkeypatch.setitem(sys.modules, "jax", module)
    return module


@pytest.fixture
def tf(monkeypatch):
    module = make_tensorflow()
    monkeypatch.setitem(sys.modules, "tensorflow", module)
    return module


def run(code, *args):
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_importing_compat_imports_no_framework(tmp_path):
    for name in ("jax", "tensorflow"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported too early')")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import stnb.compat as c; assert 'torch' not in sys.modules; "
        "c.torch.to_torch, c.numpy.to_numpy, c.jax.to_jax, c.tensorflow.to_tensorflow, c.to_dlpack; "
        "c.share(c.capture([1.0]), 'np'); assert not {'jax', 'tensorflow'} & {*sys.modules}"
    )
    run(code, tmp_path)


def test_warnings_point_at_the_caller():
    run(
        "import warnings, numpy, stnb.compat as c; x = numpy.ones(2, 'f4'); x.flags.writeable = False\n"
        "for call in (c.capture, c.numpy.from_numpy, c.from_dlpack, lambda a: c.share(a, 'torch')):\n"
        "    with warnings.catch_warnings(record=True) as seen:\n"
        "        warnings.simplefilter('always'); call(x)\n"
        "    assert [w.filename for w in seen] == ['<string>'], seen"
    )


@pytest.mark.parametrize("name", DOORS)
def test_a_missing_framework_is_named_with_its_version(name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    to, back, oldest = DOORS[name]
    for call in (lambda: to(Tensor(1, 1)), lambda: back(np.ones((1, 1)))):
        with pytest.raises(MissingExtraError, match=rf"pip install '{name}>={oldest}'"):
            call()
    with pytest.raises(ImportError):
        to(Tensor(1, 1))
    assert not belongs(np.ones(1), name)


@pytest.mark.parametrize(
    ("name", "module"), [("jax", make_jax("0.3.25")), ("tensorflow", make_tensorflow("2.9.1"))]
)
def test_an_old_framework_is_refused(name, module, monkeypatch):
    monkeypatch.setitem(sys.modules, name, module)
    with pytest.raises(MissingExtraError, match=rf"{name} {module.__version__} is older than"):
        DOORS[name][0](Tensor(1, 1))


def test_jax_reads_the_same_memory_however_it_lies(jax):
    big = torch.arange(24.0).reshape(4, 6)
    for values in (big, big[:2], big.t(), big[:, ::2]):
        tensor = from_torch(values, require_contiguous=False)
        np.testing.assert_array_equal(to_jax(tensor).array, values.numpy())
    shared = to_jax(Tensor.from_torch(big))
    big[0, 0] = 9
    assert shared.array[0, 0] == 9
    assert from_jax(shared).torch().data_ptr() == big.data_ptr()


def test_jax_arrays_outlive_their_exporter(jax):
    shared = to_jax(Tensor(1, 3, [1, 2, 3]))
    gc.collect()
    spoiled = [torch.full((1, 3), 9.0) for _ in range(100)]
    assert shared.array.tolist() == [[1, 2, 3]]
    assert len(spoiled) == 100


def test_jax_arrays_over_several_devices_are_gathered_and_traced_ones_refused(jax):
    assert from_jax(jax.Sharded(np.ones((2, 2), np.float32))).data() == [1.0] * 4
    with pytest.raises(TypeError, match="traced"):
        from_jax(jax.Traced(np.ones((2, 2), np.float32)))
    with pytest.raises(InvalidDimensions):
        from_jax(jax.Array(np.ones((1, 2, 3), np.float32)))
    with pytest.raises(TypeError, match="give an array of JAX"):
        from_jax(np.ones((2, 2)))
    with pytest.raises(TypeError, match="give a Tensor"):
        to_jax(np.ones((2, 2)))


def test_tensorflow_gets_memory_that_it_can_bear(tf):
    line = torch.arange(40.0)
    for offset in range(17):
        values = line[offset : offset + 6].reshape(2, 3)
        given_ = to_tensorflow(Tensor.from_torch(values)).array
        assert given_.tolist() == values.tolist()
        assert (given_.ctypes.data == values.data_ptr()) == (values.data_ptr() % 64 == 0)
    turned = from_torch(line[:6].reshape(2, 3).t(), require_contiguous=False)
    assert to_tensorflow(turned).array.tolist() == turned.tolist()


def test_tensorflow_shares_memory_both_ways(tf):
    tensor = Tensor(2, 2, [1, 2, 3, 4])
    shared = to_tensorflow(tensor)
    tensor.torch()[0, 0] = 9
    assert shared.array[0, 0] == 9
    from_tensorflow(shared).torch()[1, 1] = 8
    assert tensor[1, 1] == 8
    del tensor
    gc.collect()
    assert shared.array.tolist() == [[9, 2], [3, 8]]


def test_tensorflow_variables_are_copied_and_symbols_refused(tf):
    variable = tf.Variable(np.ones((1, 2), np.float32))
    from_tensorflow(variable).torch().zero_()
    assert variable.array.all()
    with pytest.raises(InvalidValue, match="no numbers yet"):
        from_tensorflow(tf.Tensor(np.ones((1, 2))))
    with pytest.raises(TypeError, match="holds string"):
        from_tensorflow(tf.Eager(np.array(["a"])))
    with pytest.raises(TypeError, match="give a tensor of TensorFlow"):
        from_tensorflow([1.0])
    with pytest.raises(TypeError, match="give a Tensor"):
        to_tensorflow([1.0])
