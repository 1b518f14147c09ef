"""The trainer: worked cases, the exact gradient, Adam's first step, resuming, and what is refused."""

import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stnb._core.errors import (
    DataLength,
    InvalidValue,
    NonFiniteValue,
    NonPositiveLearningRate,
    UnknownMetricError,
)
from stnb.inference import (
    ZSpaceTrainer,
    infer_from_partial,
    partial,
    step_many,
    stream_zspace_training,
    z_metrics,
)
from stnb.inference.fractional import FractionalEnergy

from .cases import LATENT, OBSERVED, case

GRADIENT = st.lists(st.floats(-3.0, 3.0), min_size=1, max_size=8)
SAMPLES = st.lists(st.tuples(OBSERVED, GRADIENT), min_size=1, max_size=6).map(
    lambda rows: [metrics | {"gradient": gradient} for metrics, gradient in rows]
)


def test_two_steps__match_the_worked_case():
    given_, expected, tolerance = case("zspace_trainer_two_steps")
    trainer = ZSpaceTrainer(z_dim=4)
    losses = [trainer.step(given_[name]) for name in ("m1", "m2")]
    found = trainer.state_dict()
    assert losses == pytest.approx(expected["losses"], abs=tolerance)
    for name, key in (("state", "z"), ("moment", "moment"), ("velocity", "velocity")):
        assert found[key] == pytest.approx(expected[name], abs=tolerance)
    assert found["step"] == expected["step"]


def test_stream__matches_the_worked_case():
    _, expected, tolerance = case("stream_zspace_training")
    sample = {"speed": 0.3, "memory": 0.1, "stability": 0.6, "gradient": [1, -1, 0.5]}
    found = stream_zspace_training(ZSpaceTrainer(z_dim=3), [sample] * 3)
    assert found == pytest.approx(expected, abs=tolerance)


