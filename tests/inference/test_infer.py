"""Corrections of a latent by observations, and what telemetry does to the confidence."""

import copy
import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import EmptyInput, InvalidValue, NonFiniteValue, UnknownMetricError
from stnb.inference import (
    ZSpaceInferencePipeline,
    ZSpaceInferenceRuntime,
    ZSpaceTelemetryFrame,
    compile_inference,
    decode_zspace_embedding,
    infer_from_partial,
    infer_with_partials,
    inference_to_mapping,
    inference_to_zmetrics,
    partial,
    z_metrics,
)

from .cases import LATENT, OBSERVED, READINGS, case

Z = [0.2, -0.1, 0.45, -0.05]
SHARE = st.floats(0.0, 1.0)


@pytest.mark.parametrize("name", ["infer_from_partial_override", "infer_from_partial_none"])
def test_infer__matches_worked_cases(name):
    given_, expected, tolerance = case(name)
    found = infer_from_partial(given_["z"], given_.get("partial")).as_dict()
    for field, value in expected.items():
        assert found[field] == pytest.approx(value, abs=tolerance), field


@given(LATENT, OBSERVED, SHARE)
def test_infer__is_the_formula(z, observed, smoothing):
    prior = decode_zspace_embedding(z).metrics
    found = infer_from_partial(z, observed, smoothing=smoothing)
    assert found.applied == observed
    assert found.metrics == {**prior, **observed}
    gaps = [observed[name] - prior[name] for name in prior if name in observed]
    residual = math.sqrt(sum(g * g for g in gaps) / len(gaps)) if gaps else 0.0
    assert found.residual == pytest.approx(residual, abs=1e-15, rel=1e-12)
    assert found.confidence == pytest.approx(math.exp(-residual), rel=1e-12)
    soft = [
        [math.log1p(math.exp(m[name])) for name in ("speed", "memory", "stability")]
        for m in (prior, found.metrics)
    ]
    p, o = ([x / sum(row) for x in row] for row in soft)
    mixed = [smoothing * a + (1 - smoothing) * b for a, b in zip(p, o, strict=True)]
    assert found.barycentric == pytest.approx(mixed, abs=1e-14)


@given(LATENT, READINGS, SHARE)
def test_infer__without_an_observation_is_the_prior(z, telemetry, smoothing):
    prior = decode_zspace_embedding(z)
    for source in (None, {}, partial(speed=0.9, weight=0.0), {"speed": None}):
        found = infer_from_partial(z, source, smoothing=smoothing)
        assert (found.residual, found.confidence, found.applied) == (0.0, 1.0, {})
        assert (found.metrics, found.gradient) == (prior.metrics, prior.gradient)
        assert found.barycentric == prior.barycentric
        assert found.telemetry is None
    told = infer_from_partial(z, None, smoothing=smoothing, telemetry=telemetry)
    assert (told.residual, told.metrics) == (0.0, prior.metrics)
    assert told.confidence == told.telemetry_reliability


@given(LATENT, OBSERVED, READINGS)
def test_telemetry__never_raises_the_confidence(z, observed, telemetry):
    silent, told = (infer_from_partial(z, observed, telemetry=t) for t in (None, telemetry))
    assert 0.0 < told.confidence <= silent.confidence <= 1.0
    assert told.residual == silent.residual
    values = np.array(list(telemetry.values()))
    focus = math.tanh(1.5 * values.sum() / (np.abs(values).sum() + 1e-9))
    expected = min(1.0, max(0.75, 1 + 0.25 * focus)) / (1 + values.var())
    assert told.telemetry_reliability == pytest.approx(expected, rel=1e-9)
    assert told.confidence == pytest.approx(silent.confidence * expected, rel=1e-9)


