"""Biomes: means between their shoots, one shape, nothing half absorbed."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import (
    EmptyInput,
    InvalidValue,
    NonFiniteValue,
    NonPositiveWeight,
    ShapeMismatch,
    TensorVolumeExceeded,
)
from stnb.zspace import OpenTopos, Tensor, TensorBiome

WEIGHTS = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=6)


def grown(weights, seed, saturation=1.5, factor=1.0, order=None):
    rng = torch.Generator().manual_seed(seed)
    tensors = [torch.randn(2, 3, generator=rng) for _ in weights]
    biome = TensorBiome(OpenTopos(saturation=saturation))
    for i in order if order is not None else range(len(weights)):
        biome.absorb_weighted(f"s{i}", tensors[i], weight=factor * weights[i])
    return biome


@given(WEIGHTS, st.integers(0, 2**31), st.floats(1e-2, 1e2))
def test_canopy__is_a_convex_combination(weights, seed, factor):
    biome = grown(weights, seed)
    shoots = torch.stack([shoot.torch() for shoot in biome.shoots()])
    canopy = biome.canopy().torch()
    ulp = 1e-6
    assert bool((canopy >= shoots.amin(0) - ulp).all())
    assert bool((canopy <= shoots.amax(0) + ulp).all())
    assert float(canopy.abs().max()) <= 1.5
    w = torch.tensor(weights, dtype=torch.float64)
    expected = torch.einsum("u,urc->rc", w / w.sum(), shoots.double())
    torch.testing.assert_close(canopy.double(), expected, rtol=0, atol=ulp)
    order = np.random.default_rng(seed).permutation(len(weights))
    for other in (grown(weights, seed, factor=factor), grown(weights, seed, order=order)):
        torch.testing.assert_close(other.canopy().torch(), canopy, rtol=0, atol=ulp)
    assert biome.harvest() == biome.canopy()


@given(WEIGHTS, st.integers(0, 2**31))
def test_stack__keeps_every_row_in_order(weights, seed):
    biome = grown(weights, seed)
    assert biome.stack().shape() == (2 * len(weights), 3)
    assert biome.stack() == Tensor.cat_rows(biome.shoots())
    assert biome.total_weight() == pytest.approx(sum(weights))
    assert biome.weights() == weights
    assert biome.labels() == [f"s{i}" for i in range(len(weights))]
    assert len(biome) == biome.len() == len(weights)


def test_worked_example():
    biome = TensorBiome(OpenTopos(saturation=10.0))
    assert biome.is_empty()
    assert biome.shape() is None
    biome.absorb("a", Tensor(1, 2, [20, 0.5]))
    biome.absorb_weighted("b", Tensor(1, 2, [-20, 1]), 3.0)
    assert biome.canopy().tolist() == [[-5.0, 0.875]]
    assert biome.rewrites() == [1, 1]
    assert biome.shape() == (1, 2)
    biome.shoots()[0].torch().zero_()
    assert biome.canopy().tolist() == [[-5.0, 0.875]]
    biome.clear()
    biome.absorb("c", Tensor(3, 3))
    assert biome.shape() == (3, 3)


def test_labels_may_be_left_out():
    biome = TensorBiome(OpenTopos())
    biome.absorb(Tensor(1, 1, [1]))
    biome.absorb_weighted(Tensor(1, 1, [4]), 2.0)
    biome.absorb_weighted(Tensor(1, 1, [4]), weight=1.0)
    assert biome.weights() == [1.0, 2.0, 1.0]
    assert biome.labels() == ["shoot_0", "shoot_1", "shoot_2"]
    assert biome.canopy().item() == 3.25
    assert "shoot_1" in repr(biome)


def test_what_is_refused_is_not_absorbed():
    biome = TensorBiome(OpenTopos(saturation=2.0, max_volume=4))
    biome.absorb("first", Tensor(1, 2))
    attempts = [
        (lambda: biome.absorb("other", Tensor(2, 1)), ShapeMismatch),
        (lambda: biome.absorb("large", Tensor(1, 5)), TensorVolumeExceeded),
        (lambda: biome.absorb("nan", Tensor(1, 2, [0, float("nan")])), NonFiniteValue),
        (lambda: biome.absorb("strict", Tensor(1, 2, [0, 3]), strict=True), InvalidValue),
        (lambda: biome.absorb_weighted("zero", Tensor(1, 2), 0.0), NonPositiveWeight),
        (lambda: biome.absorb_weighted("nan", Tensor(1, 2), math.nan), NonPositiveWeight),
        (lambda: biome.absorb_weighted("inf", Tensor(1, 2), math.inf), NonPositiveWeight),
        (lambda: biome.absorb_weighted("none", Tensor(1, 2)), TypeError),
        (lambda: biome.absorb("text", "tensor"), TypeError),
        (lambda: biome.absorb(3, Tensor(1, 2)), TypeError),
    ]
    for attempt, error in attempts:
        with pytest.raises(error):
            attempt()
        assert biome.labels() == ["first"]
    other = TensorBiome(OpenTopos())
    other.absorb("fits", Tensor(1, 2, [1, 5]))
    biome.absorb_all(other)
    assert biome.rewrites() == [0, 1]
    narrow = TensorBiome(OpenTopos(saturation=2.0, max_volume=2))
    with pytest.raises(TensorVolumeExceeded):
        narrow.absorb_all(_biome_of(Tensor(1, 3)))
    assert narrow.is_empty()


def test_an_empty_biome_has_nothing_to_give():
    biome = TensorBiome(OpenTopos())
    for call in (biome.canopy, biome.stack):
        with pytest.raises(EmptyInput):
            call()


def _biome_of(tensor):
    biome = TensorBiome(OpenTopos())
    biome.absorb("only", tensor)
    return biome
