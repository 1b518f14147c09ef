"""Imported weights: worked case, reference statistics, invariance, and what is refused."""

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from stnb._core.errors import EmptyInput, InvalidValue, NonFiniteValue, NonPositiveWeight
from stnb.inference import (
    blend_zspace_partials,
    infer_from_partial,
    infer_weights_from_compat,
    infer_weights_from_dlpack,
    weights_partial_from_compat,
    weights_partial_from_dlpack,
)
from stnb.inference.tally import BLOCK, tally

from .cases import Exporter, case

WEIGHTS = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=60)
BASE = ("speed", "memory", "stability", "frac", "drs")
Z = [0.2, -0.1, 0.45]


def test_weights__match_the_worked_case():
    given_, expected, tolerance = case("weights_partial_from_dlpack")
    found = weights_partial_from_dlpack(given_["weights"]).as_dict()
    assert found["metrics"] == pytest.approx(expected["metrics"], abs=tolerance)
    assert found["telemetry"] == pytest.approx(expected["telemetry"], abs=tolerance)
    assert (found["weight"], found["origin"]) == (expected["weight"], expected["origin"])


@given(WEIGHTS, st.floats(0, 5), st.floats(0, 5), st.floats(0, 5), st.sampled_from(["mean", "rms"]))
def test_metrics__are_the_formula(values, wg, sg, fg, norm):
    x, n = np.array(values), len(values)
    found = weights_partial_from_dlpack(
        x, weight_gain=wg, stability_gain=sg, focus_gain=fg, norm=norm
    ).metrics
    p, q = x[x > 0].sum(), -x[x < 0].sum()
    balance, l2 = (p - q) / (p + q + 1e-9), math.sqrt((x * x).sum())
    spread = x.var() / max(1e-9, x.max() - x.min() + (x * x).sum() / n)
    expected = {
        "speed": math.tanh(x.mean() + fg * balance),
        "memory": math.tanh(wg * l2 / (n if norm == "mean" else math.sqrt(n))),
        "stability": math.tanh(sg * (1 - spread)),
        "frac": math.tanh(np.abs(x).max() / (l2 + 1e-9)),
        "drs": math.tanh(balance),
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=1e-9), name
        assert -1.0 < found[name] < 1.0
    assert found["import_count"] == n
    assert found["import_variance"] == pytest.approx(x.var(), rel=1e-9, abs=1e-9)


@given(WEIGHTS, st.randoms(use_true_random=False))
def test_order_and_shape__change_nothing(values, random):
    shuffled = list(values)
    random.shuffle(shuffled)
    found = weights_partial_from_dlpack(values).metrics
    assert weights_partial_from_dlpack(shuffled).metrics == pytest.approx(found, rel=1e-9, abs=1e-9)
    column = np.array(values)[:, None, None]
    assert weights_partial_from_dlpack(column).metrics == found


@given(WEIGHTS)
def test_sign__flips_what_is_odd(values):
    there, back = (weights_partial_from_dlpack(s * np.array(values)).metrics for s in (1.0, -1.0))
    for name in ("drs", "import_balance", "import_focus", "import_mean"):
        assert back[name] == -there[name]
    for name in ("memory", "frac", "import_l1", "import_l2", "import_amplitude"):
        assert back[name] == there[name]


@pytest.mark.parametrize("size", [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5])
def test_blocks__join_without_loss(size):
    """An offset of 10⁶ would cost a variance taken from squares twelve digits."""
    x = 1e6 + np.random.default_rng(size).normal(size=size)
    found = tally([torch.from_numpy(x)])
    assert found.count == size
    assert found.mean == pytest.approx(x.mean(), rel=1e-14)
    assert found.variance == pytest.approx(x.var(), rel=1e-9, abs=1e-12)
    assert (found.low, found.high) == (x.min(), x.max())


def test_structures__are_read_as_all_their_values():
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    parts = [v.flatten().double() for v in model.state_dict().values() if v.is_floating_point()]
    flat = weights_partial_from_dlpack(torch.cat(parts))
    nested = {"a": {"b": parts[:2]}, "c": tuple(parts[2:])}
    for held in (model, model.state_dict(), nested):
        assert weights_partial_from_dlpack(held).metrics == pytest.approx(flat.metrics, rel=1e-12)
    assert weights_partial_from_dlpack({"n": torch.tensor([3, 4])}).metrics["import_l1"] == 7.0
    assert weights_partial_from_dlpack({"b": [0, 0], "w": [1.0]}).metrics["import_count"] == 3.0
    capsule = torch.utils.dlpack.to_dlpack(torch.tensor([1.0, 2.0]))
    assert weights_partial_from_dlpack(capsule).metrics["import_l1"] == 3.0
    sparse = torch.tensor([0.0, 2.0]).to_sparse()
    assert weights_partial_from_dlpack(sparse).metrics["import_count"] == 2.0
    frozen = np.array([1.0, 2.0])
    frozen.flags.writeable = False
    assert weights_partial_from_dlpack(frozen).metrics["import_l1"] == 3.0
    for dtype in ("uint16", "uint64", "int8", "longdouble", ">f4"):
        assert weights_partial_from_dlpack(np.array([1, 2], dtype)).metrics["import_l1"] == 3.0


def test_compat__names_its_adapter():
    found = weights_partial_from_compat([0.1, 0.2], adapter="torch", bundle_weight=2.0)
    assert (found.origin, found.weight) == ("compat:torch", 2.0)
    assert set(found.telemetry or {}) > {"psi.torch.mean", "psi.torch.count"}
    assert weights_partial_from_compat([0.1]).origin == "compat"
    assert weights_partial_from_compat([0.1], adapter="jax", label="mine").origin == "mine"
    assert found.metrics == weights_partial_from_dlpack([0.1, 0.2]).metrics
    with pytest.raises(TypeError, match="adapter"):
        weights_partial_from_compat([0.1], adapter=3)


