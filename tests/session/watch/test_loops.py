"""Every kind of training loop is recorded, and none is changed."""

import copy
import math
import threading

import numpy as np
import pytest
import torch
from torch import nn

from stnb.session.watch import watch
from tests.session.watch.runs import Transformer, batches, mlp


def loop(model, optimizer, steps, each=lambda loss: None, clear=True):
    for _, (x, y) in zip(range(steps), batches(0), strict=False):
        optimizer.zero_grad(set_to_none=clear)
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        each(loss)


@pytest.mark.parametrize("make", [torch.optim.AdamW, lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9)])
@pytest.mark.parametrize("every", [None, 1, 3])
def test_training__is_the_same_to_the_bit(make, every):
    torch.manual_seed(0)
    one = Transformer()
    other = copy.deepcopy(one)
    states = []
    for model, seen in ((one, False), (other, True)):
        torch.manual_seed(7)
        optimizer = make(model.parameters(), 0.01)
        if seen:
            with watch(model, optimizer, every=every) as w:
                loop(model, optimizer, 20, w.step)
                w.atlas()
        else:
            loop(model, optimizer, 20)
        states.append((torch.get_rng_state(), copy.deepcopy(optimizer.state_dict())))
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)
        assert torch.equal(a.grad, b.grad)
    assert torch.equal(states[0][0], states[1][0])
    assert str(states[0][1]) == str(states[1][1])
    assert not optimizer._optimizer_step_pre_hooks
    assert not optimizer._optimizer_step_post_hooks


@pytest.mark.parametrize("clear", [True, False])
def test_row__matches_what_torch_says(clear):
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    norms, drifts, losses = [], [], []

    def remember(loss):
        now = torch.cat([p.detach().reshape(-1).clone() for p in model.parameters()])
        norms.append(float(torch.cat([p.grad.reshape(-1) for p in model.parameters()]).double().norm()))
        drifts.append(float((now - last[0]).double().norm() / last[0].double().norm()))
        losses.append(float(loss.detach()))
        last[0] = now
        w.step(loss)

    last = [torch.cat([p.detach().reshape(-1).clone() for p in model.parameters()])]
    with watch(model, optimizer, every=1) as w:
        loop(model, optimizer, 6, remember, clear)
    rows = w.history
    assert rows["grad_norm"] == pytest.approx(norms, rel=1e-6)
    assert rows["drift"] == pytest.approx(drifts, rel=1e-4)
    assert rows["loss"].tolist() == losses
    assert rows["lr"].tolist() == [0.1] * 6
    bands = np.stack([rows[name] for name in ("above", "here", "beneath")])
    assert np.sqrt((bands**2).sum(0)) == pytest.approx(norms, rel=1e-6)
    layers = [w.layer_history(name)["grad_norm"] for name in w.layers]
    assert np.sqrt(np.square(layers).sum(0)) == pytest.approx(norms, rel=1e-6)
    assert np.isfinite(rows["memory_mb"]).all()
    assert (rows["step_ms"] > 0).all()
    assert np.cumsum(rows["step_ms"]) / 1e3 == pytest.approx(rows.times)


def test_loop__that_never_calls_step_is_recorded_and_notes_find_their_rows():
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with watch(model, optimizer, every=1) as w:
        loop(model, optimizer, 5)
    assert w.history.steps.tolist() == [0, 1, 2, 3, 4]
    assert np.isnan(w.history["loss"]).all()
    assert np.isfinite(w.history["grad_norm"]).all()
    for after in (True, False):
        with watch(model, optimizer, every=1, notes=["f1"]) as w:
            for number in range(4):
                if not after:
                    w.note(loss=float(number), f1=0.5)
                optimizer.step()
                if after:
                    w.note(loss=torch.tensor(float(number)), f1=np.float32(0.5))
        assert w.history["loss"].tolist() == [0.0, 1.0, 2.0, 3.0]
        assert w.history["f1"].tolist() == [0.5] * 4


def test_plain__without_an_optimizer_the_end_of_a_step_is_read():
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with watch(model, optimizer, every=2) as hooked, watch(model, every=2) as plain:
        loop(model, optimizer, 6, lambda loss: (hooked.step(loss), plain.step(loss)))
    for name in ("grad_norm", "above", "drift", "turn", "loss"):
        np.testing.assert_array_equal(hooked.history[name], plain.history[name])
    assert np.isfinite(plain.history["drift"]).tolist() == [True, True, True, False, True, False]


def test_scaler__a_step_that_is_left_out_is_a_row_without_a_reading():
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with watch(model, optimizer, every=1) as w:
        for number, (x, y) in zip(range(4), batches(0), strict=False):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            if number != 2:
                optimizer.step()
            w.step(loss)
    assert np.isnan(w.history["grad_norm"]).tolist() == [False, False, True, False]
    assert np.isfinite(w.history["loss"]).all()


def test_accumulation__the_sum_of_the_gradients_is_read():
    model, other = mlp(), mlp()
    other.load_state_dict(model.state_dict())
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    (x, y), (x2, y2) = (next(batches(seed)) for seed in (0, 1))
    with watch(model, optimizer, every=1) as w:
        for data in ((x, y), (x2, y2)):
            nn.functional.cross_entropy(model(data[0]), data[1]).backward()
        optimizer.step()
        w.step(1.0)
    for data in ((x, y), (x2, y2)):
        nn.functional.cross_entropy(other(data[0]), data[1]).backward()
    norm = float(torch.cat([p.grad.reshape(-1) for p in other.parameters()]).double().norm())
    assert w.history["grad_norm"].tolist() == pytest.approx([norm], rel=1e-6)


