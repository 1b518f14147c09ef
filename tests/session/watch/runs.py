"""Models and loops to watch: healthy ones, and some that are made to go wrong."""

import torch
from torch import nn

from stnb.session.watch import watch

CLASSES = 4
CENTRES = 2.0 * torch.randn(CLASSES, 16, generator=torch.Generator().manual_seed(99))


def mlp():
    return nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, CLASSES))


def cnn():
    return nn.Sequential(
        nn.Unflatten(1, (1, 4, 4)),
        nn.Conv2d(1, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(128, CLASSES),
    )


class Transformer(nn.Module):
    """Four tokens of four numbers, through one block of attention."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(4, 16)
        self.block = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.1, batch_first=True)
        self.head = nn.Linear(16, CLASSES)

    def forward(self, x):
        return self.head(self.block(self.embed(x.view(-1, 4, 4))).mean(1))


def deep_sigmoids():
    parts = [part for _ in range(10) for part in (nn.Linear(16, 16), nn.Sigmoid())]
    return nn.Sequential(*parts, nn.Linear(16, CLASSES))


def batches(seed, size=32, noise=1.0):
    """Endless noisy minibatches of four clouds."""
    rng = torch.Generator().manual_seed(seed)
    while True:
        labels = torch.randint(0, CLASSES, (size,), generator=rng)
        yield CENTRES[labels] + noise * torch.randn(size, 16, generator=rng), labels


def train(w, model, optimizer, steps, seed=0, noise=1.0, loss_of=nn.functional.cross_entropy):
    """Go on training; w.advice() after every fifth step, all that was ever heard is returned."""
    heard = []
    for number, (x, y) in zip(range(steps), batches(seed, noise=noise), strict=False):
        optimizer.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
        w.step(loss)
        if number % 5 == 4:
            heard += [(advice.kind, advice.layer) for advice in w.advice()]
    return heard


def watched(make_model, make_optimizer, steps, seed=0, **options):
    """A model trained from scratch under a watch that reads every other step: watch, model, optimizer, what was heard."""
    torch.manual_seed(seed)
    model = make_model()
    optimizer = make_optimizer(model.parameters())
    w = watch(model, optimizer, every=2).start()
    return w, model, optimizer, train(w, model, optimizer, steps, seed, **options)


class Bowl(nn.Module):
    """½ Σ c·w², whose gradient descent is stable below a rate of 2/max c."""

    def __init__(self, curvatures):
        super().__init__()
        self.c = torch.tensor(curvatures)
        self.w = nn.Parameter(torch.ones(len(curvatures)))

    def forward(self):
        return 0.5 * (self.c * self.w**2).sum()


def roll(w, bowl, optimizer, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        loss = bowl()
        loss.backward()
        optimizer.step()
        w.step(loss)
