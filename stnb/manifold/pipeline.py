"""One step as a sequence of kernels.

    drag ½, pressure ½, gravity ½ → drift, walls, push
    cells → deposit → potential → conduction
    conduction to the particles, gravity ½, pressure ½, drag ½, radiation
    contacts: bounce, warm, conduct, ask for a push
    sums for the ledger

Kick–drift–kick: second order in the conservative part, exact in drag and radiation, exact in energy in everything
but gravity. The contacts act at the end, where places and velocities belong to the same time, on the cell list that
the deposit needs anyhow. The push that parts overlapping particles is applied by the drift of the next step, between
two kicks, so that both see the fields of the very places they act at.

With springs (`dem`) the drift is cut into shorter ones, each between two half kicks of the contacts. A wall is met in
the middle of such a drift, with a velocity that the springs' kick before it and gravity's at the beginning of the step
are ahead of: the drift takes both into account.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import stnb_kernels as kernels
from stnb_kernels.registry import profiling

from stnb.manifold.limits import spring_limit

if TYPE_CHECKING:
    from collections.abc import Callable

    from stnb.manifold.config import ManifoldConfig
    from stnb.manifold.memory import Memory
    from stnb.manifold.state import Fields, Particles, Sums

__all__ = ["Pipeline"]

NOW, RUN = 0, 1


class Pipeline:
    """The kernels of a step for one config, one set of buffers and one number of particles."""

    def __init__(
        self,
        config: ManifoldConfig,
        memory: Memory,
        particles: Particles,
        fields: Fields,
        sums: Sums,
        *,
        energy: Any,
        mean_mass: float,
        lightest: float,
    ) -> None:
        self._config = config
        self._memory = memory
        self._grid = config.lattice
        self._p = particles
        self._f = fields
        self._sums = sums
        self._energy = energy
        self._n = particles.count
        self._mean_mass = mean_mass
        limit = spring_limit(config, lightest)
        self._substeps = max(1, math.ceil(config.dt / limit)) if math.isfinite(limit) else 1
        self._parts = self.stages()
        self._recorded: Callable[[], None] | None = None

    def step(self) -> None:
        """Advance everything by dt."""
        if profiling():
            self._enqueue()
            return
        if self._recorded is None:
            self._recorded = self._record()
        self._recorded()

    def sample(self) -> None:
        """Acceleration, potential and sums of the present state, without moving anything or any heat."""
        self._list_cells()
        self._deposit()
        self._pull()
        self._f.share[...] = 0
        self._f.keep[...] = 0
        self._kick(0.0, self._p["velocity"], self._p["heat"])
        self._find(self._p["velocity"])
        if self._config.contact_model == "dem":  # no time: only the elastic energy
            self._spring(0.0, (self._p["velocity"], self._p["heat"]), self._between, first=True)
        run = self._memory.copied(self._sums.values[RUN])
        self._tally()
        self._sums.values[RUN][...] = run

    def list_neighbours(self) -> None:
        """The lists of the present places, where a run resumes."""
        self._list_cells()
        self._find(self._p["velocity"])

    def sort(self) -> None:
        """Bring the columns into the order of their cells."""
        p, n = self._p, self._n
        order = self._f.cells.order[:n]
        kernels.reorder_particles(p.block[:, :n], p.uid[:n], order, p.spare, p.spare_uid)
        if self._config.contact_model == "dem":
            self.list_neighbours()

    def _record(self) -> Callable[[], None]:
        """The step as one graph. Recording runs it, so the state is put back afterwards."""
        if self._memory.on_host:
            return self._enqueue
        p = self._p
        kept = [a.clone() for a in (p.block, p.accounts, self._sums.values)]
        recorded = self._memory.recorded(self._enqueue)
        for target, source in zip((p.block, p.accounts, self._sums.values), kept, strict=True):
            target.copy_(source)
        self.list_neighbours()
        return recorded

    def stages(self) -> tuple[tuple[str, Callable[[], None]], ...]:
        """The parts of a step in their order, by name."""
        p, dt = self._p, self._config.dt
        at_rest = (p["velocity"], p["heat"])
        between = self._between
        fields = (("deposit", self._deposit), ("poisson", self._pull), ("heat", self._conduct))
        books = ("tally", self._tally)
        move = (("drift", lambda: self._drift(dt, dt / 2, *at_rest)), ("cells", self._list_cells))
        if self._config.contact_model == "none":
            return (*move, *fields, ("kick", lambda: self._kick(dt, *at_rest)), books)
        if self._config.contact_model == "impulse":
            touch = (
                ("neighbours", lambda: self._find(between[0])),
                ("contacts", lambda: self._bounce(*between)),
            )
            return (*move, *fields, ("kick", lambda: self._kick(dt, *between)), *touch, books)
        start = ("drift", lambda: self._drift(0.0, dt / 2, *at_rest))
        parts = (part for i in range(self._substeps) for part in self._substep(i))
        return (start, *parts, *fields, ("kick", lambda: self._kick(dt, *at_rest)), books)

    @property
    def _between(self) -> tuple[Any, Any]:
        """Velocity and heat between two ops that read what they write."""
        return self._p.moving[:, : self._n], self._p.warm[: self._n]

    @property
    def _sprung(self) -> Any:
        """The springs' part of the last half kick: scratch that a sort may overwrite."""
        return self._p.spare[:3, : self._n]

    def _enqueue(self) -> None:
        for _, part in self._parts:
            part()

    def _substep(self, index: int) -> tuple[tuple[str, Callable[[], None]], ...]:
        """Half a kick by the springs, a drift, half a kick: from the columns to the buffers between and back."""
        p, dt = self._p, self._config.dt / self._substeps
        late = (index + 0.5) * dt - 0.5 * self._config.dt
        at_rest, between = (p["velocity"], p["heat"]), self._between
        return (
            ("springs", lambda: self._spring(dt / 2, at_rest, between, first=index == 0)),
            ("drift", lambda: self._drift(dt, 0.0, *between, late=late)),
            ("cells", self._list_cells),
            ("neighbours", lambda: self._find(between[0])),
            ("springs", lambda: self._spring(dt / 2, between, at_rest, first=False)),
        )

    def _drift(self, dt: float, kick: float, velocity: Any, heat: Any, *, late: float = 0.0) -> None:
        c, p = self._config, self._p
        kernels.drift_particles(
            p["position"],
            velocity,
            p["acceleration"],
            p["thrust"],
            p["push"],
            self._sprung,
            p["mass"],
            heat,
            p.accounts[:, : self._n],
            self._grid,
            dt=dt,
            kick=kick,
            late=late,
            drag=c.drag,
            wall_margin=c.wall_margin,
            wall_restitution=c.wall_restitution,
        )

    def _list_cells(self) -> None:
        kernels.build_cells(self._p["position"], self._grid, self._f.cells)

    def _deposit(self) -> None:
        p, f = self._p, self._f
        kernels.deposit_particles(p["position"], p["mass"], p["heat"], self._grid, f.cells, f.mass, f.heat)

    def _pull(self) -> None:
        f = self._f
        kernels.solve_poisson(f.mass, self._grid, self._config.gravity, f.potential, f.plan)

    def _conduct(self) -> None:
        c, f = self._config, self._f
        rate = c.conductivity * c.particle_radius / (self._mean_mass * c.specific_heat)
        kernels.diffuse_heat(
            f.mass,
            f.heat,
            self._grid,
            f.share,
            f.keep,
            f.scratch,
            dt=c.dt,
            conductivity=c.conductivity,
            specific_heat=c.specific_heat,
            relaxation=-math.expm1(-rate * c.dt),
        )

    def _kick(self, dt: float, velocity_out: Any, heat_out: Any) -> None:
        c, p, f = self._config, self._p, self._f
        kernels.kick_particles(
            p["position"],
            p["velocity"],
            p["push"],
            p["mass"],
            p["heat"],
            self._grid,
            f.potential,
            f.mass,
            f.heat,
            f.share,
            f.keep,
            p["acceleration"],
            p["thrust"],
            p["potential"],
            p.accounts[:, : self._n],
            velocity_out,
            heat_out,
            dt=dt,
            specific_heat=c.specific_heat,
            gas=c.gas_constant,
            drag=c.drag,
            radiance=c.radiance,
            acceleration_limit=c.max_acceleration if c.limiters else 0.0,
            speed_limit=c.max_velocity if c.limiters else 0.0,
            force=c.force,
            free=c.far_field == "free",
        )

    def _find(self, velocity: Any) -> None:
        c, p = self._config, self._p
        if c.contact_model != "none":
            cells = self._f.cells
            kernels.find_contacts(p["position"], velocity, self._grid, cells, p.contacts, reach=c.reach)

    def _bounce(self, moving: Any, warm: Any) -> None:
        c, p = self._config, self._p
        kernels.resolve_contacts(
            p["position"],
            moving,
            p["mass"],
            warm,
            self._grid,
            self._f.cells,
            p.contacts,
            p["velocity"],
            p["heat"],
            p["push"],
            p.accounts[:, : self._n],
            reach=c.reach,
            restitution=c.restitution,
            relaxation=c.overlap_relaxation,
            conductance=c.conductance,
            specific_heat=c.specific_heat,
        )

    def _spring(self, time: float, before: tuple[Any, Any], after: tuple[Any, Any], *, first: bool) -> None:
        c, p = self._config, self._p
        kernels.spring_contacts(
            p["position"],
            before[0],
            p["mass"],
            before[1],
            self._grid,
            self._f.cells,
            p.contacts,
            *after,
            self._sprung,
            p.accounts[:, : self._n],
            reach=c.reach,
            stiffness=c.young_modulus,
            restitution=c.restitution,
            conductance=c.conductivity * time / c.reach,
            specific_heat=c.specific_heat,
            time=time,
            first=first,
        )

    def _tally(self) -> None:
        p, n = self._p, self._n
        kernels.tally_particles(
            p["velocity"],
            p["mass"],
            p["heat"],
            self._energy,
            p["potential"],
            p.accounts[:, :n],
            self._sums.values[NOW],
            self._sums.scratch,
        )
        self._sums.values[RUN] += self._sums.values[NOW]
