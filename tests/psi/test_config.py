"""Settings of ψ: what is chosen, what a roundtable implies, what the environment says."""

import json
import math
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import ConfigError, DataLength, InvalidValue, NonFiniteValue, UnknownNameError
from stnb.psi.components import COMPONENTS, parse_list
from stnb.psi.meter import PsiConfig
from stnb.psi.schedule import depth_of

FOUR = frozenset({"loss", "grad_norm", "update_ratio", "act_drift"})
COUNT = st.integers(0, 500)


def test_what_is_left_out__is_chosen():
    config = PsiConfig()
    assert config.as_dict() == {
        "enabled": False,
        "components": sorted(FOUR),
        "weights": {"loss": 1.0, "grad_norm": 0.3, "update_ratio": 0.4, "act_drift": 0.2},
        "ema_alpha": 0.2,
        "sample_rate": 1,
        "thresholds": {},
    }
    assert json.loads(json.dumps(config.as_dict())) == config.as_dict()


@pytest.mark.parametrize(
    ("given_", "kept"), [(0.0, 0.2), (1.0, 0.2), (-1.0, 0.2), (1.5, 0.2), (0.999, 0.999)]
)
def test_alpha__is_inside_the_unit_interval(given_, kept):
    assert PsiConfig(ema_alpha=given_).ema_alpha == kept


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", FOUR),
        ("  ,;| ", FOUR),
        ("loss", {"loss"}),
        ("LOSS|grad;update, act  attn\tband", set(COMPONENTS)),
        ("grad-norm,grad_l2,gradient", {"grad_norm"}),
        ("entropy drift energy ratio", {"attn_entropy", "act_drift", "band_energy", "update_ratio"}),
    ],
)
def test_lists__know_the_obvious_aliases(text, found):
    assert parse_list(text) == found
    assert PsiConfig(components=text).components == found


def test_names__that_nobody_knows_are_refused():
    with pytest.raises(ValueError, match="'los' is no component of ψ; did you mean 'loss'"):
        parse_list("grad, los")
    with pytest.raises(UnknownNameError, match="attention_entrop"):
        PsiConfig(thresholds={"attention_entrop": 1.0})
    with pytest.raises(TypeError, match="give a set of names"):
        PsiConfig(components=3)  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="component = 3"):
        PsiConfig(components=[3])  # pyright: ignore[reportArgumentType]


def test_bad_numbers__are_refused():
    with pytest.raises(NonFiniteValue, match="ema_alpha"):
        PsiConfig(ema_alpha=math.nan)
    with pytest.raises(NonFiniteValue, match="weights"):
        PsiConfig(weights={"loss": math.nan})
    with pytest.raises(InvalidValue, match="sample_rate = -1"):
        PsiConfig(sample_rate=-1)
    with pytest.raises(TypeError, match="weights = 3"):
        PsiConfig(weights=3)  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="enabled = 1"):
        PsiConfig(enabled=1)  # pyright: ignore[reportArgumentType]


def test_replace__keeps_the_rest():
    config = PsiConfig(ema_alpha=0.3, weights={"loss": 2.0}).replace(enabled=True, sample_rate=4)
    assert (config.enabled, config.sample_rate, config.ema_alpha, config.weights) == (
        True,
        4,
        0.3,
        {"loss": 2.0},
    )


@pytest.mark.parametrize(
    ("ks", "alpha", "rate", "weights"),
    [
        ((8, 8, 8), 0.28, 1, (1, 0.35, 24**-0.5, 0.35 / 3 + 0.12, 0.5)),
        ((0, 0, 25), 0.22, 1, (1, 0.35, 0.2, 0.12, 0.5)),
        ((0, 49, 0), 0.22, 2, (1, 0.35, 0.2, 0.4, 0.5)),
        ((0, 97, 0), 0.16, 2, (1, 0.35, 0.2, 0.4, 0.5)),
        ((0, 0, 129), 0.16, 4, (1, 0.35, 0.2, 0.12, 0.5)),
        ((0, 0, 0), 0.28, 1, (1, 0.35, 0.6, 0.2, 0.1)),
        ((1, 0, 0), 0.28, 1, (1, 0.35, 0.6, 0.12, 0.5)),
    ],
)
def test_from_schedule__follows_its_depth(ks, alpha, rate, weights):
    names = ("loss", "grad_norm", "update_ratio", "act_drift", "band_energy")
    config = PsiConfig.from_schedule(SimpleNamespace(top_k=ks[0], mid_k=ks[1], bottom_k=ks[2]))
    assert config == PsiConfig.from_schedule(ks)
    assert config.enabled
    assert config.components == set(names)
    assert (config.ema_alpha, config.sample_rate) == (alpha, rate)
    assert config.weights == pytest.approx(dict(zip(names, weights, strict=True)))


@given(COUNT, COUNT, COUNT)
def test_depth__counts_and_leans(above, here, beneath):
    depth = depth_of((above, here, beneath))
    assert depth.total == above + here + beneath
    assert depth.focus == pytest.approx(1.4 * above + here + 0.6 * beneath)
    assert 0.6 * depth.total - 1e-9 <= depth.focus <= 1.4 * depth.total + 1e-9


def test_schedules__without_their_numbers_are_refused():
    with pytest.raises(TypeError, match="schedule is of type int"):
        depth_of(3)
    with pytest.raises(DataLength, match="schedule has 2 entries"):
        depth_of((1, 2))
    with pytest.raises(InvalidValue, match="mid_k = -1"):
        depth_of((1, -1, 2))


def test_environment__may_switch_it_on(monkeypatch):
    for name in ("", "_COMPONENTS", "_ALPHA", "_SAMPLE_RATE"):
        monkeypatch.delenv(f"SPIRAL_PSI{name}", raising=False)
    assert PsiConfig.from_environment() == PsiConfig()
    monkeypatch.setenv("SPIRAL_PSI", " On ")
    monkeypatch.setenv("SPIRAL_PSI_COMPONENTS", "loss|band")
    monkeypatch.setenv("SPIRAL_PSI_ALPHA", "0.5")
    monkeypatch.setenv("SPIRAL_PSI_SAMPLE_RATE", "3")
    expected = PsiConfig(enabled=True, components="loss band", ema_alpha=0.5, sample_rate=3)
    assert PsiConfig.from_environment() == expected


@pytest.mark.parametrize(
    ("word", "on"), [("1", True), ("true", True), ("ON", True), ("0", False), ("off", False)]
)
def test_switch__knows_a_few_words(word, on):
    assert PsiConfig.from_environment({"SPIRAL_PSI": word}).enabled is on


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SPIRAL_PSI", "maybe", "neither on nor off"),
        ("SPIRAL_PSI_ALPHA", "half", "not a number between 0 and 1"),
        ("SPIRAL_PSI_ALPHA", "nan", "not a number between 0 and 1"),
        ("SPIRAL_PSI_ALPHA", "1.5", "not a number between 0 and 1"),
        ("SPIRAL_PSI_SAMPLE_RATE", "1.5", "not a whole number from 1 on"),
        ("SPIRAL_PSI_SAMPLE_RATE", "0", "not a whole number from 1 on"),
    ],
)
def test_environment__has_to_make_sense(name, value, told):
    with pytest.raises(ConfigError, match=f"{name} = '{value}' is {told}"):
        PsiConfig.from_environment({name: value})
