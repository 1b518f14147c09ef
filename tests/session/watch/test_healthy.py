"""Nothing is advised about models that learn, have learnt, or learn slowly."""

import pytest
import torch
from torch import nn

from stnb.session.watch import watch
from tests.session.watch.runs import Bowl, Transformer, cnn, mlp, roll, watched

OPTIMIZERS = {
    "sgd": lambda parameters: torch.optim.SGD(parameters, 0.1),
    "momentum": lambda parameters: torch.optim.SGD(parameters, 0.02, momentum=0.9),
    "adam": lambda parameters: torch.optim.Adam(parameters, 3e-3),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("make", [mlp, cnn, Transformer])
def test_healthy__on_noisy_minibatches(make, optimizer, seed):
    w, *_, heard = watched(make, OPTIMIZERS[optimizer], 90, seed, noise=3.0)
    w.stop()
    assert heard == []


@pytest.mark.parametrize(("make", "seed"), [(mlp, 0), (mlp, 1), (mlp, 2), (cnn, 0)])
def test_healthy__long_after_it_has_converged(make, seed):
    w, *_, heard = watched(make, OPTIMIZERS["momentum"], 300, seed, noise=0.3)
    w.stop()
    assert heard == []
    assert w.history["loss"][-1] < 1e-2


@pytest.mark.parametrize("seed", range(3))
def test_healthy__regression_down_to_its_noise(seed):
    rng = torch.Generator().manual_seed(seed)
    truth = torch.randn(8, 1, generator=rng)
    model = nn.Linear(8, 1)
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    with watch(model, optimizer, every=3) as w:
        for _ in range(500):
            x = torch.randn(16, 8, generator=rng)
            optimizer.zero_grad()
            loss = ((model(x) - x @ truth - 0.5 * torch.randn(16, 1, generator=rng)) ** 2).mean()
            loss.backward()
            optimizer.step()
            w.step(loss)
            assert w.advice() == []


def test_healthy__a_bowl_rolled_to_the_bottom_and_beyond():
    bowl = Bowl([1.0, 0.3])
    optimizer = torch.optim.SGD(bowl.parameters(), 0.5)
    with watch(bowl, optimizer, every=1) as w:
        heard = []
        w.on_advice(heard.append)
        roll(w, bowl, optimizer, 400)
    assert heard == []


def test_healthy__a_rate_that_is_lowered_to_nothing_at_the_end():
    heard = []
    torch.manual_seed(0)
    model = mlp()
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 300)
    from tests.session.watch.runs import batches

    with watch(model, optimizer, every=2) as w:
        w.on_advice(heard.append)
        for _, (x, y) in zip(range(300), batches(3, noise=3.0), strict=False):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            schedule.step()
            w.step(loss)
    assert heard == []
