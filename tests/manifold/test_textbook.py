"""What a textbook says must come out: orbits, falls, heat kernels, collisions, gases, books that balance.

Every case runs in float64 through the session, except where the formula belongs to one kernel.
"""

from __future__ import annotations

import numpy as np
import pytest
import stnb_kernels as kernels
from stnb_kernels.accounts import ACCOUNTS
from stnb_kernels.grid import Grid

from stnb import ManifoldSession

BARE = {
    "contact_model": "none",
    "viscosity": 0.0,
    "gas_constant": 0.0,
    "emissivity": 0.0,
    "conductivity": 0.0,
    "dtype": "float64",
}
G = 0.5
LONELY = {**BARE, "far_field": "free", "force": "momentum", "gravity": G}


def world(grid, **settings):
    return ManifoldSession(0, grid, **settings)


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
        kernels.drift_particles(x, v, pull, still, still, mass, heat, accounts, grid, **settings)
        v -= dt / 2 * stiffness * (x - middle)
        worst = np.maximum(worst, np.abs(energy() - start))
    return worst.mean()


def test_on_a_smooth_potential_the_energy_error_falls_as_the_square_of_the_step():
    """The trilinear well of the grid has kinks at every cell face and does not show this order; a smooth one does."""
    errors = [oscillation_error(dt) for dt in (0.1, 0.05, 0.025)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.15)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.15)


# --- collisions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("aside", [0.0, 0.6], ids=["head-on", "oblique"])
@pytest.mark.parametrize("restitution", [0.0, 0.3, 0.8, 1.0])
def test_a_collision_is_the_one_of_the_textbook(restitution, aside):
    """v₁' = v₁ + (1 + e)·(μ/m₁)·|v_n|·n, the same along −n for the other, and half of ½(1 − e²)μv_n² to each."""
    masses = np.array([1.0, 3.0])
    made = world(8, gravity=0.0, dt=0.01, restitution=restitution, **{**BARE, "contact_model": "impulse"})
    flight = np.array([[2.0, 0.1, -0.3], [-1.0, -0.2, 0.4]])
    made.add([[2.7, 3.5 + aside, 3.5], [4.2, 3.5, 3.5]], velocities=flight, masses=masses)
    for _ in range(200):
        made.step()
        if not np.array_equal(made.velocities, flight):
            break
    apart = np.subtract(*made.positions)
    assert 0.8 < np.linalg.norm(apart) < 1.0
    normal = apart / np.linalg.norm(apart)
    approach = -(flight[0] - flight[1]) @ normal
    reduced = masses.prod() / masses.sum()
    impulse = (1 + restitution) * reduced * approach * normal
    expected = flight + np.array([impulse, -impulse]) / masses[:, None]
    loss = 0.5 * (1 - restitution**2) * reduced * approach**2

    made.step(50)
    after = made.velocities
    assert np.allclose(after, expected, rtol=0, atol=1e-12)
    assert -np.subtract(*after) @ normal == pytest.approx(-restitution * approach, abs=1e-12)
    sideways = np.subtract(*flight) + approach * normal
    assert np.allclose(
        np.subtract(*after) - np.subtract(*after) @ normal * normal, sideways, rtol=0, atol=1e-12
    )
    assert np.allclose(masses @ after, masses @ flight, rtol=0, atol=1e-12)
    assert np.allclose(made.heat, loss / 2, rtol=0, atol=1e-12)
    kinetic = 0.5 * masses @ ((flight**2).sum(axis=1) - (after**2).sum(axis=1))
    assert made.heat.sum() == pytest.approx(kinetic, abs=1e-12)


