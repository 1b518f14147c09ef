"""Poisson: golden cases, residuals, the free-space Green's function and the plan."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import stnb_kernels as kernels
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_kernels import parity
from stnb_kernels.poisson import PoissonPlan, reference
from stnb_kernels.poisson.green import green_table

from stnb._core.errors import ConfigError, InputError
from tests.golden_cases import golden

from .conftest import unchecked

SEEDS = st.integers(0, 2**32)
BOUNDARIES = ("walls", "periodic", "free")


@pytest.fixture(params=["cpu", "torch", "reference"])
def solver(request):
    return request.param


def solve(mass, grid, gravity, backend="cpu", *, free=False):
    """The potential, on the host."""
    node_mass = parity.to_device(mass, backend)
    potential = parity.to_device(np.full(grid.shape, np.nan, dtype=mass.dtype), backend)
    plan = PoissonPlan.allocate(grid, node_mass, free=free)
    kernels.solve_poisson(node_mass, grid, gravity, potential, plan, backend=backend)
    return parity.to_numpy(potential)


def neighbours(field, boundary):
    """Sum of the six neighbours; without a boundary, of the inner nodes."""
    if boundary != "free":
        field = np.pad(field, 1, mode="wrap" if boundary == "periodic" else "constant")
    inner, total = slice(1, -1), 0.0
    for axis in range(3):
        for shift in (slice(0, -2), slice(2, None)):
            index = [inner] * 3
            index[axis] = shift
            total = total + field[tuple(index)]
    return total


@pytest.mark.parametrize("boundary", BOUNDARIES)
@given(SEEDS, st.tuples(*[st.integers(3, 9)] * 3), st.sampled_from(["cpu", "torch", "reference"]))
def test_poisson_leaves_no_residual(boundary, seed, shape, backend):
    """A rounding ε of the largest φ counts 12 times in the Laplacian; the transforms add log₂n of them."""
    grid = kernels.Grid(shape, 0.5, boundary == "periodic")
    mass = np.random.default_rng(seed).random(shape)
    potential = solve(mass, grid, 0.1, backend, free=boundary == "free")
    source = 4 * np.pi * 0.1 * mass / grid.cell_volume
    if boundary == "periodic":
        source -= source.mean()
    inside = (slice(1, -1),) * 3 if boundary == "free" else ...
    residual = (neighbours(potential, boundary) - 6 * potential[inside]) / grid.spacing**2 - source[inside]
    assert np.abs(residual).max() <= 1e-12 * max(1.0, np.abs(source).max())


def test_dirichlet_eigenmode(solver):
    inputs, outputs, tolerance = golden("manifold", "poisson_dirichlet_eigenmode")
    n, h = inputs["n"], inputs["h"]
    waves = [np.sin(np.pi * k * (np.arange(n) + 1) / 9) for k in inputs["mode"]]
    source = np.einsum("i,j,k->ijk", *waves)
    potential = solve(source * h**3 / (4 * np.pi), kernels.Grid((n, n, n), h), 1.0, solver)
    for where, value in outputs["phi_at"].items():
        assert abs(potential[tuple(int(i) for i in where.split(","))] - value) < tolerance
    assert abs(np.linalg.norm(potential) - outputs["phi_l2"]) < tolerance


def test_periodic_eigenmode(solver):
    _, outputs, tolerance = golden("manifold", "poisson_periodic_eigenmode")
    i = np.arange(8)
    source = np.cos(2 * np.pi * i / 8)[:, None, None] * np.cos(4 * np.pi * i / 8)[None, :, None] * np.ones(8)
    potential = solve(source / (4 * np.pi), kernels.Grid((8, 8, 8), 1.0, periodic=True), 1.0, solver)
    assert abs(potential[0, 0, 0] - outputs["phi_000"]) < tolerance
    assert abs(potential[1, 2, 0] - outputs["phi_120"]) < tolerance


@pytest.mark.parametrize("mode", [(1, 0, 0), (2, 3, 1), (0, 0, 6)])
def test_a_cosine_is_divided_by_the_discrete_eigenvalue(solver, mode):
    grid = kernels.Grid((9, 8, 12), 0.7, periodic=True)
    turns = [k * np.arange(n) / n for k, n in zip(mode, grid.shape, strict=True)]
    wave = np.cos(2 * np.pi * np.add.outer(np.add.outer(turns[0], turns[1]), turns[2]))
    eigenvalue = -4 / 0.7**2 * sum(np.sin(np.pi * k / n) ** 2 for k, n in zip(mode, grid.shape, strict=True))
    potential = solve(wave, grid, 0.3, solver)
    assert np.allclose(potential, 4 * np.pi * 0.3 / 0.7**3 * wave / eigenvalue, rtol=0, atol=1e-12)


def test_greens_function_is_watsons_at_the_origin_and_obeys_its_equation():
    """g(0) is one sixth of Watson's integral, 1.516386059151978."""
    table = green_table((33, 33, 33))
    assert abs(table[0, 0, 0] - 1.516386059151978 / 6) < 1e-14
    whole = table[tuple(np.abs(np.mgrid[-32:33, -32:33, -32:33]))]
    residual = neighbours(whole, "free") - 6 * whole[1:-1, 1:-1, 1:-1]
    residual[31, 31, 31] += 1.0
    assert np.abs(residual).max() <= 1e-13


