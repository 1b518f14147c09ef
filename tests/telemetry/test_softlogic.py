"""The control signal z: its formula, its bounds, its settings."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import ConfigError, InvalidValue, NonFiniteValue, ShapeMismatch
from stnb.telemetry import SoftlogicSettings, SoftlogicZFeedback, step_softlogic

NUMBER = st.floats(-1e3, 1e3)
ENERGY = st.floats(0, 1e6)
Z = st.floats(-1, 1, exclude_min=True, exclude_max=True)
HUGE = st.floats(allow_nan=False, allow_infinity=False)
DEFAULTS = SoftlogicSettings()


@given(Z, ENERGY, ENERGY, ENERGY, NUMBER, NUMBER, NUMBER, st.floats(0, 0.95))
def test_step__is_the_formula(z, above, here, beneath, drift, loss, psi, inertia):
    found = step_softlogic(
        z,
        band_energy=(above, here, beneath),
        drift=drift,
        weighted_loss=loss,
        psi_total=psi,
        settings=SoftlogicSettings(inertia=inertia),
    )
    lean = (above - beneath) / max(above + here + beneath, 1e-4)
    raw = math.tanh(0.6 * (psi - loss) + 0.3 * lean + 0.1 * drift)
    assert found.z_signal == pytest.approx(inertia * z + (1 - inertia) * raw, abs=1e-12)
    assert (found.psi_total, found.weighted_loss, found.drift) == (psi, loss, drift)
    assert found.band_energy == (above, here, beneath)


@given(Z, st.lists(st.tuples(HUGE, HUGE, HUGE), min_size=1, max_size=12), st.floats(0, 0.95))
def test_step__stays_inside_for_any_finite_input(z, steps, inertia):
    settings = SoftlogicSettings(inertia=inertia)
    for drift, loss, psi in steps:
        energies = (abs(drift), abs(loss), abs(psi))
        z = step_softlogic(
            z, band_energy=energies, drift=drift, weighted_loss=loss, psi_total=psi, settings=settings
        ).z_signal
        assert -1 < z < 1


def test_step__never_reaches_one():
    z = 0.0
    for _ in range(200):
        z = step_softlogic(z, band_energy=(1, 0, 0), psi_total=100.0, settings=DEFAULTS).z_signal
    assert 0.999 < z < 1


@given(ENERGY)
def test_zero__is_a_fixed_point_of_balance(energy):
    assert step_softlogic(0.0, band_energy=(energy, energy, energy), settings=DEFAULTS).z_signal == 0.0


def test_environment__is_read_when_a_step_is_made(monkeypatch):
    kick = {"band_energy": (1.0, 0.0, 0.0), "psi_total": 1.0}
    monkeypatch.setenv("SPIRAL_SOFTLOGIC_INERTIA", "0")
    assert step_softlogic(0.5, **kick).z_signal == pytest.approx(math.tanh(0.9))
    monkeypatch.setenv("SPIRAL_SOFTLOGIC_INERTIA", "0.5")
    assert step_softlogic(0.5, **kick).z_signal == pytest.approx(0.25 + math.tanh(0.9) / 2)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("INERTIA", "7", 0.95),
        ("INERTIA", "-1", 0.0),
        ("DRIFT_GAIN", "3", 1.0),
        ("PSI_GAIN", "2.5", 2.0),
        ("LOSS_GAIN", " 1.25 ", 1.25),
        ("FLOOR", "0", 0.05),
        ("FLOOR", "4", 1.0),
        ("FLOOR", "", 0.25),
    ],
)
def test_environment__is_clamped(name, text, value):
    found = SoftlogicSettings.from_environment({f"SPIRAL_SOFTLOGIC_{name}": text})
    assert found == DEFAULTS.replace(**{name.lower(): value})


@pytest.mark.parametrize("text", ["nan", "inf", "much"])
def test_environment__refuses_other_words(text):
    with pytest.raises(ConfigError, match=f"SPIRAL_SOFTLOGIC_PSI_GAIN = '{text}'"):
        SoftlogicSettings.from_environment({"SPIRAL_SOFTLOGIC_PSI_GAIN": text})


def test_settings__refuse_what_the_environment_would_clamp():
    with pytest.raises(ConfigError, match="inertia"):
        SoftlogicSettings(inertia=0.99)


def test_feedback__is_ready_for_json():
    feedback = step_softlogic(0.1, band_energy=[3, 2, 1], settings=DEFAULTS)
    assert json.loads(json.dumps(feedback.as_dict())) == feedback.as_dict()


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"z": 1.0}, InvalidValue),
        ({"z": float("nan")}, NonFiniteValue),
        ({"z": "0"}, TypeError),
        ({"band_energy": (1.0, 2.0)}, ShapeMismatch),
        ({"band_energy": (1.0, -2.0, 0.0)}, InvalidValue),
        ({"band_energy": (1.0, float("nan"), 0.0)}, NonFiniteValue),
        ({"band_energy": 3.0}, TypeError),
        ({"band_energy": "abc"}, TypeError),
        ({"drift": float("inf")}, NonFiniteValue),
        ({"weighted_loss": float("nan")}, NonFiniteValue),
        ({"psi_total": True}, TypeError),
        ({"settings": {"inertia": 0.5}}, TypeError),
    ],
)
def test_step__refuses_bad_input(changed, error):
    given = {"z": 0.0, "band_energy": (1.0, 1.0, 1.0), "settings": DEFAULTS, **changed}
    with pytest.raises(error, match=next(iter(changed))):
        step_softlogic(given.pop("z"), **given)


def test_feedback__refuses_a_signal_outside():
    with pytest.raises(InvalidValue, match="z_signal"):
        SoftlogicZFeedback(0.0, 0.0, (0.0, 0.0, 0.0), 0.0, -1.0)
