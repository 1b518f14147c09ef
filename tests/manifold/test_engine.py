"""The engine: the ledger closes, seeds decide, bad input changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stnb._core.errors import BackendError, CapacityError, CheckpointError, ConfigError, InputError
from stnb.manifold import PATTERNS, ManifoldConfig, ManifoldEngine


def engine(seed=0, **settings_):
    return ManifoldEngine(
        ManifoldConfig.build(**{"particles": 200, "grid": 12, "temperature": 1.0} | settings_), seed=seed
    )


def advance(made, steps):
    for _ in range(steps):
        made.advance()
    return made


@pytest.mark.parametrize("boundary", ["walls", "periodic"])
def test_without_gravity_the_ledger_closes_each_step_to_rounding(boundary):
    made = engine(dtype="float64", boundary=boundary, gravity=0.0, speed=3.0, conductivity=5.0)
    scale = made.ledger.total
    for _ in range(200):
        before = made.ledger.total
        made.advance()
        assert abs(made.ledger.total - before) < 1e-10 * scale


@pytest.mark.parametrize("boundary", ["walls", "periodic"])
def test_with_gravity_the_drift_stays_small(boundary):
    made = advance(
        engine(dtype="float64", boundary=boundary, particles=500, grid=16, pattern="cluster"), 1000
    )
    assert abs(made.ledger.drift) < 1e-4


def test_walls_turn_motion_into_heat_and_nothing_is_lost():
    made = engine(dtype="float64", gravity=0.0, speed=4.0, wall_restitution=0.0, conductivity=0.0)
    before = made.measure()
    advance(made, 300)
    after = made.measure()
    assert after["kinetic"] < 0.5 * before["kinetic"]
    gained = after["thermal"] - before["thermal"]
    assert gained == pytest.approx(before["kinetic"] - after["kinetic"], rel=1e-10)


def test_mass_and_oscillator_energy_never_change():
    made = engine(speed=2.0)
    mass, energy = made.particles["mass"].copy(), made.particles["energy"].copy()
    advance(made, 50)
    assert np.array_equal(made.particles["mass"], mass)
    assert np.array_equal(made.particles["energy"], energy)


def test_heat_flows_from_hot_to_cold():
    made = engine(dtype="float64", gravity=0.0, speed=0.0, conductivity=20.0, particles=2000)
    spread = made.snapshot().temperature.std()
    advance(made, 300)
    assert made.snapshot().temperature.std() < 0.9 * spread
    assert made.snapshot().temperature.min() >= 0


def test_free_flight_is_exact():
    made = engine(gravity=0.0, dtype="float64", boundary="periodic", speed=0.3)
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
    for name, column in whole.particles.columns().items():
        assert np.array_equal(column, parts.particles[name]), name
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
    with pytest.raises(BackendError, match="have no GPU version"):
        ManifoldEngine(ManifoldConfig(), device="cuda")


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
    for name in ("kinetic", "gravitational", "thermal", "oscillator", "total", "supplied", "drift"):
        assert name in text
    assert "<table>" in made.ledger.table()._repr_html_()
    assert [bar.name for bar in made.ledger.plot().data] == ["beginning", "now"]
