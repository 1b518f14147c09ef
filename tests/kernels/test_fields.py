"""Gravity, heat and the kick: golden cases and the identities that make the ledger close."""

from __future__ import annotations

import numpy as np
import pytest
import stnb_kernels as kernels
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_kernels import parity
from stnb_kernels.accounts import ACCOUNTS
from stnb_kernels.kick.reference import sample

from tests.golden_cases import golden

from .conftest import fields_of

SEEDS = st.integers(0, 2**32)


def sampled(position, mass, heat, grid, backend, *, field=None, share=None, keep=None, specific_heat=1.0):
    """What the kick makes of the fields in no time: acceleration, potential and heat of the particles."""
    dtype = position.dtype
    zero, still = np.zeros(grid.shape, dtype=dtype), np.zeros_like(position)
    fields = [zero if f is None else f for f in (field, None, None, share, keep)]
    acceleration, thrust, velocity = np.full((3, *position.shape), np.nan, dtype=dtype)
    potential, after = np.full((2, len(mass)), np.nan, dtype=dtype)
    accounts = np.zeros((len(ACCOUNTS), len(mass)), dtype=dtype)
    inputs = (position, still, still, mass, heat, grid, *fields)
    outputs = (acceleration, thrust, potential, accounts, velocity, after)
    kernels.kick_particles(*inputs, *outputs, dt=0.0, specific_heat=specific_heat, backend=backend)
    return acceleration, potential, after


def gravity(position, mass, grid, constant, backend="cpu"):
    """Acceleration, potential energy ½Σmφ."""
    node_mass, _ = fields_of(position, mass, np.zeros_like(mass), grid, backend)
    field = np.empty(grid.shape)
    kernels.solve_poisson(node_mass, grid, constant, field, backend=backend)
    acceleration, potential, _ = sampled(position, mass, np.zeros_like(mass), grid, backend, field=field)
    return acceleration, 0.5 * float(mass @ potential)


def test_gravity_golden_case(backend):
    inputs, outputs, tolerance = golden("manifold", "gravity_force_energy_consistent")
    position, mass = np.array(inputs["positions"]).T.copy(), np.array(inputs["masses"])
    grid = kernels.Grid((inputs["n"],) * 3, inputs["h"])
    acceleration, energy = gravity(position, mass, grid, inputs["G"], backend)
    assert np.allclose(mass * acceleration, np.array(outputs["forces"]).T, rtol=0, atol=tolerance)
    assert abs(energy - outputs["potential_energy"]) < tolerance


@given(SEEDS, st.booleans())
def test_force_is_minus_the_gradient_of_the_energy(seed, periodic):
    """Central differences with step 1e-5 err by its square and by rounding over it: 1e-10 + 1e-16/1e-5."""
    rng = np.random.default_rng(seed)
    grid = kernels.Grid((6, 5, 7), 1.0, periodic)
    cell = rng.integers(0, np.array(grid.shape)[:, None] - 1, (3, 4))
    position = cell + rng.uniform(0.1, 0.9, (3, 4))
    mass = rng.uniform(0.5, 1, 4)
    acceleration, _ = gravity(position, mass, grid, 0.1)
    axis, who = int(rng.integers(3)), int(rng.integers(4))
    energies = []
    for step in (1e-5, -1e-5):
        moved = position.copy()
        moved[axis, who] += step
        energies.append(gravity(moved, mass, grid, 0.1)[1])
    assert np.isclose(
        mass[who] * acceleration[axis, who], -(energies[0] - energies[1]) / 2e-5, rtol=1e-7, atol=1e-9
    )


def test_sampling_golden_case():
    inputs, outputs, tolerance = golden("manifold", "gather_sample_gradient")
    i, j, k = np.meshgrid(*(np.arange(n) for n in inputs["dims"]), indexing="ij")
    field = 1 + 2 * i - 0.5 * j + 0.25 * k + 0.1 * i * j - 0.05 * i * k + 0.02 * i * j * k
    position = np.array(inputs["positions"]).T.copy()
    value, gradient = sample(field, position, kernels.Grid(tuple(inputs["dims"]), inputs["h"]))
    assert np.allclose(value, outputs["values"], rtol=0, atol=tolerance)
    assert np.allclose(gradient, np.array(outputs["gradients"]).T, rtol=0, atol=tolerance)


