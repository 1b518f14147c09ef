"""Names, records, and the laws of blending."""

import copy
import json
import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import (
    DataLength,
    EmptyInput,
    InvalidValue,
    NonFiniteValue,
    ShapeMismatch,
    UnknownMetricError,
)
from stnb.inference import ZMetrics, ZSpacePartialBundle, blend_zspace_partials, partial, z_metrics
from stnb.inference.names import ALIASES, REGION, canonical_name

from .cases import OBSERVED, case

STRATEGIES = ["mean", "last", "max", "min", "median", "sum"]
WEIGHT = st.floats(1e-3, 1e3)
WEIGHTED = st.lists(st.tuples(OBSERVED, WEIGHT), min_size=1, max_size=6)


def test_z_metrics__matches_the_worked_case():
    _, expected, _ = case("z_metrics_aliases")
    found = z_metrics(speed=0.5, mem=0.2, stab=0.8, drift=0.1, grad=[0.1, 0.2])
    assert found.as_dict() == expected | {"telemetry": None}
    assert found == z_metrics(0.5, 0.2, 0.8, 0.1, [0.1, 0.2])


def test_partial__matches_the_worked_case():
    _, expected, _ = case("z_partial")
    found = partial(speed=0.5, mem=0.2, weight=2.0, origin="x", telemetry={"a": {"b": 1}})
    assert found.as_dict() == expected


@pytest.mark.parametrize("alias", ALIASES)
def test_aliases__in_any_case_mean_the_same(alias):
    value = [0.5] if ALIASES[alias] == "gradient" else 0.5
    for spelled in (alias, alias.upper(), alias.title()):
        assert partial({spelled: value}).resolved() == {ALIASES[alias]: value}


@pytest.mark.parametrize("family", ["canvas", "hypergrad", "realgrad", "coherence", "import", "elliptic"])
def test_families__pass_through_partials_only(family):
    assert partial({f"{family.upper()}_x": 2.0}).resolved() == {f"{family}_x": 2.0}
    with pytest.raises(UnknownMetricError):
        z_metrics(**{f"{family}_x": 2.0})
    with pytest.raises(UnknownMetricError):
        partial({f"{family}_": 2.0})
    assert [canonical_name(name) for name in REGION] == [f"elliptic_{name}" for name in REGION]


def test_names__that_are_unknown_get_the_nearest():
    for refused in (lambda: partial(spede=0.5), lambda: z_metrics(spede=0.5)):
        with pytest.raises(UnknownMetricError, match="did you mean 'speed'"):
            refused()
    with pytest.raises(UnknownMetricError, match="frac"):
        z_metrics(frac=0.5)
    with pytest.raises(TypeError, match="a metric is named 3"):
        partial({3: 0.5})


def test_values__are_refused_by_name():
    with pytest.raises(TypeError, match="speed = 'fast'"):
        z_metrics(speed="fast")
    with pytest.raises(TypeError, match="mem = True"):
        partial(mem=True)
    for bad in (math.nan, math.inf):
        with pytest.raises(NonFiniteValue, match="drift"):
            z_metrics(drift=bad)
        with pytest.raises(NonFiniteValue, match="weight"):
            partial(weight=bad)
        with pytest.raises(NonFiniteValue, match=r"grad\[1\]"):
            partial(grad=[0.0, bad])
    with pytest.raises(EmptyInput, match="grad"):
        partial(grad=[])
    with pytest.raises(InvalidValue, match="'speed' is given twice"):
        z_metrics(speed=0.1, velocity=0.2)
    with pytest.raises(TypeError, match="origin"):
        partial(origin=3)
    with pytest.raises(TypeError, match="a partial of type list"):
        partial([0.5])


def test_partial__of_a_source_keeps_what_keywords_do_not_say():
    base = ZSpacePartialBundle({"speed": 0.1, "mem": 0.2}, 3.0, "probe", {"a": 1.0, "b": 2.0})
    assert partial(base) == base
    changed = partial(base, velocity=0.5, drs=None, origin="other", telemetry={"b": 5.0})
    assert changed.resolved() == {"speed": 0.5, "memory": 0.2}
    assert (changed.weight, changed.origin) == (3.0, "other")
    assert changed.telemetry_payload() == {"a": 1.0, "b": 5.0}
    assert base.resolved() == {"speed": 0.1, "memory": 0.2}
    measured = z_metrics(speed=0.4, gradient=[1.0], telemetry={"t": {"u": 1}})
    assert partial(measured).resolved() == {
        "speed": 0.4,
        "memory": 0.0,
        "stability": 0.0,
        "drs": 0.0,
        "gradient": [1.0],
    }
    assert partial(measured).telemetry == {"t.u": 1.0}
    assert partial().resolved() == {}
    assert partial().telemetry_payload() is None


