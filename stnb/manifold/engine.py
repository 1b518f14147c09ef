"""The engine: one kick–drift–kick step of particles in the fields that they make."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import stnb_kernels as kernels
from stnb_kernels.tally import SUMS

from stnb._core.errors import CapacityError, CheckpointError, InputError
from stnb._core.frames import ParticleFrame
from stnb.manifold.arrivals import checked_arrivals, checked_phases
from stnb.manifold.carriers.layer import SAVED, SpectralLayer
from stnb.manifold.carriers.portrait import CARRIER_COLUMNS, carrier_row, portrait
from stnb.manifold.carriers.track import CarrierTrack
from stnb.manifold.generator import place_request
from stnb.manifold.ledger import FLOWS, SOURCES, STORES, Ledger
from stnb.manifold.limits import StabilityWarning, StepLimits, enforce, step_limits
from stnb.manifold.memory import Memory
from stnb.manifold.pipeline import Pipeline
from stnb.manifold.state import COLUMNS, VECTORS, Fields, Particles, Sums

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jaxtyping import Float

    from stnb.manifold.carriers.frame import CarrierFrame
    from stnb.manifold.config import ManifoldConfig

__all__ = ["ManifoldEngine"]

SORT_EVERY = 64
"""Steps between two sorts of the columns by cell, which keep the kernels' reads close together."""

POTENTIAL, OSCILLATOR = "potential", "oscillator"
NOW, RUN = 0, 1