def test_inference__is_that_of_the_bundle_with_telemetry_over_it():
    extra = {"psi": {"mean": 9.0}, "own": 1.0}
    found = infer_weights_from_dlpack(Z, [0.1, -0.3], telemetry=extra, alpha=0.5, smoothing=0.2, label="x")
    bundle = weights_partial_from_dlpack([0.1, -0.3])
    assert found == infer_from_partial(Z, bundle, telemetry=extra, alpha=0.5, smoothing=0.2)
    assert found.telemetry is not None
    assert (found.telemetry.payload["psi.mean"], found.telemetry.payload["own"]) == (9.0, 1.0)
    assert found.metrics["import_count"] == 2.0
    compat = infer_weights_from_compat(Z, [0.1, -0.3], adapter="torch")
    assert compat == infer_from_partial(Z, weights_partial_from_compat([0.1, -0.3], adapter="torch"))


OPTIONS = {
    "bundle_weight": 2.0,
    "label": "mine",
    "weight_gain": 3.0,
    "stability_gain": 0.5,
    "focus_gain": 0.2,
    "telemetry_prefix": "w",
    "telemetry": {"own": 1.0},
    "norm": "rms",
}


@pytest.mark.parametrize("option", OPTIONS)
def test_options__reach_the_import_by_every_way(option):
    chosen = {option: OPTIONS[option]}
    direct, plain = (
        weights_partial_from_dlpack([0.1, -0.3], **chosen),
        weights_partial_from_dlpack([0.1, -0.3]),
    )
    compat = weights_partial_from_compat([0.1, -0.3], **chosen)
    assert direct != plain
    assert (compat.metrics, compat.weight, compat.telemetry) == (
        direct.metrics,
        direct.weight,
        direct.telemetry,
    )
    for infer in (infer_weights_from_dlpack, infer_weights_from_compat):
        assert infer(Z, [0.1, -0.3], **chosen) == infer_from_partial(Z, direct)


def test_arrays__that_only_speak_dlpack_may_be_read_only():
    fixed = np.array([1.0, 2.0])
    fixed.flags.writeable = False
    assert weights_partial_from_dlpack(Exporter(fixed)).metrics["import_l1"] == 3.0
    assert infer_weights_from_dlpack(Exporter(fixed), [0.1]).prior.z_state == (1.0, 2.0)


@given(WEIGHTS, st.integers(2, 9))
def test_rms__makes_the_size_of_a_model_neutral(values, times):
    """Repeated values have the same distribution, up to the 10⁻⁹ beside their mass.

    `frac` = max/‖x‖₂ alone still depends on how many there are.
    """
    assume(np.abs(values).sum() >= 1.0)
    one, many = (
        weights_partial_from_dlpack(np.tile(values, k), norm="rms", telemetry_prefix="w") for k in (1, times)
    )
    for name in ("speed", "memory", "stability", "drs"):
        assert many.metrics[name] == pytest.approx(one.metrics[name], abs=1e-8)
    a, b = (infer_from_partial(Z, None, telemetry=bundle).confidence for bundle in (one, many))
    assert b == pytest.approx(a, rel=1e-6)


@pytest.mark.parametrize("empty", [[], {}, [[], []], torch.empty(0), np.empty((2, 0)), torch.nn.Identity()])
def test_nothing__is_refused(empty):
    with pytest.raises(EmptyInput, match="no number"):
        weights_partial_from_dlpack(empty)


@pytest.mark.parametrize(
    "wrong",
    [None, "0.5", [0.1, "x"], {"w": None}, object(), True, [True], torch.tensor([1j]), np.array(["a"])],
)
def test_types__that_hold_no_numbers_are_refused(wrong):
    with pytest.raises(TypeError, match="weights"):
        weights_partial_from_dlpack(wrong)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("holder", [list, np.array, torch.tensor, lambda v: {"w": torch.tensor(v).half()}])
def test_nan_and_infinity__are_refused(bad, holder):
    with pytest.raises(NonFiniteValue, match="weights"):
        weights_partial_from_dlpack(holder([0.1, bad, 0.2]))


def test_settings__are_refused_by_name():
    for name in ("weight_gain", "stability_gain", "focus_gain"):
        with pytest.raises(InvalidValue, match=f"{name} = -0.1"):
            weights_partial_from_dlpack([0.1], **{name: -0.1})
        with pytest.raises(NonFiniteValue, match=name):
            weights_partial_from_dlpack([0.1], **{name: math.nan})
    with pytest.raises(NonPositiveWeight, match="bundle_weight = -1"):
        weights_partial_from_dlpack([0.1], bundle_weight=-1)
    with pytest.raises(InvalidValue, match="did you mean 'rms'"):
        weights_partial_from_dlpack([0.1], norm="rmss")
    for importer in (weights_partial_from_dlpack, weights_partial_from_compat):
        with pytest.raises(TypeError, match="telemetry_prefix = 3"):
            importer([0.1], telemetry_prefix=3)
        with pytest.raises(TypeError, match="label = 3"):
            importer([0.1], label=3)
    with pytest.raises(InvalidValue, match="squares exceed float64"):
        weights_partial_from_dlpack([1e200])
    endless: list = []
    endless.append(endless)
    with pytest.raises(InvalidValue, match="contain itself"):
        weights_partial_from_dlpack(endless)
    unweighted = weights_partial_from_dlpack([0.1], bundle_weight=0)
    assert blend_zspace_partials([unweighted]) == {}
