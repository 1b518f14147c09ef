"""Bursts of particles, one a token, drawn all at once.

A token has a place and a frequency; its particles scatter about both:

    position  centre(id) + spread·normal, kept inside [0.5, g − 1.5] nodes along each axis, times the spacing
    velocity  0.05·normal m/s
    ω         ω(id) + 0.01·normal rad/s
    phase     uniform on [0, 2π)
    mass      energy_scale kg,  oscillator energy  energy_scale J,  heat  0

Numbers come from counters (`stnb_kernels.random`), so the seed and the number of the draw decide them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from stnb_kernels import fill_random

from stnb.manifold.tokens.mappings import token_centre, token_frequency

if TYPE_CHECKING:
    from jaxtyping import Float64, Int64

    from stnb.manifold.tokens.config import TokenConfig

__all__ = ["TokenParticles", "draw_bursts", "no_particles"]

NORMALS, UNIFORMS = 80, 81
"""Streams of random numbers."""
SPEED = 0.05
DETUNING = 0.01
WALL_MARGIN = 0.5


@dataclass(frozen=True)
class TokenParticles:
    """Particles as rows; all but the ids are what `ManifoldSession.add` takes."""

    positions: Float64[np.ndarray, "n 3"]
    velocities: Float64[np.ndarray, "n 3"]
    masses: Float64[np.ndarray, " n"]
    heat: Float64[np.ndarray, " n"]
    energy: Float64[np.ndarray, " n"]
    omega: Float64[np.ndarray, " n"]
    phases: Float64[np.ndarray, " n"]
    ids: Int64[np.ndarray, " n"]

    @property
    def count(self) -> int:
        """How many."""
        return len(self.ids)

    def arrivals(self) -> dict[str, np.ndarray]:
        """Arguments of `ManifoldSession.add`."""
        names = ("positions", "velocities", "masses", "heat", "energy", "phases")
        return {name: getattr(self, name) for name in names} | {"frequencies": self.omega}

    def joined(self, other: TokenParticles) -> TokenParticles:
        """These, then the others."""
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return TokenParticles(*(np.concatenate(pair) for pair in pairs))

    def __repr__(self) -> str:
        return f"TokenParticles({self.count} particles of {len(np.unique(self.ids))} tokens)"


def no_particles() -> TokenParticles:
    """An empty population."""
    vectors, scalars = (np.zeros((0, 3)) for _ in range(2)), (np.zeros(0) for _ in range(5))
    return TokenParticles(*vectors, *scalars, ids=np.zeros(0, np.int64))


def draw_bursts(
    ids: Int64[np.ndarray, " t"],
    config: TokenConfig,
    *,
    each: int,
    energy: float,
    seed: int,
    batch: int,
) -> TokenParticles:
    """`each` particles for every token, in the order of the tokens.

    Args:
        ids: Tokens of the vocabulary.
        config: Box, spread and frequencies.
        each: Particles of a token.
        energy: Energy in J and mass in kg of a particle.
        seed: The run's seed.
        batch: Number of this draw in the run; two draws share no random number.
    """
    n = len(ids) * each
    owner = np.repeat(ids, each)
    normal, turn = np.empty(7 * n), np.empty(n)
    draw: dict[str, Any] = {"seed": seed, "step": batch, "backend": "reference"}
    fill_random(normal, stream=NORMALS, law="normal", **draw)
    fill_random(turn, stream=UNIFORMS, **draw)
    normal = normal.reshape(n, 7)
    highest = np.maximum(np.array(config.grid) - 1.0 - WALL_MARGIN, WALL_MARGIN)
    place = token_centre(owner, config.grid) + config.injection_spread * normal[:, :3]
    base = token_frequency(owner, omega_mod=config.omega_mod, omega_range=config.omega_range)
    return TokenParticles(
        positions=np.clip(place, WALL_MARGIN, highest) * config.spacing,
        velocities=SPEED * normal[:, 3:6],
        masses=np.full(n, energy),
        heat=np.zeros(n),
        energy=np.full(n, energy),
        omega=base + DETUNING * normal[:, 6],
        phases=2 * np.pi * turn,
        ids=owner,
    )
