"""Who touches whom, and what it does to them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import stnb_kernels as kernels
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_kernels.accounts import ACCOUNTS, CONTACTS
from stnb_kernels.neighbours import SLOTS

from stnb._core.errors import CapacityError, InputError
from tests.golden_cases import golden

BOX = kernels.Grid((8, 8, 8))


class Outcome(NamedTuple):
    """What one call of both ops made of some particles."""

    velocity: np.ndarray
    heat: np.ndarray
    push: np.ndarray
    lost: np.ndarray
    contacts: kernels.ContactList


def collide(position, velocity, mass, heat, *, grid=BOX, reach=1.0, backend="cpu", **options):
    """Find and resolve the contacts of particles given as rows."""
    x, v = (np.ascontiguousarray(np.asarray(a, dtype=float).T) for a in (position, velocity))
    m, q = (np.asarray(a, dtype=float) for a in (mass, heat))
    n = m.shape[0]
    cells, contacts = kernels.CellList.allocate(grid, n, x), kernels.ContactList.allocate(n, x)
    kernels.build_cells(x, grid, cells, backend=backend)
    kernels.find_contacts(x, v, grid, cells, contacts, reach=reach, backend=backend)
    v_out, push, q_out, accounts = np.full((3, n), np.nan), np.full((3, n), np.nan), np.full(n, np.nan), None
    accounts = np.full((len(ACCOUNTS), n), np.nan)
    usual = {"restitution": 0.8, "relaxation": 0.2, "conductance": 0.0, "specific_heat": 10.0}
    found, out = (grid, cells, contacts), (v_out, q_out, push, accounts)
    kernels.resolve_contacts(x, v, m, q, *found, *out, reach=reach, **(usual | options), backend=backend)
    return Outcome(v_out.T, q_out, push.T, accounts[CONTACTS], contacts)


def crowd(seed, n, *, spread=0.3):
    """A dense random crowd: most particles have several contacts."""
    rng = np.random.default_rng(seed)
    position = np.clip(rng.normal(0.5, spread, (n, 3)), 0.05, 0.95) * 7
    return position, rng.normal(0, 1, (n, 3)), 10 ** rng.uniform(-1, 1, n), rng.exponential(1, n)


def kinetic(velocity, mass):
    return 0.5 * (mass * (velocity**2).sum(axis=1)).sum()


def test_the_golden_pair_bounces_with_the_full_impulse(backend):
    given_, expected, tolerance = golden("manifold", "collision_two_particles")
    expected = expected["corrected_full_impulse"]
    made = collide(
        given_["positions"],
        given_["velocities"],
        given_["masses"],
        [0.0, 0.0],
        backend=backend,
        restitution=0.8,
    )
    assert np.allclose(made.velocity, expected["velocities"], rtol=0, atol=tolerance)
    assert np.allclose(made.heat, expected["heat_added"], rtol=0, atol=tolerance)
    assert np.allclose(made.lost, expected["heat_added"], rtol=0, atol=tolerance)


@pytest.mark.parametrize("e", [0.0, 0.3, 0.8, 1.0])
def test_an_isolated_pair_leaves_with_e_times_its_approach(backend, e):
    places = [[3.0, 3.0, 3.0], [3.5, 3.4, 3.2]]
    speeds, mass = np.array([[1.0, 0.2, -0.3], [-0.4, 0.1, 0.5]]), np.array([1.0, 3.0])
    made = collide(places, speeds, mass, [0.0, 0.0], backend=backend, restitution=e)
    normal = np.subtract(*places) / np.linalg.norm(np.subtract(*places))
    before, after = speeds[0] - speeds[1], made.velocity[0] - made.velocity[1]
    assert before @ normal < 0
    assert after @ normal == pytest.approx(-e * (before @ normal), abs=1e-14)
    assert np.allclose(np.cross(after, normal), np.cross(before, normal), rtol=0, atol=1e-14)
    assert made.heat[0] == pytest.approx(made.heat[1], abs=1e-15)
    assert made.heat.sum() == pytest.approx(kinetic(speeds, mass) - kinetic(made.velocity, mass), abs=1e-14)


def test_a_pair_that_parts_is_left_alone(backend):
    made = collide([[3, 3, 3], [3.5, 3, 3]], [[-1, 0, 0], [1, 0, 0]], [1, 1], [0, 0], backend=backend)
    assert made.contacts.count.tolist() == [1, 1]
    assert made.contacts.approaching.tolist() == [0, 0]
    assert np.array_equal(made.velocity, [[-1, 0, 0], [1, 0, 0]])


@given(seed=st.integers(0, 2**32), n=st.integers(2, 120), e=st.floats(0, 1), warm=st.floats(0, 10))
@settings(max_examples=40)
def test_momentum_and_energy_are_kept_and_no_heat_is_negative(seed, n, e, warm):
    position, velocity, mass, heat = crowd(seed, n)
    heat[::2] = 0.0
    made = collide(position, velocity, mass, heat, restitution=e, conductance=warm)
    scale = (mass * np.linalg.norm(velocity, axis=1)).sum()
    assert np.abs((mass[:, None] * (made.velocity - velocity)).sum(axis=0)).max() < 1e-12 * scale
    assert np.abs((mass[:, None] * made.push).sum(axis=0)).max() < 1e-12 * mass.sum()
    before, after = kinetic(velocity, mass) + heat.sum(), kinetic(made.velocity, mass) + made.heat.sum()
    assert after == pytest.approx(before, rel=1e-12)
    assert kinetic(made.velocity, mass) <= kinetic(velocity, mass) * (1 + 1e-12)
    assert made.lost.min() >= -1e-12 * before
    assert made.heat.min() >= -1e-12 * before


@given(seed=st.integers(0, 2**32), warm=st.floats(1e-4, 1e3))
@settings(max_examples=20)
def test_conduction_moves_heat_from_hot_to_cold_and_stays_in_range(seed, warm):
    position, velocity, mass, heat = crowd(seed, 60)
    made = collide(position, 0 * velocity, mass, heat, conductance=warm)
    before, after = heat / mass, made.heat / mass
    assert made.heat.sum() == pytest.approx(heat.sum(), rel=1e-12)
    assert after.min() >= before.min() - 1e-12
    assert after.max() <= before.max() + 1e-12
    assert (mass * after**2).sum() < (mass * before**2).sum()


@given(
    seed=st.integers(0, 2**32),
    reach=st.sampled_from([0.4, 1.0, 1.7, 2.6]),
    spacing=st.sampled_from([0.5, 1.0, 1.3]),
    periodic=st.booleans(),
)
@settings(max_examples=40)
def test_the_cells_find_the_pairs_that_brute_force_finds(seed, reach, spacing, periodic):
    grid = kernels.Grid((12, 11, 13), spacing, periodic)
    rng = np.random.default_rng(seed)
    x = np.ascontiguousarray((rng.random((80, 3)) * grid.extent).T)
    cells, contacts = kernels.CellList.allocate(grid, 80, x), kernels.ContactList.allocate(80, x)
    kernels.build_cells(x, grid, cells)
    kernels.find_contacts(x, np.zeros_like(x), grid, cells, contacts, reach=reach)
    apart = x[:, :, None] - x[:, None, :]
    if periodic:
        extent = np.array(grid.extent)[:, None, None]
        apart -= extent * np.round(apart / extent)
    touching = (np.linalg.norm(apart, axis=0) < reach) & ~np.eye(80, dtype=bool)
    assert np.array_equal(contacts.count, touching.sum(axis=1))
    for i in np.flatnonzero(contacts.count <= SLOTS):
        assert set(contacts.partner[: contacts.count[i], i]) == set(np.flatnonzero(touching[i]))


def crystal(name):
    """A squeezed lattice, each place a little off: in a plane, cubic, or packed densely; or a random crowd."""
    rng = np.random.default_rng(8)
    i, j, k = np.indices((8, 8, 8)).reshape(3, -1) * 0.8
    if name == "plane":
        place = np.stack([i + 0.5 * j, np.sqrt(0.75) * j, 0 * k], axis=1)[k == 0]
    elif name == "cubic":
        place = np.stack([i, j, k], axis=1)
    elif name == "dense":
        place = np.stack([j + k, i + k, i + j], axis=1) / np.sqrt(2)
    else:
        place = 6 * rng.random((800, 3))
    return place - place.mean(axis=0) + 12 + 0.02 * rng.normal(size=place.shape)


@pytest.mark.parametrize("name", ["plane", "cubic", "dense", "random"])
@pytest.mark.parametrize("relaxation", [0.2, 1.0])
def test_pushes_part_a_crowd_and_never_squeeze_it(name, relaxation):
    """Σδ² falls in every sweep: no wave of the crowd is pushed beyond its rest. Masses differ."""
    place = crystal(name)
    mass, still = np.random.default_rng(9).uniform(0.5, 1, len(place)), np.zeros_like(place)
    centre, squeezed = mass @ place, []
    for _ in range(12):
        made = collide(place, still, mass, mass, grid=kernels.Grid((25, 25, 25)), relaxation=relaxation)
        apart = np.linalg.norm(place[:, None] - place, axis=2)
        squeezed.append((np.maximum(1 - apart, 0)[~np.eye(len(place), dtype=bool)] ** 2).sum())
        place = place + made.push
    assert (np.diff(squeezed) < 0).all()
    assert squeezed[-1] < 0.8 * squeezed[0]
    assert np.allclose(mass @ place, centre, rtol=1e-13)


AXES = np.vstack([np.eye(3), -np.eye(3)])
CORNERS = (2 * np.indices((2, 2, 2)).reshape(3, -1).T - 1) / np.sqrt(3)


@pytest.mark.parametrize("ways", [AXES[:1], AXES[:4], AXES, CORNERS], ids=len)
def test_up_to_four_contacts_push_in_full_and_more_share_that(backend, ways):
    """Partners that touch the one in the middle only."""
    place = 3.5 + np.vstack([np.zeros(3), 0.9 * ways])
    n = len(place)
    usual = {"reach": 0.95, "relaxation": 1.0, "backend": backend}
    made = collide(place, 0 * place, np.ones(n), np.zeros(n), **usual)
    assert made.contacts.count.tolist() == [n - 1] + [1] * (n - 1)
    assert np.allclose(made.push[1:], 0.5 * 0.05 / max(1, (n - 1) / 4) * ways, rtol=1e-9, atol=1e-15)


def test_the_order_of_the_particles_does_not_matter(backend):
    position, velocity, mass, heat = crowd(3, 90)
    shuffle = np.random.default_rng(4).permutation(90)
    made = collide(position, velocity, mass, heat, backend=backend, conductance=0.1)
    again = collide(
        position[shuffle], velocity[shuffle], mass[shuffle], heat[shuffle], backend=backend, conductance=0.1
    )
    for a, b in zip(made[:4], again[:4], strict=True):
        assert np.allclose(a[shuffle], b, rtol=1e-13, atol=1e-13)


def test_a_crowd_with_more_contacts_than_slots_loses_none():
    rng = np.random.default_rng(0)
    position = 3.5 + 0.2 * rng.normal(size=(100, 3))
    velocity, mass, heat = rng.normal(size=(100, 3)), np.ones(100), np.ones(100)
    made, expected = (
        collide(position, velocity, mass, heat, backend=b, conductance=0.1) for b in ("cpu", "reference")
    )
    assert made.contacts.count.max() > SLOTS
    assert np.array_equal(made.contacts.count, expected.contacts.count)
    for a, b in zip(made[:4], expected[:4], strict=True):
        assert np.allclose(a, b, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("n", [0, 1])
def test_nobody_and_one_alone_touch_nothing(backend, n):
    made = collide(np.full((n, 3), 2.0), np.ones((n, 3)), np.ones(n), np.ones(n), backend=backend)
    assert np.array_equal(made.velocity, np.ones((n, 3)))
    assert np.array_equal(made.heat, np.ones(n))
    assert not made.push.any()


def test_particles_in_one_place_do_not_touch_and_make_no_nan(backend):
    made = collide([[2, 2, 2], [2, 2, 2], [2.5, 2, 2]], np.eye(3), np.ones(3), np.ones(3), backend=backend)
    assert made.contacts.count.tolist() == [1, 1, 2]
    assert np.isfinite(made.velocity).all()
    assert np.isfinite(made.push).all()


def test_a_box_in_which_images_meet_is_refused():
    with pytest.raises(InputError, match=r"too small for contacts of 2\.5 m; it needs 5 m"):
        collide([[1, 1, 1]], [[0, 0, 0]], [1], [0], grid=kernels.Grid((4, 8, 8), periodic=True), reach=2.5)


@pytest.mark.parametrize("reach", [0.0, -1.0, np.nan, np.inf])
def test_a_reach_that_is_no_length_is_refused(reach):
    with pytest.raises(InputError, match="reach must be a positive length"):
        collide([[1, 1, 1]], [[0, 0, 0]], [1], [0], reach=reach)


def test_more_particles_than_the_list_holds_are_refused():
    x = np.full((3, 5), 2.0)
    cells, contacts = kernels.CellList.allocate(BOX, 5, x), kernels.ContactList.allocate(4, x)
    kernels.build_cells(x, BOX, cells)
    with pytest.raises(CapacityError, match="5 particles do not fit a contact list of capacity 4"):
        kernels.find_contacts(x, x, BOX, cells, contacts, reach=1.0)
