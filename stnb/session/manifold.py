"""The session of the thermo-manifold: particles on a grid."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from stnb._core.errors import BackendError, CapacityError, ConfigError, InputError, nearest
from stnb.session.base import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from jaxtyping import Float
    from plotly.graph_objects import Figure

    from stnb.manifold import ManifoldConfig
    from stnb.manifold.carriers import CarrierFrame
    from stnb.manifold.schedule import Schedule
    from stnb.session.engine import Engine

__all__ = ["ManifoldSession"]

log = logging.getLogger("stnb")

DEVICES = ("auto", "cpu", "cuda")
DRIVERS = ("/dev/nvidiactl", "/dev/dxg")
STORES = ("kinetic", "gravitational", "thermal", "oscillator", "elastic", "total")


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

    skipped: int = 0
    """Injections of the schedule that found no room and were left out."""

    _schedule: Schedule | None = None
    _warned: bool = False

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

        device = choose_device("auto") if meta.get("device", "cpu") == "cuda" else "cpu"
        return ManifoldEngine.restore(ManifoldConfig.from_dict(config), arrays, meta, device=device)

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
    def phases(self) -> Float[np.ndarray, " n"]:
        """Phase of each particle's oscillator in rad, as of now."""
        return self._column("phase")

    @property
    def frequencies(self) -> Float[np.ndarray, " n"]:
        """Frequency of each particle's oscillator in rad/s; it never changes."""
        return self._column("frequency")

    @property
    def energies(self) -> Float[np.ndarray, " n"]:
        """Energy of each particle's oscillator in J, as of now."""
        return self._column("energy")

    def _column(self, name: str) -> Float[np.ndarray, " n"]:
        with self._baton.hold():
            return self.engine.column(name)

    @property
    def count(self) -> int:
        """How many particles there are."""
        return self.engine.count

    @property
    def ledger(self) -> Any:
        """Where every joule is and came from: `.drift`, `.table()`, `.plot()`."""
        return self.engine.ledger

    @property
    def schedule(self) -> Schedule | None:
        """What the session injects by itself, however it is stepped; None for nothing.

        >>> session.schedule = Schedule(every=50, size=(40, 80), pattern="cycle")  # doctest: +SKIP

        When and what depends on the session's seed and the step alone. A checkpoint keeps it. An injection that
        finds no room is left out, counted in `skipped`, and warned about once.
        """
        return self._schedule

    @schedule.setter
    def schedule(self, schedule: Schedule | None) -> None:
        from stnb.manifold.schedule import Schedule

        if schedule is not None and not isinstance(schedule, Schedule):
            raise InputError(
                f"schedule = {schedule!r}; give a Schedule(every=…, size=…, pattern=…), or None."
            )
        self._begin()
        with self._baton.hold():
            self._schedule = schedule

    @property
    def carriers(self) -> CarrierFrame:
        """The carriers as of now: frequencies, widths, amplitudes, phases, conflict, state, age, places, anchors."""
        with self._baton.hold():
            return self.engine.carriers()

    def idle(self, mode: str = "consolidate", steps: int = 100) -> None:
        """Let oscillators and carriers go on while matter rests, as `cadence · dt` each.

        Args:
            mode: "consolidate" settles what is there, "disambiguate" pushes neighbouring carriers apart, "explore" tries
                other anchors under more noise.
            steps: How many.
        """
        self._begin()
        with self._baton.hold():
            self.engine.idle(mode, steps)
            self._stale = True
        self.refresh()

    def set_phases(self, phases: Any, uids: Any = None) -> None:
        """Turn oscillators to other phases between two steps.

        Args:
            phases: In rad, one for each oscillator that is named, or one for all of them.
            uids: Their numbers in the order of arrival; None for all.
        """
        self._begin()
        with self._baton.hold():
            self.engine.set_phases(phases, uids)
            self._stale = True
        self.refresh()

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

    def add(
        self,
        positions: Any,
        *,
        velocities: Any = 0.0,
        masses: Any = 1.0,
        heat: Any = 0.0,
        energy: Any = 0.0,
        frequencies: Any = None,
        phases: Any = None,
    ) -> None:
        """Add particles of your own between two steps, one row each; one bad value refuses them all.

        Args:
            positions: (n, 3) in m, inside the box.
            velocities: (n, 3) in m/s, or one vector for all.
            masses: (n,) in kg, positive, or one number.
            heat: (n,) in J, or one number.
            energy: (n,) oscillator energy in J, or one number.
            frequencies: (n,) in rad/s, or one number; drawn if not given.
            phases: (n,) in rad, or one number; drawn if not given.
        """
        self._begin()
        with self._baton.hold():
            columns = {"velocities": velocities, "masses": masses, "heat": heat, "energy": energy}
            self.engine.add(positions, **columns, frequencies=frequencies, phases=phases)
            self._stale = True
        self.refresh()

    def limits(self) -> Any:
        """How long a step may be at present, and what limits it: `.binding`, `.contacts`, `.springs`, `.gravity`."""
        return self.engine.limits()

    def plot_energy(self) -> Figure:
        """The stores of energy over time."""
        stores = [name for name in STORES if name in self.history]
        return self.plot_history(*stores)

    def plot_spectrum(self) -> Figure:
        """Who swings at which frequency, and which carriers hear them."""
        from stnb.plots.carriers import plot_spectrum

        with self._baton.hold():
            return plot_spectrum(self.engine.carriers(), self.engine.column("frequency"))

    def plot_waves(self, carriers: int = 3) -> Figure:
        """The strongest carriers as waves, over the oscillators in their gates."""
        from stnb.plots.carriers import plot_waves

        with self._baton.hold():
            columns = (self.engine.column(name) for name in ("frequency", "phase", "energy"))
            return plot_waves(self.engine.carriers(), *columns, carriers=carriers)

    def plot_order(self) -> Figure:
        """How strong every carrier was over time, coloured by its state, and how ordered everything was."""
        from stnb.plots.carriers import plot_order

        with self._baton.hold():
            return plot_order(self.engine.track, self.history)

    def _between(self) -> None:
        due = self._schedule.at(self.step_index, seed=self.seed) if self._schedule else None
        if due is None:
            return
        try:
            self.engine.inject(due.pattern, due.size)
        except CapacityError as error:
            self.skipped += 1
            self._warn_once(f"step {self.step_index}: {error}")

    def _warn_once(self, reason: str) -> None:
        from stnb.manifold.schedule import CapacityWarning

        if not self._warned:
            self._warned = True
            warnings.warn(
                f"{reason}. This injection is left out, as are later ones without room; `skipped` counts them.",
                CapacityWarning,
                stacklevel=2,
            )

    def _facts(self) -> dict[str, Any]:
        schedule = self._schedule.to_dict() if self._schedule else None
        return {"schedule": schedule, "skipped": self.skipped}

    @classmethod
    def _understand(cls, facts: Mapping[str, Any]) -> dict[str, Any]:
        schedule = facts.get("schedule")
        if schedule is not None:
            from stnb.manifold.schedule import Schedule

            schedule = Schedule.from_dict(schedule)
        return {"_schedule": schedule, "skipped": int(facts.get("skipped", 0))}

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
