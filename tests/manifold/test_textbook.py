"""What a textbook says must come out: orbits, falls, heat kernels, waves of potential, oscillators.

Every case runs in float64 through the session, except where the formula belongs to one kernel.
"""

from __future__ import annotations

import numpy as np
import pytest
import stnb_kernels as kernels
from stnb_kernels.accounts import ACCOUNTS
from stnb_kernels.grid import Grid

from tests.bare_manifold import BARE, world

G = 0.5
LONELY = {**BARE, "far_field": "free", "force": "momentum", "gravity": G}


# --- two bodies ---------------------------------------------------------------------------------------------------


def circular_orbit(masses, separation, grid, steps_an_orbit=60):
    """Two bodies about the middle of a cell, in a coordinate plane, at the speed of Newton's circle; and its period."""
    total = sum(masses)
    period = 2 * np.pi * np.sqrt(separation**3 / (G * total))
    made = world(grid, dt=period / steps_an_orbit, **LONELY)
    lever = separation * np.array([masses[1], -masses[0]]) / total
    middle = (np.array(grid) - 1) / 2
    places = middle + np.outer(lever, [1.0, 0.0, 0.0])
    made.add(places, velocities=np.outer(lever, [0.0, 2 * np.pi / period, 0.0]), masses=masses)
    return made, period


def between(made, steps):
    """The vector from the second body to the first, after each step."""
    track = np.empty((steps, 3))
    for row in track:
        made.engine.advance()
        first, second = made.engine.column("position").T
        row[:] = first - second
    return track


def mean_period(track, dt):
    """Time of a revolution in the xy plane, in s."""
    angle = np.unwrap(np.arctan2(track[:, 1], track[:, 0]))
    return 2 * np.pi * dt * (len(track) - 1) / (angle[-1] - angle[0])


@pytest.mark.parametrize(("masses", "grid"), [((200.0, 200.0), (14, 14, 6)), ((100.0, 300.0), (18, 18, 6))])
def test_two_bodies_eight_spacings_apart_keep_keplers_third_law_and_stay_bound(masses, grid):
    """Period 2π√(a³/GM) with a the mean separation, and a hundred orbits that stay circles.

    The force is the momentum-conserving one. With `energy` a particle feels the field of its own deposit: it sits in
    a well of depth ~Gm²/h around the middle of its cell, which at eight spacings is as deep as the orbit is bound.

    The lattice is not isotropic. Its Green's function and the central differences are off by (h/r)² times a cubic
    harmonic: up to 2 % at 8 h, of either sign. The forces also have a small curl. About the middle of a cell the
    orbit is its own mirror image run backwards, so that the curl's work over a revolution is zero, and the orbit
    neither grows nor shrinks; about a place without symmetry it may.
    """
    orbits, steps = 100, 60
    made, circle = circular_orbit(masses, 8.0, grid, steps)
    track = between(made, orbits * steps)
    distance = np.linalg.norm(track, axis=1)
    assert np.abs(distance / 8.0 - 1).max() < 0.05
    first = track[: 5 * steps]
    radius = np.linalg.norm(first, axis=1)
    law = circle * ((radius.min() + radius.max()) / 2 / 8.0) ** 1.5
    assert mean_period(first, made.config.dt) == pytest.approx(law, rel=0.01)
    assert mean_period(track, made.config.dt) == pytest.approx(circle, rel=0.02)


@pytest.mark.parametrize(("masses", "grid"), [((200.0, 200.0), (22, 22, 6)), ((100.0, 300.0), (30, 30, 6))])
def test_at_sixteen_spacings_the_period_is_that_of_newtons_circle(masses, grid):
    made, circle = circular_orbit(masses, 16.0, grid)
    track = between(made, 180)
    assert mean_period(track, made.config.dt) == pytest.approx(circle, rel=0.01)
    assert np.abs(np.linalg.norm(track, axis=1) / 16.0 - 1).max() < 0.01


@pytest.mark.parametrize(("masses", "grid"), [((100.0, 100.0), 22), ((100.0, 300.0), 30)])
def test_two_bodies_at_rest_fall_to_half_their_distance_in_keplers_time(masses, grid):
    """t = √(r₀³/2GM)·(½ + π/4), in a direction without symmetry; (h/r)² at 16 … 8 h allows one per cent."""
    total, start = sum(masses), 16.0
    time = np.sqrt(start**3 / (2 * G * total)) * (0.5 + np.pi / 4)
    made = world(grid, dt=time / 100, **LONELY)
    direction = np.array([1.0, 2.0, 5.0]) / np.sqrt(30)
    lever = start * np.array([masses[1], -masses[0]]) / total
    made.add((grid - 1) / 2 + np.array([0.13, 0.27, 0.41]) + np.outer(lever, direction), masses=masses)
    distance = np.linalg.norm(between(made, 105), axis=1)
    after = int(np.argmax(distance < start / 2))
    part = (distance[after - 1] - start / 2) / (distance[after - 1] - distance[after])
    assert (after + part) * made.config.dt == pytest.approx(time, rel=0.01)


# --- fields -------------------------------------------------------------------------------------------------------