def test_greens_function_is_coulombs_far_away():
    """The lattice adds (5·Σx⁴/r⁴ − 3)/(8r²) in relation, so 1/(4r²) at most, and a term of order r⁻⁴."""
    table = green_table((40, 40, 40))
    r = np.sqrt((np.indices(table.shape) ** 2).sum(axis=0))
    far = r >= 30
    assert (np.abs(4 * np.pi * r * table - 1) * r**2)[far].max() < 0.26
    axis = green_table((200, 1, 1))[:, 0, 0]
    assert abs((4 * np.pi * 199 * axis[199] - 1) * 199**2 - 0.25) < 1e-3


def test_the_sum_over_all_pairs_is_the_padded_convolution():
    grid = kernels.Grid((7, 4, 9), 0.6)
    mass = np.random.default_rng(3).random(grid.shape)
    dense = -(0.6**2) * reference.free_space_sum(mass)
    assert np.allclose(reference.convolve(mass, grid), dense, rtol=0, atol=1e-14)


def test_two_masses_attract_as_in_empty_space(solver):
    grid = kernels.Grid((24, 20, 22), 0.5)
    mass = np.zeros(grid.shape)
    places, masses = ((3, 4, 5), (8, 6, 7)), (2.0, 3.0)
    for place, m in zip(places, masses, strict=True):
        mass[place] = m
    potential = solve(mass, grid, 0.1, solver, free=True)
    node = np.indices(grid.shape)
    r = [0.5 * np.sqrt(((node - np.array(p)[:, None, None, None]) ** 2).sum(axis=0)) for p in places]
    far = (r[0] >= 8 * 0.5) & (r[1] >= 8 * 0.5)
    newton = -0.1 * (masses[0] / r[0][far] + masses[1] / r[1][far])
    assert np.abs(potential[far] / newton - 1).max() < 0.01