@given(LATENT, OBSERVED)
def test_smoothing__of_one_keeps_the_prior_and_of_zero_drops_it(z, observed):
    kept, dropped = (infer_from_partial(z, observed, smoothing=s) for s in (1.0, 0.0))
    assert kept.barycentric == kept.prior.barycentric
    soft = [math.log1p(math.exp(dropped.metrics[name])) for name in ("speed", "memory", "stability")]
    assert dropped.barycentric == pytest.approx([x / sum(soft) for x in soft], abs=1e-14)


@given(st.floats(-1e308, 1e308), st.floats(-1e308, 1e308))
def test_confidence__is_above_zero_however_far_an_observation_is(speed, memory):
    found = infer_from_partial(Z, {"speed": speed, "memory": memory, "stability": -1e300})
    assert 0.0 < found.confidence <= 1.0
    assert math.isfinite(found.residual)
    assert sum(found.barycentric) == pytest.approx(1.0)


def test_gradient__is_fitted_to_the_latent():
    long, short, steep = ([1.0, 2.0, 3.0, 4.0, 5.0], [0.5], [0.5, -8.0])
    assert infer_from_partial(Z, {"grad": long}).gradient == (0.25, 0.5, 0.75, 1.0)
    assert infer_from_partial(Z, {"grad": short}).gradient == (0.5, 0.0, 0.0, 0.0)
    found = infer_from_partial(Z, {"grad": steep})
    assert found.gradient == found.applied["gradient"] == (0.0625, -1.0, 0.0, 0.0)
    assert (found.residual, found.confidence) == (0.0, 1.0)
    assert "gradient" not in found.metrics


def test_partials__are_blended_and_their_telemetry_merged_later_wins():
    first = partial(speed=0.2, telemetry={"a": 1.0, "b": 1.0})
    second = partial(speed=0.6, telemetry={"b": 3.0})
    frame = ZSpaceTelemetryFrame({"c": 5.0})
    found = infer_with_partials(Z, first, second, {"drs": 0.1}, telemetry=frame)
    assert found.applied == {"speed": pytest.approx(0.4), "drs": 0.1}
    assert found.telemetry is not None
    assert found.telemetry.payload == {"a": 1.0, "b": 3.0, "c": 5.0}
    assert infer_with_partials(Z, first, second, strategy="last").applied == {"speed": 0.6}
    chosen = infer_with_partials(Z, first, second, weights=[0.0, 1.0])
    assert chosen.applied == {"speed": 0.6}
    assert chosen.telemetry is not None
    assert chosen.telemetry.payload == {"b": 3.0}
    measured = z_metrics(speed=0.1, telemetry={"a": 2.0})
    assert infer_from_partial(Z, measured).telemetry == ZSpaceTelemetryFrame({"a": 2.0})


def test_bad_input__is_refused():
    with pytest.raises(EmptyInput):
        infer_from_partial([], {"speed": 0.1})
    with pytest.raises(NonFiniteValue):
        infer_from_partial([0.1, math.nan], {"speed": 0.1})
    for smoothing in (-0.01, 1.01):
        with pytest.raises(InvalidValue, match="smoothing"):
            infer_from_partial(Z, smoothing=smoothing)
    with pytest.raises(NonFiniteValue, match="smoothing"):
        infer_from_partial(Z, smoothing=math.nan)
    for telemetry in (3.0, "a", [1.0]):
        with pytest.raises(TypeError, match="telemetry is of type"):
            infer_from_partial(Z, telemetry=telemetry)
    with pytest.raises(UnknownMetricError):
        infer_from_partial(Z, {"tempo": 1.0})


