"""What a watch refuses, shows, tells and hands out."""

import math
import re

import numpy as np
import pytest
import torch
from torch import nn

from stnb._core.errors import (
    BackgroundError,
    BusyError,
    EmptyInput,
    InputError,
    InvalidValue,
    ShapeMismatch,
    UnknownNameError,
)
from stnb.chrono import MaintainerConfig
from stnb.session.watch import Watch, watch
from stnb.session.watch.ledger import LAYER_COLUMNS, LayerTable, StepHistory
from stnb.telemetry import hub
from tests.session.watch.runs import mlp, train


@pytest.fixture
def pair():
    torch.manual_seed(0)
    model = mlp()
    return model, torch.optim.SGD(model.parameters(), 0.05)


@pytest.fixture
def seen(pair):
    model, optimizer = pair
    with watch(model, optimizer, every=2, notes=["f1"]) as w:
        train(w, model, optimizer, 30)
    return w


def test_bad_input__is_refused_by_name(pair):
    model, optimizer = pair
    for bad, kind, words in (
        (lambda: watch(7), TypeError, "torch.nn.Module"),
        (lambda: watch(nn.ReLU()), EmptyInput, "no parameters"),
        (lambda: watch(mlp(), optimizer), InvalidValue, "moves none of the 3 layers"),
        (lambda: watch(model, "sgd"), TypeError, "torch.optim.Optimizer"),
        (lambda: watch(model, every=0), InvalidValue, "every"),
        (lambda: watch(model, every=2.0), TypeError, "every"),
        (lambda: watch(model, budget=1.0), InvalidValue, "budget"),
        (lambda: watch(model, budget=math.nan), InvalidValue, "budget"),
        (lambda: watch(model, capacity=0), InvalidValue, "capacity"),
        (lambda: watch(model, layers=["0", "head.*"]), UnknownNameError, "head"),
        (lambda: watch(model, layers=[3]), TypeError, "dotted names"),
        (lambda: watch(model, layers=[]), EmptyInput, "layers"),
        (lambda: watch(model, notes=["loss"]), InputError, "column already"),
        (lambda: watch(model, notes=["f 1"]), InputError, "f 1"),
        (lambda: watch(model, maintainer=3), TypeError, "MaintainerConfig"),
        (lambda: watch(model, curvature=1.0), ValueError, "curvature"),
        (lambda: watch(model, evry=2), TypeError, "evry"),
        (lambda: watch(model).step(1.0), BusyError, "not running"),
        (lambda: watch(model).subscribe(3), InputError, "callable"),
        (lambda: watch(model).layer_history("9"), UnknownNameError, "did you mean|Known"),
        (lambda: watch(model).plot(), InputError, "no step"),
    ):
        with pytest.raises(kind, match=words):
            bad()


def test_bad_numbers__leave_the_row_as_it_was(pair):
    model, optimizer = pair
    with watch(model, optimizer, every=1) as w:
        for bad, kind, words in (
            (torch.ones(3), ShapeMismatch, re.escape("shape (3,)")),
            (np.ones((2, 2)), ShapeMismatch, re.escape("shape (2, 2)")),
            ("low", TypeError, "loss"),
            (True, TypeError, "bool"),
            (torch.tensor(True), TypeError, "bool"),
            (torch.tensor(1j), TypeError, "complex"),
            ({"loss": 1.0}, TypeError, "loss"),
        ):
            with pytest.raises(kind, match=words):
                w.step(bad)
        with pytest.raises(TypeError, match="did you mean 'accuracy'"):
            w.note(acuracy=1.0)
        for good in (1, 1.0, np.float32(1.0), torch.tensor([1.0]), torch.tensor(1.0, requires_grad=True)):
            w.step(good)
        w.step()
    assert w.history["loss"][:5].tolist() == [1.0] * 5
    assert math.isnan(w.history["loss"][5])


def test_watched_already__is_refused_and_an_exception_takes_the_hooks_off(pair):
    model, optimizer = pair
    other = torch.optim.SGD(model.parameters(), 0.1)
    with watch(model, optimizer) as w:
        with pytest.raises(BusyError, match="leave that watch first"):
            watch(model, [other, optimizer]).start()
        assert not other._optimizer_step_pre_hooks
        with pytest.raises(BusyError, match="running already"):
            w.start()
    with pytest.raises(ZeroDivisionError), watch(model, optimizer):
        raise ZeroDivisionError
    assert not optimizer._optimizer_step_pre_hooks
    assert not optimizer._optimizer_step_post_hooks
    with w:
        optimizer.step()
    w.stop()
    assert w.history.steps.tolist() == [0]


