"""Drag, pressure, radiation, walls, limits: each flow in closed form, and every joule of it booked."""

from __future__ import annotations

import numpy as np
import pytest
import stnb_kernels as kernels
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_kernels.accounts import ACCOUNTS, DRAG, LIMITER, PRESSURE, PROJECTION, RADIATION, WALLS

from stnb._core.errors import InputError
from tests.golden_cases import golden

GRID = kernels.Grid((6, 7, 8))
RANDOM = st.integers(0, 2**32)


class World:
    """Particles among fields, for one kick and one drift."""

    def __init__(self, n, seed=0, grid=GRID):
        rng = np.random.default_rng(seed)
        self.grid = grid
        self.position = 1.0 + rng.random((3, n)) * (np.array(grid.extent)[:, None] - 2.0)
        self.velocity = rng.normal(0, 1, (3, n))
        self.mass, self.heat = rng.uniform(0.5, 2, n), rng.exponential(1, n)
        self.push, self.acceleration, self.thrust, self.sprung = np.zeros((4, 3, n))
        self.potential, self.accounts = np.zeros(n), np.zeros((len(ACCOUNTS), n))
        self.fields = {name: np.zeros(grid.shape) for name in ("node_potential", "node_mass", "node_heat")}
        self.fields |= {name: np.zeros(grid.shape) for name in ("share", "keep")}

    @property
    def kinetic(self):
        return 0.5 * self.mass * (self.velocity**2).sum(axis=0)

    def kick(self, backend="cpu", **options):
        columns = (self.position, self.velocity, self.push, self.mass, self.heat, self.grid)
        outputs = (self.acceleration, self.thrust, self.potential, self.accounts, self.velocity, self.heat)
        usual = {"dt": 0.02, "specific_heat": 10.0}
        kernels.kick_particles(
            *columns, *self.fields.values(), *outputs, **(usual | options), backend=backend
        )

    def drift(self, backend="cpu", **options):
        columns = (
            self.position,
            self.velocity,
            self.acceleration,
            self.thrust,
            self.push,
            self.sprung,
            self.mass,
            self.heat,
        )
        usual = {"dt": 0.02, "kick": 0.01, "drag": 0.0, "wall_margin": 0.5, "wall_restitution": 0.5}
        kernels.drift_particles(*columns, self.accounts, self.grid, **(usual | options), backend=backend)


def test_drag_and_radiation_follow_the_golden_closed_forms(backend):
    given_, expected, tolerance = golden("manifold", "corrected_substeps")
    world = World(1)
    world.velocity[:] = np.array(given_["velocity"])[:, None]
    world.mass[:] = given_["mass"]
    dt, radius, c = given_["dt"], given_["radius"], given_["specific_heat"]
    drag = 6 * np.pi * given_["viscosity"] * radius
    world.heat[:] = 0.0
    world.kick(backend, dt=2 * dt, specific_heat=c, drag=drag)
    assert np.allclose(world.velocity[:, 0], expected["velocity_after_drag"], rtol=0, atol=tolerance)
    assert world.heat[0] == pytest.approx(expected["heat_from_drag"], abs=tolerance)
    assert world.accounts[DRAG, 0] == pytest.approx(expected["heat_from_drag"], abs=tolerance)
    world.heat[:] = given_["temperature"] * given_["mass"] * c
    radiance = given_["emissivity"] * given_["sigma"] * 4 * np.pi * radius**2
    world.kick(backend, dt=dt, specific_heat=c, radiance=radiance)
    temperature = world.heat[0] / (given_["mass"] * c)
    assert temperature == pytest.approx(expected["temperature_after_radiation"], abs=1e-9)
    assert world.accounts[RADIATION, 0] == pytest.approx(expected["radiated"], abs=1e-8)


