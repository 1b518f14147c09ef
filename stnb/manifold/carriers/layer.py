"""The spectral layer of a run: its oscillators, its carriers, and their step.

    tune → review → swing → evolve → recall → remember → breed → spawn → thermalize

The oscillators are the particles seen in frequency: they are sorted by ω, whatever becomes of the particles in space,
and only their energy touches matter, which it warms. So what happens in space cannot change a carrier, to the bit,
unless `thermal_coupling` is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import stnb_kernels as kernels
from stnb_kernels.bank import COUNT, Bank, Oscillators
from stnb_kernels.spectrum import Spectrum

from stnb._core.errors import CheckpointError, InputError
from stnb.manifold.carriers.births import newcomers
from stnb.manifold.carriers.modes import idle_law

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jaxtyping import Float, Int
    from stnb_kernels.law import CarrierLaw

    from stnb.manifold.config import ManifoldConfig
    from stnb.manifold.memory import Memory
    from stnb.manifold.state import Particles

__all__ = ["SpectralLayer"]

SAVED = ("phase", "frequency", "energy", "oscillator_uid")


class SpectralLayer:
    """Oscillators with room for every particle, and a bank of carriers."""

    def __init__(self, config: ManifoldConfig, memory: Memory, *, seed: int) -> None:
        self.seed = seed
        self.count = 0
        self.pumped = 0.0
        self._config = config
        self._memory = memory
        room = config.room
        self._phase, self._frequency, self._energy = (memory.zeros(room) for _ in range(3))
        self._uid, self._where, self._home = (memory.zeros(room, dtype="int32") for _ in range(3))
        self.arriving = memory.zeros(room)
        self.bank = Bank.allocate(config.carriers, self._phase)
        self.spectrum = Spectrum.allocate(room, config.carriers, self._phase)
        self._recorded: Callable[[], None] | None = None

    def __repr__(self) -> str:
        s, bank = self.spectrum, self._memory.host(self.bank.counts)
        how = f"moments of order {s.order}, error ≤ {s.bound:.0e} of ΣA" if self._moments() else "every pair"
        held = f"{int(bank[COUNT])} of {self.bank.capacity} carriers"
        return f"SpectralLayer({self.count} oscillators, {held}; sums by {how})"

    @property
    def oscillators(self) -> Oscillators:
        """The columns of those that exist."""
        columns = (self._phase, self._frequency, self._energy, self._uid, self._where)
        return Oscillators(*(column[: self.count] for column in columns))

    @property
    def energy(self) -> Float[Any, " n"]:
        """E of every oscillator, in the order of frequency."""
        return self._energy[: self.count]

    @property
    def fed(self) -> float:
        """Energy that crystallized carriers gave their anchors since the beginning, in J."""
        return float(self._memory.host(self.spectrum.books)[0])

    def arrive(
        self,
        first: int,
        last: int,
        *,
        batch: int,
        frequencies: Float[np.ndarray, " m"] | None = None,
        phases: Float[np.ndarray, " m"] | None = None,
    ) -> None:
        """Take in particles first … last, whose energies lie in `arriving`; draw frequencies and phases if not given."""
        made = newcomers(self._config, last - first, seed=self.seed, batch=batch)
        fresh = {
            "phase": made.phase if phases is None else np.mod(phases, 2 * np.pi),
            "frequency": made.frequency if frequencies is None else frequencies,
            "energy": self._memory.host(self.arriving[first:last]),
            "oscillator_uid": np.arange(first, last, dtype=np.int32),
        }
        there = self.state()
        self._settle({name: np.concatenate([there[name], fresh[name]]) for name in SAVED})

    def leave(self, count: int) -> None:
        """Forget all but the first `count` arrivals: an arrival that was refused."""
        there = self.state()
        stays = there["oscillator_uid"] < count
        self._settle({name: there[name][stays] for name in SAVED})

    def step(self, particles: Particles) -> None:
        """Advance oscillators and carriers by `cadence · dt`, and let the oscillators warm their particles."""
        config = self._config
        if self._recorded is None:
            law = config.law(config.cadence * config.dt)
            self._recorded = self._record(lambda: self._enqueue(law, particles), particles)
        self._recorded()
        self.pumped += config.pump * config.cadence * config.dt * self.count

    def follow(self, particles: Particles) -> None:
        """Find every oscillator's particle again, after a sort or an arrival."""
        uid, n = particles.uid[: self.count], self.count
        if self._memory.on_host:
            self._home[self._where[uid]] = np.arange(n, dtype=np.int32)
            return
        import torch

        places = self._where[uid.long()].long()
        self._home[places] = torch.arange(n, dtype=torch.int32, device=self._home.device)

    def idle(self, mode: str, steps: int) -> None:
        """Advance oscillators and carriers while matter rests; no energy becomes heat and none is pumped."""
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 0:
            raise InputError(f"steps must be a number of steps, 0 or more, got {steps!r}")
        config = self._config
        law = idle_law(config, mode, max(config.cadence, 1) * config.dt)
        for _ in range(steps):
            self._bind(law)

    def set_phases(self, phases: Float[np.ndarray, " m"], uids: Int[np.ndarray, " m"]) -> None:
        """Turn some oscillators, named by uid, to other phases."""
        columns = self.state()
        place = np.empty(self.count, dtype=np.int64)
        place[columns["oscillator_uid"]] = np.arange(self.count)
        turned = columns["phase"]
        turned[place[uids]] = np.mod(phases, 2 * np.pi)
        self._memory.fill(self._phase[: self.count], turned % turned.dtype.type(2 * np.pi))

    def renew(self, config: ManifoldConfig) -> None:
        """Go on with other settings; what was recorded is recorded again."""
        self._config = config
        self._recorded = None

    def state(self) -> dict[str, np.ndarray]:
        """The oscillators on the host."""
        columns = (self._phase, self._frequency, self._energy, self._uid)
        return {name: self._memory.host(c[: self.count]) for name, c in zip(SAVED, columns, strict=True)}

    def bank_state(self) -> dict[str, np.ndarray]:
        """The carriers on the host."""
        bank = self.bank
        return {f"bank_{name}": self._memory.host(getattr(bank, name)) for name in Bank.__slots__}

    def mean_order(self) -> float:
        """|Σ_i A_i e^{iθ_i}| / Σ_i A_i."""
        o = self.oscillators
        phase, energy = (self._memory.host(a).astype(np.float64) for a in (o.phase, o.energy))
        amplitude = np.sqrt(energy)
        return float(abs((amplitude * np.exp(1j * phase)).sum()) / max(amplitude.sum(), 1e-300))

    def resume(self, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> None:
        """Go on where a saved layer stopped; refuses columns that do not belong together."""
        _refuse_damaged(arrays)
        for name in Bank.__slots__:
            target, saved = getattr(self.bank, name), arrays[f"bank_{name}"]
            if tuple(target.shape) != saved.shape:
                raise CheckpointError(
                    f"bank_{name} has shape {saved.shape}, expected {tuple(target.shape)}; damaged"
                )
            self._memory.fill(target, saved)
        self._memory.fill(self.spectrum.books, np.array([meta["fed"]], dtype=np.float64))
        self.pumped = float(meta["pumped"])
        self._settle({name: arrays[name] for name in SAVED})

    def _settle(self, columns: Mapping[str, np.ndarray]) -> None:
        """Write these oscillators in the order of their frequencies."""
        order = np.lexsort((columns["oscillator_uid"], columns["frequency"]))
        n = self.count = len(order)
        targets = (self._phase, self._frequency, self._energy, self._uid)
        for name, target in zip(SAVED, targets, strict=True):
            self._memory.fill(target[:n], columns[name][order])
        uid = columns["oscillator_uid"][order]
        where = np.empty(n, dtype=np.int32)
        where[uid] = np.arange(n, dtype=np.int32)
        self._memory.fill(self._where[:n], where)
        frequency = columns["frequency"][order].astype(self._memory.dtype)
        self.spectrum.arrange(frequency, width_min=self._config.gate_width_min)
        self._recorded = None

    def _moments(self) -> bool:
        return (
            self.spectrum.algorithm if self._config.tuning == "auto" else self._config.tuning
        ) == "moments"

    def _bind(self, law: CarrierLaw) -> None:
        """One step of phases and carriers."""
        o, bank, spectrum, seed = self.oscillators, self.bank, self.spectrum, self.seed
        algorithm = None if self._config.tuning == "auto" else self._config.tuning
        kernels.tune_carriers(o, bank, spectrum, algorithm=algorithm)
        kernels.review_carriers(o, bank, spectrum, law)
        kernels.swing_oscillators(o, bank, spectrum, law, seed=seed, algorithm=algorithm)
        kernels.evolve_carriers(o, bank, spectrum, law, seed=seed)
        kernels.recall_anchors(o, bank, spectrum, law, seed=seed)
        kernels.remember_anchors(o, bank, spectrum, law, seed=seed)
        kernels.breed_carriers(o, bank, spectrum, law)
        kernels.spawn_carriers(o, bank, spectrum, law)

    def _enqueue(self, law: CarrierLaw, particles: Particles) -> None:
        self._bind(law)
        kernels.thermalize_oscillators(
            self.energy,
            self._home[: self.count],
            particles["heat"],
            particles["mass"],
            law,
            specific_heat=self._config.specific_heat,
        )

    def _record(self, call: Callable[[], None], particles: Particles) -> Callable[[], None]:
        """The step as one graph. Recording runs it, so the state is put back afterwards.

        In float64 a GPU sums by plain torch operations, which wait for the host: that is no graph.
        """
        if self._memory.on_host or self._memory.dtype == "float64":
            return call
        bank = self.bank
        changed = (
            self._phase,
            self._energy,
            bank.real,
            bank.whole,
            bank.counts,
            self.spectrum.books,
            particles.block,
        )
        kept = [a.clone() for a in changed]
        recorded = self._memory.recorded(call)
        for target, source in zip(changed, kept, strict=True):
            target.copy_(source)
        return recorded


def _refuse_damaged(arrays: Mapping[str, np.ndarray]) -> None:
    """Columns must be there, of one length, finite, and name every oscillator once."""
    missing = [name for name in (*SAVED, *(f"bank_{n}" for n in Bank.__slots__)) if name not in arrays]
    if missing:
        raise CheckpointError(f"the file lacks the columns {', '.join(missing)}; it is not of this version")
    uid = arrays["oscillator_uid"]
    if not np.array_equal(np.sort(uid), np.arange(len(uid))):
        raise CheckpointError("oscillator_uid in the file is no permutation; the file is damaged")
    for name in ("phase", "frequency", "energy", "bank_real"):
        column = arrays[name]
        if name != "bank_real" and column.shape != uid.shape:
            raise CheckpointError(
                f"{name} has shape {column.shape} in the file, expected {uid.shape}; it is damaged"
            )
        if not np.isfinite(column).all():
            raise CheckpointError(f"{name} holds NaN or infinity in the file; the file is damaged")
