"""One door in, one door out, with stand-ins for JAX and TensorFlow."""

import sys

import numpy as np
import pytest
import torch

from stnb._core.errors import DataLength, EmptyInput, InvalidDimensions, InvalidValue
from stnb.compat import capture, share
from stnb.compat.exchange import TARGETS
from stnb.zspace import ComplexTensor, Tensor
from stnb.zspace.coordinates.frame import ZFrame

from .stand_ins import Exporter, make_jax, make_tensorflow

ROWS = [[1.0, 2.0], [3.0, 4.0]]


@pytest.fixture(autouse=True)
def frameworks(monkeypatch):
    for module in (make_jax(), make_tensorflow()):
        monkeypatch.setitem(sys.modules, module.__name__, module)


def of(framework):
    array = np.array(ROWS, np.float32)
    made = {
        "stnb": lambda: Tensor(2, 2, ROWS),
        "torch": lambda: torch.tensor(ROWS),
        "numpy": lambda: array,
        "jax": lambda: sys.modules["jax"].Array(array),
        "tensorflow": lambda: sys.modules["tensorflow"].Eager(array),
    }
    return made[framework]()


def memory(value):
    """A NumPy view of what lies under a tensor of any framework."""
    return (
        np.from_dlpack(value) if isinstance(value, (Tensor, torch.Tensor)) else getattr(value, "array", value)
    )


@pytest.mark.parametrize("framework", ["torch", "numpy", "jax", "tensorflow"])
def test_capture__shares_memory_with_every_framework(framework):
    value = of(framework)
    tensor = capture(value)
    assert tensor.tolist() == ROWS
    memory(value)[0, 0] = 5
    assert tensor[0, 0] == 5
    tensor.torch()[1, 1] = 6
    assert memory(value)[1, 1] == 6


def test_capture__takes_lists_exporters_capsules_and_tensors():
    tensor = Tensor(2, 2, ROWS)
    assert capture(tensor) is tensor
    assert capture(ROWS) == tensor == capture(tuple(map(tuple, ROWS)))
    assert capture([1, 2]).shape() == (1, 2)
    assert capture(Exporter(np.array(ROWS))) == tensor
    capsule = tensor.to_dlpack()
    assert capture(capsule) == tensor
    with pytest.raises(InvalidValue, match="value is a DLPack capsule that was consumed"):
        capture(capsule)


@pytest.mark.parametrize("source", ["stnb", "torch", "numpy", "jax", "tensorflow"])
@pytest.mark.parametrize("target", sorted(TARGETS))
def test_share__reaches_every_framework_over_one_memory(source, target):
    value = of(source)
    given_ = share(value, target.upper())
    assert (given_ is value) == (TARGETS[target] == source)
    assert type(given_) is type(of(TARGETS[target]))
    assert memory(given_).tolist() == ROWS
    if TARGETS[target] != "tensorflow" or memory(value).ctypes.data % 64 == 0:
        memory(value)[0, 1] = 7
        assert memory(given_)[0, 1] == 7


def test_share__returns_its_own_as_they_are():
    for value, target in (
        (torch.ones(1, 2, 3, requires_grad=True), "pytorch"),
        (np.ones((1, 2, 3), complex), "np"),
        (sys.modules["tensorflow"].Variable(np.ones(3)), "tf"),
    ):
        assert share(value, target) is value


def test_share__converts_lists():
    assert share(ROWS, "numpy").tolist() == ROWS
    assert share(ROWS, "torch").tolist() == ROWS


def test_frames_survive_to_torch():
    framed = Tensor(1, 2).with_frame(ZFrame.regular())
    assert capture(share(framed, "torch")).frame is framed.frame
    assert share(share(framed, "torch"), "tensor").frame is framed.frame


@pytest.mark.parametrize(
    ("target", "error", "words"),
    [
        ("pytorhc", InvalidValue, "did you mean 'pytorch'"),
        ("", InvalidValue, "Known: 'jax'"),
        (None, TypeError, "of type NoneType"),
    ],
)
def test_unknown_targets_are_refused(target, error, words):
    with pytest.raises(error, match=words):
        share(ROWS, target)


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (None, TypeError, "of type NoneType"),
        ("1 2", TypeError, "of type str"),
        ({"a": 1}, TypeError, "of type dict"),
        ([], EmptyInput, "empty"),
        ([[1, 2], [3]], DataLength, r"value\[1\]"),
        (torch.ones(1, 2, 3), InvalidDimensions, r"\(1, 2, 3\)"),
        (ComplexTensor(1, 1), TypeError, "of type ComplexTensor"),
    ],
)
def test_capture__refuses(value, error, words):
    with pytest.raises(error, match=words):
        capture(value)
