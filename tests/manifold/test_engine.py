"""The engine: the ledger closes, seeds decide, bad input changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stnb._core.errors import BackendError, CapacityError, CheckpointError, ConfigError, InputError
from stnb.manifold import PATTERNS, ManifoldConfig, ManifoldEngine, StabilityWarning
from stnb.manifold.engine import SORT_EVERY
from stnb.manifold.ledger import FLOWS, STORES

INERT = {
    "viscosity": 0.0,
    "emissivity": 0.0,
    "gas_constant": 0.0,
    "conductivity": 0.0,
    "contact_model": "none",
}
"""No force but gravity, no flow but walls."""


def engine(seed=0, **settings_):
    return ManifoldEngine(
        ManifoldConfig.build(**{"particles": 200, "grid": 12, "temperature": 1.0} | settings_), seed=seed
    )


def advance(made, steps):
    for _ in range(steps):
        made.advance()
    made.measure()
    return made


@pytest.mark.parametrize("boundary", ["walls", "periodic"])
def test_without_gravity_the_ledger_closes_each_step_to_rounding(boundary):
    made = engine(dtype="float64", boundary=boundary, gravity=0.0, speed=3.0, conductivity=5.0)
    scale = made.ledger.total
    for _ in range(200):
        before = made.ledger.total + made.ledger.flows["radiation"]
        made.advance()
        made.measure()
        assert abs(made.ledger.total + made.ledger.flows["radiation"] - before) < 1e-10 * scale


@pytest.mark.parametrize("boundary", ["walls", "periodic"])
def test_with_gravity_the_drift_stays_small(boundary):
    made = advance(
        engine(dtype="float64", boundary=boundary, particles=500, grid=16, pattern="cluster"), 1000
    )
    assert abs(made.ledger.drift) < 1e-4


def test_walls_turn_motion_into_heat_and_nothing_is_lost():
    made = engine(dtype="float64", gravity=0.0, speed=4.0, wall_restitution=0.0, **INERT)
    before = made.measure()
    advance(made, 300)
    after = made.measure()
    assert after["kinetic"] < 0.5 * before["kinetic"]
    gained = after["thermal"] - before["thermal"]
    assert gained == pytest.approx(before["kinetic"] - after["kinetic"], rel=1e-10)
    assert after["walls"] == pytest.approx(gained, rel=1e-10)


def test_mass_and_oscillator_energy_never_change():
    made = engine(speed=2.0)
    mass, energy = made.column("mass"), made.column("energy")
    advance(made, 150)
    assert np.array_equal(made.column("mass"), mass)
    assert np.array_equal(made.column("energy"), energy)


def test_a_sort_moves_columns_but_no_particle_changes_its_row():
    made = engine(gravity=0.0, dtype="float64", boundary="periodic", speed=2.0, **INERT)
    places, velocities = made.snapshot().positions, made.column("velocity")
    advance(made, SORT_EVERY + 1)
    assert not np.array_equal(made.particles.uid[: made.count], np.arange(made.count))
    assert np.array_equal(made.column("velocity"), velocities)
    expected = np.mod(places + made.time * velocities.T, 12.0)
    assert np.allclose(made.snapshot().positions, expected, rtol=0, atol=1e-11)


def test_heat_flows_from_hot_to_cold():
    made = engine(dtype="float64", gravity=0.0, speed=0.0, conductivity=20.0, particles=2000)
    spread = made.snapshot().temperature.std()
    advance(made, 300)
    assert made.snapshot().temperature.std() < 0.9 * spread
    assert made.snapshot().temperature.min() >= 0


def test_free_flight_is_exact():
    made = engine(gravity=0.0, dtype="float64", boundary="periodic", speed=0.3, **INERT)
    start = made.snapshot()
    advance(made, 100)
    expected = np.mod(start.positions + made.time * start.velocities, 12.0)
    assert np.allclose(made.snapshot().positions, expected, rtol=0, atol=1e-11)


def test_two_clouds_fall_towards_each_other():
    """Clouds, not points: a lone particle is held at its node by the self-force of the trilinear grid."""
    made = engine(dtype="float64", particles=0, gravity=0.01, grid=24, speed=0.0)
    for x in (8.0, 15.0):
        made.inject("cluster", 300, centre=(x, 11.5, 11.5), spread=1.0)

    def gap():
        x = made.snapshot().positions[:, 0]
        return x[300:].mean() - x[:300].mean()

    gaps = [gap()] + [gap() for _ in range(3) if advance(made, 60)]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < gaps[0] - 0.1


@given(
    seed=st.integers(0, 2**40),
    boundary=st.sampled_from(["walls", "periodic"]),
    pattern=st.sampled_from(PATTERNS),
)
@settings(max_examples=15)
def test_one_seed_one_result_however_the_steps_are_cut(seed, boundary, pattern):
    whole = advance(engine(seed, boundary=boundary, pattern=pattern), 6)
    parts = advance(engine(seed, boundary=boundary, pattern=pattern), 2)
    parts = ManifoldEngine.restore(parts.config, parts.state(), parts.meta())
    advance(parts, 4)
    for name, column in whole.state().items():
        assert np.array_equal(column, parts.state()[name]), name
    assert whole.measure() == parts.measure()


def test_seeds_differ():
    assert not np.array_equal(engine(1).snapshot().positions, engine(2).snapshot().positions)


def test_injection_is_booked_as_supplied():
    made = advance(engine(dtype="float64"), 20)
    ledger = made.ledger
    before, supplied = ledger.total - ledger.supplied, ledger.supplied
    made.inject("sphere", 30, energy=2.0)
    assert made.count == 230
    assert ledger.supplied > supplied + 30
    assert ledger.total - ledger.supplied == pytest.approx(before, abs=1e-9)
    advance(made, 50)
    assert abs(made.ledger.drift) < 1e-3


def test_a_changed_constant_is_booked_as_supplied():
    made = advance(engine(dtype="float64", pattern="cluster"), 20)
    made.configure(made.config.replace(gravity=0.05))
    assert abs(made.ledger.drift) < 1e-4
    assert abs(advance(made, 50).ledger.drift) < 1e-3


def test_measures_match_the_columns_and_the_frame():
    made = advance(engine(), 3)
    measured, frame = made.measure(), made.snapshot()
    assert tuple(measured) == ManifoldEngine.COLUMNS
    assert measured["kinetic"] == pytest.approx(
        0.5 * float((frame.mass * frame.speed**2).sum(dtype=float)), rel=1e-5
    )
    assert measured["thermal"] == pytest.approx(float(frame.heat.sum(dtype=float)), rel=1e-6)
    assert measured["count"] == made.count == frame.count
    assert np.allclose(frame.temperature, frame.heat / (frame.mass * 10.0))


def test_no_particles_is_a_valid_world():
    made = advance(engine(particles=0), 3)
    assert made.measure()["total"] == 0.0
    assert made.snapshot().count == 0


def test_more_than_the_capacity_is_refused_and_nothing_changes():
    made = engine(capacity=210)
    before = made.state()
    with pytest.raises(CapacityError, match="11 more particles do not fit beside 200: the capacity is 210"):
        made.inject("random", 11)
    assert made.count == 200
    for name, column in made.state().items():
        assert np.array_equal(column, before[name])
    made.inject("random", 10)
    assert made.count == 210


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda e: e.inject("sphear", 3), ConfigError, "did you mean 'sphere'"),
        (lambda e: e.inject("sphere", -1), InputError, "0 or more, got -1"),
        (lambda e: e.inject("sphere", 3, centre=(1, 2)), InputError, "three finite numbers"),
        (lambda e: e.inject("sphere", 3, centre=(1, 2, np.nan)), InputError, "three finite numbers"),
        (lambda e: e.inject("sphere", 3, spread=0.0), InputError, "positive length"),
        (lambda e: e.inject("sphere", 3, energy=-1.0), InputError, "positive number of joules"),
    ],
)
def test_bad_injections_are_refused_and_change_nothing(call, error, words):
    made = engine()
    with pytest.raises(error, match=words):
        call(made)
    assert made.count == 200


@pytest.mark.parametrize(
    ("settings_", "words"),
    [
        ({"dt": 0.0}, "dt = 0"),
        ({"dt": -0.01}, "dt = -0.01"),
        ({"grid": 3}, "grid"),
        ({"grid": (8, 8, 2)}, "grid"),
        ({"spacing": float("nan")}, "spacing"),
        ({"gravty": 1.0}, "gravity"),
        ({"wall_margin": 6.0}, "leave no room"),
        ({"particles": 20, "capacity": 10}, "capacity 10 is less than 20 particles"),
        ({"boundary": "wall"}, "walls"),
    ],
)
def test_bad_settings_are_refused_with_their_value(settings_, words):
    with pytest.raises(ConfigError, match=words):
        engine(**settings_)


def test_a_grid_beyond_the_memory_is_refused_before_anything_is_allocated():
    with pytest.raises((CapacityError, ConfigError), match=r"needs [\d.]+ GB and this machine has"):
        ManifoldConfig.build(grid=1200)


def test_a_device_that_cannot_run_says_why():
    with pytest.raises(BackendError, match="runs on 'cpu' and on 'cuda'"):
        ManifoldEngine(ManifoldConfig(), device="mps")


@pytest.mark.parametrize("damage", ["missing", "shape", "nan"])
def test_damaged_state_is_refused(damage):
    made = engine()
    arrays = made.state()
    if damage == "missing":
        del arrays["heat"]
    elif damage == "shape":
        arrays["heat"] = arrays["heat"][:-1]
    else:
        arrays["heat"][3] = np.nan
    with pytest.raises(CheckpointError, match="heat"):
        ManifoldEngine.restore(made.config, arrays, made.meta())


def test_ledger_prints_and_plots():
    made = advance(engine(), 2)
    text = str(made.ledger.table())
    for name in (*STORES, *FLOWS, "total", "supplied", "residual", "drift"):
        assert name in text
    assert "<table>" in made.ledger.table()._repr_html_()
    assert [bar.name for bar in made.ledger.plot().data] == ["beginning", "now", "flows"]


def gas(**settings_):
    """Dense, hot, moving, between sticky walls: every flow of the ledger runs."""
    usual = {"particles": 400, "grid": 10, "speed": 1.0, "temperature": 30.0, "emissivity": 1.0}
    flows = {
        "radiation": 1e-4,
        "viscosity": 0.1,
        "gas_constant": 0.5,
        "conductivity": 5.0,
        "restitution": 0.5,
    }
    return engine(**{**usual, **flows, "dtype": "float64", **settings_})


def test_every_flow_runs_and_the_stores_account_for_all_of_it():
    made = gas(gravity=0.0, limiters=True, max_velocity=2.5)
    opening = made.ledger.stores
    advance(made, 50)
    stores, flows = made.ledger.stores, made.ledger.flows
    for name in ("drag", "walls", "contacts", "limiter", "radiation"):
        assert flows[name] > 0, name
    assert flows["pressure"] != 0
    taken = flows["drag"] + flows["walls"] + flows["contacts"] + flows["limiter"] - flows["pressure"]
    assert opening["kinetic"] - stores["kinetic"] == pytest.approx(taken, rel=1e-9)
    assert stores["thermal"] - opening["thermal"] == pytest.approx(taken - flows["radiation"], rel=1e-9)


def test_pushing_apart_is_a_row_of_its_own_and_not_in_the_residual():
    made = gas(gravity=0.02, particles=1500, speed=0.1)
    advance(made, 100)
    assert made.ledger.flows["projection"] > 1e-3 * abs(made.ledger.stores["gravitational"])
    assert abs(made.ledger.residual) < 1e-2 * made.ledger.flows["projection"]


def test_overlaps_go_away():
    made = engine(particles=0, dtype="float64", gravity=0.0, overlap_relaxation=0.2)
    made.add([[5.0, 5.0, 5.0], [5.6, 5.0, 5.0]])
    advance(made, 2)  # the first step finds the overlap, the second one's drift applies the push
    gap = made.snapshot().positions[1, 0] - made.snapshot().positions[0, 0]
    assert gap == pytest.approx(0.6 + 0.2 * 0.4, abs=1e-12)
    advance(made, 60)
    gap = made.snapshot().positions[1, 0] - made.snapshot().positions[0, 0]
    assert 0.999 < gap <= 1.0


def test_particles_of_ones_own_arrive_as_they_are():
    made = engine()
    made.add([[5.0, 6.0, 7.0]], velocities=[0.1, 0.2, 0.3], masses=2.0, heat=[3.0], energy=4.0)
    frame = made.snapshot()
    assert frame.count == 201
    assert np.array_equal(frame.positions[200], np.float32([5, 6, 7]))
    assert np.array_equal(frame.velocities[200], np.float32([0.1, 0.2, 0.3]))
    assert (frame.mass[200], frame.heat[200], made.column("energy")[200]) == (2, 3, 4)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (
            {"positions": [[5, 5, 0.2]]},
            r"positions\[0, 2\] = .*0\.2.* lies outside \[0\.5, 10\.5\] m, as do 1 particles",
        ),
        ({"positions": [[5, 5, np.nan]]}, r"positions\[0, 2\] = .*nan.*finite"),
        ({"positions": [5, 5, 5]}, r"shape \(3,\), expected \(n, 3\)"),
        ({"masses": [0.0]}, r"masses\[0\] = .*0\.0.* expected a positive mass"),
        ({"masses": [-1.0]}, r"masses\[0\] = .*-1\.0.* expected a positive mass"),
        ({"masses": [1.0, 2.0]}, r"masses has shape \(2,\), expected \(1,\)"),
        ({"velocities": [[0, np.inf, 0]]}, r"velocities\[0, 1\] = .*inf.*finite"),
        ({"velocities": 1e39}, r"velocities\[0, 0\] = .*inf.*finite"),
        ({"heat": -1.0}, r"heat\[0\] = .*-1\.0.* 0 J or more"),
        ({"energy": [np.nan]}, r"energy\[0\] = .*nan.*finite"),
        ({"heat": "warm"}, "heat must be numbers, got str"),
    ],
)
def test_bad_particles_are_refused_with_their_value_and_change_nothing(columns, words):
    made = engine()
    before = made.state()
    with pytest.raises(InputError, match=words):
        made.add(**{"positions": [[5.0, 5.0, 5.0]], **columns})
    assert all(np.array_equal(column, before[name]) for name, column in made.state().items())
    assert made.count == 200


def test_a_place_on_the_far_face_of_a_periodic_box_is_outside():
    with pytest.raises(InputError, match=r"lies outside \[0, 12\) m"):
        engine(boundary="periodic").add([[12.0, 1.0, 1.0]])


def test_a_step_beyond_the_contact_limit_is_warned_about_and_far_beyond_refused():
    made = engine(speed=0.0, particles=1, dtype="float64")
    limit = 0.5 * 0.5 / 100.0
    with pytest.warns(StabilityWarning, match=r"dt = 0\.01 s is beyond the limit of 0\.0025 s"):
        made.add([[5.0, 5.0, 5.0]], velocities=[100.0, 0.0, 0.0])
    assert made.limits().binding == ("contacts", pytest.approx(limit))
    with pytest.raises(ConfigError, match=r"dt = 0\.03 s is 12 times the limit of 0\.0025 s"):
        made.configure(made.config.replace(dt=0.03))
    assert made.config.dt == 0.01
    with pytest.raises(ConfigError, match="40 times the limit"):
        made.add([[6.0, 5.0, 5.0]], velocities=[1000.0, 0.0, 0.0])
    assert made.count == 2
    assert abs(advance(made, 3).ledger.drift) < 1e-6


@pytest.mark.parametrize(
    ("settings_", "words"),
    [
        ({"boundary": "periodic", "far_field": "free"}, "needs walls"),
        ({"boundary": "periodic", "particle_radius": 4.0}, "would touch each other twice"),
        ({"contact_model": "dem", "restitution": 0.0}, "infinitely strong dashpot"),
        ({"contact_model": "spring"}, "dem"),
        ({"force": "both"}, "momentum"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings_, words):
    with pytest.raises(ConfigError, match=words):
        engine(**settings_)


def test_a_run_that_becomes_too_fast_says_so_once():
    made = engine(particles=0, dtype="float64", gravity=0.0, dt=0.05, **{**INERT, "contact_model": "impulse"})
    made.add(
        [[4.0, 6.0, 6.0], [8.0, 6.0, 6.0]], velocities=[[4.9, 0.0, 0.0], [-4.9, 0.0, 0.0]], masses=[1.0, 1.0]
    )
    made.particles["velocity"][0] *= 1.2
    with pytest.warns(StabilityWarning, match=r"at step 1 the fastest particle moves 5\.88 m/s"):
        advance(made, 1)
    advance(made, 1)


def test_springs_are_cut_into_steps_that_they_allow():
    with pytest.warns(StabilityWarning, match="the stiffest contact sets: each step is cut"):
        made = engine(
            contact_model="dem", dtype="float64", particles=500, grid=10, gravity=0.0, restitution=0.9
        )
    opening = made.ledger.total
    advance(made, 30)
    assert made.ledger.flows["contacts"] != 0
    assert made.ledger.total == pytest.approx(opening, rel=2e-2)
    with pytest.raises(ConfigError, match="the stiffest contact sets"):
        engine(contact_model="dem", dt=0.2)