@given(RANDOM, st.floats(0, 50), st.floats(0, 100))
@settings(max_examples=30)
def test_the_pressure_takes_its_work_from_the_heat_and_never_more_than_half(seed, gas, hot):
    world = World(40, seed)
    rng = np.random.default_rng(seed)
    world.fields["node_mass"][:] = rng.uniform(0.1, 1, GRID.shape)
    world.fields["node_heat"][:] = hot * rng.exponential(1, GRID.shape)
    for call in (world.kick, world.drift):
        kinetic, heat = world.kinetic, world.heat.copy()
        world.accounts[:] = 0
        call(**({"gas": gas} if call == world.kick else {"wall_restitution": 1.0}))
        work = world.accounts[PRESSURE]
        scale = max(1.0, float(np.abs(work).max()), float(kinetic.max()))
        assert np.allclose(world.kinetic - kinetic, work, rtol=0, atol=1e-12 * scale)
        assert np.allclose(heat - world.heat, work, rtol=0, atol=1e-12 * scale)
        assert (work <= 0.5 * heat * (1 + 1e-12)).all()


def test_a_cold_particle_is_not_pushed_by_its_neighbours_pressure(backend):
    world = World(3)
    world.heat[:] = 0.0
    world.velocity[:] = 0.0
    world.fields["node_mass"][:] = 1.0
    world.fields["node_heat"][:] = np.arange(GRID.nodes).reshape(GRID.shape)
    world.kick(backend, gas=1.0)
    assert not world.velocity.any()
    assert np.isfinite(world.heat).all()


@given(RANDOM, st.floats(0, 1))
@settings(max_examples=30)
def test_walls_take_what_they_book_and_keep_everybody_inside(seed, e):
    world = World(60, seed)
    world.velocity *= 100
    kinetic, heat = world.kinetic, world.heat.copy()
    world.drift(wall_restitution=e)
    lost = world.accounts[WALLS]
    assert np.allclose(kinetic - world.kinetic, lost, rtol=1e-12, atol=1e-9)
    assert np.allclose(world.heat - heat, lost, rtol=1e-12, atol=1e-9)
    high = np.array(GRID.extent)[:, None] - 0.5
    assert ((world.position >= 0.5) & (world.position <= high)).all()


def test_a_ball_under_gravity_bounces_on_a_wall_for_ever(backend):
    """With a plain mirror the energy of an elastic ball at rest on a wall would creep."""
    world = World(1)
    world.position[:, 0], world.velocity[:, 0] = (3.0, 3.0, 1.0), 0.0
    world.acceleration[:, 0] = (0.0, 0.0, -1.0)
    energies = []
    for _ in range(3000):
        world.drift(backend, wall_restitution=1.0)
        world.velocity += 0.01 * world.acceleration
        energies.append(0.5 * world.velocity[2, 0] ** 2 + world.position[2, 0] - 0.5)
    assert np.abs(np.array(energies) - 0.5).max() < 5e-3


def test_a_sticky_ball_comes_to_rest_and_its_fall_is_in_the_heat(backend):
    world = World(1)
    world.position[:, 0], world.velocity[:, 0], world.heat[:] = (3.0, 3.0, 1.5), 0.0, 0.0
    world.acceleration[:, 0] = (0.0, 0.0, -1.0)
    for _ in range(3000):
        world.drift(backend, wall_restitution=0.5)
        world.velocity += 0.01 * world.acceleration
    assert world.position[2, 0] == pytest.approx(0.5, abs=1e-3)
    assert world.heat[0] == pytest.approx(world.mass[0] * 1.0, rel=2e-3)


@given(RANDOM, st.floats(0, 0.9), st.integers(1, 5))
@settings(max_examples=30)
def test_a_steady_force_that_presses_on_a_wall_leaves_the_books_closed(seed, e, parts):
    """½v² − (g + s)·x and the heat per mass, over steps that `parts` drifts between kicks by springs s make up."""
    world, step = World(60, seed), 0.05
    rng = np.random.default_rng(seed)
    world.position[0] = 0.5 + rng.exponential(0.05, 60)
    world.position[1:], world.velocity[1:] = 3.0, 0.0
    gravity, spring = -rng.exponential(5.0, (2, 60))
    world.acceleration[0] = gravity
    part = step / parts
    world.sprung[0] = part / 2 * spring

    def energy():
        return (
            0.5 * world.velocity[0] ** 2
            - (gravity + spring) * (world.position[0] - 0.5)
            + world.heat / world.mass
        )

    opening = energy()
    for _ in range(20):
        world.velocity[0] += step / 2 * gravity
        for k in range(parts):
            world.velocity[0] += world.sprung[0]
            world.drift(dt=part, kick=0.0, late=(k + 0.5) * part - step / 2, wall_restitution=e)
            world.velocity[0] += world.sprung[0]
        world.velocity[0] += step / 2 * gravity
        assert np.allclose(energy(), opening, rtol=0, atol=1e-11)
    assert world.accounts[WALLS].max() > 0.01


