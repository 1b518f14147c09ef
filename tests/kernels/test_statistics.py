"""Sums over particles: the statistics of a column and the tally."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_kernels import parity
from stnb_kernels.statistics import PARTS, STATISTICS_BLOCKS, STATS, describe_values
from stnb_kernels.tally import ACCOUNTS, SUMS, TALLY_BLOCKS, tally_particles

from stnb._core.errors import InputError
from tests.golden_cases import golden

from .conftest import unchecked

SEEDS = st.integers(0, 2**32)
BACKENDS = ("cpu", "torch", "cuda", "reference")
EPSILON = 2.0**-52
# Threads of the simulated GPU are threads of the operating system.
SIZES = {"cuda": 70}


def describe(values, backend="cpu"):
    stats = parity.to_device(np.full(len(STATS), np.nan), backend)
    scratch = parity.to_device(np.full((STATISTICS_BLOCKS, len(PARTS)), np.nan), backend)
    describe_values(parity.to_device(values, backend), stats, scratch, backend=backend)
    return parity.to_numpy(stats)


def tally(arrays, backend="cpu"):
    sums = parity.to_device(np.full(len(SUMS), np.nan), backend)
    scratch = parity.to_device(np.full((TALLY_BLOCKS, len(SUMS)), np.nan), backend)
    columns = {name: parity.to_device(a, backend) for name, a in arrays.items()}
    tally_particles(**columns, sums=sums, scratch=scratch, backend=backend)
    return dict(zip(SUMS, parity.to_numpy(sums), strict=True))


def particles(rng, n, dtype=np.float64):
    arrays = {
        "velocity": rng.normal(0, 1, (3, n)),
        "mass": rng.uniform(0.5, 1, n),
        "heat": rng.exponential(1, n),
        "energy": rng.exponential(1, n),
        "potential": -rng.exponential(1, n),
        "accounts": rng.normal(0, 1, (len(ACCOUNTS), n)),
    }
    return {name: a.astype(dtype) for name, a in arrays.items()}


@pytest.mark.parametrize("backend", BACKENDS)
def test_statistics_golden_case(backend):
    inputs, outputs, tolerance = golden("manifold", "energy_stats")
    assert np.allclose(describe(np.array(inputs["x"]), backend), outputs["stats"], rtol=0, atol=tolerance)


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_values_have_no_statistics(backend):
    assert np.array_equal(describe(np.empty(0), backend), np.zeros(4))


def check_shift_scale_and_order(backend, seed):
    """Mean and deviation follow a shift and a factor, to √n·ε of the largest magnitude: 1e-13 of it with room."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1, SIZES.get(backend, 5000))
    shift, factor = rng.uniform(-1e3, 1e3), rng.uniform(-10, 10)
    magnitude, mean, deviation, count = describe(x, backend)
    moved = describe(x + shift, backend)
    assert np.allclose(moved[1:], [mean + shift, deviation, count], rtol=0, atol=1e-10)
    expected = [abs(factor) * magnitude, factor * mean, abs(factor) * deviation, count]
    assert np.allclose(describe(factor * x, backend), expected, rtol=0, atol=1e-12)
    mixed = describe(rng.permutation(x), backend)
    assert np.allclose(mixed, [magnitude, mean, deviation, count], rtol=0, atol=1e-13)


@given(SEEDS, st.sampled_from(["cpu", "torch", "reference"]))
def test_shifted_scaled_and_mixed_values(seed, backend):
    check_shift_scale_and_order(backend, seed)


def test_shifted_scaled_and_mixed_values_on_the_simulated_gpu():
    check_shift_scale_and_order("cuda", 5)


@pytest.mark.parametrize("backend", ["cpu", "torch", "cuda"])
def test_a_large_offset_costs_no_digits_of_the_deviation(backend):
    """From Σx² − (Σx)²/n a deviation of 1 beside 1e9 would keep no digit; here it keeps the offset's: 1e9·ε."""
    x = np.random.default_rng(2).normal(0, 1, SIZES.get(backend, 5000))
    x += 1e9
    assert abs(describe(x, backend)[2] - np.std(x)) <= 1e9 * EPSILON
    assert describe(np.full(70, 0.1), backend)[2] <= EPSILON


@pytest.mark.parametrize("backend", ["cpu", "cuda"])
def test_sums_are_the_same_in_every_run(backend):
    rng = np.random.default_rng(6)
    n = SIZES.get(backend, 9000)
    x, arrays = rng.normal(0, 1, n), particles(rng, n, np.float32)
    first, sums = describe(x, backend), tally(arrays, backend)
    for _ in range(2 if backend == "cuda" else 20):
        assert np.array_equal(describe(x, backend), first)
        assert tally(arrays, backend) == sums


def test_sums_do_not_depend_on_the_number_of_threads():
    import numba

    rng = np.random.default_rng(7)
    x, arrays = rng.normal(0, 1, 30_000), particles(rng, 30_000)
    before = numba.get_num_threads()
    try:
        results = []
        for threads in (1, before):
            numba.set_num_threads(threads)
            results.append((describe(x).tolist(), tally(arrays)))
    finally:
        numba.set_num_threads(before)
    assert results[0] == results[1]


@settings(max_examples=20)
@given(st.sampled_from(BACKENDS), SEEDS, st.sampled_from(["float32", "float64"]))
def test_the_tally_adds_every_row_of_the_accounts(backend, seed, dtype):
    """Within n·ε of the sum of magnitudes, whatever the order."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, SIZES.get(backend, 6000)))
    arrays = particles(rng, n, dtype)
    found = tally(arrays, backend)
    for name, row in zip(ACCOUNTS, arrays["accounts"].astype(float), strict=True):
        assert abs(found[name] - row.sum()) <= n * EPSILON * np.abs(row).sum()
    speed = np.sqrt((arrays["velocity"].astype(float) ** 2).sum(axis=0))
    assert np.isclose(found["fastest"], speed.max(initial=0.0), rtol=4 * EPSILON, atol=0)
    assert np.isclose(found["kinetic"], 0.5 * (arrays["mass"] * speed**2).sum(), rtol=1e-12, atol=0)
    assert np.isclose(found["momentum_scale"], (arrays["mass"] * speed).sum(), rtol=1e-12, atol=0)


def test_bad_working_memory_is_refused():
    arrays = particles(np.random.default_rng(1), 5)
    few = arrays | {"accounts": arrays["accounts"][:3]}
    bare, sums = unchecked(tally_particles), np.empty(len(SUMS))
    with pytest.raises(InputError, match=r"scratch has shape \(3, 2\)"):
        bare(**arrays, sums=sums, scratch=np.empty((3, 2)))
    with pytest.raises(InputError, match="accounts has shape"):
        bare(**few, sums=sums, scratch=np.empty((TALLY_BLOCKS, len(SUMS))))
    with pytest.raises(InputError, match="stats is float32"):
        unchecked(describe_values)(
            np.empty(3), np.empty(4, dtype=np.float32), np.empty((STATISTICS_BLOCKS, len(PARTS)))
        )
