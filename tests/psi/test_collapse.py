"""The collapse drive: its states, its silences, its bounds, and the pulses it leaves."""

import copy
import math
import pickle
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue, NonFiniteValue
from stnb.psi.collapse import CollapseConfig, CollapseDrive, CollapsePulse, DriveCommand, publish_pulse
from stnb.psi.meter import PsiReading
from stnb.telemetry import HubState, hub

QUICK = CollapseConfig(enabled=True, hi=2.0, lo=0.5, warmup_steps=0, cooldown_steps=2)
TOTALS = st.lists(st.floats(0, 4), max_size=60)


def _run(config, totals):
    drive = CollapseDrive(config)
    commands = [drive.update(PsiReading(total, {}, step)) for step, total in enumerate(totals)]
    return drive, commands


def test_sequence__collapses_cools_down_and_blooms():
    drive, commands = _run(QUICK, [0.6, 2.2, 3.0, 3.0, 1.8])
    assert [c.command for c in commands] == ["none", "collapse", "none", "none", "none"]
    assert drive.state == "stable"
    assert commands[1].command_params() == {
        "grad_scale": 0.2,
        "max_norm": 1.0,
        "lr_decay": 0.1,
        "lr_factor": 0.9,
    }
    bloom = drive.update(PsiReading(0.3, {}, 5))
    assert (bloom.command, drive.state) == ("bloom", "bloom")
    assert bloom.command_params() == {"lr_mul": 1.2, "lr_factor": 1.2}
    assert bloom == DriveCommand("bloom", lr_mul=1.2, lr_factor=1.2)
    assert drive.lr_factor == pytest.approx(1.08)


def test_cooldown__holds_the_state_for_its_updates():
    drive, _ = _run(QUICK, [2.2, 1.0, 1.0])
    assert drive.state == "collapse"
    assert drive.update(PsiReading(1.0, {}, 3)).command == "none"
    assert drive.state == "stable"


@pytest.mark.parametrize(
    ("start", "stays", "leaves", "state"), [(2.0, 1.91, 1.9, "collapse"), (0.5, 0.59, 0.6, "bloom")]
)
def test_state__is_left_by_the_hysteresis(start, stays, leaves, state):
    drive, _ = _run(QUICK.replace(cooldown_steps=0), [start, stays])
    assert drive.state == state
    assert drive.update(PsiReading(leaves, {}, 2)).command == "none"
    assert drive.state == "stable"


def test_warmup__lasts_its_steps():
    config = QUICK.replace(warmup_steps=3)
    drive, commands = _run(config, [9.0, 9.0, 9.0, 9.0])
    assert [c.command for c in commands] == ["none", "none", "none", "collapse"]
    assert _run(config, [9.0])[0].state == "warmup"
    assert drive.state == "collapse"


def test_a_drive_that_is_off__commands_nothing():
    _, commands = _run(QUICK.replace(enabled=False), [9.0, 0.0, 9.0])
    assert commands == [DriveCommand()] * 3
    assert DriveCommand().command_params() == {}


@given(TOTALS, st.integers(0, 5), st.integers(0, 6), st.floats(0, 0.5))
def test_commands__keep_their_distance(totals, cooldown, warmup, hysteresis):
    config = QUICK.replace(cooldown_steps=cooldown, warmup_steps=warmup, hysteresis=hysteresis)
    drive, last = CollapseDrive(config), None
    for step, total in enumerate(totals):
        before = drive.state
        command = drive.update(PsiReading(total, {}, step)).command
        if command == "none":
            continue
        assert step >= warmup
        assert before in ("warmup", "stable")
        assert last is None or step - last >= cooldown + 1
        assert total >= 2.0 if command == "collapse" else total <= 0.5
        assert drive.state == command
        last = step


@pytest.mark.parametrize(("total", "back", "bound"), [(0.0, 1.0, 1e3), (3.0, 1.0, 1e-3)])
def test_learning_rates__are_bounded_however_often(total, back, bound):
    config = QUICK.replace(cooldown_steps=0, bloom_lr_mul=1.6, collapse_lr_decay=0.5)
    drive, commands = _run(config, [total, back] * 100)
    assert drive.lr_factor == bound
    assert math.prod(c.lr_factor for c in commands) == pytest.approx(bound)
    assert commands[-2].command != "none"
    assert commands[-2].lr_factor == 1.0


@given(TOTALS, st.floats(0, 1), st.floats(0.1, 1e9))
def test_learning_rates__never_leave_their_bounds(totals, decay, mul):
    config = QUICK.replace(cooldown_steps=0, bloom_lr_mul=mul, collapse_lr_decay=decay)
    drive, rate = CollapseDrive(config), 1.0
    for step, total in enumerate(totals):
        rate *= drive.update(PsiReading(total, {}, step)).lr_factor
        assert 1e-3 <= drive.lr_factor <= 1e3
        assert rate == pytest.approx(drive.lr_factor)


