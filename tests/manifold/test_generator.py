"""Patterns: inside the box, shaped as they say, independent of each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stnb_kernels.place import place_particles

from stnb._core.errors import ConfigError, InputError
from stnb.manifold import PATTERNS, ManifoldConfig
from stnb.manifold.generator import generate, place_request


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


def test_sphere_is_uniform_in_every_direction():
    """On a sphere each coordinate is uniform (Archimedes), and each octant holds an eighth."""
    n = 40_000
    drawn, config = batch("sphere", n)
    unit = (drawn.position - np.array(config.lattice.extent)[:, None] / 2) / (0.2 * 15.0)
    levels = np.arange(-0.9, 1.0, 0.1)
    for row in unit:
        below = (row[:, None] < levels).mean(axis=0)
        assert np.abs(below - (levels + 1) / 2).max() < 5 * 0.5 / np.sqrt(n)
    octant = np.bincount((unit > 0).T @ [4, 2, 1], minlength=8) / n
    assert np.abs(octant - 1 / 8).max() < 5 * np.sqrt(7 / 64 / n)
    assert np.abs(unit @ unit.T / n - np.eye(3) / 3).max() < 5 / np.sqrt(n)


def test_cluster_is_normal():
    n = 40_000
    drawn, _ = batch("cluster", n, grid=100, dtype="float64")
    scaled = (drawn.position - 99 / 2) / (0.15 * 99)
    assert np.abs(scaled.mean(axis=1)).max() < 5 / np.sqrt(n)
    assert np.allclose(scaled.std(axis=1), 1, rtol=0.02)
    inside = (np.abs(scaled) < 1).mean(axis=1)
    assert np.abs(inside - 0.6827).max() < 5 * np.sqrt(0.6827 * 0.3173 / n)
    assert np.abs(np.corrcoef(scaled) - np.eye(3)).max() < 5 / np.sqrt(n)


def test_velocities_are_normal_and_know_nothing_of_the_rest():
    n = 40_000
    drawn, config = batch("random", n, speed=3.0, temperature=2.0, boundary="periodic", dtype="float64")
    scaled = drawn.velocity / config.speed
    assert np.abs(scaled.mean(axis=1)).max() < 5 / np.sqrt(n)
    assert np.abs(scaled.var(axis=1) - 1).max() < 5 * np.sqrt(2 / n)
    assert np.abs((scaled**4).mean(axis=1) - 3).max() < 5 * np.sqrt(96 / n)
    others = np.vstack([drawn.position, drawn.mass, drawn.heat / drawn.mass])
    assert np.abs(np.corrcoef(drawn.velocity, others)[:3, 3:]).max() < 5 / np.sqrt(n)


def test_energies_are_uniform_between_half_and_the_whole_scale():
    config = ManifoldConfig.build(particles=0)
    energy = generate(config, "random", 20_000, seed=1, batch=0, energy=6.0).energy
    assert 3.0 <= energy.min() < 3.01
    assert 5.99 < energy.max() <= 6.0
    assert abs(energy.mean(dtype=float) - 4.5) < 5 * 3.0 / np.sqrt(12 * 20_000)


def test_directions_of_lines_are_uniform_on_the_sphere():
    config = ManifoldConfig.build(particles=0)
    count = 2000
    drawn = [place_request(config, "line", 1, seed=1, batch=b)["direction"] for b in range(count)]
    directions = np.array(drawn).T
    assert np.allclose(np.linalg.norm(directions, axis=0), 1, rtol=1e-14)
    assert np.abs(directions.mean(axis=1)).max() < 5 / np.sqrt(3 * count)
    assert np.abs(directions @ directions.T / count - np.eye(3) / 3).max() < 5 / np.sqrt(count)


def test_line_lies_on_a_line():
    drawn, _ = batch("line", 500, grid=200)
    offset = drawn.position - drawn.position.mean(axis=1, keepdims=True)
    strengths = np.linalg.svd(offset, compute_uv=False)
    assert strengths[1] < 0.02 * strengths[0]
    along = np.sort(np.linalg.svd(offset)[0][:, 0] @ offset)
    assert along[-1] - along[0] == pytest.approx(0.7 * 199, rel=0.02)


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


@pytest.mark.parametrize("pattern", ["cluster", "sphere", "random"])
def test_ten_particles_are_the_beginning_of_twenty(pattern):
    ten, twenty = (batch(pattern, n, 2, temperature=1.0)[0] for n in (10, 20))
    for a, b in zip(ten, twenty, strict=True):
        assert np.array_equal(a, b[..., :10])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_two_batches_share_nothing(pattern):
    settings = {"boundary": "periodic", "temperature": 1.0, "dtype": "float64"}
    first, second = (batch(pattern, 50, number, **settings)[0] for number in (0, 1))
    for a, b in zip(first, second, strict=True):
        assert not np.isin(a, b).any()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_request_places_what_generate_returns(pattern):
    config = ManifoldConfig.build(particles=0, temperature=2.0, dtype="float64")
    options = {"seed": 4, "batch": 3, "centre": (9, 8, 7), "spread": 2, "energy": 3}
    room = [np.full(shape, np.nan) for shape in ((3, 30), (3, 30), 30, 30, 30)]
    request = place_request(config, pattern, 20, **options)
    place_particles(*(a[..., 5:25] for a in room), **request, backend="cpu")
    for a, b in zip(room, generate(config, pattern, 20, **options), strict=True):
        assert np.array_equal(a[..., 5:25], b)
        assert np.isnan(a[..., :5]).all()
        assert np.isnan(a[..., 25:]).all()


def test_first_batch_stands_in_the_middle_and_later_ones_in_the_inner_box():
    config = ManifoldConfig.build(particles=0, grid=(20, 16, 24))
    extent = np.array(config.lattice.extent)
    requests = [place_request(config, "cluster", 1, seed=2, batch=b) for b in range(500)]
    scaled = np.array([r["centre"] for r in requests]) / extent
    assert np.allclose(scaled[0], 0.5)
    assert scaled.min() >= 0.2
    assert scaled.max() <= 0.8
    assert scaled[1:].min(axis=0).max() < 0.22
    assert scaled[1:].max(axis=0).min() > 0.78
    assert requests[0]["spread"] == pytest.approx(0.15 * 15.0)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"pattern": "clutser"}, ConfigError, "unknown pattern 'clutser': did you mean 'cluster'"),
        ({"energy": 0.0}, InputError, "energy must be a positive number of joules, got 0.0"),
        ({"energy": np.inf}, InputError, "energy must be a positive number of joules"),
        ({"centre": (1, 2)}, InputError, r"centre must be three finite numbers in metres, got \(1, 2\)"),
        ({"centre": (1, 2, np.nan)}, InputError, "centre must be three finite numbers"),
        ({"spread": -1}, InputError, r"spread must be a positive length in metres, got -1"),
        ({"spread": np.nan}, InputError, "spread must be a positive length"),
        ({"n": -1}, InputError, "n must be a number of particles, 0 or more, got -1"),
    ],
)
def test_bad_requests_are_refused_in_words(change, error, words):
    arguments = {"pattern": "cluster", "n": 3, "seed": 1, "batch": 0} | change
    for function in (generate, place_request):
        with pytest.raises(error, match=words):
            function(ManifoldConfig.build(particles=0), **arguments)


def test_later_batches_land_somewhere_in_the_inner_box():
    centres = np.array([batch("cluster", 400, number)[0].position.mean(axis=1) for number in range(1, 9)])
    assert centres.std(axis=0).min() > 0.5