def test_history__has_gaps_keeps_the_newest_and_refuses_the_rest(seen):
    assert np.isnan(seen.history["grad_norm"]).sum() == 14
    assert np.isnan(seen.history["f1"]).all()
    history = StepHistory(["a"], 3)
    for step in range(5):
        history.append(step, float(step), {"a": math.inf if step == 3 else step})
    np.testing.assert_array_equal(history["a"], [2.0, math.nan, 4.0])
    for step, time, values, words in (
        (4, 5.0, {}, "rise"),
        (9, math.nan, {}, "time"),
        (9, 9.0, {"b": 1}, "'b'"),
    ):
        with pytest.raises(InputError, match=words):
            history.append(step, time, values)
    assert len(history) == 3
    table = LayerTable(["x"], 2)
    for step in range(3):
        table.append(step, np.full((1, len(LAYER_COLUMNS)), float(step)))
    assert table.of("x")["step"].tolist() == [1, 2]
    assert table.tail(1).steps.tolist() == [2]


def test_layers__can_be_chosen(pair):
    model, optimizer = pair
    with watch(model, optimizer, every=1, layers=["[24]"]) as w:
        train(w, model, optimizer, 3)
    assert w.layers == ("2", "4")
    norm = np.hypot(*(w.layer_history(name)["grad_norm"] for name in w.layers))
    assert w.history["grad_norm"] == pytest.approx(norm)
    assert watch(model, layers="0").layers == ("0",)


def test_timeline__holds_the_bands_and_adds_up_to_the_time(seen):
    frames = seen.timeline()
    rows = seen.history.to_dict()
    read = ~np.isnan(rows["grad_norm"])
    assert len(frames) == read.sum() == 16
    assert [f.total_energy for f in frames] == pytest.approx((rows["grad_norm"][read] ** 2).tolist())
    for name, index in (("above", 0), ("here", 1), ("beneath", 2)):
        assert [f.band_energy[index] for f in frames] == pytest.approx((rows[name][read] ** 2).tolist())
    assert [f.timestamp for f in frames] == pytest.approx(rows["time"][read].tolist())
    assert seen.timeline_summary().frames == 16
    assert seen.timeline_harmonics().frames == 16
    assert len(seen.speak(5)) == 5
    sentence, highlights = seen.story()
    assert sentence in seen.describe()
    assert highlights
    assert seen.self_maintain().status in {"dormant", "stable", "clamp", "rewrite"}
    calm = Watch(mlp(), maintainer=MaintainerConfig(window=4))
    assert calm.self_maintain().status == "dormant"
    assert calm.atlas() is None
    assert calm.timeline_summary() is None


def test_atlas__has_a_district_for_each_layer(seen):
    try:
        frame = seen.atlas()
        districts = {district.name: district for district in frame.districts()}
        assert {"0", "2", "4"} <= set(districts)
        values = {metric.name: metric.value for metric in districts["2"].metrics()}
        last = {name: column[-1] for name, column in seen.layer_history("2").items()}
        assert values["gradient.norm"] == last["grad_norm"]
        assert values["gradient.above"] == last["above"]
        assert values["weight.drift"] == last["drift"]
        assert values["weight.norm"] == last["weight_norm"]
        assert seen.atlas_route().length == 1
        with seen:
            seen.step(1.0)
        assert seen.atlas_route(5).length == 1
        assert hub.get_atlas().metric_value("weight.norm") is not None
    finally:
        hub.reset()


def test_shown__in_a_notebook(seen):
    page = seen._repr_html_()
    assert "loss " in page
    assert page.count("role='img'") == 3
    shares = re.findall(r"aria-label='above (\d+) %, here (\d+) %, beneath (\d+) %'", page)
    assert [sum(map(int, each)) in (99, 100, 101) for each in shares] == [True] * 3
    assert "no advice" in page
    assert repr(seen) == "Watch(Sequential, idle, 3 layers, 30 steps, 16 readings, advice: none)"
    empty = watch(nn.Linear(1, 1).requires_grad_(requires_grad=False))
    assert "no step yet" in empty._repr_html_()
    assert "frozen: Linear" in empty._repr_html_()
    figure = seen.plot()
    assert {trace.name for trace in figure.data} == {"loss", "above", "here", "beneath", "grad_norm", "drift"}
    np.testing.assert_array_equal(figure.data[0].x, np.arange(30))


def test_to_dict__has_everything(seen):
    kept = seen.to_dict()
    assert set(kept) == {"history", "layers", "timeline", "advice", "frozen", "tied"}
    assert len(kept["history"]["loss"]) == 30
    assert set(kept["layers"]) == {"0", "2", "4"}


def test_subscribe__gets_the_latest_columns(pair):
    model, optimizer = pair
    frames = []
    with watch(model, optimizer, every=1) as w:
        subscription = w.subscribe(frames.append, every=2)
        train(w, model, optimizer, 5)
        subscription.close()
        train(w, model, optimizer, 5)
    assert [frame["step"] for frame in frames] == [0, 2, 4]
    assert frames[1]["layers"]["0"]["grad_norm"] == w.layer_history("0")["grad_norm"][2]
    assert frames[1]["loss"] == w.history["loss"][2]
    assert frames[1]["advice"] == []
    w = watch(model, optimizer).start()
    w.subscribe(lambda frame: 1 / 0)
    train(w, model, optimizer, 2)
    w.stop()
    with pytest.raises(BackgroundError, match=r"2 failures in all.: ZeroDivisionError"):
        w.assert_clean()
