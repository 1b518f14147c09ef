"""What the engine refuses or warns of: with the value, what is allowed, and nothing changed."""

from __future__ import annotations

import numpy as np
import pytest

from stnb._core.errors import BackendError, CapacityError, CheckpointError, ConfigError, InputError
from stnb.manifold import ManifoldConfig, ManifoldEngine, StabilityWarning
from tests.small_engine import INERT, advance, engine


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
