"""Digits: pictures on which no rule was tuned. Healthy networks are left in peace, broken ones are not."""

import pytest
import torch
from torch import nn

from stnb.session.watch import watch

sklearn = pytest.importorskip("sklearn.datasets")

HELD_BACK = 360
BATCH = 32


@pytest.fixture(scope="module")
def digits():
    pixels, labels = sklearn.load_digits(return_X_y=True)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(2024))
    return torch.tensor(pixels / 16, dtype=torch.float32)[order], torch.tensor(labels)[order]


def mlp(bend=nn.ReLU, depth=2):
    inner = [part for _ in range(depth - 1) for part in (nn.Linear(64, 64), bend())]
    return nn.Sequential(nn.Linear(64, 64), bend(), *inner, nn.Linear(64, 10))


def cnn():
    return nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)),
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(12, 24, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(24 * 16, 10),
    )


def learn(digits, model, *, rate, steps, seed, every=4):
    """The watch, and everything that was ever advised."""
    images, labels = digits
    rng = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), rate)
    heard = []
    with watch(model, optimizer, every=every) as w:
        w.on_advice(lambda advice: heard.append((advice.kind, advice.layer)))
        for _ in range(steps):
            batch = torch.randint(HELD_BACK, len(labels), (BATCH,), generator=rng)
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            w.step(loss)
    return w, heard


def accuracy(digits, model):
    images, labels = (part[:HELD_BACK] for part in digits)
    with torch.no_grad():
        return float((model(images).argmax(1) == labels).float().mean())


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("make", [mlp, cnn])
def test_digits__nothing_is_advised_to_a_network_that_learns(digits, make, seed):
    torch.manual_seed(seed)
    model = make()
    w, heard = learn(digits, model, rate=2e-3, steps=300, seed=seed)
    assert heard == []
    assert accuracy(digits, model) > 0.9
    assert len(w.timeline()) == 76


def test_digits__sigmoids_in_depth_starve_the_first_layers(digits):
    torch.manual_seed(11)
    model = mlp(nn.Sigmoid, depth=10)
    w, heard = learn(digits, model, rate=2e-3, steps=40, seed=11)
    first, last = w.layers[0], w.layers[-1]
    assert ("vanishing", first) in heard
    assert ("vanishing", last) not in heard
    assert {kind for kind, _ in heard} == {"vanishing"}


def test_digits__a_rate_of_nothing_stalls(digits):
    torch.manual_seed(12)
    _, heard = learn(digits, mlp(), rate=0.0, steps=40, seed=12)
    assert heard == [("stalled", None)]


def test_digits__a_rate_a_thousand_times_too_high_explodes(digits):
    torch.manual_seed(12)
    images, labels = digits
    model = mlp()
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    with watch(model, optimizer, every=1) as w:
        for step in range(72):
            if step == 60:
                assert w.advice() == []
                optimizer.param_groups[0]["lr"] = 2.0
            batch = slice(HELD_BACK + step * 16, HELD_BACK + step * 16 + 16)
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            w.step(loss)
        assert "exploding" in {advice.kind for advice in w.advice()}
