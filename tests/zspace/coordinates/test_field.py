"""Features of series, looks at cells, and embeddings."""

import itertools
import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stnb._core.errors import EmptyInput, InvalidDimensions, InvalidValue, NonFiniteValue, ShapeMismatch
from stnb.zspace import Tensor
from stnb.zspace.coordinates import (
    SpectralFeatureSample,
    ZAtlas,
    ZFieldSample,
    ZFrame,
    ZIndex,
    ZTensor,
    embed,
    sample_field,
    session,
)

SERIES = hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e3, 1e3))
MATRIX = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.floats(-1e3, 1e3)
)
ZEROS = ZFieldSample()


def _by_loops(x, hint):
    """The five formulas, entry by entry."""
    n = len(x)
    width = math.ceil(n / min(hint, n))
    sums = [sum(abs(v) for v in x[i : i + width]) for i in range(0, n, width)]
    total = sum(sums)
    index = sums.index(max(sums))
    slopes = [b - a for a, b in itertools.pairwise(x)]
    bends = sum(abs(b - a) for a, b in itertools.pairwise(slopes))
    steps = sum(abs(a) + abs(b) for a, b in itertools.pairwise(slopes))
    products = [a * b for a, b in itertools.pairwise(x)]
    spin = sum(products) / (sum(abs(p) for p in products) + 1e-6)
    return (
        index if total else 0,
        sums[index] / total if total else 0.0,
        min(4.0, bends / (steps + 1e-6)),
        max(-1.0, min(1.0, spin)),
        total / n,
    )


@given(SERIES, st.integers(1, 9))
def test_features__are_the_formulas(series, hint):
    found = SpectralFeatureSample.from_slice(series, hint)
    expected = _by_loops(series.tolist(), hint)
    assert tuple(found.as_dict().values())[1:] == pytest.approx(expected[1:], rel=1e-9, abs=1e-12)
    if found.sheet_index != expected[0]:
        assert found.sheet_confidence == pytest.approx(expected[1], rel=1e-12)


@given(SERIES)
def test_features__keep_their_bounds(series):
    found = SpectralFeatureSample.from_slice(series, 4)
    assert 0 <= found.sheet_index < 4
    assert 0 <= found.sheet_confidence <= 1
    assert 0 <= found.curvature <= 4
    assert -1 <= found.spin <= 1
    assert found.energy == SpectralFeatureSample.from_slice(-series, 4).energy


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ([0.0, 0.0, 0.0], (0, 0.0, 0.0, 0.0, 0.0)),
        ([5.0], (0, 1.0, 0.0, 0.0, 5.0)),
        ([1.0, -1.0], (0, 0.5, 0.0, -1.0, 1.0)),
        ([1.0, 1.0, 1.0, 1.0], (0, 0.5, 0.0, 1.0, 1.0)),
        ([1.0, 2.0, 3.0, 4.0], (1, 0.7, 0.0, 1.0, 2.5)),
        ([0.0, 1.0, 0.0, 1.0], (0, 0.5, 1.0, 0.0, 0.5)),
    ],
)
def test_features__of_small_series(series, expected):
    found = SpectralFeatureSample.from_slice(series, 2)
    assert tuple(found.as_dict().values()) == pytest.approx(expected, abs=1e-5)


def test_features__refuse_a_hint_of_no_sheets():
    with pytest.raises(InvalidDimensions, match="sheet_hint"):
        sample_field(samples=[1.0], sheet_hint=0)
    with pytest.raises(TypeError, match="sheet_hint"):
        sample_field(samples=[1.0], sheet_hint=2.0)


def test_sample_field__before_anything_is_all_zeros():
    assert sample_field() == ZEROS
    assert sample_field(1, 2, 3) == ZFieldSample(cell=ZIndex(1, 2, 3))


def test_sample_field__of_other_samples_leaves_the_atlas_alone():
    with session() as ours:
        ours.observe([1.0, 2.0, 3.0, 4.0])
        before = ours.atlas.energy()
        other = sample_field(samples=[5.0, -5.0, 5.0], sheet_hint=1)
        assert other.spin == pytest.approx(-1.0, abs=1e-6)
        assert other.energy == 5.0
        assert sample_field().energy == 2.5
        assert torch.equal(ours.atlas.energy(), before)


@given(SERIES, SERIES)
def test_sample_field__sums_the_density_of_the_cells_asked_for(first, second):
    with session(bands=2, sheets=3, echoes=4) as ours:
        ours.observe(first)
        ours.observe(second)
        density, homology = ours.atlas.density(), ours.atlas.homology()
        assert sample_field().density == pytest.approx(float(density.sum()))
        for band, sheet, echo in ((1, None, None), (None, 2, None), (None, 0, 1), (0, 1, None)):
            chosen = tuple(slice(None) if place is None else place for place in (band, sheet, echo))
            found = sample_field(band, sheet, echo)
            assert found.density == pytest.approx(float(density[chosen].sum()), abs=1e-15)
            assert (found.homology, found.cell) == (0, None)
        for cell in ours.frame.cells():
            found = sample_field(*cell.as_tuple())
            assert found.cell == cell
            assert found.density == float(density[cell.as_tuple()])
            assert found.homology == int(homology[cell.as_tuple()])
            assert found.betti0 == int(homology.max())