@given(st.lists(st.floats(-2.0, 2.0), min_size=1, max_size=17), st.floats(0.01, 2.0))
def test_fractional_energy__has_the_gradient_of_finite_differences(z, alpha):
    z, energy = np.array(z), FractionalEnergy(len(z), alpha)
    value, gradient = energy.value_and_gradient(z)
    shares = [(k / max(1, len(z) // 2)) ** (2 * alpha) for k in range(len(z) // 2 + 1)]
    assert value == pytest.approx(float(np.mean(shares * np.abs(np.fft.rfft(z)) ** 2)), rel=1e-12, abs=1e-14)
    for i in range(len(z)):
        up, down = z.copy(), z.copy()
        up[i] += 1e-4
        down[i] -= 1e-4
        slope = (energy.value_and_gradient(up)[0] - energy.value_and_gradient(down)[0]) / 2e-4
        assert gradient[i] == pytest.approx(slope, abs=1e-6)
    assert float(z @ gradient) / 2 == pytest.approx(value, abs=1e-10)


@given(st.floats(-2.0, 2.0), st.floats(0.01, 2.0))
def test_fractional_energy__of_one_bin_is_zero(x, alpha):
    value, gradient = FractionalEnergy(1, alpha).value_and_gradient(np.array([x]))
    assert (value, gradient.tolist()) == (0.0, [0.0])


@given(OBSERVED, GRADIENT, st.integers(1, 12))
def test_first_step__moves_by_the_learning_rate_against_the_sign(metrics, gradient, n):
    trainer = ZSpaceTrainer(n, lr=0.03)
    loss = trainer.step(metrics | {"gradient": gradient})
    lambdas = {"speed": 0.5, "memory": 0.3, "stability": 0.2}
    assert loss == pytest.approx(
        sum(w * math.tanh(metrics.get(k, 0.0)) for k, w in lambdas.items()), abs=1e-15
    )
    for x, u in zip(trainer.state, (gradient * n)[:n], strict=True):
        expected = -0.03 * math.tanh(u) / (abs(math.tanh(u)) + 1e-8)
        assert x == pytest.approx(expected, abs=1e-12)


@given(LATENT.filter(lambda z: len(z) > 1), st.floats(0.05, 1.0))
def test_energy__falls_without_an_observed_gradient(z, alpha):
    trainer = ZSpaceTrainer(len(z), lr=1e-7, lam_frac=1.0, alpha=alpha)
    trainer.load_state_dict({"z": z}, strict=False)
    _, slope = FractionalEnergy(len(z), alpha).value_and_gradient(np.array(z))
    assume(np.abs(slope).max() > 1e-2)
    before, after = trainer.step({}), trainer.step({})
    assert after < before


@given(SAMPLES, SAMPLES)
def test_training__resumes_to_the_bit(first, second):
    trainer = ZSpaceTrainer(5, lr=0.02, alpha=0.6, lam_drs=0.3, beta1=0.8)
    step_many(trainer, first)
    saved = json.loads(json.dumps(trainer.state_dict(), allow_nan=False))
    other = ZSpaceTrainer(5)
    other.load_state_dict(saved)
    losses = stream_zspace_training(trainer, second)
    assert stream_zspace_training(other, second) == losses
    assert other.state_dict() == trainer.state_dict()
    assert pickle.loads(pickle.dumps(trainer)).state_dict() == trainer.state_dict()


@given(SAMPLES)
def test_streams_and_batches__are_repeated_steps(samples):
    single, stream, batch, many = (ZSpaceTrainer(3) for _ in range(4))
    losses = [single.step(sample) for sample in samples]
    seen = []
    assert stream_zspace_training(stream, iter(samples), on_step=lambda *heard: seen.append(heard)) == losses
    assert batch.step_batch(samples) == losses
    assert step_many(many, samples) == single.state == stream.state == batch.state
    assert [(i, loss) for i, _, loss in seen] == list(enumerate(losses))
    assert seen[-1][1] == single.state


def test_payloads__of_every_kind_say_the_same():
    readings = {"speed": 0.3, "memory": 0.1, "stability": 0.6, "drs": 0.2, "gradient": [0.5, -0.5]}
    payloads = [
        readings,
        z_metrics(**readings),
        partial(readings),
        infer_from_partial([0.1, 0.2], readings),
    ]
    states = []
    for payload in payloads:
        trainer = ZSpaceTrainer(2, lam_drs=0.7)
        states.append((trainer.step(payload), trainer.state))
    assert states == [states[0]] * 4


def test_inferences__are_taken_as_observed_or_whole():
    inference = infer_from_partial([0.1, 0.2], {"speed": 0.3})
    observed, whole = ZSpaceTrainer(2).step(inference), ZSpaceTrainer(2).step(inference, prefer_applied=False)
    assert observed == pytest.approx(0.5 * math.tanh(0.3), abs=1e-15)
    assert whole == ZSpaceTrainer(2).step(inference.metrics)
    assert whole != observed
    trainer, same = ZSpaceTrainer(2), ZSpaceTrainer(2)
    for _ in range(3):
        expected = same.step(infer_from_partial(same.state, {"speed": 0.3, "grad": [1.0]}, smoothing=0.1))
        assert trainer.step_partial({"speed": 0.3, "grad": [1.0]}, smoothing=0.1) == expected
    assert trainer.state == same.state


def test_state__is_a_copy_and_reset_starts_anew():
    trainer = ZSpaceTrainer(2)
    trainer.step({"grad": [1.0]})
    trainer.state[0] = 9.0
    assert trainer.state[0] == pytest.approx(-0.01)
    trainer.reset()
    assert trainer.state_dict() == ZSpaceTrainer(2).state_dict()
    assert trainer.z_dim == 2


def test_refused_payloads__change_nothing():
    trainer = ZSpaceTrainer(2)
    trainer.step({"grad": [1.0]})
    before = trainer.state_dict()
    refused = [(3.0, TypeError), (None, TypeError), ([0.1], TypeError), ({"tempo": 1.0}, UnknownMetricError)]
    for payload, error in [*refused, ({"grad": [math.nan]}, NonFiniteValue)]:
        with pytest.raises(error):
            trainer.step(payload)
        with pytest.raises(error):
            trainer.step_batch([{"speed": 0.1, "grad": [1.0]}, payload])
    assert trainer.state_dict() == before


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"z_dim": 0}, InvalidValue),
        ({"z_dim": -3}, InvalidValue),
        ({"z_dim": 2.0}, TypeError),
        ({"z_dim": True}, TypeError),
        ({"lr": 0.0}, NonPositiveLearningRate),
        ({"lr": math.nan}, NonFiniteValue),
        ({"beta1": 1.0}, InvalidValue),
        ({"beta2": -0.1}, InvalidValue),
        ({"eps": 0.0}, InvalidValue),
        ({"lam_frac": math.inf}, NonFiniteValue),
        ({"alpha": "x"}, TypeError),
    ],
    ids=str,
)
def test_settings__out_of_range_are_refused(settings, error):
    with pytest.raises(error, match=next(iter(settings))):
        ZSpaceTrainer(**settings)


def test_loading__is_strict_unless_told_otherwise():
    trainer = ZSpaceTrainer(3)
    good = ZSpaceTrainer(3, lr=0.5).state_dict()
    before = trainer.state_dict()
    short = good | {"hyperparams": {"lr": 0.5}}
    for bad, error in (
        ({k: v for k, v in good.items() if k != "moment"}, KeyError),
        (good | {"more": 1}, KeyError),
        (short, KeyError),
        (good | {"z": [0.0, 0.0]}, DataLength),
        (good | {"z": [0.0, math.nan, 0.0]}, NonFiniteValue),
        (good | {"velocity": [-1.0, 0.0, 0.0]}, InvalidValue),
        (good | {"step": -1}, InvalidValue),
        ([1.0], TypeError),
    ):
        with pytest.raises(error):
            trainer.load_state_dict(bad)
        assert trainer.state_dict() == before
    trainer.load_state_dict(
        short | {"z": [1.0, 2.0], "moment": [1.0, 2.0, 3.0, 4.0], "more": 1}, strict=False
    )
    found = trainer.state_dict()
    assert (found["z"], found["moment"]) == ([1.0, 2.0, 0.0], [1.0, 2.0, 3.0])
    assert (found["hyperparams"]["lr"], found["hyperparams"]["beta1"]) == (0.5, 0.9)


def test_steps__into_overflow_are_refused_before_they_are_taken():
    trainer = ZSpaceTrainer(2, lr=1e200)
    trainer.step({"grad": [1.0, -1.0]})
    before = trainer.state_dict()
    with pytest.raises(InvalidValue, match=r"reaches 1e\+200.*lower lr"):
        trainer.step({"grad": [1.0, -1.0]})
    assert trainer.state_dict() == before
