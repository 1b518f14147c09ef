"""Settings of the maintainer: defaults, refusals, copies."""

import copy
import json
import pickle

import numpy as np
import pytest

from stnb._core.errors import InvalidValue, NonFiniteValue
from stnb.chrono.maintainer import MaintainerConfig

DEFAULTS = {
    "jitter_threshold": 0.35,
    "growth_threshold": 0.05,
    "energy_floor": 1e-3,
    "clamp_min": 2.0,
    "clamp_max": 3.0,
    "pressure_step": 0.12,
    "window": 32,
    "harmonic_threshold": 0.25,
}
POSITIVE = sorted(set(DEFAULTS) - {"window", "energy_floor"})


def test_defaults__are_plain_numbers():
    found = MaintainerConfig().as_dict()
    assert found == DEFAULTS
    assert json.loads(json.dumps(found)) == DEFAULTS


def test_replace__changes_only_what_is_given():
    first = MaintainerConfig(jitter_threshold=0.25, clamp_max=2.8)
    second = first.replace(pressure_step=np.float32(0.5), window=np.int64(4))
    assert second.as_dict() == DEFAULTS | {
        "jitter_threshold": 0.25,
        "clamp_max": 2.8,
        "pressure_step": 0.5,
        "window": 4,
    }
    assert first.pressure_step == 0.12
    assert first.replace() == first


@pytest.mark.parametrize("name", POSITIVE)
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_thresholds__have_to_be_above_zero(name, value):
    with pytest.raises(InvalidValue, match=rf"{name} = .* above 0; give one"):
        MaintainerConfig(**{name: value})


def test_energy_floor__may_be_zero_but_not_negative():
    assert MaintainerConfig(energy_floor=0).energy_floor == 0.0
    with pytest.raises(InvalidValue, match=r"energy_floor = -0.1 is negative"):
        MaintainerConfig(energy_floor=-0.1)
    with pytest.raises(NonFiniteValue, match="energy_floor"):
        MaintainerConfig(energy_floor=float("nan"))


def test_window__holds_a_frame_at_least():
    assert MaintainerConfig(window=1).window == 1
    with pytest.raises(InvalidValue, match="window = 0 is below 1"):
        MaintainerConfig(window=0)
    with pytest.raises(TypeError, match=r"window = 3.0"):
        MaintainerConfig(window=3.0)  # pyright: ignore[reportArgumentType]


def test_clamps__in_the_wrong_order_are_refused():
    assert MaintainerConfig(clamp_min=3.0).clamp_min == 3.0
    with pytest.raises(InvalidValue, match=r"clamp_min = 3.5 is above clamp_max = 3.0"):
        MaintainerConfig(clamp_min=3.5)
    config = MaintainerConfig()
    with pytest.raises(InvalidValue, match=r"clamp_min = 2.0 is above clamp_max = 1.0"):
        config.replace(clamp_max=1.0)
    assert config == MaintainerConfig()


@pytest.mark.parametrize("name", DEFAULTS)
@pytest.mark.parametrize("value", ["0.5", None, True, [0.5]])
def test_values__of_another_type_are_refused(name, value):
    with pytest.raises(TypeError, match=f"{name} = "):
        MaintainerConfig(**{name: value})


def test_names__that_nobody_knows_are_answered_with_the_nearest():
    with pytest.raises(
        TypeError, match=r"'jiter_threshold' is no setting .* did you mean 'jitter_threshold'"
    ):
        MaintainerConfig(jiter_threshold=0.2)
    with pytest.raises(TypeError, match="did you mean 'clamp_max'"):
        MaintainerConfig().replace(clampmax=2.0)


def test_config__is_a_value():
    config = MaintainerConfig(window=5)
    assert pickle.loads(pickle.dumps(config)) == copy.deepcopy(config) == config
    assert hash(config) == hash(MaintainerConfig(window=5))
    with pytest.raises(AttributeError):
        config.window = 6  # pyright: ignore[reportAttributeAccessIssue]
