"""Drivers that call the hooks of a trainer in the order that its documentation gives."""

import math
import sys
import types

import numpy as np
import pytest
import torch
from torch import nn

from stnb.session.watch import watch
from tests.session.watch.runs import batches, mlp


def interrupt():
    raise KeyboardInterrupt


def fit(callback, model, optimizer, steps=6, accumulate=1, form=lambda loss: loss, fail_at=None):
    """A Lightning trainer with automatic optimisation: the optimizer steps with a closure."""
    trainer = types.SimpleNamespace(optimizers=[optimizer], accumulate_grad_batches=accumulate)
    callback.setup(trainer, model, "fit")
    callback.on_fit_start(trainer, model)
    callback.on_sanity_check_start(trainer, model)
    callback.on_train_start(trainer, model)
    callback.on_train_epoch_start(trainer, model)
    try:
        for number, (x, y) in zip(range(steps), batches(0), strict=False):
            callback.on_train_batch_start(trainer, model, (x, y), number)
            found = []

            def closure(x=x, y=y, number=number, found=found):
                loss = nn.functional.cross_entropy(model(x), y)
                found.append(loss.detach())
                callback.on_before_zero_grad(trainer, model, optimizer)
                if number % accumulate == 0:
                    optimizer.zero_grad()
                callback.on_before_backward(trainer, model, loss)
                loss.backward()
                callback.on_after_backward(trainer, model)
                if number % accumulate == accumulate - 1:
                    callback.on_before_optimizer_step(trainer, model, optimizer)
                return loss

            if number == fail_at:
                interrupt()
            if number % accumulate == accumulate - 1:
                optimizer.step(closure=closure)
            else:
                closure()
            callback.on_train_batch_end(trainer, model, form(found[0] / accumulate), (x, y), number)
        callback.on_train_epoch_end(trainer, model)
        callback.on_train_end(trainer, model)
    except KeyboardInterrupt as error:
        callback.on_exception(trainer, model, error)
    callback.on_fit_end(trainer, model)
    callback.teardown(trainer, model, "fit")


@pytest.mark.parametrize("form", [lambda loss: loss, lambda loss: {"loss": loss, "n": 3}, lambda loss: None])
def test_lightning__records_each_batch(form):
    torch.manual_seed(0)
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    w = watch(model, every=1)
    fit(w.lightning(), model, optimizer, form=form)
    assert len(w.history) == 6
    assert np.isfinite(w.history["grad_norm"]).all()
    assert np.isfinite(w.history["drift"]).all()
    told = form(torch.ones(())) is not None
    assert np.isfinite(w.history["loss"]).all() == told
    assert not w.running
    assert not optimizer._optimizer_step_pre_hooks


def test_lightning__accumulation_reads_the_batches_that_update():
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    w = watch(model, every=1)
    fit(w.lightning(), model, optimizer, accumulate=2)
    assert np.isfinite(w.history["grad_norm"]).tolist() == [False, True] * 3
    assert w.history["loss"].mean() == pytest.approx(math.log(4), rel=0.5)


def test_lightning__an_exception_stops_the_watch_and_keeps_the_past():
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    w = watch(model, optimizer, every=1)
    fit(w.lightning(), model, optimizer, fail_at=3)
    assert len(w.history) == 3
    assert not w.running
    assert not optimizer._optimizer_step_pre_hooks


def test_lightning__state_goes_on_where_it_stopped():
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    first = watch(model, every=1).lightning()
    fit(first, model, optimizer)
    saved = first.state_dict()
    again = watch(model, every=1)
    callback = again.lightning()
    assert callback.state_key == first.state_key == "stnb.watch.Sequential"
    callback.load_state_dict(saved)
    fit(callback, model, optimizer, steps=2)
    assert again.history.steps.tolist() == [6, 7]
    assert again.history.times[0] > first.watch.history.times[-1]
    with pytest.raises(RuntimeError, match="8 steps were recorded"):
        callback.load_state_dict(saved)
    assert callback.on_validation_start(None, None) is None
    with pytest.raises(AttributeError, match="off_train"):
        callback.off_train  # noqa: B018


def test_lightning__is_of_its_trainers_kind_where_that_is_imported(monkeypatch):
    library = types.ModuleType("pytorch_lightning")
    library.Callback = type("Callback", (), {"on_test_start": lambda self, trainer, module: "theirs"})
    monkeypatch.setitem(sys.modules, "pytorch_lightning", library)
    callback = watch(mlp()).lightning()
    assert isinstance(callback, library.Callback)
    assert callback.on_test_start(None, None) == "theirs"
    assert callback.state_dict() == {"steps": 0, "seconds": 0.0}


class Wrapped(torch.optim.Optimizer):
    """As accelerate wraps an optimizer: an Optimizer by name, without hooks of its own."""

    def __init__(self, optimizer):
        self.optimizer = optimizer

    def step(self, closure=None):
        self.optimizer.step(closure)

    @property
    def param_groups(self):
        return self.optimizer.param_groups


@pytest.mark.parametrize("late", [False, True])
def test_hugging_face__records_each_step_and_what_is_logged_of_it(late):
    torch.manual_seed(0)
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    w = watch(model, every=1)
    callback = w.hugging_face()
    args, state, control = object(), types.SimpleNamespace(global_step=0), object()
    told = {"model": model, "optimizer": None if late else Wrapped(optimizer)}

    def call(event, **more):
        assert getattr(callback, event)(args, state, control, **{**told, **more}) is control

    call("on_init_end")
    call("on_train_begin")
    call("on_epoch_begin")
    for number, (x, y) in zip(range(6), batches(0), strict=False):
        call("on_step_begin")
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        told["optimizer"] = Wrapped(optimizer)
        call("on_pre_optimizer_step")
        told["optimizer"].step()
        call("on_optimizer_step")
        call("on_step_end")
        if number % 2:
            call("on_log", logs={"loss": float(number), "learning_rate": 0.01, "epoch": 0.5})
    call("on_epoch_end")
    call("on_train_end")
    call("on_log", logs={"train_runtime": 3.0, "loss": 9.0})
    assert np.isfinite(w.history["grad_norm"]).all()
    assert w.history.steps.tolist() == list(range(6))
    np.testing.assert_array_equal(w.history["loss"], [np.nan, 1, np.nan, 3, np.nan, 5])
    assert w.history["lr"].tolist() == [0.05, 0.01] * 3
    assert not optimizer._optimizer_step_pre_hooks
    with pytest.raises(AttributeError, match="train"):
        callback.train  # noqa: B018