def test_cold_elastic_pairs_bounce_and_stay_cold():
    """Without heat to pay from, rounding must not make one: 64 pairs, each of its own masses and directions."""
    rng = np.random.default_rng(7)
    middles = 2.5 + 5 * np.indices((4, 4, 4)).reshape(3, -1).T
    ways = rng.normal(size=(64, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    made = world(21, gravity=0.0, dt=0.02, restitution=1.0, **{**BARE, "contact_model": "impulse"})
    masses = rng.uniform(0.5, 2.0, 128)
    made.add(
        np.vstack([middles + 0.7 * ways, middles - 0.7 * ways]),
        velocities=np.vstack([-ways, ways]),
        masses=masses,
    )
    kinetic = made.ledger.stores["kinetic"]
    made.step(40)
    leaving = ((made.velocities[:64] - made.velocities[64:]) * ways).sum(axis=1)
    assert np.allclose(leaving, 2.0, rtol=0, atol=1e-12)
    assert made.ledger.stores["kinetic"] == pytest.approx(kinetic, rel=1e-12)
    assert np.abs(made.heat).max() < 1e-14


# --- gases --------------------------------------------------------------------------------------------------------


REMEMBERED = np.sqrt(1.1 / 0.9)


def elastic_gas(masses, seed=11, grid=24, radius=0.4):
    """Spheres of one speed in random directions, none touching another; everything but bounces is off."""
    n = len(masses)
    rng = np.random.default_rng(seed)
    side = int(np.ceil(n ** (1 / 3)))
    pitch = (grid - 2) / side
    cells = rng.permutation(side**3)[:n]
    places = 0.5 + pitch * (np.stack(np.unravel_index(cells, (side,) * 3), axis=1) + 0.5)
    places += (rng.random((n, 3)) - 0.5) * (pitch - 2 * radius)
    directions = rng.normal(size=(n, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    settings = {
        **BARE,
        "contact_model": "impulse",
        "gravity": 0.0,
        "restitution": 1.0,
        "wall_restitution": 1.0,
    }
    made = world(grid, dt=0.02, particle_radius=radius, capacity=n, **settings)
    made.add(places, velocities=directions, masses=masses, heat=1.0)
    return made


def energies_over_time(made, relax, samples, apart):
    """Kinetic energies at several moments, and the share of contacts with more than one partner at once."""
    contacts, energies = made.engine.particles.contacts, []
    several = any_ = 0
    for step in range(relax + samples * apart):
        made.step()
        approaching = contacts.approaching[: made.count]
        several, any_ = several + int((approaching > 1).sum()), any_ + int((approaching > 0).sum())
        if step >= relax and (step - relax) % apart == apart - 1:
            frame = made.snapshot()
            energies.append(0.5 * frame.mass * (frame.velocities**2).sum(axis=1))
    return np.array(energies), several / any_


def test_an_elastic_gas_finds_the_maxwell_boltzmann_distribution():
    """The spread of kinetic energies over their mean tends to √(2/3), from 0; the flatness of a component to 3.

    For a Γ(3/2) distribution at fixed mean, the sample variance s² of N values has the relative standard error
    √(2k² + 2k)/(k√N) with k = 3/2, so the spread has half of it, 0.91/√N. Between moments three collisions apart the
    squares that it is made of keep a correlation of 0.1 or less, which widens that by √(1.1/0.9).
    """
    made = elastic_gas(np.ones(1500))
    energies, several = energies_over_time(made, relax=1000, samples=5, apart=350)
    assert several < 0.01
    ratio = (energies.std(axis=1) / energies.mean(axis=1)).mean()
    error = np.sqrt(2 / 3) * np.sqrt(7.5) / 1.5 / 2 / np.sqrt(energies.size) * REMEMBERED
    assert error < 0.01
    assert abs(ratio - np.sqrt(2 / 3)) < 3 * error
    assert abs(made.ledger.drift) < 1e-12


def test_light_and_heavy_share_the_energy_evenly():
    """The mean energies of N₁ and N₂ particles differ by at most three times √(2/3)·Ē·√(1/N₁ + 1/N₂)."""
    masses = np.where(np.arange(1500) % 3 == 0, 4.0, 1.0)
    made = elastic_gas(masses)
    heavy = masses > 1
    energies, several = energies_over_time(made, relax=1000, samples=5, apart=350)
    assert several < 0.01
    means = energies[:, heavy].mean(), energies[:, ~heavy].mean()
    counts = heavy.sum() * len(energies), (~heavy).sum() * len(energies)
    error = np.sqrt(2 / 3) * energies.mean() * np.sqrt(1 / counts[0] + 1 / counts[1]) * REMEMBERED
    assert abs(means[0] - means[1]) < 3 * error


# --- the books ----------------------------------------------------------------------------------------------------

EVERY_FLOW = {
    "particles": 300,
    "grid": 10,
    "dtype": "float64",
    "dt": 0.02,
    "speed": 1.5,
    "temperature": 3.0,
    "viscosity": 0.01,
    "gas_constant": 1.0,
    "radiation": 1e-2,
    "conductivity": 5.0,
    "capacity": 300,
}


@pytest.mark.parametrize("boundary", ["walls", "periodic"])
def test_without_gravity_each_step_closes_to_rounding_with_every_flow_on(boundary):
    made = ManifoldSession(gravity=0.0, boundary=boundary, seed=3, **EVERY_FLOW)
    scale = made.ledger.total
    mass = made.snapshot().mass
    residual = 0.0
    for _ in range(200):
        made.step()
        assert abs(made.ledger.residual - residual) < 1e-10 * scale
        residual = made.ledger.residual
    flows = made.ledger.flows
    used = {"drag", "pressure", "contacts", "radiation"} | ({"walls"} if boundary == "walls" else set())
    for name in used:
        assert abs(flows[name]) > 1e-3 * scale, name
    assert np.array_equal(made.snapshot().mass, mass)


@pytest.mark.parametrize("boundary", ["walls", "periodic"])
def test_with_gravity_the_books_close_for_ten_thousand_steps(boundary):
    settings = {
        "particles": 150,
        "grid": 12,
        "pattern": "cluster",
        "gravity": 0.01,
        "speed": 0.3,
        "temperature": 0.5,
    }
    quiet = {"viscosity": 1e-4, "gas_constant": 0.02, "restitution": 0.95, "wall_restitution": 0.95}
    made = ManifoldSession(
        boundary=boundary, seed=1, dtype="float64", capacity=150, **settings, **quiet
    ).engine
    worst = 0.0
    for step in range(10_000):
        made.advance()
        if step % 20 == 19:
            worst = max(worst, abs(made.measure()["drift"]))
    assert worst < 1e-4
    assert made.ledger.flows["contacts"] > 0.05 * made.ledger.stores["kinetic"]


@pytest.mark.parametrize("contacts", ["none", "impulse"])
@pytest.mark.parametrize(("dtype", "share"), [("float64", 1e-12), ("float32", 1e-6)])
def test_the_momentum_force_keeps_the_momentum_of_a_periodic_box(dtype, share, contacts):
    """Drag and pressure push against a medium at rest, so they are off."""
    settings = {**BARE, "dtype": dtype, "contact_model": contacts, "gravity": 0.01, "dt": 0.02}
    made = ManifoldSession(
        400, 12, boundary="periodic", force="momentum", pattern="cluster", speed=0.3, seed=2, **settings
    )

    def momentum():
        frame = made.snapshot()
        each = frame.mass[:, None].astype(float) * frame.velocities
        return each.sum(axis=0), np.linalg.norm(each, axis=1).sum()

    before, scale = momentum()
    made.step(200)
    assert made.engine.ledger.flows["contacts"] > 0 or contacts == "none"
    assert np.linalg.norm(momentum()[0] - before) < share * scale