class ManifoldEngine:
    """Particles on a grid, on one device.

    `advance` takes a step; see `stnb.manifold.pipeline` for its order. Every `cadence` steps, and at the very first, the
    carriers take one before it; see `stnb.manifold.carriers.layer`. On a GPU a step is one recorded graph of
    kernels and nothing waits for it; `measure` and `snapshot` do. One seed gives one result, to the bit.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        *STORES,
        "total",
        "supplied",
        *FLOWS,
        "residual",
        "drift",
        "momentum",
        "fastest",
        "count",
        *CARRIER_COLUMNS,
    )

    def __init__(self, config: ManifoldConfig, *, seed: int = 0, device: str = "cpu") -> None:
        self.config = config
        self.seed = seed
        self.device = device
        self.step_index = 0
        self.time = 0.0
        self.ledger = Ledger()
        self.memory = Memory(device, config.dtype)
        self.particles = Particles.allocate(config, self.memory)
        self.fields = Fields.allocate(config, self.memory)
        self.sums = Sums.allocate(self.memory)
        self.spectral = SpectralLayer(config, self.memory, seed=seed)
        self._batches = 0
        self._carriers: dict[str, float] | None = None
        self.track = CarrierTrack()
        self._warned = False
        self._mean_mass = self._lightest = 1.0
        self._place(config.pattern, config.particles)
        self._sample()
        self._enforce(stacklevel=5)
        self.ledger.post(self._stores(), self._flows())

    @property
    def count(self) -> int:
        """Number of particles."""
        return self.particles.count

    def advance(self) -> None:
        """Take one step; on a GPU, ask for it."""
        if self.step_index % SORT_EVERY == 0:
            self.pipeline.sort()
            self.spectral.follow(self.particles)
        if self.config.cadence and self.step_index % self.config.cadence == 0:
            self.spectral.step(self.particles)
            self._carriers = None
        self.pipeline.step()
        self.step_index += 1
        self.time += self.config.dt

    def measure(self) -> dict[str, float]:
        """The ledger's rows and a few numbers of the present state, in the order of `COLUMNS`."""
        ledger = self.ledger
        ledger.post(self._stores(), self._flows())
        sums = self._named(NOW)
        self._watch(sums["fastest"])
        return {
            **ledger.stores,
            "total": ledger.total,
            "supplied": ledger.supplied,
            **ledger.flows,
            "residual": ledger.residual,
            "drift": ledger.drift,
            "momentum": math.hypot(sums["momentum_x"], sums["momentum_y"], sums["momentum_z"]),
            "fastest": sums["fastest"],
            "count": float(self.count),
            **self._carrier_row(),
        }

    def limits(self) -> StepLimits:
        """How long a step may be at present."""
        densest = float(self.memory.host(self.fields.mass.max())) / self.config.lattice.cell_volume
        fastest = self._named(NOW)["fastest"]
        return step_limits(self.config, fastest=fastest, densest=densest, lightest=self._lightest)

    def snapshot(self) -> ParticleFrame:
        """A copy of the particles as they are, in the order of their arrival."""
        mass, heat = self.column("mass"), self.column("heat")
        return ParticleFrame(
            step=self.step_index,
            time=self.time,
            positions=self.column("position").T,
            velocities=self.column("velocity").T,
            heat=heat,
            temperature=heat / (mass * heat.dtype.type(self.config.specific_heat)),
            mass=mass,
            swing=np.sqrt(self.column("energy")) * np.cos(self.column("phase")),
        )

    def carriers(self) -> CarrierFrame:
        """A copy of the carriers as they are, the oldest first."""
        return portrait(self.spectral, self.column("position").T, step=self.step_index, time=self.time)

    def idle(self, mode: str, steps: int) -> None:
        """Let oscillators and carriers go on while matter rests; what the carriers feed is booked."""
        self.spectral.idle(mode, steps)
        self._carriers = None
        self._sample()
        self.measure()

    def set_phases(self, phases: Any, uids: Any) -> None:
        """Turn some oscillators to other phases; one bad value refuses them all."""
        self.spectral.set_phases(*checked_phases(phases, uids, self.count))
        self._carriers = None

    def column(self, name: str) -> Float[np.ndarray, "... n"]:
        """A copy of a column on the host, in the order of arrival."""
        if name in SAVED:
            there = self.spectral.state()
            ordered = np.empty_like(there[name])
            ordered[there["oscillator_uid"]] = there[name]
            return ordered
        values = self.memory.host(self.particles[name])
        ordered = np.empty_like(values)
        ordered[..., self.memory.host(self.particles.uid[: self.count])] = values
        return ordered

    def configure(self, config: ManifoldConfig) -> None:
        """Take other live settings; the energy that they make or take is booked as supplied."""
        before = self.config
        self.config = config
        try:
            if config.dt != before.dt:
                self._enforce(stacklevel=6)
            self.spectral.renew(config)
        except Exception:
            self.config = before
            raise
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
        self._place(pattern, count, centre=centre, spread=spread, energy=energy)
        self._sample()
        self.ledger.supply(self._stores())

    def add(self, positions: Any, **columns: Any) -> None:
        """Add particles with these positions; see `stnb.manifold.arrivals` for the other columns."""
        arrivals = checked_arrivals(self.config, positions, **columns)
        first, last = self._room_for(arrivals.count)
        for name, values in arrivals.columns().items():
            self.memory.fill(self.particles.part(name, first, last), values)
        self.memory.fill(self.spectral.arriving[first:last], arrivals.energy)
        self._arrived(first, last, frequencies=arrivals.frequency, phases=arrivals.phase)
        self._sample()
        try:
            self._enforce(stacklevel=6)
        except Exception:
            self.particles.count = first
            self._batches -= 1
            self.spectral.leave(first)
            self._recount()
            self._sample()
            raise
        self.ledger.supply(self._stores())

    def state(self) -> dict[str, np.ndarray]:
        """The particles' columns as they lie in memory, and who sits where; the fields follow from them."""
        columns = {
            name: np.ascontiguousarray(self.memory.host(c)) for name, c in self.particles.columns().items()
        }
        uid = self.memory.host(self.particles.uid[: self.count])
        return {**columns, "uid": uid, **self.spectral.state(), **self.spectral.bank_state()}

    def meta(self) -> dict[str, Any]:
        """Everything else that a resumed run needs."""
        self.measure()
        return {
            "seed": self.seed,
            "step": self.step_index,
            "time": self.time,
            "device": self.device,
            "batches": self._batches,
            "mean_mass": self._mean_mass,
            "sums": self.memory.host(self.sums.values).tolist(),
            "ledger": self.ledger.to_dict(),
            "pumped": self.spectral.pumped,
            "fed": self.spectral.fed,
        }

    @classmethod
    def restore(
        cls,
        config: ManifoldConfig,
        arrays: Mapping[str, np.ndarray],
        meta: Mapping[str, Any],
        *,
        device: str = "cpu",
    ) -> ManifoldEngine:
        """An engine that goes on where a saved one stopped, bit for bit when it is on the same kind of device."""
        count = _checked_count(arrays, config)
        sums = np.asarray(meta["sums"], dtype=np.float64)
        if sums.shape != (2, len(SUMS)):
            raise CheckpointError(
                f"the sums have shape {sums.shape}, expected {(2, len(SUMS))}; another version"
            )
        engine = cls(config.replace(particles=0, capacity=config.room), seed=int(meta["seed"]), device=device)
        engine.config = config
        engine.particles.count = count
        for name in COLUMNS:
            engine.memory.fill(engine.particles[name], arrays[name])
        engine.memory.fill(engine.particles.uid[:count], arrays["uid"])
        engine.memory.fill(engine.sums.values, sums)
        engine.step_index, engine.time = int(meta["step"]), float(meta["time"])
        engine._batches = int(meta["batches"])
        engine.spectral.renew(config)
        engine.spectral.resume(arrays, meta)
        engine._recount(float(meta["mean_mass"]))
        engine.pipeline.list_neighbours()
        engine.ledger = Ledger.from_dict(meta["ledger"])
        return engine

    def _enforce(self, *, stacklevel: int) -> None:
        """Refuse or warn of a step that is too long for what is there now."""
        limits = self.limits()
        enforce(self.config, limits, stacklevel=stacklevel)
        self._warned = self.config.dt > limits.contacts

    def _watch(self, fastest: float) -> None:
        """Warn, once, when particles have become so fast that contacts are missed."""
        limits = step_limits(self.config, fastest=fastest, densest=0.0, lightest=0.0)
        if self.config.dt > limits.contacts and not self._warned:
            self._warned = True
            warnings.warn(
                f"at step {self.step_index} the fastest particle moves {fastest:.3g} m/s, for which dt = "
                f"{self.config.dt:g} s is beyond the limit of {limits.contacts:.3g} s: bounces are missed; "
                f"use a shorter step, or limiters=True",
                StabilityWarning,
                stacklevel=4,
            )

    def _place(self, pattern: str, count: int, **options: Any) -> None:
        request = place_request(self.config, pattern, count, seed=self.seed, batch=self._batches, **options)
        first, last = self._room_for(count)
        p = self.particles
        position, velocity, mass, heat = (
            p.part(name, first, last) for name in ("position", "velocity", "mass", "heat")
        )
        energy = self.spectral.arriving[first:last]
        kernels.place_particles(position, velocity, mass, heat, energy, **request)
        self._arrived(first, last)

    def _room_for(self, count: int) -> tuple[int, int]:
        """Where new particles go; refuses more than fit."""
        first, room = self.count, self.config.room
        if first + count > room:
            raise CapacityError(
                f"{count} more particles do not fit beside {first}: the capacity is {room}; "
                f"make the session with capacity={first + count}"
            )
        return first, first + count

    def _arrived(self, first: int, last: int, **own: Any) -> None:
        """Take in places first … last; `own` are frequencies and phases that somebody brought along."""
        p = self.particles
        for name in ("acceleration", "thrust", "push", "potential"):
            p.part(name, first, last)[...] = 0
        self.memory.fill(p.uid[first:last], np.arange(first, last, dtype=np.int32))
        p.count = last
        self.spectral.arrive(first, last, batch=self._batches, **own)
        self._batches += 1
        self._recount()

    def _recount(self, mean_mass: float | None = None) -> None:
        """Numbers that depend on who is there, and the recorded step that contains them."""
        mass = self.memory.host(self.particles["mass"])
        self._lightest = float(mass.min()) if mass.size else 0.0
        if mean_mass is None:
            mean_mass = float(mass.mean(dtype=np.float64)) if mass.size else 1.0
        self._mean_mass = mean_mass
        self.spectral.follow(self.particles)
        self._renew()

    def _renew(self) -> None:
        self.pipeline = Pipeline(
            self.config,
            self.memory,
            self.particles,
            self.fields,
            self.sums,
            energy=self.spectral.energy,
            mean_mass=self._mean_mass,
            lightest=self._lightest,
        )

    def _sample(self) -> None:
        """Fields and sums of the present positions, without moving anything or any heat."""
        self._renew()
        self.pipeline.sample()

    def _named(self, row: int) -> dict[str, float]:
        values = self.memory.host(self.sums.values)[row].tolist()
        return dict(zip(SUMS, values, strict=True))

    def _stores(self) -> dict[str, float]:
        sums = self._named(NOW)
        aliases = {"gravitational": POTENTIAL, "thermal": "heat"}
        return {name: sums[aliases.get(name, name)] for name in STORES}

    def _flows(self) -> dict[str, float]:
        sums = self._named(RUN) | dict(zip(SOURCES, (self.spectral.pumped, self.spectral.fed), strict=True))
        return {name: sums[name] for name in FLOWS}

    def _carrier_row(self) -> dict[str, float]:
        """What the history keeps of the carriers; it changes with their steps only."""
        if self._carriers is None:
            bank = self.spectral.bank_state()
            self.track.append(self.time, bank)
            self._carriers = carrier_row(self.spectral, bank)
        return self._carriers


def _checked_count(arrays: Mapping[str, np.ndarray], config: ManifoldConfig) -> int:
    """The number of saved particles; refuses columns that do not belong together."""
    missing = [name for name in (*COLUMNS, "uid") if name not in arrays]
    if missing:
        raise CheckpointError(f"the file lacks the columns {', '.join(missing)}; it is not of this version")
    count = int(arrays["mass"].shape[0])
    for name in COLUMNS:
        array = arrays[name]
        shape = (3, count) if name in VECTORS else (count,)
        if array.shape != shape or str(array.dtype) != config.dtype:
            raise CheckpointError(
                f"{name} is {array.dtype}{array.shape} in the file, expected {config.dtype}{shape}; the file is damaged"
            )
        if not np.isfinite(array).all():
            raise CheckpointError(f"{name} holds NaN or infinity in the file; the file is damaged")
    if not np.array_equal(np.sort(arrays["uid"]), np.arange(count)):
        raise CheckpointError("uid in the file is no permutation of the particles; the file is damaged")
    if count > config.room:
        raise CheckpointError(
            f"the file holds {count} particles and its capacity is {config.room}; it is damaged"
        )
    return count