@given(SEEDS)
def test_free_space_is_reciprocal_and_linear(seed):
    rng = np.random.default_rng(seed)
    grid = kernels.Grid((6, 5, 8), 1.3)
    first, second = (tuple(rng.integers(0, grid.shape)) for _ in range(2))
    unit = np.zeros((2, *grid.shape))
    unit[0][first] = unit[1][second] = 1.0
    a, b = (solve(u, grid, 1.0, free=True) for u in unit)
    assert abs(a[second] - b[first]) <= 1e-13
    both = solve(2 * unit[0] + 3 * unit[1], grid, 1.0, free=True)
    assert np.allclose(both, 2 * a + 3 * b, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("backend", ["cpu", "torch"])
def test_a_plan_that_served_before_gives_the_same_bits(backend, boundary, dtype):
    grid = kernels.Grid((6, 9, 7), 0.8, boundary == "periodic")
    masses = np.random.default_rng(4).random((2, *grid.shape)).astype(dtype)
    fresh = [solve(m, grid, 0.2, backend, free=boundary == "free") for m in masses]
    node_masses = [parity.to_device(m, backend) for m in masses]
    potential = parity.to_device(np.full(grid.shape, np.nan, dtype=dtype), backend)
    plan = PoissonPlan.allocate(grid, node_masses[0], free=boundary == "free")
    for turn in range(6):
        kernels.solve_poisson(node_masses[turn % 2], grid, 0.2, potential, plan, backend=backend)
        assert np.array_equal(parity.to_numpy(potential), fresh[turn % 2])
    if boundary != "free":
        kernels.solve_poisson(node_masses[1], grid, 0.2, potential, backend=backend)
        assert np.array_equal(parity.to_numpy(potential), fresh[1])


def aten_calls(function):
    """Names of the operations that torch carries out."""
    from torch.utils._python_dispatch import TorchDispatchMode

    names = []

    class Recorder(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            names.append(str(func))
            return func(*args, **(kwargs or {}))

    with Recorder():
        function()
    return names


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_the_torch_version_never_waits_and_allocates_nothing_with_walls(boundary):
    import torch

    grid = kernels.Grid((4, 5, 6), 1.0, boundary == "periodic")
    node_mass, potential = torch.ones(grid.shape), torch.empty(grid.shape)
    plan = PoissonPlan.allocate(grid, node_mass, free=boundary == "free")
    calls = aten_calls(lambda: kernels.solve_poisson(node_mass, grid, 1.0, potential, plan))
    assert calls
    assert not [name for name in calls if "scalar_dense" in name or "item" in name or "_to_copy" in name]
    if boundary == "walls":
        in_place = {"aten.mm.out", "aten.bmm.out", "aten.addmm_.default", "aten.mul_.Tensor"}
        views = {"aten.view.default", "aten.expand.default"}
        assert set(calls) == in_place | views


def fail_in(context):
    with context:
        raise KeyError


def test_full_float32_is_restored_after_an_error():
    import torch
    from stnb_kernels.poisson.torch import full_float32

    switch = torch.backends.cuda.matmul
    before = switch.allow_tf32
    try:
        switch.allow_tf32 = True
        with full_float32():
            assert not switch.allow_tf32
        assert switch.allow_tf32
        with pytest.raises(KeyError):
            fail_in(full_float32())
        assert switch.allow_tf32
    finally:
        switch.allow_tf32 = before


def test_apple_gpus_have_no_float64():
    from stnb_kernels.poisson.torch import supports

    on_apple = SimpleNamespace(dtype="torch.float64", device=SimpleNamespace(type="mps"))
    able, reason = supports(on_apple)
    assert not able
    assert "float64" in reason
    assert supports(SimpleNamespace(dtype="torch.float32", device=SimpleNamespace(type="mps")))[0]


@settings(max_examples=5)
@given(SEEDS)
def test_large_free_grids_agree_with_the_padded_definition(seed):
    grid = kernels.Grid((17, 9, 33), 0.4)
    mass = np.random.default_rng(seed).random(grid.shape)
    assert grid.nodes > reference.DENSE
    found, expected = (solve(mass, grid, 1.0, b, free=True) for b in ("cpu", "reference"))
    assert np.abs(found - expected).max() <= 1e-13 * np.abs(expected).max()


def test_a_plan_for_other_arrays_is_refused():
    grid, other = kernels.Grid((4, 4, 4)), kernels.Grid((4, 4, 4), 2.0)
    mass, potential = np.ones(grid.shape), np.empty(grid.shape)
    bare = unchecked(kernels.solve_poisson)
    with pytest.raises(ConfigError, match="periodic grid has no free space"):
        PoissonPlan.allocate(kernels.Grid((4, 4, 4), periodic=True), mass, free=True)
    with pytest.raises(InputError, match="like is int64"):
        PoissonPlan.allocate(grid, np.ones(3, dtype=int))
    with pytest.raises(InputError, match="allocate a plan for this grid"):
        bare(mass, grid, 1.0, potential, PoissonPlan.allocate(other, mass))
    with pytest.raises(InputError, match=r"the plan holds float32 numpy arrays, node_mass is float64 numpy"):
        bare(mass, grid, 1.0, potential, PoissonPlan.allocate(grid, mass.astype(np.float32)))