def test_what_a_force_turns_round_before_a_wall_does_not_bounce(backend):
    """When the chord of its path crosses the wall, a millisecond before the end, its velocity is −0.1 + 0.9 m/s."""
    world = World(1)
    world.position[:, 0], world.velocity[:, 0] = (0.5019, 3.0, 3.0), (-0.1, 0.0, 0.0)
    world.acceleration[0], heat = 100.0, world.heat.copy()
    world.drift(backend, kick=0.0, wall_restitution=0.0)
    assert world.position[0, 0] == 0.5
    assert world.velocity[0, 0] == -0.1
    assert np.array_equal(world.heat, heat)


def test_a_push_stops_at_a_wall_does_not_bounce_and_books_what_it_did(backend):
    world = World(2)
    world.velocity[:] = 0.0
    world.position[:] = [[1.0, 1.0], [3.0, 3.0], [3.0, 3.0]]
    world.push[:] = [[-2.0, 0.25], [0, 0], [0, 0]]
    world.acceleration[0] = 4.0
    world.drift(backend, dt=1e-12, kick=1e-12)
    assert np.allclose(world.position[0], [0.5, 1.25], rtol=0, atol=1e-9)
    assert np.allclose(world.push[0], [-0.5, 0.25], rtol=0, atol=1e-9)
    assert np.allclose(world.velocity, 0.0, atol=1e-11)
    assert np.allclose(world.accounts[PROJECTION], -0.5 * world.mass * 4.0 * [-0.5, 0.25], rtol=1e-9)


def test_limits_shorten_forces_and_speeds_and_book_the_speed(backend):
    world = World(30)
    world.fields["node_potential"][:] = np.random.default_rng(1).normal(0, 5, GRID.shape)
    heat = world.heat.copy()
    free = World(30)
    free.fields["node_potential"][:] = world.fields["node_potential"]
    free.kick(backend)
    world.kick(backend, acceleration_limit=2.0, speed_limit=1.0)
    lengths = np.linalg.norm(world.acceleration, axis=0)
    assert lengths.max() <= 2.0 * (1 + 1e-12)
    assert np.linalg.norm(free.acceleration, axis=0).max() > 2.0
    assert np.linalg.norm(world.velocity, axis=0).max() <= 1.0 + 1e-12
    cut = world.accounts[LIMITER]
    assert cut.max() > 0
    assert np.allclose(world.heat - heat, cut, rtol=0, atol=1e-12)


@pytest.mark.parametrize("periodic", [True, False])
def test_the_momentum_force_of_a_linear_field_is_its_slope(backend, periodic):
    """Away from the seam of a periodic box, where a linear field jumps."""
    grid = kernels.Grid((8, 8, 8), 0.5, periodic)
    world = World(50, grid=grid)
    world.position = 1.0 + np.random.default_rng(2).random((3, 50))
    i, j, k = np.meshgrid(*(np.arange(8) * 0.5,) * 3, indexing="ij")
    world.fields["node_potential"][:] = 2 * i - 3 * j + 0.5 * k
    world.kick(backend, force="momentum")
    assert np.allclose(world.acceleration, [[-2], [3], [-0.5]], rtol=0, atol=1e-12)


@pytest.mark.parametrize(("free", "expected"), [(True, -2.0), (False, 1.0)])
def test_beyond_a_wall_the_field_goes_on_or_is_grounded(backend, free, expected):
    """φ = 2x + 6 at node 0: grounded, the difference there is (φ₁ − 0)/2 = 4; free, it is the slope 2."""
    world = World(1)
    world.position[:, 0] = (0.0, 3.0, 3.0)
    i = np.arange(6.0)[:, None, None]
    world.fields["node_potential"][:] = 2 * i + 6
    world.kick(backend, force="momentum", free=free)
    assert world.acceleration[0, 0] == pytest.approx(-4.0 if expected > 0 else -2.0, abs=1e-12)


def test_an_unknown_force_is_refused():
    with pytest.raises(InputError, match="did you mean 'momentum'"):
        World(1).kick(force="momentun")