def exchange(position, mass, heat, grid, backend="cpu", **settings):
    """Heat of the particles after conduction and relaxation for one step."""
    dtype = position.dtype
    node_mass, node_heat = fields_of(position, mass, heat, grid, backend, dtype)
    share, keep = np.full((2, *grid.shape), np.nan, dtype=dtype)
    scratch = np.full((3, *grid.shape), np.nan, dtype=dtype)
    kernels.diffuse_heat(node_mass, node_heat, grid, share, keep, scratch, **settings, backend=backend)
    fields = {"share": share, "keep": keep, "specific_heat": settings["specific_heat"]}
    return sampled(position, mass, heat, grid, backend, **fields)[2]


def test_heat_exchange_golden_case(backend):
    inputs, outputs, tolerance = golden("manifold", "conservative_heat_exchange")
    position, heat = np.array(inputs["positions"]).T.copy(), np.array(inputs["heats"])
    relaxation = -np.expm1(-inputs["rate"] * inputs["dt"])
    after = exchange(
        position,
        np.array(inputs["masses"]),
        heat,
        kernels.Grid(tuple(inputs["dims"])),
        backend,
        dt=inputs["dt"],
        conductivity=0.0,
        specific_heat=inputs["specific_heat"],
        relaxation=relaxation,
    )
    assert np.allclose(after - heat, outputs["dQ"], rtol=0, atol=tolerance)


@given(
    SEEDS,
    st.booleans(),
    st.sampled_from([0.0, 0.1, 100.0]),
    st.sampled_from([0.0, 0.3, 0.99]),
    st.integers(1, 40),
)
def test_heat_is_kept_and_stays_between_the_extremes(seed, periodic, conductivity, relaxation, n):
    rng = np.random.default_rng(seed)
    grid = kernels.Grid((4, 6, 5), 0.5, periodic)
    position = rng.random((3, n)) * np.array(grid.extent)[:, None]
    mass = rng.uniform(0.5, 1, n)
    heat = mass * 10.0 * rng.uniform(0, 3, n) * (rng.random(n) < 0.7)
    after = exchange(
        position,
        mass,
        heat,
        grid,
        dt=0.1,
        conductivity=conductivity,
        specific_heat=10.0,
        relaxation=relaxation,
    )
    assert np.isclose(after.sum(), heat.sum(), rtol=1e-12, atol=1e-12)
    assert after.min() >= -1e-12


def patchy(rng, shape, dtype):
    """Mass and heat on a lattice with holes, some nodes cold, some light."""
    filled = rng.random(shape) < rng.choice([0.3, 0.7, 1.0])
    mass = rng.choice([1e-3, 1.0], shape) * rng.uniform(0.5, 2, shape) * filled
    return mass.astype(dtype), (mass * rng.uniform(0, 5, shape) * (rng.random(shape) < 0.8)).astype(dtype)