def hot_spot(offset, steps, nodes=24):
    """Equal particles at rest, one on each node or beside it, one of them hot; heat per particle, and 2κh·t/C."""
    settings = {**BARE, "conductivity": 10.0, "gravity": 0.0, "boundary": "periodic"}
    made = world(nodes, dt=0.1, capacity=nodes**3, **settings)
    heat = np.zeros((nodes,) * 3)
    heat[(nodes // 2,) * 3] = 1000.0
    made.add(np.indices(heat.shape).reshape(3, -1).T + offset, masses=1.0, heat=heat.ravel())
    spread = [0.0]
    for _ in range(steps):
        made.step()
        line = made.heat.reshape(heat.shape).sum(axis=(1, 2))
        spread.append(line @ (np.arange(nodes) - nodes // 2) ** 2 / line.sum())
    link = made.config.conductivity * made.config.dt / made.config.specific_heat
    return made.heat.reshape(heat.shape), np.array(spread), link


def test_a_hot_spot_spreads_as_the_heat_kernel():
    """On the nodes the implicit step is a convolution: each Fourier mode shrinks by Π 1/(1 + 4λ·sin²(k/2)), λ = κh·dt/C.

    So the variance grows by exactly 2λh² a step and axis, which is 2·(κh/C)·t. What has run once around the box
    spoils that by no more than its share of a wide Gaussian: e^{−12²/2σ²} of 12² at σ² = 2.
    """
    steps = 10
    heat, spread, link = hot_spot(0.0, steps)
    assert heat.sum() == pytest.approx(1000.0, rel=1e-13)
    assert np.allclose(spread, 2 * link * np.arange(steps + 1), rtol=0, atol=1e-6)
    start = np.zeros_like(heat)
    start[(len(heat) // 2,) * 3] = 1000.0
    damped = (1 + 4 * link * np.sin(np.pi * np.fft.fftfreq(len(heat))) ** 2) ** -float(steps)
    kernel = np.fft.fftn(start) * damped[:, None, None] * damped[None, :, None] * damped
    assert np.abs(heat - np.fft.ifftn(kernel).real).max() < 1e-11


def test_between_the_nodes_heat_spreads_a_little_faster():
    """Relaxation at the rate ν = κr/C takes heat to the corners of the cell and back: f(1 − f)h² twice.

    That adds 2ν·f(1 − f)h² to 2κh/C·h² per second, a factor 1 + (r/h)·f(1 − f), once the spot is wide beside a cell:
    9/8 for particles in the middle of the cells.
    """
    _, spread, link = hot_spot(0.5, 40)
    rate = np.diff(spread)[30:].mean() / (2 * link)
    assert rate == pytest.approx(1 + 0.5 * 0.25, rel=0.01)


@pytest.mark.parametrize("mode", [(1, 0, 0), (2, 3, 1), (6, 4, 5)])
@pytest.mark.parametrize("periodic", [True, False])
def test_a_wave_of_mass_makes_a_wave_of_potential(periodic, mode):
    """4πG·ρ/λ with λ = −(4/h²)·Σ sin²(half of the phase from node to node)."""
    grid, gravity = Grid((12, 8, 10), 0.7, periodic), 0.3
    nodes = np.array(grid.shape)
    if periodic:
        phase = 2 * np.pi * np.array(mode) / nodes
        wave = np.cos(np.tensordot(phase, np.indices(grid.shape), 1))
    else:
        phase = np.pi * (np.array(mode) + 1) / (nodes + 1)
        wave = np.prod(
            [np.sin(p * (i + 1)) for p, i in zip(phase, np.indices(grid.shape), strict=True)], axis=0
        )
    eigenvalue = -4 / grid.spacing**2 * (np.sin(phase / 2) ** 2).sum()
    potential = np.full(grid.shape, np.nan)
    kernels.solve_poisson(wave, grid, gravity, potential)
    assert np.allclose(
        potential, 4 * np.pi * gravity / grid.cell_volume * wave / eigenvalue, rtol=0, atol=1e-12
    )


def oscillation_error(dt, time=20.0):
    """Largest change of energy of harmonic oscillators, moved by `drift_particles` and kicked by −ω²(x − x₀)."""
    n, middle, stiffness = 50, 8.0, 1.7
    rng = np.random.default_rng(5)
    grid = Grid((17, 17, 17), 1.0, periodic=False)
    x, v = middle + rng.normal(size=(3, n)), rng.normal(size=(3, n))
    mass, heat, still = np.ones(n), np.zeros(n), np.zeros((3, n))
    accounts = np.zeros((len(ACCOUNTS), n))
    settings = {"dt": dt, "kick": dt / 2, "drag": 0.0, "wall_margin": 0.5, "wall_restitution": 1.0}

    def energy():
        return 0.5 * ((v**2).sum(axis=0) + stiffness * ((x - middle) ** 2).sum(axis=0))

    start, worst = energy(), np.zeros(n)
    for _ in range(round(time / dt)):
        pull = -stiffness * (x - middle)
        kernels.drift_particles(x, v, pull, still, still, still, mass, heat, accounts, grid, **settings)
        v -= dt / 2 * stiffness * (x - middle)
        worst = np.maximum(worst, np.abs(energy() - start))
    return worst.mean()


def test_on_a_smooth_potential_the_energy_error_falls_as_the_square_of_the_step():
    """The trilinear well of the grid has kinks at every cell face and does not show this order; a smooth one does."""
    errors = [oscillation_error(dt) for dt in (0.1, 0.05, 0.025)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.15)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.15)
