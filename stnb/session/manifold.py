"""The session of the thermo-manifold: particles on a grid."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from stnb._core.errors import BackendError, ConfigError, nearest
from stnb.session.base import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from jaxtyping import Float
    from plotly.graph_objects import Figure

    from stnb.manifold import ManifoldConfig
    from stnb.session.engine import Engine

__all__ = ["ManifoldSession"]

log = logging.getLogger("stnb")

DEVICES = ("auto", "cpu", "cuda")
DRIVERS = ("/dev/nvidiactl", "/dev/dxg")
STORES = ("kinetic", "gravitational", "thermal", "oscillator", "total")


class ManifoldSession(Session):
    """Particles that move, collide, heat and cool; every joule is in the ledger.

    Args:
        particles: how many to begin with; 1000, or what `config` says.
        grid: nodes along the sides of the box; 32, or what `config` says.
        seed: one seed, one result, bit for bit, on each back end.
        device: "cpu", "cuda", or "auto" for a CUDA device where there is one and the engine runs there.
        config: settings to start from.
        **overrides: single settings by name.

    >>> session = ManifoldSession(particles=200, grid=16)  # doctest: +SKIP
    >>> session.run(100)  # doctest: +SKIP
    """

    kind: ClassVar[str] = "manifold"

    def __init__(
        self,
        particles: int | None = None,
        grid: Any = None,
        *,
        seed: int = 0,
        device: str = "auto",
        config: ManifoldConfig | None = None,
        **overrides: Any,
    ) -> None:
        from stnb.manifold import ManifoldConfig, ManifoldEngine

        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
            raise ConfigError(f"seed = {seed!r}; give a whole number from 0 to 2**63 - 1.")
        sizes = {"particles": (particles, 1000), "grid": (grid, 32)}
        for name, (given, usual) in sizes.items():
            if given is not None or config is None:
                overrides[name] = usual if given is None else given
        made = ManifoldConfig.build(**overrides) if config is None else config.replace(**overrides)
        try:
            engine = ManifoldEngine(made, seed=seed, device=choose_device(device))
        except BackendError as error:
            if device != "auto":
                raise
            log.info("device='auto' takes the CPU: %s", error)
            engine = ManifoldEngine(made, seed=seed, device="cpu")
        super().__init__(engine, seed=seed)

    @classmethod
    def _rebuild(
        cls, config: Mapping[str, Any], arrays: dict[str, np.ndarray], meta: dict[str, Any]
    ) -> Engine:
        from stnb.manifold import ManifoldConfig, ManifoldEngine

        return ManifoldEngine.restore(ManifoldConfig.from_dict(config), arrays, meta)

    @property
    def device(self) -> str:
        """Where the particles live: "cpu" or "cuda"."""
        return str(getattr(self.engine, "device", "cpu"))

    @property
    def positions(self) -> Float[np.ndarray, "n 3"]:
        """Where the particles are; read-only, as of now."""
        return self.snapshot().positions

    @property
    def velocities(self) -> Float[np.ndarray, "n 3"]:
        """How fast they move; read-only, as of now."""
        return self.snapshot().velocities

    @property
    def heat(self) -> Float[np.ndarray, " n"]:
        """Joules of heat in each particle; read-only, as of now."""
        return self.snapshot().heat

    @property
    def count(self) -> int:
        """How many particles there are."""
        return self.engine.count

    @property
    def ledger(self) -> Any:
        """Where every joule is and came from: `.drift`, `.table()`, `.plot()`."""
        return self.engine.ledger

    def inject(
        self,
        pattern: str = "cluster",
        count: int = 100,
        *,
        centre: tuple[float, float, float] | None = None,
        spread: float | None = None,
        energy: float = 1.0,
    ) -> None:
        """Add particles between two steps; the ledger books what they bring, and views see them at once."""
        self._begin()
        with self._baton.hold():
            self.engine.inject(pattern, count, centre=centre, spread=spread, energy=energy)
            self._stale = True
        self.refresh()

    def plot_energy(self) -> Figure:
        """The stores of energy over time."""
        stores = [name for name in STORES if name in self.history]
        return self.plot_history(*stores)

    def _progress_note(self) -> dict[str, str]:
        return {"drift": f"{self.ledger.drift:.1e}"}


def choose_device(device: str) -> str:
    """The device that is meant; torch is imported only for "cuda", or where an NVIDIA driver is present."""
    if device not in DEVICES:
        raise ConfigError(f"device = {device!r} is unknown; {nearest(str(device), DEVICES)}")
    if device == "cpu" or (device == "auto" and not any(Path(node).exists() for node in DRIVERS)):
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if device == "cuda":
        raise BackendError(
            f"device = 'cuda', but torch {torch.__version__} finds no CUDA device; use device='cpu'."
        )
    return "cpu"
