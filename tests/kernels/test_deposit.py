"""Deposit: the golden case, and what must hold for any particles."""

from __future__ import annotations

import numpy as np
import pytest
import stnb_kernels as kernels
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_kernels.kick.reference import sample

from tests.golden_cases import golden

from .conftest import fields_of, unchecked

GRIDS = st.builds(
    kernels.Grid,
    st.tuples(*[st.integers(2, 9)] * 3),
    st.sampled_from([1.0, 0.3]),
    st.booleans(),
)


@st.composite
def clouds(draw, dtype=np.float64):
    """A grid and particles, some of them outside."""
    grid = draw(GRIDS)
    n = draw(st.integers(0, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    extent = np.array(grid.shape)[:, None] * grid.spacing
    position = (rng.random((3, n)) * 1.4 - 0.2) * extent
    return grid, position.astype(dtype), rng.uniform(0.5, 1, n).astype(dtype), rng.random(n).astype(dtype)


def test_golden_case(backend):
    inputs, outputs, tolerance = golden("manifold", "scatter_3_particles")
    position = np.array(inputs["positions"]).T.copy()
    grid = kernels.Grid(tuple(inputs["dims"]), inputs["h"])
    got = fields_of(position, np.array(inputs["masses"]), np.array(inputs["heats"]), grid, backend)
    for nodes, field in zip(("mass_nodes", "heat_nodes"), got, strict=True):
        expected = np.zeros(grid.shape)
        for node, value in outputs[nodes]:
            expected[tuple(node)] = value
        assert np.allclose(field, expected, rtol=0, atol=tolerance)


@given(clouds())
def test_totals_are_kept(cloud):
    grid, position, mass, heat = cloud
    node_mass, node_heat = fields_of(position, mass, heat, grid, "cpu")
    assert np.isclose(node_mass.sum(), mass.sum(), rtol=1e-13, atol=1e-14)
    assert np.isclose(node_heat.sum(), heat.sum(), rtol=1e-13, atol=1e-14)


@given(clouds(), st.integers(0, 2**32))
def test_sampling_is_the_adjoint_of_deposit(cloud, seed):
    """Σ_g F_g·deposit(q)_g = Σ_i q_i·F(x_i) for any field F."""
    grid, position, mass, heat = cloud
    field = np.random.default_rng(seed).normal(size=grid.shape)
    node_mass, _ = fields_of(position, mass, heat, grid, "cpu")
    assert np.isclose(
        (field * node_mass).sum(), (mass * sample(field, position, grid)[0]).sum(), rtol=1e-11, atol=1e-11
    )


@given(clouds(np.float32))
def test_one_seed_one_result_bit_for_bit(cloud):
    grid, position, mass, heat = cloud
    runs = [fields_of(position, mass, heat, grid, "cpu", np.float32) for _ in range(2)]
    assert np.array_equal(runs[0], runs[1])


@given(clouds(), st.randoms(use_true_random=False))
def test_order_of_particles_changes_only_rounding(cloud, shuffler):
    grid, position, mass, heat = cloud
    order = list(range(position.shape[1]))
    shuffler.shuffle(order)
    first = fields_of(position, mass, heat, grid, "cpu")
    second = fields_of(position[:, order].copy(), mass[order], heat[order], grid, "cpu")
    assert np.allclose(first, second, rtol=1e-12, atol=1e-13)


@settings(max_examples=30)
@given(st.integers(0, 2**32))
def test_shift_by_one_cell_shifts_the_nodes(seed):
    rng = np.random.default_rng(seed)
    grid = kernels.Grid((6, 7, 8), 1.0, periodic=True)
    position = rng.integers(0, 256, (3, 20)) / 64.0
    mass, heat = rng.random((2, 20))
    here = fields_of(position, mass, heat, grid, "cpu")
    there = fields_of(position + 1.0, mass, heat, grid, "cpu")
    for a, b in zip(here, there, strict=True):
        assert np.allclose(np.roll(a, (1, 1, 1), axis=(0, 1, 2)), b, rtol=0, atol=1e-15)


def test_every_node_is_written_when_there_are_no_particles(backend):
    grid = kernels.Grid((3, 4, 5))
    node_mass, node_heat = fields_of(np.empty((3, 0)), np.empty(0), np.empty(0), grid, backend)
    assert not node_mass.any()
    assert not node_heat.any()


def test_rows_of_a_larger_buffer_are_accepted(backend):
    rng = np.random.default_rng(0)
    grid = kernels.Grid((4, 4, 4))
    room = np.full((3, 50), np.nan)
    room[:, :10] = rng.random((3, 10)) * 3
    mass, heat = rng.random((2, 10))
    assert np.array_equal(
        fields_of(room[:, :10], mass, heat, grid, backend),
        fields_of(room[:, :10].copy(), mass, heat, grid, backend),
    )


def test_columns_of_other_lengths_are_refused():
    grid = kernels.Grid((4, 4, 4))
    position, nodes = np.zeros((3, 5)), np.empty((2, 4, 4, 4))
    cells = kernels.CellList.allocate(grid, 5, position)
    with pytest.raises(ValueError, match=r"mass has shape \(4,\), expected \(5,\)"):
        unchecked(kernels.deposit_particles)(
            position, np.zeros(4), np.zeros(5), grid, cells, *nodes, backend="cpu"
        )