def check_conduction(seed, backend, shape, dtype):
    """Conduction moves heat and makes none, and no temperature leaves the range of those before.

    Each node of a line adds a few ε of the largest temperature; three lines pass through a node. The GPU versions
    sum positive terms only. The others subtract, and lose a factor of link over capacity, their condition.
    """
    rng = np.random.default_rng(seed)
    grid = kernels.Grid(shape, 0.5, bool(rng.integers(2)))
    mass, heat = patchy(rng, shape, dtype)
    link = float(rng.choice([0.0, 0.1, 100.0]))
    share, keep = (parity.to_device(np.full(shape, np.nan, dtype=dtype), backend) for _ in range(2))
    scratch = parity.to_device(np.full((3, *shape), np.nan, dtype=dtype), backend)
    columns = [parity.to_device(a, backend) for a in (mass, heat)]
    kernels.diffuse_heat(
        *columns, grid, share, keep, scratch, dt=1.0, conductivity=2 * link, specific_heat=1.0, relaxation=1.0,
        backend=backend,
    )  # fmt: skip
    after, filled = parity.to_numpy(share), mass > 0
    before = np.divide(heat, mass, out=np.zeros(shape), where=filled)
    condition = 1.0 if backend == "cuda" else 1.0 + link / mass[filled].min(initial=np.inf)
    tolerance = 4 * sum(shape) * condition * np.finfo(dtype).eps * max(before.max(), 1e-30)
    assert np.array_equal(parity.to_numpy(keep), np.full(shape, -1.0))
    assert abs((after * mass.astype(float)).sum() - heat.sum(dtype=float)) <= tolerance * mass.sum(
        dtype=float
    )
    assert after.max() <= before.max() + tolerance
    assert after[filled].min(initial=np.inf) >= before[filled].min(initial=np.inf) - tolerance
    assert not np.any(after[~filled])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(SEEDS, st.sampled_from(["cpu", "reference"]), st.tuples(*[st.integers(2, 9)] * 3))
def test_conduction_keeps_heat_and_range(dtype, seed, backend, shape):
    check_conduction(seed, backend, shape, dtype)


@settings(max_examples=6)
@given(SEEDS, st.tuples(*[st.integers(2, 4)] * 3), st.sampled_from(["float32", "float64"]))
def test_conduction_keeps_heat_and_range_on_the_simulated_gpu(seed, shape, dtype):
    check_conduction(seed, "cuda", shape, dtype)


@pytest.mark.parametrize("periodic", [False, True])
def test_conduction_converges_with_order_two(periodic):
    """A cosine decays by e^{−κk²t/(ρc)}; with dt ∝ h² the error falls as h²."""
    errors = []
    for n in (8, 16, 32):
        length = 1.0
        h = length / n if periodic else length / (n - 1)
        grid = kernels.Grid((n, 4, 4), h, periodic)
        x = np.arange(n) * h
        wave = np.cos((2 if periodic else 1) * np.pi * x / length)
        # In a box with walls the outermost nodes stand for half a cell, so their capacity is half.
        weight = np.ones(n)
        if not periodic:
            weight[[0, -1]] = 0.5
        node_mass = (weight[:, None, None] * np.ones(grid.shape)) * h**3
        temperature = 2.0 + wave[:, None, None] * np.ones(grid.shape)
        end, kappa, steps = 0.02, 1.0, 8 * (n // 8) ** 2
        share, keep = np.empty((2, *grid.shape))
        for _ in range(steps):
            kernels.diffuse_heat(
                node_mass,
                node_mass * temperature,
                grid,
                share,
                keep,
                np.empty((3, *grid.shape)),
                dt=end / steps,
                conductivity=kappa,
                specific_heat=1.0,
                relaxation=1 - 1e-15,
                backend="cpu",
            )
            temperature = share.copy()
        k = (2 if periodic else 1) * np.pi / length
        exact = 2.0 + np.exp(-kappa * k**2 * end) * wave
        errors.append(np.abs(temperature[:, 1, 1] - exact).max())
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders.min() >= 1.9, (errors, orders)


def test_conduction_loses_no_heat_in_float32():
    """Where little flows, rounding must be a fraction of the flow: 2,000 steps keep the total to 1e-6."""
    rng = np.random.default_rng(1)
    grid = kernels.Grid((6, 6, 6))
    position = (0.5 + rng.random((3, 200)) * 4).astype(np.float32)
    mass = rng.uniform(0.5, 1, 200).astype(np.float32)
    heat = (mass * 10 * rng.uniform(0, 2, 200)).astype(np.float32)
    before = heat.sum(dtype=float)
    for _ in range(2000):
        heat = exchange(
            position, mass, heat, grid, dt=0.01, conductivity=0.1, specific_heat=10.0, relaxation=1e-4
        )
    assert abs(heat.sum(dtype=float) / before - 1) < 1e-6
