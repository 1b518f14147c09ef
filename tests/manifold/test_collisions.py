"""Collisions of a pair as the textbook has them, the gas that many of them make, and the crowd that comes to rest."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import KDTree

from stnb import ManifoldSession
from tests.bare_manifold import BARE, world

# --- pairs --------------------------------------------------------------------------------------------------------


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


# --- crowds -------------------------------------------------------------------------------------------------------


def extent_of(made):
    """Half-mass radius, and the mean overlap of those that touch."""
    frame, reach = made.snapshot(), made.config.reach
    places, mass = frame.positions.astype(float), frame.mass.astype(float)
    away = np.linalg.norm(places - mass @ places / mass.sum(), axis=1)
    order = np.argsort(away)
    half = away[order][np.searchsorted(np.cumsum(mass[order]), mass.sum() / 2)]
    pairs = KDTree(places).query_pairs(reach, output_type="ndarray")
    return half, (reach - np.linalg.norm(places[pairs[:, 0]] - places[pairs[:, 1]], axis=1)).mean()


def test_a_cold_crowd_that_attracts_itself_settles():
    """Spheres packed at random fill 0.64 of space: within half the mass, a radius of (N/2/0.64)^⅓ radii."""
    n = 800
    made = ManifoldSession(n, 12, gravity=0.03, speed=0.0, temperature=0.0, seed=0)
    packed = (n / 2 / 0.64) ** (1 / 3) * made.config.particle_radius
    made.step(1600)
    half, overlap = extent_of(made)
    assert 0.8 * packed < half < packed
    assert overlap < 0.1 * made.config.reach
    made.step(800)
    later, overlap = extent_of(made)
    assert later == pytest.approx(half, rel=0.03)
    assert overlap < 0.1 * made.config.reach
    assert abs(made.ledger.drift) < 1e-4
