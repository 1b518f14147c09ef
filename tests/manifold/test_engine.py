"""The engine: the ledger closes, seeds decide, bad input changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stnb.manifold import PATTERNS, ManifoldEngine
from stnb.manifold.engine import SORT_EVERY
from stnb.manifold.ledger import FLOWS, STORES
from tests.small_engine import INERT, advance, engine


@pytest.mark.parametrize("boundary", ["walls", "periodic"])
def test_without_gravity_the_ledger_closes_each_step_to_rounding(boundary):
    made = engine(dtype="float64", boundary=boundary, gravity=0.0, speed=3.0, conductivity=5.0)
    scale = made.ledger.total

    def kept():
        flows = made.ledger.flows
        return made.ledger.total + flows["radiation"] - flows["pump"] - flows["topdown"]

    for _ in range(200):
        before = kept()
        made.advance()
        made.measure()
        assert abs(kept() - before) < 1e-10 * scale
    assert made.ledger.flows["pump"] > 0


@pytest.mark.parametrize("boundary", ["walls", "periodic"])
def test_with_gravity_the_drift_stays_small(boundary):
    made = advance(
        engine(dtype="float64", boundary=boundary, particles=500, grid=16, pattern="cluster"), 1000
    )
    assert abs(made.ledger.drift) < 1e-4


def test_walls_turn_motion_into_heat_and_nothing_is_lost():
    made = engine(dtype="float64", gravity=0.0, speed=4.0, wall_restitution=0.0, cadence=0, **INERT)
    before = made.measure()
    advance(made, 300)
    after = made.measure()
    assert after["kinetic"] < 0.5 * before["kinetic"]
    gained = after["thermal"] - before["thermal"]
    assert gained == pytest.approx(before["kinetic"] - after["kinetic"], rel=1e-10)
    assert after["walls"] == pytest.approx(gained, rel=1e-10)


def test_mass_and_frequency_never_change_and_without_carriers_the_oscillators_rest():
    for cadence in (0, 10):
        made = engine(speed=2.0, cadence=cadence)
        names = ("mass", "frequency", "energy", "phase")
        before = {name: made.column(name) for name in names}
        advance(made, 150)
        kept = [name for name in names if np.array_equal(made.column(name), before[name])]
        assert kept == list(names if cadence == 0 else names[:2])


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
    faded = flows["pump"] + flows["topdown"] - (stores["oscillator"] - opening["oscillator"])
    warmed = taken + faded - flows["radiation"]
    assert stores["thermal"] - opening["thermal"] == pytest.approx(warmed, rel=1e-9)


def test_pushing_apart_is_a_row_of_its_own_and_not_in_the_residual():
    made = gas(gravity=0.02, particles=1500, speed=0.1)
    advance(made, 100)
    assert made.ledger.flows["projection"] > 1e-3 * abs(made.ledger.stores["gravitational"])
    assert abs(made.ledger.residual) < 1e-2 * made.ledger.flows["projection"]


def test_overlaps_go_away():
    made = engine(particles=0, dtype="float64", gravity=0.0, overlap_relaxation=0.2, cadence=0)
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
