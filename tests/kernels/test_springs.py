"""Springs: restitution, energy and momentum as the op states them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import stnb_kernels as kernels
from hypothesis import given
from hypothesis import strategies as st
from stnb_kernels.accounts import ACCOUNTS, CONTACTS, ELASTIC
from stnb_kernels.neighbours import SLOTS
from stnb_kernels.springs import damping_ratio, decay_of, spring_contacts

from .conftest import unchecked

REACH, STIFFNESS, SPECIFIC_HEAT = 1.0, 50.0, 10.0
LAW = {
    "reach": REACH,
    "stiffness": STIFFNESS,
    "restitution": 0.5,
    "conductance": 0.0,
    "specific_heat": SPECIFIC_HEAT,
    "time": 0.01,
    "first": True,
}
BOX = kernels.Grid((8, 8, 8))


class Matter:
    """Particles, their lists, and the buffers that a kick writes."""

    def __init__(self, position, velocity, mass, heat, grid=BOX, backend="cpu"):
        self.position, self.velocity = position.copy(), velocity.copy()
        self.mass, self.heat = mass.copy(), heat.copy()
        self.grid, self.backend = grid, backend
        n = mass.shape[0]
        self.cells = kernels.CellList.allocate(grid, n, position)
        self.contacts = kernels.ContactList.allocate(n, position)
        self.accounts = np.full((len(ACCOUNTS), n), np.nan, dtype=position.dtype)
        self.list()

    def list(self):
        kernels.build_cells(self.position, self.grid, self.cells, backend=self.backend)
        found = (self.position, self.velocity, self.grid, self.cells, self.contacts)
        kernels.find_contacts(*found, reach=REACH, backend=self.backend)

    def kick(self, **changes):
        velocity, heat = np.full_like(self.velocity, np.nan), np.full_like(self.heat, np.nan)
        columns = (self.position, self.velocity, self.mass, self.heat)
        lists = (self.grid, self.cells, self.contacts)
        self.sprung = np.full_like(velocity, np.nan)
        outputs = (velocity, heat, self.sprung, self.accounts)
        spring_contacts(*columns, *lists, *outputs, **LAW | changes, backend=self.backend)
        self.velocity, self.heat = velocity, heat

    def step(self, dt, **changes):
        """Half a kick, a drift, half a kick."""
        self.kick(time=dt / 2, **changes)
        self.position += dt * self.velocity
        self.list()
        self.kick(time=dt / 2, **changes | {"first": False})

    @property
    def kinetic(self):
        return 0.5 * self.mass * (self.velocity**2).sum(axis=0)


def crowd(n=60, seed=0, dtype="float64", temperature=2.0, size=1.5):
    """Particles of many masses in a ball, most of them touching many others."""
    rng = np.random.default_rng(seed)
    position = 3.5 + size * (rng.random((3, n)) - 0.5)
    columns = (position, rng.normal(0, 1, (3, n)), rng.uniform(0.2, 2, n), temperature * rng.random(n))
    return [a.astype(dtype) for a in columns]


PHASES = 25
HEAVY, LIGHT, APPROACH = 1.0, 0.6, 0.3
REDUCED = HEAVY * LIGHT / (HEAVY + LIGHT)


def collisions(restitution, phase, backend):
    """Head-on pairs, each to touch at another moment of a step; until all have parted.

    Returns what each pair keeps of its speed, and its kinetic, thermal and elastic energy over what it began with.
    """
    dt = phase * math.sqrt(REDUCED / STIFFNESS)
    grid = kernels.Grid((8, 24, 24))
    y, z = np.divmod(np.arange(PHASES), 5)
    gap = REACH + dt * APPROACH * (np.arange(PHASES) + 0.5) / PHASES
    position = np.array([[3.0 + 0 * y, 3.0 + gap], [2.0 + 4 * y] * 2, [2.0 + 4 * z] * 2]).reshape(3, -1)
    velocity = np.zeros_like(position)
    velocity[0, :PHASES], velocity[0, PHASES:] = APPROACH * 0.7, -APPROACH * 0.3
    mass = np.repeat([HEAVY, LIGHT], PHASES)
    matter = Matter(position, velocity, mass, np.zeros_like(mass), grid, backend)
    before = matter.kinetic.sum()
    for _ in range(2000):
        matter.step(dt, restitution=restitution)
        x, v = matter.position[0].reshape(2, -1), matter.velocity[0].reshape(2, -1)
        if ((x[1] - x[0] > REACH) & (v[1] > v[0])).all():
            kept = (v[1] - v[0]) / APPROACH
            energy = (matter.kinetic + matter.heat + matter.accounts[ELASTIC]).reshape(2, -1).sum(axis=0)
            return kept, energy / (before / PHASES), matter
    raise AssertionError("pairs stay together")


@pytest.mark.parametrize("restitution", [0.05, 0.3, 0.8, 1.0])
def test_a_pair_leaves_with_the_restitution_at_the_step_limit(backend, restitution):
    """The error of second order is (0.2)² times a factor below one, whenever in the step the touch falls."""
    kept, energy, matter = collisions(restitution, 0.2, backend)
    assert np.abs(kept / restitution - 1).max() < 0.02
    assert np.abs(energy - 1).max() < 0.01
    assert (matter.heat >= 0).all()
    momentum = (matter.mass * matter.velocity[0]).reshape(2, -1).sum(axis=0)
    assert np.allclose(momentum, APPROACH * (0.7 * HEAVY - 0.3 * LIGHT), rtol=0, atol=1e-14)


@pytest.mark.parametrize("restitution", [0.05, 0.3, 0.8, 1.0])
def test_errors_fall_as_the_step_squared(restitution):
    """A quarter of the step leaves a sixteenth of the error; a twelfth allows for the next order and the phases."""
    coarse, fine = (collisions(restitution, phase, "cpu") for phase in (0.2, 0.05))
    spread = [np.sqrt(((energy - 1) ** 2).mean()) for _, energy, _ in (coarse, fine)]
    assert spread[1] < spread[0] / 12
    kept = [np.sqrt(((kept / restitution - 1) ** 2).mean()) for kept, _, _ in (coarse, fine)]
    assert kept[1] < kept[0] / 8


def test_kinetic_energy_and_heat_grow_by_the_work_of_the_springs_alone(backend):
    """S·v̄ with the undamped impulse S, from a kick of its own without dashpot, and the mean velocity v̄."""
    for seed in range(5):
        matter, undamped = (Matter(*crowd(seed=seed, temperature=1e6), backend=backend) for _ in range(2))
        kinetic, heat, velocity = matter.kinetic, matter.heat, matter.velocity
        matter.kick(restitution=0.3, time=0.03)
        undamped.kick(restitution=1.0, time=0.03)
        springs = matter.mass * (undamped.velocity - velocity)
        for kicked in (matter, undamped):
            assert np.allclose(
                kicked.mass * kicked.sprung, springs, rtol=0, atol=1e-12 * np.abs(springs).max()
            )
        work = (springs * (velocity + matter.velocity) / 2).sum()
        grown = (matter.kinetic - kinetic).sum() + (matter.heat - heat).sum()
        booked = (matter.kinetic - kinetic).sum() + matter.accounts[CONTACTS].sum()
        size = np.abs(springs * velocity).sum() + matter.kinetic.sum()
        assert abs(booked - work) < 1e-12 * size
        assert abs(grown - work) < 1e-12 * (size + heat.sum())
        assert (undamped.accounts[CONTACTS] == 0).all()


@given(
    seed=st.integers(0, 2**32),
    masses=st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)),
    restitution=st.sampled_from([0.01, 0.3, 0.9, 1.0]),
    distance=st.floats(0.1, 0.999),
    time=st.floats(0, 0.05),
)
def test_each_of_a_pair_takes_half_of_what_the_dashpot_takes(seed, masses, restitution, distance, time):
    rng = np.random.default_rng(seed)
    axis = rng.normal(size=3)
    apart = 0.5 * distance * axis / np.linalg.norm(axis)
    position = np.stack([3.3 + apart, 3.3 - apart], axis=1)
    matter = Matter(position, rng.normal(size=(3, 2)), np.array(masses), np.zeros(2))
    matter.kick(restitution=restitution, time=time)
    one, other = matter.accounts[CONTACTS]
    assert one >= -1e-15
    assert abs(one - other) <= 1e-12 * max(one, 1e-3)
    assert np.array_equal(matter.heat, np.maximum(matter.accounts[CONTACTS], 0))


def test_a_pair_keeps_its_momentum_to_the_bit(backend):
    rng = np.random.default_rng(2)
    for dtype in ("float32", "float64"):
        away = rng.normal(size=(3, 1))
        place = (3.3 + rng.random((3, 1)), 0.4 * away / np.linalg.norm(away))
        position = np.hstack([place[0] + place[1], place[0] - place[1]]).astype(dtype)
        velocity = np.hstack([away, -away]).astype(dtype)
        matter = Matter(position, velocity, np.full(2, 0.7, dtype), np.ones(2, dtype), backend=backend)
        matter.kick(conductance=0.3)
        assert not np.array_equal(matter.velocity, velocity)
        assert np.array_equal(matter.velocity[:, 0], -matter.velocity[:, 1])


def test_a_crowd_keeps_its_momentum_and_what_it_conducts(backend):
    """To the rounding of sums over at most 60 partners."""
    for dtype, rounding in (("float32", 1e-5), ("float64", 1e-14)):
        matter = Matter(*crowd(dtype=dtype, temperature=1e3), backend=backend)
        before = (matter.mass * matter.velocity).sum(axis=1)
        heat = matter.heat.copy()
        matter.kick(conductance=3.0, restitution=1.0)
        size = np.abs(matter.mass * matter.velocity).sum()
        assert np.allclose((matter.mass * matter.velocity).sum(axis=1), before, rtol=0, atol=rounding * size)
        assert not np.allclose(matter.heat, heat)
        assert abs(matter.heat.sum() - heat.sum()) < rounding * heat.sum()


def test_conduction_is_that_of_contacts(backend):
    matter = Matter(*crowd(temperature=1e3), backend=backend)
    matter.velocity[:] = 0
    velocity, heat = np.empty_like(matter.velocity), np.empty_like(matter.heat)
    columns = (matter.position, matter.velocity, matter.mass, matter.heat)
    lists = (matter.grid, matter.cells, matter.contacts)
    outputs = (velocity, heat, np.empty_like(velocity), np.empty_like(matter.accounts))
    shared = {"reach": REACH, "conductance": 3.0, "specific_heat": SPECIFIC_HEAT, "backend": backend}
    kernels.resolve_contacts(*columns, *lists, *outputs, restitution=1.0, relaxation=0.0, **shared)
    matter.kick(conductance=3.0, time=0.0)
    assert np.allclose(matter.heat, heat, rtol=1e-13)


def test_heat_never_falls_below_zero(backend):
    """In a cold crowd some particles would have to pay; without the stop at 0 they would."""
    found = 0
    for seed in range(20):
        matter = Matter(*crowd(seed=seed, temperature=0.0), backend=backend)
        matter.kick(restitution=0.3, time=0.05)
        assert (matter.heat >= 0).all()
        found += (matter.accounts[CONTACTS] < 0).sum()
    assert found > 0


def test_no_time_writes_the_elastic_energy_and_moves_nothing(backend):
    matter = Matter(*crowd(), backend=backend)
    velocity, heat = matter.velocity, matter.heat
    matter.kick(time=0.0)
    apart = np.linalg.norm(matter.position[:, :, None] - matter.position[:, None], axis=0)
    overlap = np.where((apart < REACH) & (apart > 0), REACH - apart, 0)
    assert np.allclose(matter.accounts[ELASTIC].sum(), 0.5 * 0.5 * STIFFNESS * (overlap**2).sum(), rtol=1e-13)
    assert np.array_equal(matter.velocity, velocity)
    assert np.array_equal(matter.heat, heat)
    assert (matter.sprung == 0).all()
    assert (matter.accounts[CONTACTS] == 0).all()


def test_the_first_half_kick_writes_the_account_and_later_ones_add(backend):
    matter, again = (Matter(*crowd(), backend=backend) for _ in range(2))
    matter.kick()
    once = matter.accounts[CONTACTS].copy()
    again.accounts[CONTACTS], again.accounts[ELASTIC] = 2.0, 2.0
    again.kick(first=False)
    assert np.allclose(again.accounts[CONTACTS], 2.0 + once, rtol=1e-14)
    assert np.array_equal(again.accounts[ELASTIC], matter.accounts[ELASTIC])
    others = [row for row in range(len(ACCOUNTS)) if row not in (CONTACTS, ELASTIC)]
    assert np.isnan(matter.accounts[others]).all()


def test_full_lists_go_through_the_cells():
    columns = crowd(n=150, size=0.6)
    results = []
    for backend in ("reference", "cpu"):
        matter = Matter(*columns, backend=backend)
        assert (matter.contacts.count > SLOTS).all()
        matter.kick(conductance=3.0)
        results.append((matter.velocity, matter.heat, matter.accounts[[CONTACTS, ELASTIC]]))
    for a, b in zip(*results, strict=True):
        assert np.allclose(a, b, rtol=1e-11, atol=1e-11 * np.abs(a).max())


def test_threads_do_not_change_a_bit():
    import numba

    before = numba.get_num_threads()
    results = []
    try:
        for threads in (1, before):
            numba.set_num_threads(threads)
            matter = Matter(*crowd(n=2000, size=6.0, dtype="float32"))
            matter.kick(conductance=3.0)
            results.append((matter.velocity, matter.heat, matter.accounts[[CONTACTS, ELASTIC]]))
    finally:
        numba.set_num_threads(before)
    for a, b in zip(*results, strict=True):
        assert np.array_equal(a, b)


def test_damping_ratio_is_that_of_the_equation_of_motion():
    """ẍ = −F with F = x + 2ζẋ within [0, 2x]; e is the speed when the force is gone."""
    from scipy.integrate import solve_ivp

    def gone(_, y):
        return y[0] + 2 * ratio * y[1]

    gone.terminal, gone.direction = True, -1
    for restitution in (0.02, 0.1, 0.2636, 0.5, 0.97):
        ratio = damping_ratio(restitution)
        motion = solve_ivp(
            lambda _, y, z=ratio: [y[1], -min(max(y[0] + 2 * z * y[1], 0), 2 * y[0])],
            (0, 1000),
            [0, 1],
            events=gone,
            rtol=1e-10,
            atol=1e-12,
        )
        assert abs(-motion.y[1, -1] / restitution - 1) < 1e-7


@given(st.floats(1e-6, 1.0))
def test_damping_ratio_gives_back_the_restitution(restitution):
    assert math.isclose(math.exp(-decay_of(damping_ratio(restitution))), restitution, rel_tol=1e-12)


def test_decay_passes_through_critical_damping_without_a_step():
    values = [decay_of(1 + d) for d in (-1e-6, -1e-12, 0, 1e-12, 1e-6)]
    assert np.allclose(values, 4 / 3, rtol=1e-5)
    assert (np.diff(values[::2]) > 0).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"restitution": 0.0}, "restitution must satisfy 0 < e <= 1 for springs, got 0.0"),
        ({"restitution": 1.5}, "restitution must satisfy"),
        ({"restitution": math.nan}, "restitution must satisfy"),
        ({"stiffness": 0.0}, "stiffness must be a positive number of N/m"),
        ({"reach": -1.0}, "reach must be a positive length"),
    ],
)
def test_bad_input_is_refused_in_words(change, words):
    matter = Matter(*crowd(n=4))
    with pytest.raises(ValueError, match=words):
        matter.kick(**change)


def test_columns_of_other_shapes_and_types_are_refused():
    matter = Matter(*crowd(n=4))
    columns = [matter.position, matter.velocity, matter.mass, matter.heat]
    lists = (matter.grid, matter.cells, matter.contacts)
    outputs = [np.empty((3, 4)), np.empty(4), np.empty((3, 4)), matter.accounts]
    for place, wrong, words in (
        (0, np.empty((3, 3)), r"velocity_out has shape \(3, 3\), expected \(3, 4\)"),
        (1, np.empty(4, np.float32), "heat_out is float32, expected float64"),
        (2, np.empty((4, 3)), r"sprung has shape \(4, 3\), expected \(3, 4\)"),
        (3, np.empty((2, 4)), r"accounts has shape \(2, 4\), expected \(8, 4\)"),
    ):
        bad = outputs.copy()
        bad[place] = wrong
        with pytest.raises(ValueError, match=words):
            unchecked(spring_contacts)(*columns, *lists, *bad, **LAW)
