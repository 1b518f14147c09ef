"""A shell of particles falls together under its own gravity; the ledger keeps count.

python examples/falling_cluster.py --steps 400 --out fall.html
"""

from __future__ import annotations

import argparse
from pathlib import Path

import stnb


class Example:
    """Three thousand particles on a sphere, a picture every tenth step."""

    def __init__(self, particles: int = 3000, seed: int = 7, device: str = "auto") -> None:
        gas = {"temperature": 1.5, "specific_heat": 0.15, "particle_radius": 0.2, "cadence": 0}
        self.session = stnb.ManifoldSession(
            particles, grid=32, pattern="sphere", gravity=0.005, dt=0.02, seed=seed, device=device, **gas
        )
        self.view = self.session.view("atlas", title=f"{particles:,} particles fall together")

    def step(self) -> None:
        """Ten steps of the simulation, and one frame for the film."""
        self.session.step(10)
        self.session.refresh()

    def render(self, path: Path) -> Path:
        """A page that plays what happened, without server and network."""
        return self.view.to_html(path)


def main() -> None:
    """Run it, save the page, and say how exact it was."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=400, help="steps of the simulation (400)")
    parser.add_argument("--particles", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--out", type=Path, default=Path("falling_cluster.html"))
    options = parser.parse_args()

    example = Example(options.particles, options.seed, options.device)
    for _ in range(options.steps // 10):
        example.step()
    stnb.check("energy drift", abs(example.session.ledger.drift), below=1e-3)
    print(example.render(options.out))


if __name__ == "__main__":
    main()
