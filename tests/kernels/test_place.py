"""Place: the laws as the op states them, whoever asks."""

from __future__ import annotations

import numpy as np
import pytest
import stnb_kernels as kernels
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_kernels.place import (
    PATTERNS,
    PLACE_STREAM,
    STORES_STREAM,
    VELOCITY_STREAM,
    lattice_side,
    place_particles,
)

from .conftest import unchecked

GRID = kernels.Grid((20, 16, 24))
LAW = {
    "pattern": "cluster",
    "grid": GRID,
    "centre": (9.0, 7.0, 11.0),
    "spread": 2.0,
    "direction": (0.6, 0.0, 0.8),
    "wall_margin": 0.5,
    "speed": 0.1,
    "temperature": 4.0,
    "specific_heat": 10.0,
    "energy_scale": 2.0,
    "seed": 5,
    "batch": 1,
}


def columns(n, dtype="float32"):
    return tuple(np.full(shape, np.nan, dtype=dtype) for shape in ((3, n), (3, n), n, n, n))


def placed(n, dtype="float32", backend="cpu", **changes):
    out = columns(n, dtype)
    place_particles(*out, **LAW | changes, backend=backend)
    return out


def stream_of(number, n, dtype, law):
    """The four numbers that each particle has in a stream."""
    out = np.empty(4 * n, dtype)
    kernels.fill_random(out, seed=LAW["seed"], stream=number, step=LAW["batch"], law=law, backend="reference")
    return out.reshape(n, 4).T.astype(np.float64)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_are_those_of_the_random_streams(backend, dtype):
    position, velocity, mass, heat, energy = placed(50, dtype, backend)
    close = {"rtol": 0, "atol": 1e-6 if dtype == "float32" else 1e-14}
    u = stream_of(STORES_STREAM, 50, dtype, "uniform")
    assert np.allclose(mass, 2.0 * (0.5 + 0.5 * u[0]), **close)
    assert np.allclose(heat / (mass * 10.0), 2 * 4.0 * u[1], rtol=1e-6)
    assert np.array_equal(mass, energy)
    assert np.allclose(velocity, 0.1 * stream_of(VELOCITY_STREAM, 50, dtype, "normal")[:3], **close)
    offset = position - np.array(LAW["centre"])[:, None]
    assert np.allclose(offset, 2.0 * stream_of(PLACE_STREAM, 50, dtype, "normal")[:3], rtol=0, atol=2e-5)


@given(
    pattern=st.sampled_from(PATTERNS),
    n=st.integers(0, 60),
    more=st.integers(1, 30),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_a_batch_is_the_beginning_of_a_larger_one(pattern, n, more, dtype):
    short, long = (placed(k, dtype, pattern=pattern) for k in (n, n + more))
    shaped_by_n = pattern in ("line", "grid")
    for a, b in list(zip(short, long, strict=True))[1 if shaped_by_n else 0 :]:
        assert np.array_equal(a, b[..., :n])


@settings(max_examples=40)
@given(
    pattern=st.sampled_from(PATTERNS),
    spread=st.sampled_from([1e-3, 3.0, 1e3, 1e9, 1e30]),
    centre=st.tuples(*[st.floats(-1e9, 1e9)] * 3),
    periodic=st.booleans(),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_nothing_lands_outside_the_box(pattern, spread, centre, periodic, dtype):
    grid = kernels.Grid((5, 7, 4), 0.3, periodic)
    for backend in ("cpu", "reference"):
        position = placed(
            40, dtype, backend, grid=grid, wall_margin=0.2, pattern=pattern, spread=spread, centre=centre
        )[0]
        extent = np.array(grid.extent).astype(dtype)[:, None]
        if periodic:
            assert (position >= 0).all()
            assert (position < extent).all()
        else:
            margin = np.array(0.2).astype(dtype)
            assert (position >= margin).all()
            assert (position <= (np.array(grid.extent) - 0.2).astype(dtype)[:, None]).all()


def test_a_place_just_below_zero_does_not_become_the_far_face(backend):
    """L − 10⁻¹² rounds to L in float32, which is 0 in a periodic box."""
    grid = kernels.Grid((5, 7, 4), 1.0, periodic=True)
    position = placed(60, backend=backend, grid=grid, centre=(0.0,) * 3, spread=1e-12)[0]
    assert (position == 0).any()
    assert (position < 1e-10).all()


def test_two_batches_and_two_seeds_share_no_number():
    drawn = [placed(200, "float64", **c) for c in ({}, {"batch": 2}, {"seed": 6}, {"seed": 5 + 2**32})]
    for a in range(len(drawn)):
        for b in range(a):
            for column in range(5):
                assert not np.isin(drawn[a][column], drawn[b][column]).any()


def test_a_box_of_one_length_per_axis_is_filled_on_each():
    for periodic in (False, True):
        grid = kernels.Grid((5, 40, 9), 0.5, periodic)
        position = placed(20_000, pattern="random", grid=grid, wall_margin=0.0)[0]
        assert np.allclose(position.max(axis=1), grid.extent, rtol=1e-3)
        assert np.allclose(position.mean(axis=1), np.array(grid.extent) / 2, rtol=0.02)


def test_columns_are_independent_of_each_other():
    """Correlations of n independent pairs have a standard deviation of 1/√n."""
    n = 50_000
    position, velocity, mass, heat, _ = placed(
        n, "float64", grid=kernels.Grid((99, 99, 99)), centre=(49.0,) * 3
    )
    rows = np.vstack([position, velocity, mass, heat / mass])
    correlation = np.corrcoef(rows) - np.eye(len(rows))
    assert np.abs(correlation).max() < 5 / np.sqrt(n)


def test_threads_do_not_change_a_bit():
    import numba

    before = numba.get_num_threads()
    results = []
    try:
        for threads in (1, before):
            numba.set_num_threads(threads)
            results.append(placed(5000))
    finally:
        numba.set_num_threads(before)
    for a, b in zip(*results, strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize(
    ("n", "side"), [(0, 1), (1, 1), (2, 2), (8, 2), (9, 3), (10**6, 100), (10**6 + 1, 101)]
)
def test_lattice_is_the_smallest_cube_that_holds_n(n, side):
    assert lattice_side(n) == side


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pattern": "clutser"}, "did you mean 'cluster'"),
        ({"centre": (1.0, 2.0)}, "centre must be three finite numbers"),
        ({"centre": (1.0, 2.0, np.nan)}, "centre must be three finite numbers"),
        ({"direction": (np.inf, 0.0, 0.0)}, "direction must be three finite numbers"),
        ({"spread": 0.0}, "spread must be a positive length"),
        ({"energy_scale": -1.0}, "energy must be a positive number of joules"),
        ({"seed": -1}, r"seed must satisfy 0 <= seed < 2\*\*64"),
        ({"batch": 2**32}, r"batch must satisfy 0 <= batch < 2\*\*32"),
    ],
)
def test_bad_input_is_refused_in_words(change, words):
    with pytest.raises(ValueError, match=words):
        unchecked(place_particles)(*columns(4), **LAW | change)


def test_columns_of_other_lengths_and_types_are_refused():
    position, velocity, mass, heat, energy = columns(4)
    with pytest.raises(ValueError, match=r"heat has shape \(3,\), expected \(4,\)"):
        unchecked(place_particles)(position, velocity, mass, heat[:3], energy, **LAW)
    with pytest.raises(ValueError, match="velocity is float64, expected float32"):
        unchecked(place_particles)(position, velocity.astype(float), mass, heat, energy, **LAW)
