"""Every way to hold a series is read alike, nothing is written to, and what is no series is refused."""

import copy
import math

import numpy as np
import pytest
import torch

from stnb._core.errors import EmptyInput, InvalidValue, NonFiniteValue, ShapeMismatch
from stnb._core.numbers import finite as number
from stnb.inference import (
    ZSpaceTrainer,
    decode_zspace_embedding,
    infer_from_partial,
    weights_partial_from_dlpack,
    z_metrics,
)
from stnb.zspace.intake import vector

from .cases import HOLDERS

VALUES = [0.5, -0.25, 1.0, 0.125]


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
def test_holders__of_the_same_values_are_read_alike(holder):
    held = holder(VALUES)
    assert decode_zspace_embedding(held) == decode_zspace_embedding(VALUES)
    assert z_metrics(grad=held).gradient == VALUES
    assert weights_partial_from_dlpack(held) == weights_partial_from_dlpack(VALUES)


def test_tensors_of_this_project__are_series():
    from stnb.zspace.tensor import Tensor

    row = Tensor(1, 4, VALUES)
    assert decode_zspace_embedding(row) == decode_zspace_embedding(VALUES)
    assert weights_partial_from_dlpack(Tensor(2, 2, VALUES)) == weights_partial_from_dlpack(VALUES)


def test_inputs__are_left_as_they_were():
    z, weights = np.array(VALUES), torch.tensor(VALUES, requires_grad=True)
    partial = {"Mem": 0.25, "grad": [1.0, 2.0]}
    telemetry = {"a": {"b": 1.0, "c": "text"}}
    before = copy.deepcopy((z, weights.detach(), partial, telemetry))
    found = infer_from_partial(z, partial, telemetry=telemetry)
    weights_partial_from_dlpack(weights, telemetry=telemetry)
    ZSpaceTrainer().step(partial)
    z[0] = 9.0
    assert found.prior.z_state[0] == before[0][0]
    assert torch.equal(weights.detach(), before[1])
    assert (partial, telemetry) == before[2:]


@pytest.mark.parametrize("values", [None, "0.5", b"\x01", 0.5, True, {"a": 1.0}, object(), {1.0, "x"}])
def test_types__that_are_no_series_are_refused(values):
    with pytest.raises(TypeError, match=r"latent.* give"):
        decode_zspace_embedding(values)


@pytest.mark.parametrize(
    "values", [["a", "b"], [0.5, None], [True, "x"], np.array([1j]), torch.tensor([1j]), torch.tensor([True])]
)
def test_values__that_are_no_real_numbers_are_refused(values):
    with pytest.raises(TypeError, match=r"give (real |a )?numbers?"):
        decode_zspace_embedding(values)


@pytest.mark.parametrize("empty", [[], (), np.empty(0), torch.empty(0), np.empty((3, 0))])
def test_nothing__is_refused(empty):
    with pytest.raises(EmptyInput, match="latent has shape"):
        decode_zspace_embedding(empty)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 10**400])
@pytest.mark.parametrize("holder", [list, np.array, lambda v: [*v, np.float32(1.0)]])
def test_nan_and_infinity__are_refused_with_their_place(bad, holder):
    with pytest.raises(NonFiniteValue, match=r"latent\[1\] = "):
        decode_zspace_embedding(holder([0.5, bad, math.nan]) if bad != 10**400 else [0.5, bad])


def test_shapes__of_more_than_one_row_are_refused():
    with pytest.raises(ShapeMismatch, match=r"shape \(2, 3\).*one of its rows"):
        decode_zspace_embedding(np.ones((2, 3)))
    with pytest.raises(ShapeMismatch, match=r"shape \(2, 2\)"):
        decode_zspace_embedding([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(InvalidValue, match=r"latent\[1\] is a list"):
        decode_zspace_embedding([0.5, [1.0, 2.0]])


@pytest.mark.parametrize("value", [1, 1.0, np.float32(1), np.int64(1), np.array(1.0), torch.tensor([1.0])])
def test_number__reads_one(value):
    assert number("x", value) == 1.0
    assert type(number("x", value)) is float


@pytest.mark.parametrize(
    "value", [None, "1", True, np.bool_(1), 1j, [1.0], torch.ones(2), torch.tensor(True)]
)
def test_number__refuses_what_is_none(value):
    with pytest.raises(TypeError, match="give a number"):
        number("x", value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -(10**400), np.float32("nan")])
def test_number__refuses_what_is_not_finite(value):
    with pytest.raises(NonFiniteValue, match="x = "):
        number("x", value)


def test_vector__takes_integers_of_any_size():
    assert vector("x", [1, 2**70, 3]).tolist() == [1.0, 2.0**70, 3.0]
    assert vector("x", range(3)).tolist() == [0.0, 1.0, 2.0]