def test_inference__travels_and_turns_into_other_records():
    found = infer_from_partial(Z, {"mem": 0.3, "canvas_x": 1.0, "grad": [1]}, telemetry={"a": {"b": 1}})
    assert pickle.loads(pickle.dumps(found)) == copy.deepcopy(found) == found
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False)) == found.as_dict()
    gradient = [1.0, 0.0, 0.0, 0.0]
    assert inference_to_mapping(found) == {"memory": 0.3, "canvas_x": 1.0, "gradient": gradient}
    assert inference_to_mapping(found, include_gradient=False) == {"memory": 0.3, "canvas_x": 1.0}
    everything = inference_to_mapping(found, prefer_applied=False)
    assert everything == {**found.metrics, "gradient": gradient}
    nothing = infer_from_partial(Z)
    assert inference_to_mapping(nothing, include_gradient=False) == nothing.metrics
    metrics = inference_to_zmetrics(found)
    assert (metrics.memory, metrics.speed) == (0.3, found.prior.metrics["speed"])
    assert (metrics.gradient, metrics.telemetry) == (gradient, {"a.b": 1.0})
    assert inference_to_zmetrics(found, prefer_applied=True).speed == 0.0


def test_compiled_functions__take_a_latent_first():
    @compile_inference
    def paced(speed, *, drs=0.0):
        """Observe."""
        return {"speed": speed, "drs": drs}

    assert paced(Z, 0.4, drs=0.1) == infer_from_partial(Z, {"speed": 0.4, "drs": 0.1})
    assert (paced.__name__, paced.__doc__) == ("paced", "Observe.")
    keen = compile_inference(smoothing=0.9, alpha=0.5, telemetry={"a": 1.0})(lambda: {"speed": 0.4})
    assert keen(Z) == infer_from_partial(Z, {"speed": 0.4}, alpha=0.5, smoothing=0.9, telemetry={"a": 1.0})
    with pytest.raises(InvalidValue, match="smoothing"):
        compile_inference(smoothing=2.0)
    with pytest.raises(TypeError, match="give a function"):
        compile_inference({"speed": 0.4})


def test_runtime__gathers_observations_until_reset():
    runtime = ZSpaceInferenceRuntime(Z, telemetry={"base": 1.0})
    runtime.update(partial(speed=0.4, telemetry={"a": 1.0}))
    found = runtime.update({"speed": 0.5, "mem": 0.1}, telemetry={"a": 2.0})
    together = {"base": 1.0, "a": 2.0}
    assert found == infer_from_partial(Z, {"speed": 0.5, "mem": 0.1}, telemetry=together)
    for refused, error in (({"speed": math.nan}, NonFiniteValue), ({"tempo": 1.0}, UnknownMetricError)):
        with pytest.raises(error):
            runtime.update(refused)
    with pytest.raises(NonFiniteValue):
        runtime.update({"speed": 0.9}, telemetry={"a": math.inf})
    assert runtime.infer() == found
    runtime.reset()
    assert runtime.infer() == infer_from_partial(Z, telemetry={"base": 1.0})
    runtime.reset([1.0, 2.0])
    assert runtime.prior.z_state == (1.0, 2.0)
    forgetful = ZSpaceInferenceRuntime(Z, accumulate=False)
    forgetful.update({"speed": 0.4})
    assert forgetful.update({"mem": 0.1}) == forgetful.infer() == infer_from_partial(Z, {"mem": 0.1})


def test_pipeline__infers_from_all_that_were_added():
    pipeline = ZSpaceInferencePipeline(Z, smoothing=0.5, strategy="max", telemetry={"a": 1.0})
    pipeline.add_partial({"speed": 0.4}).add_partial(speed=0.6, weight=2.0, telemetry={"a": 7.0, "b": 2.0})
    expected = infer_with_partials(
        Z, {"speed": 0.4}, {"speed": 0.6}, smoothing=0.5, strategy="max", telemetry={"a": 1.0, "b": 2.0}
    )
    assert pipeline.infer() == pipeline.infer() == expected
    assert pipeline.infer(weights=[1.0, 0.0]).applied == {"speed": 0.4}
    assert len(pipeline) == 2
    pipeline.clear()
    assert pipeline.infer().applied == {}
    with pytest.raises(InvalidValue, match="strategy"):
        ZSpaceInferencePipeline(Z, strategy="most")
