"""Bands, drift and turn of a layer, against float64 over every entry."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb.session.watch.bands import band_squares, drift_squares
from stnb.session.watch.layers import LayerMap
from stnb.session.watch.reader import SAMPLE, Reader, stride_of
from stnb.session.watch.reading import Part, read


class Holder(torch.nn.Module):
    """A layer for each tensor, with the gradients that were given."""

    def __init__(self, *gradients):
        super().__init__()
        for number, gradient in enumerate(gradients):
            layer = torch.nn.Module()
            layer.p = torch.nn.Parameter(torch.zeros(gradient.shape, dtype=gradient.dtype))
            layer.p.grad = gradient
            self.add_module(f"l{number}", layer)


def sampled(*gradients):
    layers = LayerMap(Holder(*gradients))
    (taken,) = Reader(layers, None).gradients()
    return taken.sample(), len(layers)


def reference(gradient):
    g = gradient.to_dense() if gradient.is_sparse else gradient
    g = torch.view_as_real(g) if g.is_complex() else g
    g = g.detach().double().numpy().reshape(-1)
    r = math.sqrt((g**2).mean())
    above, beneath = np.abs(g) >= 2 * r, np.abs(g) < r / 8
    return [(g[mask] ** 2).sum() for mask in (above, ~above & ~beneath, beneath)]


@given(st.integers(0, 2**31), st.integers(1, 400), st.floats(-150, 150), st.sampled_from([1.0, 3.0]))
def test_bands__are_those_of_every_entry_at_any_scale(seed, n, power, tail):
    rng = torch.Generator().manual_seed(seed)
    g = torch.randn(n, generator=rng, dtype=torch.float64)
    g = g.sign() * g.abs() ** tail * 10.0**power
    bands = band_squares(*sampled(g))
    total = float((g**2).sum())
    assert [float(band[0]) for band in bands] == pytest.approx(reference(g), rel=1e-9, abs=1e-9 * total)
    assert float(sum(band[0] for band in bands)) == pytest.approx(total, rel=1e-12)


def test_bands__golden():
    sample, layers = sampled(
        torch.tensor([8.0, 1.0, 1.0, 1.0, 0.1, 0.1, 0.0, -1.0]), torch.tensor([[3.0, 4.0]])
    )
    above, here, beneath = band_squares(sample, layers)
    assert above == pytest.approx([64.0, 0.0])
    assert here == pytest.approx([4.0, 25.0])
    assert beneath == pytest.approx([0.02, 0.0])


@pytest.mark.parametrize("scale", [1e-30, 1e25])
def test_bands__of_float32_that_cannot_be_squared(scale):
    for n in (10, 200, 100_000):
        g = torch.full((n,), scale)
        above, here, beneath = band_squares(*sampled(g))
        assert float(here[0]) == pytest.approx(n * float(g[0]) ** 2, rel=1e-9)
        assert float(above[0]) == float(beneath[0]) == 0.0


@pytest.mark.parametrize("shape", [(600, 600), (50_000,), (3, 64, 64, 9), (1000, 33)])
def test_bands__of_a_large_layer_are_estimates_within_what_is_promised(shape):
    for seed in range(5):
        g = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
        sample, layers = sampled(g)
        m = int(sample.lengths[0])
        assert SAMPLE / 2 < m <= 2 * SAMPLE
        bands, exact = band_squares(sample, layers), reference(g)
        total = sum(exact)
        assert float(sum(band[0] for band in bands)) == pytest.approx(total, rel=1e-6)
        for band, truth in zip(bands, exact, strict=True):
            assert abs(float(band[0]) - truth) / total < 4 / math.sqrt(m)


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=4))
def test_stride__shares_no_divisor_with_any_side(shape):
    size = math.prod(shape)
    stride = stride_of(tuple(shape))
    assert stride == 1 or all(math.gcd(stride, side) == 1 for side in shape)
    assert stride == 1 if size <= 2 * SAMPLE else stride >= size / SAMPLE
    assert stride == 1 or size / stride > SAMPLE / 2 or size < 4 * SAMPLE * SAMPLE


def test_bands__sparse_complex_half_strided_and_empty_gradients():
    rng = torch.Generator().manual_seed(0)
    places = torch.tensor([[1, 7, 1], [0, 2, 0]])
    sparse = torch.sparse_coo_tensor(places, torch.tensor([1.0, 2.0, 3.0]), (9, 3), check_invariants=True)
    complex_ = torch.randn(5, 3, generator=rng, dtype=torch.complex64)
    half = torch.randn(40, generator=rng).bfloat16()
    turned = torch.randn(2, 3, 8, 8, generator=rng).to(memory_format=torch.channels_last)
    for g in (sparse, complex_, half, turned):
        bands = band_squares(*sampled(g))
        assert [float(band[0]) for band in bands] == pytest.approx(reference(g), rel=1e-5, abs=1e-6)
    none = torch.sparse_coo_tensor(
        torch.zeros(2, 0, dtype=torch.long), torch.zeros(0), (9, 3), check_invariants=True
    )
    assert [float(band[0]) for band in band_squares(*sampled(none))] == [0.0, 0.0, 0.0]


def test_drift__is_exact_for_small_layers_and_close_for_large_ones():
    rng = torch.Generator().manual_seed(1)
    for shape, tolerance in (((40, 30), 1e-6), ((700, 500), 4 / math.sqrt(SAMPLE))):
        w = torch.randn(shape, generator=rng)
        model = Holder(torch.zeros(shape))
        reader = Reader(LayerMap(model), None)
        with torch.no_grad():
            model.l0.p.copy_(w)
            (before,) = reader.weights()
            step = 1e-3 * torch.randn(shape, generator=rng)
            model.l0.p.add_(step)
        (after,) = reader.weights()
        moved, was = drift_squares(before.sample(), after.sample(), 1)[:, 0]
        truth = float((model.l0.p.detach() - w).double().norm() / w.double().norm())
        assert math.sqrt(moved / was) == pytest.approx(truth, rel=tolerance)


def test_read__turn_and_what_has_no_gradient():
    model = Holder(torch.tensor([3.0, 4.0]), torch.tensor([1.0]), torch.tensor([2.0]))
    layers = LayerMap(model)
    reader = Reader(layers, None)
    first = reader.gradients()
    model.l0.p.grad = torch.tensor([4.0, -3.0])
    model.l1.p.grad = torch.tensor([-2.0])
    second = reader.gradients()
    reading = read([Part(second, first, (), ())], 3)
    assert reading.layers[:, 6] == pytest.approx([0.0, -1.0, 1.0])
    assert reading.totals["turn"] == pytest.approx((0 - 2 + 4) / math.sqrt(30 * 33))
    model.l2.p.grad = None
    third = read([Part(reader.gradients(), second, (), ())], 3)
    assert np.isnan(third.layers[2]).all()
    assert math.isnan(third.totals["turn"])
    assert not third.broken.any()


def test_read__what_is_not_finite_is_a_gap_with_a_name():
    reading = read([Part(*sampled_part(torch.tensor([1.0, math.nan]), torch.tensor([1.0])))], 2)
    assert reading.broken.tolist() == [True, False]
    assert math.isnan(reading.totals["grad_norm"])
    assert math.isnan(reading.layers[0, 0])
    assert reading.layers[1, 0] == 1.0


def sampled_part(*gradients):
    return Reader(LayerMap(Holder(*gradients)), None).gradients(), (), (), ()