def test_a_collapse__leaves_a_tenth_of_the_rates():
    _, commands = _run(QUICK.replace(collapse_lr_decay=1.0), [2.0])
    assert commands[0].lr_factor == 0.1


def test_a_bloom__never_slows_training():
    _, commands = _run(QUICK.replace(bloom_lr_mul=0.5), [0.0])
    assert commands[0].lr_factor == 1.0


@pytest.mark.parametrize(
    ("ks", "expected"),
    [
        ((8, 8, 8), (3.33133, 0.261650, 0.144378, 48, 3, 0.363712, 1.6)),
        ((0, 0, 0), (1.815888, 0.58, 0.0938629, 20, 2, 0.4, 1.05)),
        ((0, 0, 400), (4.5, 0.2, 0.199879, 240, 12, 0.225, 1.6)),
    ],
)
def test_from_schedule__follows_its_depth(ks, expected):
    config = CollapseConfig.from_schedule(ks)
    names = ("hi", "lo", "hysteresis", "warmup_steps", "cooldown_steps", "collapse_scale", "bloom_lr_mul")
    assert [getattr(config, name) for name in names] == pytest.approx(expected, rel=1e-5)
    assert (config.enabled, config.collapse_max_norm, config.collapse_lr_decay) == (True, 1.0, 0.12)


@given(*[st.integers(0, 10**6)] * 3)
def test_from_schedule__is_valid_for_every_depth(above, here, beneath):
    config = CollapseConfig.from_schedule(SimpleNamespace(top_k=above, mid_k=here, bottom_k=beneath))
    assert config.lo + config.hysteresis < config.hi - config.hysteresis
    assert config.replace() == config


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"lo": 2.0}, r"lo = 2.0 is not below hi = 2.0"),
        ({"hysteresis": -0.1}, r"hysteresis = -0.1 is out of range; give a number from 0 on"),
        ({"warmup_steps": -1}, "warmup_steps = -1"),
        ({"cooldown_steps": -1}, "cooldown_steps = -1"),
        ({"collapse_scale": 1.5}, "give a number from 0 to 1"),
        ({"collapse_lr_decay": -0.5}, r"collapse_lr_decay = -0.5"),
        ({"collapse_max_norm": 0.0}, "collapse_max_norm"),
        ({"bloom_lr_mul": math.nan}, "bloom_lr_mul"),
        ({"hi": math.nan}, "hi = nan"),
    ],
)
def test_bad_settings__are_refused(settings, told):
    with pytest.raises(ValueError, match=told):
        CollapseConfig(**settings)


def test_bad_input__is_refused():
    drive, _ = _run(QUICK, [1.0])
    with pytest.raises(NonFiniteValue, match="total"):
        drive.update(PsiReading(math.nan, {}, 1))
    with pytest.raises(TypeError, match="reading is of type float"):
        drive.update(2.0)  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="config is of type dict"):
        CollapseDrive({})  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="enabled = 1"):
        CollapseConfig(enabled=1)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InvalidValue, match="did you mean 'bloom'"):
        CollapsePulse(0, 1.0, "blom")  # pyright: ignore[reportArgumentType]
    assert drive.state == "stable"


def test_pulse__is_left_for_commands_only():
    drive, (none, collapse) = _run(QUICK, [1.0, 2.5])
    assert publish_pulse(PsiReading(1.0, {}, 0), none) is None
    assert hub.get_collapse_pulse() is None
    signal = SimpleNamespace(as_dict=lambda: {"frames": 3})
    hub.set_chrono_loop(signal)
    pulse = publish_pulse(PsiReading(2.5, {}, 1), collapse)
    kept = hub.get_collapse_pulse()
    assert pulse is not None
    assert kept is not None
    assert (kept.step, kept.total, kept.command) == (1, 2.5, "collapse")
    assert kept.command_params() == collapse.command_params()
    assert kept.as_dict() == {
        "step": 1,
        "total": 2.5,
        "command": "collapse",
        "loop_signal": {"frames": 3},
        "params": collapse.command_params(),
    }
    assert publish_pulse(PsiReading(1.0, {}, 2), drive.update(PsiReading(1.0, {}, 2))) is None
    after = hub.get_collapse_pulse()
    assert after is not None
    assert after.command == "collapse"


def test_pulse__goes_to_the_hub_of_choice():
    own = HubState()
    publish_pulse(PsiReading(0.1, {}, 4), DriveCommand("bloom"), own)
    kept = own.get_collapse_pulse()
    assert kept is not None
    assert (kept.command, kept.loop_signal) == ("bloom", None)
    assert hub.get_collapse_pulse() is None


def test_records__are_values():
    pulse = CollapsePulse(1, 2.5, "collapse", None, {"lr_factor": 0.9})
    for record in (pulse, QUICK, DriveCommand("bloom", lr_factor=1.2)):
        assert pickle.loads(pickle.dumps(record)) == copy.deepcopy(record) == record
    pulse.command_params()["lr_factor"] = 7.0
    assert pulse.command_params() == {"lr_factor": 0.9}
