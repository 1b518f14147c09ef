"""The engine: one kick–drift–kick step of particles in the fields that they make."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import stnb_kernels as kernels
from stnb_kernels.tally import SUMS

from stnb._core.errors import BackendError, CapacityError, CheckpointError, InputError
from stnb._core.frames import ParticleFrame
from stnb.manifold.generator import generate
from stnb.manifold.ledger import STORES, Ledger
from stnb.manifold.state import Fields, Particles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stnb.manifold.config import ManifoldConfig

__all__ = ["ManifoldEngine"]

SAMPLE_ONLY = 0.0


class ManifoldEngine:
    """Particles on a grid.

    One step is

    1. half a kick with the last acceleration, a drift, the boundary;
    2. deposit of mass and heat, Poisson's equation, conduction of heat;
    3. the second half of the kick in the new fields, and the heat that comes back.

    Second order in time in the conservative part. One seed gives one result, to the bit.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        *STORES,
        "total",
        "supplied",
        "drift",
        "momentum",
        "fastest",
        "count",
    )

    def __init__(self, config: ManifoldConfig, *, seed: int = 0, device: str = "cpu") -> None:
        if device != "cpu":
            missing = [
                n for n, op in kernels.ops().items() if "cuda" not in op.order and "triton" not in op.order
            ]
            raise BackendError(
                f"device={device!r}: a session does not run there, because {', '.join(missing)} have no GPU version; "
                "use device='cpu'"
            )
        self.config = config
        self.seed = seed
        self.device = device
        self.step_index = 0
        self.time = 0.0
        self.ledger = Ledger()
        self.particles = Particles.allocate(config)
        self.fields = Fields.allocate(config)
        self._grid = config.lattice
        self._sums = np.zeros(len(SUMS))
        self._batches = 0
        self._append(config.pattern, config.particles)
        self._sample()
        self.ledger.post(self._stores())

    @property
    def count(self) -> int:
        """Number of particles."""
        return self.particles.count

    def advance(self) -> None:
        """Take one step."""
        c, p = self.config, self.particles
        kernels.drift_particles(
            p["position"],
            p["velocity"],
            p["acceleration"],
            p["mass"],
            p["heat"],
            self._grid,
            dt=c.dt,
            wall_margin=c.wall_margin,
            wall_restitution=c.wall_restitution,
        )
        self._solve()
        self._kick(c.dt)
        self.step_index += 1
        self.time += c.dt
        self.ledger.post(self._stores())

    def measure(self) -> dict[str, float]:
        """The ledger's rows and a few numbers of the step just taken, in the order of `COLUMNS`."""
        sums = self._named_sums()
        ledger = self.ledger
        momentum = math.hypot(sums["momentum_x"], sums["momentum_y"], sums["momentum_z"])
        return {
            **self._stores_of(sums),
            "total": ledger.total,
            "supplied": ledger.supplied,
            "drift": ledger.drift,
            "momentum": momentum,
            "fastest": sums["fastest"],
            "count": float(self.count),
        }

    def snapshot(self) -> ParticleFrame:
        """A copy of the particles as they are."""
        p = self.particles
        heat, mass = p["heat"], p["mass"]
        return ParticleFrame(
            step=self.step_index,
            time=self.time,
            positions=p["position"].T,
            velocities=p["velocity"].T,
            heat=heat,
            temperature=heat / (mass * heat.dtype.type(self.config.specific_heat)),
            mass=mass,
        )

    def configure(self, config: ManifoldConfig) -> None:
        """Take other live settings; the energy that they make or take is booked as supplied."""
        self.config = config
        self._sample()
        self.ledger.supply(self._stores())

    def inject(
        self,
        pattern: str,
        count: int,
        *,
        centre: Sequence[float] | None = None,
        spread: float | None = None,
        energy: float = 1.0,
    ) -> None:
        """Add particles; what they bring is booked as supplied."""
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise InputError(f"count must be a number of particles, 0 or more, got {count!r}")
        self._append(pattern, count, centre=centre, spread=spread, energy=energy)
        self._sample()
        self.ledger.supply(self._stores())

    def state(self) -> dict[str, np.ndarray]:
        """The particles' columns; the fields follow from them."""
        return {name: np.ascontiguousarray(column) for name, column in self.particles.columns().items()}

    def meta(self) -> dict[str, Any]:
        """Everything else that a resumed run needs."""
        return {
            "seed": self.seed,
            "step": self.step_index,
            "time": self.time,
            "batches": self._batches,
            "ledger": self.ledger.to_dict(),
        }

    @classmethod
    def restore(
        cls, config: ManifoldConfig, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]
    ) -> ManifoldEngine:
        """An engine that goes on where a saved one stopped, bit for bit."""
        engine = cls(config.replace(particles=0, capacity=config.room), seed=int(meta["seed"]))
        count = _checked_count(arrays, config)
        engine.config = config
        engine.particles.count = count
        for name in Particles.COLUMNS:
            engine.particles[name][...] = arrays[name]
        engine.step_index, engine.time = int(meta["step"]), float(meta["time"])
        engine._batches = int(meta["batches"])
        engine.ledger = Ledger.from_dict(meta["ledger"])
        engine._tally()
        return engine

    def _append(self, pattern: str, count: int, **options: Any) -> None:
        p, room = self.particles, self.config.room
        if p.count + count > room:
            raise CapacityError(
                f"{count} more particles do not fit beside {p.count}: the capacity is {room}; "
                f"make the session with capacity={p.count + count}"
            )
        batch = generate(self.config, pattern, count, seed=self.seed, batch=self._batches, **options)
        new = slice(p.count, p.count + count)
        for name, values in batch._asdict().items():
            getattr(p, name)[..., new] = values
        p.count += count
        self._batches += 1

    def _solve(self) -> None:
        """Fields of the present positions."""
        c, p, f, grid = self.config, self.particles, self.fields, self._grid
        kernels.build_cells(p["position"], grid, f.cells)
        kernels.deposit_particles(p["position"], p["mass"], p["heat"], grid, f.cells, f.mass, f.heat)
        kernels.solve_poisson(f.mass, grid, c.gravity, f.potential)
        mean_mass = float(p["mass"].mean(dtype=np.float64)) if p.count else 1.0
        rate = c.conductivity * c.particle_radius / (mean_mass * c.specific_heat)
        kernels.diffuse_heat(
            f.mass,
            f.heat,
            grid,
            f.share,
            f.keep,
            f.scratch,
            dt=c.dt,
            conductivity=c.conductivity,
            specific_heat=c.specific_heat,
            relaxation=-math.expm1(-rate * c.dt),
        )

    def _kick(self, dt: float) -> None:
        p, f = self.particles, self.fields
        kernels.kick_particles(
            p["position"],
            p["velocity"],
            p["mass"],
            p["heat"],
            self._grid,
            f.potential,
            f.share,
            f.keep,
            p["acceleration"],
            p["potential"],
            dt=dt,
            specific_heat=self.config.specific_heat,
        )

    def _sample(self) -> None:
        """Acceleration and potential of the present positions, without moving anything or any heat."""
        self._solve()
        self.fields.share[...] = 0
        self.fields.keep[...] = 0
        self._kick(SAMPLE_ONLY)

    def _tally(self) -> None:
        p = self.particles
        kernels.tally_particles(p["velocity"], p["mass"], p["heat"], p["energy"], p["potential"], self._sums)

    def _stores(self) -> dict[str, float]:
        self._tally()
        return self._stores_of(self._named_sums())

    def _named_sums(self) -> dict[str, float]:
        return {name: float(value) for name, value in zip(SUMS, self._sums, strict=True)}

    @staticmethod
    def _stores_of(sums: Mapping[str, float]) -> dict[str, float]:
        return {
            "kinetic": sums["kinetic"],
            "gravitational": sums["potential"],
            "thermal": sums["heat"],
            "oscillator": sums["oscillator"],
        }


def _checked_count(arrays: Mapping[str, np.ndarray], config: ManifoldConfig) -> int:
    """The number of saved particles; refuses columns that do not belong together."""
    missing = [name for name in Particles.COLUMNS if name not in arrays]
    if missing:
        raise CheckpointError(f"the file lacks the columns {', '.join(missing)}; it is not of this version")
    count = int(arrays["mass"].shape[0])
    for name in Particles.COLUMNS:
        array = arrays[name]
        shape = (3, count) if name in ("position", "velocity", "acceleration") else (count,)
        if array.shape != shape or str(array.dtype) != config.dtype:
            raise CheckpointError(
                f"{name} is {array.dtype}{array.shape} in the file, expected {config.dtype}{shape}; the file is damaged"
            )
        if not np.isfinite(array).all():
            raise CheckpointError(f"{name} holds NaN or infinity in the file; the file is damaged")
    return count
