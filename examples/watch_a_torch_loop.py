"""A small network learns to read digits; a watch looks on, and says what goes wrong.

python examples/watch_a_torch_loop.py --steps 400 --rate 0.002 --out watch.html
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from sklearn.datasets import load_digits
from torch import nn

import stnb


class Example:
    """A plain loop of torch, ten steps at a time."""

    def __init__(self, rate: float = 2e-3, seed: int = 0, device: str = "cpu") -> None:
        pixels, digits = load_digits(return_X_y=True)
        self.images = torch.tensor(pixels / 16, dtype=torch.float32, device=device).reshape(-1, 1, 8, 8)
        self.digits = torch.tensor(digits, device=device)
        torch.manual_seed(seed)
        body = (nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
        self.model = nn.Sequential(*body, nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 10)).to(device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), rate)
        self.watch = stnb.watch(self.model, optimizer=self.optimizer, every=5).start()
        self.view = self.watch.view(title="A network learns to read digits")

    def step(self) -> None:
        """Ten updates."""
        for batch in torch.randint(len(self.digits), (10, 32), device=self.digits.device):
            self.optimizer.zero_grad()
            loss = nn.functional.cross_entropy(self.model(self.images[batch]), self.digits[batch])
            loss.backward()
            self.optimizer.step()
            self.watch.step(loss)

    def render(self, path: Path) -> Path:
        """The watch ends; a page with what was seen, without server and network."""
        self.watch.stop()
        return self.view.to_html(path)


def main() -> None:
    """Run it, say what was advised, save the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=400, help="updates (400)")
    parser.add_argument("--rate", type=float, default=2e-3, help="learning rate (0.002); try 2, or 0")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu", help="where torch computes (cpu)")
    parser.add_argument("--out", type=Path, default=Path("watch.html"))
    options = parser.parse_args()

    example = Example(options.rate, options.seed, options.device)
    for _ in range(options.steps // 10):
        example.step()
    print(*example.watch.advice() or ["no advice"], sep="\n")
    print(example.render(options.out))


if __name__ == "__main__":
    main()
