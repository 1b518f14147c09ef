"""Patterns: inside the box, shaped as they say, independent of each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb.manifold import PATTERNS, ManifoldConfig
from stnb.manifold.generator import generate


def batch(pattern, n, number=0, **settings):
    config = ManifoldConfig.build(**{"particles": 0, "grid": (20, 16, 24)} | settings)
    return generate(config, pattern, n, seed=3, batch=number), config


@given(
    pattern=st.sampled_from(PATTERNS),
    n=st.integers(0, 200),
    boundary=st.sampled_from(["walls", "periodic"]),
    number=st.integers(0, 5),
)
def test_every_particle_is_inside(pattern, n, boundary, number):
    drawn, config = batch(pattern, n, number, boundary=boundary)
    extent = np.array(config.lattice.extent)[:, None]
    margin = 0.0 if boundary == "periodic" else config.wall_margin
    assert drawn.position.shape == (3, n)
    assert (drawn.position >= margin - 1e-6).all()
    assert (drawn.position <= extent - margin + 1e-6).all()
    assert (drawn.mass > 0).all()
    assert np.array_equal(drawn.mass, drawn.energy)
    assert np.isfinite(drawn.velocity).all()


def test_sphere_is_a_shell_around_the_middle():
    drawn, config = batch("sphere", 4000)
    offset = drawn.position - np.array(config.lattice.extent)[:, None] / 2
    assert np.allclose(np.linalg.norm(offset, axis=0), 0.2 * 15.0, rtol=1e-5)
    assert np.abs(offset.mean(axis=1)).max() < 5 * 3.0 / np.sqrt(3 * 4000)


def test_cluster_is_normal():
    drawn, _ = batch("cluster", 20_000, grid=100)
    sigma = 0.15 * 99
    assert np.allclose(drawn.position.std(axis=1), sigma, rtol=0.03)


def test_line_lies_on_a_line():
    drawn, _ = batch("line", 500, grid=200)
    offset = drawn.position - drawn.position.mean(axis=1, keepdims=True)
    strengths = np.linalg.svd(offset, compute_uv=False)
    assert strengths[1] < 0.02 * strengths[0]


@pytest.mark.parametrize("n", [1, 7, 8, 27, 64, 125])
def test_grid_uses_the_smallest_lattice_that_holds_n(n):
    drawn, _ = batch("grid", n, grid=40)
    side = int(np.ceil(round(n ** (1 / 3), 9)))
    pitch = 0.8 * 39 / side
    distances = np.linalg.norm(drawn.position[:, :, None] - drawn.position[:, None, :], axis=0)
    np.fill_diagonal(distances, np.inf)
    if n > 1:
        assert distances.min() > 0.6 * pitch


def test_random_fills_the_box_evenly():
    drawn, config = batch("random", 20_000, boundary="periodic")
    scaled = drawn.position / np.array(config.lattice.extent)[:, None]
    assert np.abs(scaled.mean(axis=1) - 0.5).max() < 5 / np.sqrt(12 * 20_000)
    assert np.abs(scaled.var(axis=1) - 1 / 12).max() < 0.002


def test_mean_temperature_is_the_one_asked_for():
    drawn, config = batch("random", 20_000, temperature=4.0)
    temperature = drawn.heat / (drawn.mass * config.specific_heat)
    assert temperature.mean() == pytest.approx(4.0, rel=0.03)
    assert temperature.min() >= 0


def test_two_batches_share_nothing():
    first, second = (batch("random", 50, number, boundary="periodic")[0] for number in (0, 1))
    assert not np.isin(first.position, second.position).any()


def test_later_batches_land_somewhere_in_the_inner_box():
    centres = np.array([batch("cluster", 400, number)[0].position.mean(axis=1) for number in range(1, 9)])
    assert centres.std(axis=0).min() > 0.5