def test_sample_field__of_a_frame_with_one_cell_has_a_cell():
    with session(bands=1, sheets=1, echoes=1) as ours:
        ours.observe([3.0])
        found = sample_field()
    assert (found.cell, found.density, found.homology, found.betti0) == (ZIndex(0, 0, 0), 1.0, 1, 1)


@pytest.mark.parametrize(
    "place", [{"band": 3}, {"sheet": 4}, {"echo": 8}, {"band": -1}, {"band": 0, "echo": -1}]
)
def test_sample_field__outside_the_frame_is_an_index_error(place):
    with pytest.raises(IndexError, match="is not in this frame"):
        sample_field(**place)


@pytest.mark.parametrize(
    ("samples", "error"),
    [([], EmptyInput), ([math.nan], NonFiniteValue), ("text", TypeError), ([[1], [1, 2]], ValueError)],
)
def test_sample_field__refuses_bad_samples(samples, error):
    with pytest.raises(error, match="samples"):
        sample_field(samples=samples)


def test_field__is_ready_for_json():
    found = ZAtlas().observe([1.0, 2.0])
    assert json.loads(json.dumps(found.as_dict()))["cell"] == {"band": 2, "sheet": 1, "echo": 0}
    assert isinstance(found, SpectralFeatureSample)


@given(MATRIX, st.builds(ZFrame.regular, st.integers(1, 4), st.integers(1, 4), st.integers(1, 4)))
def test_embed__follows_its_rule(x, frame):
    z = embed(x, frame=frame)
    bands, sheets, echoes = frame.shape
    assert np.array_equal(z.mu.numpy(), x)
    expected = np.broadcast_to(np.maximum(x.var(axis=0), 1e-6), x.shape)
    np.testing.assert_allclose(z.sigma.numpy(), expected, rtol=1e-9, atol=1e-12)
    for r, index in enumerate(z.indices):
        alone = ZAtlas(ZFrame.regular(bands, 1, 1))
        alone.observe(x[r])
        shares = alone.energy()[:, 0, 0]
        assert float(shares[index.band]) == pytest.approx(float(shares.max()), rel=1e-9, abs=1e-12)
        assert (index.sheet, index.echo) == (r * sheets // len(x), r % echoes)


@pytest.mark.parametrize(
    ("make", "dtype"),
    [
        (lambda x: x, torch.float32),
        (lambda x: np.array(x, float), torch.float64),
        (lambda x: np.array(x, np.float32), torch.float32),
        (lambda x: np.array(x, int), torch.float32),
        (lambda x: torch.tensor(x, dtype=torch.float64), torch.float64),
        (lambda x: torch.tensor(x, dtype=torch.int32), torch.float32),
        (lambda x: Tensor(2, 2, x), torch.float32),
    ],
    ids=["list", "float64", "float32", "int", "torch64", "torchint", "Tensor"],
)
def test_embed__takes_matrices_of_any_kind(make, dtype):
    z = embed(make([[1, 2], [3, -4]]))
    assert z.mu.dtype is z.sigma.dtype is dtype
    assert z.mu.tolist() == [[1, 2], [3, -4]]
    assert z.variance.tolist() == [[1, 9], [1, 9]]
    assert len(z) == 2


def test_embed__keeps_the_tensor_and_its_gradient():
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(0), requires_grad=True)
    z = embed(x)
    assert z.mu is x
    z.sigma.sum().backward()
    torch.testing.assert_close(x.grad, 2 * (x - x.mean(0)).detach(), rtol=1e-5, atol=1e-6)


def test_embed__uses_the_frame_of_the_session():
    with session(echoes=2):
        assert [index.echo for index in embed(np.ones((5, 3))).indices] == [0, 1, 0, 1, 0]
    assert [index.echo for index in embed(np.ones((5, 3))).indices] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("x", "error"),
    [
        ([1.0, 2.0], InvalidDimensions),
        (np.ones((2, 2, 2)), InvalidDimensions),
        (np.ones((0, 3)), EmptyInput),
        ([[1.0, math.nan]], NonFiniteValue),
        ([["a"]], TypeError),
    ],
)
def test_embed__refuses_bad_input(x, error):
    with pytest.raises(error, match=r"\bx\b"):
        embed(x)
    with pytest.raises(TypeError, match="ZFrame"):
        embed([[1.0]], frame=(3, 4, 8))


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"mu": torch.ones(2, 2)}, ShapeMismatch, r"\(2, 2\)"),
        ({"sigma": -torch.ones(2, 3)}, InvalidValue, "variance"),
        ({"sigma": torch.full((2, 3), math.nan)}, InvalidValue, "NaN"),
        ({"sigma": [[1.0]]}, TypeError, "list"),
        ({"indices": [ZIndex(0, 0, 0)]}, ShapeMismatch, "1 indices for 2 rows"),
        ({"indices": [(0, 0, 0), (0, 0, 1)]}, TypeError, "tuple"),
    ],
)
def test_ztensor__refuses_parts_that_do_not_fit(changed, error, words):
    parts = {
        "mu": torch.ones(2, 3),
        "sigma": torch.ones(2, 3),
        "indices": [ZIndex(0, 0, r) for r in range(2)],
    }
    assert ZTensor(**parts).indices == (ZIndex(0, 0, 0), ZIndex(0, 0, 1))
    with pytest.raises(error, match=words):
        ZTensor(**{**parts, **changed})