def test_records__travel():
    bundle = partial(speed=0.5, grad=[1, 2], telemetry={"a": 1})
    metrics = ZMetrics(speed=0.5, gradient=[1.0], telemetry={"a": {"b": 2}})
    for record in (bundle, metrics):
        assert pickle.loads(pickle.dumps(record)) == copy.deepcopy(record) == record
        assert json.loads(json.dumps(record.as_dict(), allow_nan=False)) == record.as_dict()
    own = bundle.resolved()
    own["gradient"].append(3.0)
    assert bundle.resolved()["gradient"] == [1.0, 2.0]
    with pytest.raises(TypeError, match="does not change"):
        bundle.metrics.pop("speed")


def test_blend__matches_worked_cases():
    given_, expected, tolerance = case("blend_partials_strategies")
    for strategy in given_["strategies"]:
        found = blend_zspace_partials([{"speed": 0.2}, {"speed": 0.9}, {"speed": 0.5}], strategy=strategy)
        assert found["speed"] == pytest.approx(expected[strategy], abs=tolerance)
    _, expected, tolerance = case("blend_partials_weighted_gradient")
    heavy = ZSpacePartialBundle({"speed": 0.6, "gradient": [0.5, 0.1]}, weight=2)
    found = blend_zspace_partials([{"speed": 0.2, "gradient": [0.1, -0.1]}, heavy])
    assert found["speed"] == pytest.approx(expected["speed"], abs=tolerance)
    assert found["gradient"] == pytest.approx(expected["gradient"], abs=tolerance)


def test_weights__of_the_call_go_before_those_of_bundles():
    pair = [partial(speed=1.0, weight=5.0), partial(speed=0.0, weight=7.0)]
    assert blend_zspace_partials(pair, weights=[3, 1]) == {"speed": 0.75}
    assert blend_zspace_partials(pair, weights=[None, 15.0]) == {"speed": 0.25}
    assert blend_zspace_partials([*pair, None], weights=[1, 0, 4]) == {"speed": 1.0}
    assert blend_zspace_partials([partial(speed=1.0, weight=-1.0), {"speed": 0.5}]) == {"speed": 0.5}
    assert blend_zspace_partials([]) == blend_zspace_partials([None]) == {}
    with pytest.raises(DataLength, match="1 weights for 2 partials"):
        blend_zspace_partials(pair, weights=[1.0])
    with pytest.raises(NonFiniteValue, match="weight"):
        blend_zspace_partials(pair, weights=[1.0, math.nan])


@given(WEIGHTED, st.data())
def test_blend__obeys_its_laws(weighted, data):
    partials, weights = [p for p, _ in weighted], [w for _, w in weighted]
    order = data.draw(st.permutations(range(len(partials))))
    for strategy in STRATEGIES:
        found = blend_zspace_partials(partials, weights=weights, strategy=strategy)
        assert set(found) == {name for p in partials for name in p}
        scaled = blend_zspace_partials(partials, weights=[3.7 * w for w in weights], strategy=strategy)
        mixed = blend_zspace_partials(
            [partials[i] for i in order], weights=[weights[i] for i in order], strategy=strategy
        )
        for name, value in found.items():
            held = [p[name] for p in partials if name in p]
            assert scaled[name] == pytest.approx(value, abs=1e-12)
            if strategy == "last":
                assert value == held[-1]
                continue
            assert mixed[name] == pytest.approx(value, abs=1e-12)
            if strategy != "sum":
                assert min(held) <= value <= max(held)


@given(st.floats(-1e9, 1e9), st.lists(WEIGHT, min_size=1, max_size=5))
def test_blend__of_equals_is_that(value, weights):
    found = blend_zspace_partials([{"speed": value}] * len(weights), weights=weights)
    assert found == {"speed": value}


def test_gradients__align_strictly_or_are_padded():
    pair = [{"grad": [1.0, 2.0]}, {"grad": [3.0]}]
    with pytest.raises(ShapeMismatch, match=r"\[1, 2\].*pad_zero"):
        blend_zspace_partials(pair)
    for strategy in STRATEGIES:
        found = blend_zspace_partials(pair, strategy=strategy, gradient_alignment="pad_zero")
        assert found == {"gradient": [2.0, 1.0]}


def test_strategies__that_are_unknown_are_refused():
    for strategy in ("avg", "Mean", None):
        with pytest.raises(InvalidValue, match=r"strategy = .*Known: "):
            blend_zspace_partials([{"speed": 1.0}], strategy=strategy)
    with pytest.raises(InvalidValue, match="did you mean 'pad_zero'"):
        blend_zspace_partials([], gradient_alignment="pad")
