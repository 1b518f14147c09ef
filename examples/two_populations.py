"""Two crowds of oscillators at different paces; a carrier grows in each, and each locks for itself.

python examples/two_populations.py --steps 3000 --out carriers.html
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import stnb

PACES = (0.8, 1.2)
SPREAD = 0.03


class Example:
    """Half of the particles swing near 0.8 rad/s, the others near 1.2; a picture every fiftieth step."""

    def __init__(self, particles: int = 600, seed: int = 2, device: str = "auto") -> None:
        draw = np.random.default_rng(seed)
        paces = np.repeat(PACES, [particles // 2, particles - particles // 2])
        self.session = stnb.ManifoldSession(
            particles=0, grid=16, capacity=particles, seed=seed, device=device
        )
        self.session.add(
            draw.uniform(1, 14, (particles, 3)), energy=0.75, frequencies=draw.normal(paces, SPREAD)
        )
        self.view = self.session.view("carriers", title="Two crowds, two carriers")

    def step(self) -> None:
        """Fifty steps of the simulation, and one frame for the film."""
        self.session.step(50)
        self.session.refresh()

    def render(self, path: Path) -> Path:
        """A page that plays what happened, without server and network."""
        return self.view.to_html(path)


def main() -> None:
    """Run it, save the page, and say where the carriers are."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=3000, help="steps of the simulation (3000)")
    parser.add_argument("--particles", type=int, default=600)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--out", type=Path, default=Path("two_populations.html"))
    options = parser.parse_args()

    example = Example(options.particles, options.seed, options.device)
    for _ in range(options.steps // 50):
        example.step()
    bound = example.session.carriers
    print(f"{bound.count} carriers at {np.sort(bound.frequencies).round(2).tolist()} rad/s")
    print(example.render(options.out))


if __name__ == "__main__":
    main()