def test_closure__is_read_as_it_was_evaluated_last():
    model = nn.Linear(3, 1)
    optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=4)
    x = torch.randn(20, 3, generator=torch.Generator().manual_seed(0))
    calls = []

    def closure():
        optimizer.zero_grad()
        loss = ((model(x) - x.sum(1, keepdim=True)) ** 2).mean()
        loss.backward()
        calls.append(math.sqrt(sum(float(p.grad.double().square().sum()) for p in model.parameters())))
        return loss

    last = []
    with watch(model, optimizer, every=1) as w:
        for _ in range(3):
            w.note(loss=optimizer.step(closure))
            last.append(calls[-1])
    assert len(calls) > 3
    assert w.history["grad_norm"].tolist() == pytest.approx(last, rel=1e-6)
    assert np.isfinite(w.history["drift"]).all()


def test_optimizers__several_each_with_its_own_layers():
    model = mlp()
    first = torch.optim.SGD(model[0].parameters(), 0.1)
    second = torch.optim.Adam([*model[2].parameters(), *model[4].parameters()], 0.01)
    with watch(model, [first, second], every=1) as w:
        for _, (x, y) in zip(range(4), batches(0), strict=False):
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            first.step()
            second.step()
            first.zero_grad()
            second.zero_grad()
    assert len(w.history) == 4
    for name in ("0", "2", "4"):
        assert np.isfinite(w.layer_history(name)["drift"]).tolist() == [True] * 4
    inner = watch(model, second)
    with watch(model, first) as outer, inner:
        first.step()
        second.step()
    assert len(outer.history) == len(inner.history) == 1


def test_layers__tied_frozen_sparse_complex_and_owned_by_the_model_itself():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(50, 8, sparse=True)
            self.wave = nn.Linear(8, 8, dtype=torch.complex64)
            self.still = nn.Linear(8, 8).requires_grad_(requires_grad=False)
            self.decode = nn.Linear(8, 50, bias=False)
            self.decode.weight = self.embed.weight
            self.scale = nn.Parameter(torch.ones(1))

        def forward(self, n):
            return self.scale * self.still(self.wave(self.embed(n).to(torch.complex64)).real)

    model = Odd()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with watch(model, optimizer, every=1) as w:
        for number in range(3):
            optimizer.zero_grad()
            loss = (model(torch.tensor([number, 5, 5])) ** 2).mean()
            loss.backward()
            assert model.embed.weight.grad.is_sparse
            optimizer.step()
            w.step(loss)
    assert w.layers == ("Odd", "embed", "wave", "still")
    assert w.frozen == ("still",)
    assert w.tied == {"decode": "embed"}
    assert len(w.layer_history("still")["step"]) == 0
    for name in ("Odd", "embed", "wave"):
        assert (w.layer_history(name)["grad_norm"] > 0).tolist() == [True] * 3
    squares = sum(
        float(p.grad.coalesce().values().double().norm() ** 2)
        if p.grad.is_sparse
        else float(torch.linalg.vector_norm(p.grad.to(torch.complex128)) ** 2)
        for p in {id(p): p for p in model.parameters()}.values()
        if p.grad is not None
    )
    assert w.history["grad_norm"][-1] == pytest.approx(math.sqrt(squares), rel=1e-5)


def test_layers__of_a_compiled_model_keep_their_names_and_moved_parameters_are_found():
    model = mlp()
    compiled = torch.compile(model, backend="eager")
    assert watch(compiled).layers == watch(model).layers == ("0", "2", "4")
    model[0] = torch.compile(model[0], backend="eager")
    assert watch(model).layers == ("0", "2", "4")
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with watch(model, optimizer, every=1) as w:
        loop(model, optimizer, 2, w.step)
        fresh = nn.Parameter(model[4].weight.detach().clone())
        optimizer.param_groups[0]["params"][-2] = fresh
        model[4].weight = fresh
        loop(model, optimizer, 2, w.step)
    norms = w.layer_history("4")["weight_norm"]
    assert len(norms) == 4
    assert norms[-1] == pytest.approx(norms[0], rel=0.2)


def test_threads__two_watches_at_once_and_a_reader_beside():
    found, stop, failed = {}, threading.Event(), []

    def run(name):
        model = mlp()
        optimizer = torch.optim.SGD(model.parameters(), 0.05)
        with watch(model, optimizer, every=2) as w:
            found[name] = w
            loop(model, optimizer, 60, w.step)

    def look():
        while not stop.is_set():
            for w in list(found.values()):
                try:
                    assert len(set(map(len, w.history.to_dict().values()))) == 1
                    w.advice()
                except Exception as error:  # noqa: BLE001
                    failed.append(error)

    workers = [threading.Thread(target=run, args=(name,)) for name in "ab"]
    beside = threading.Thread(target=look)
    for each in (*workers, beside):
        each.start()
    for each in workers:
        each.join()
    stop.set()
    beside.join()
    assert failed == []
    assert [len(w.history) for w in found.values()] == [60, 60]
    for w in found.values():
        assert w.history.steps.tolist() == list(range(60))
