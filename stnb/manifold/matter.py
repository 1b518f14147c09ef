"""Settings of the particles and of the fields that they make, with units and ranges."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

from stnb_kernels.grid import Grid

from stnb._core.config import Config, quantity
from stnb._core.errors import CapacityError, ConfigError
from stnb.manifold.generator import PATTERNS

__all__ = ["MatterConfig"]

NODE_FIELDS = 8
PARTICLE_COLUMNS = 100
"""Numbers a particle: two copies of its eighteen columns, accounts, contact list, oscillator and scratch."""
MINIMUM_NODES = 4


@dataclass(frozen=True)
class MatterConfig(Config):
    """Everything that decides how matter moves, warms and collides.

    `grid` may be one number for a cube. `capacity` is the most particles that the buffers will ever hold; 0 makes room
    for twice the initial count, and for 4096 at least.
    """

    particles: int = quantity(1000, low=0, help="initial number of particles")
    grid: tuple[int, int, int] = quantity((32, 32, 32), low=MINIMUM_NODES, help="nodes along each axis")
    spacing: float = quantity(1.0, unit="m", low=0.0, open_low=True, help="distance between nodes")
    dt: float = quantity(
        0.01, unit="s", low=0.0, high=1.0, open_low=True, log=True, live=True, help="time step"
    )
    gravity: float = quantity(
        1e-3, unit="m³/(kg·s²)", low=0.0, high=1.0, live=True, help="gravitational constant G"
    )
    force: str = quantity(
        "energy", choices=("energy", "momentum"), help="which of the two the force of gravity keeps"
    )
    far_field: str = quantity(
        "grounded",
        choices=("grounded", "free"),
        help="potential beyond walls: zero one node outside, or that of free space",
    )
    boundary: str = quantity(
        "walls", choices=("walls", "periodic"), help="what happens at the faces of the box"
    )
    wall_margin: float = quantity(
        0.5, unit="m", low=0.0, help="distance of the walls from the outermost nodes"
    )
    wall_restitution: float = quantity(
        0.5, low=0.0, high=1.0, live=True, help="speed kept by a bounce; the rest becomes heat"
    )
    gas_constant: float = quantity(
        0.1, unit="J/(kg·K)", low=0.0, high=10.0, live=True, help="pressure of warm matter, k"
    )
    viscosity: float = quantity(
        0.01, unit="Pa·s", low=0.0, high=10.0, live=True, help="dynamic viscosity η; drag is 6πηr"
    )
    emissivity: float = quantity(
        0.5, low=0.0, high=1.0, live=True, help="emissivity ε of a particle's surface"
    )
    radiation: float = quantity(
        1e-5, unit="W/(m²·K⁴)", low=0.0, high=1.0, live=True, help="radiation constant σ"
    )
    conductivity: float = quantity(
        0.1, unit="W/(m·K)", low=0.0, high=100.0, live=True, help="thermal conductivity κ"
    )
    specific_heat: float = quantity(10.0, unit="J/(kg·K)", low=0.0, open_low=True, help="specific heat c")
    particle_radius: float = quantity(
        0.5, unit="m", low=0.0, open_low=True, help="radius r: contact, drag, radiation, heat exchange"
    )
    contact_model: str = quantity(
        "impulse",
        choices=("impulse", "dem", "none"),
        help="bounces at once, springs with dashpots, or neither",
    )
    restitution: float = quantity(
        0.8, low=0.0, high=1.0, live=True, help="part of the approach speed with which a pair leaves"
    )
    overlap_relaxation: float = quantity(
        0.2, low=0.0, high=1.0, live=True, help="part of an overlap that one step pushes away (impulse)"
    )
    young_modulus: float = quantity(
        1000.0, unit="N/m", low=0.0, open_low=True, help="stiffness Y of a contact (dem)"
    )
    limiters: bool = quantity(
        default=False, help="cap accelerations and speeds; what a speed loses becomes heat"
    )
    max_acceleration: float = quantity(
        10.0, unit="m/s²", low=0.0, open_low=True, help="cap of the accelerations, where limiters are on"
    )
    max_velocity: float = quantity(
        2.0, unit="m/s", low=0.0, open_low=True, help="cap of the speed, where limiters are on"
    )
    temperature: float = quantity(0.0, unit="K", low=0.0, help="mean initial temperature")
    speed: float = quantity(0.1, unit="m/s", low=0.0, help="initial speed per axis, standard deviation")
    pattern: str = quantity("random", choices=PATTERNS, help="how the first particles are placed")
    capacity: int = quantity(0, low=0, help="most particles that fit; 0 for twice the first count")
    dtype: str = quantity("float32", choices=("float32", "float64"), help="type of the state")

    def __post_init__(self) -> None:
        if isinstance(self.grid, int) and not isinstance(self.grid, bool):
            object.__setattr__(self, "grid", (self.grid,) * 3)
        super().__post_init__()

    def check(self) -> None:
        """Rules that join several fields."""
        super().check()
        shortest = min(self.lattice.extent)
        if self.boundary == "walls" and 2 * self.wall_margin >= shortest:
            raise ConfigError(
                f"walls {self.wall_margin} m inside a box of {shortest:g} m leave no room; "
                f"wall_margin must stay below {shortest / 2:g} m"
            )
        if self.boundary == "periodic" and self.far_field == "free":
            raise ConfigError(
                "far_field = 'free' needs walls: a periodic box has no empty space around it; "
                "use boundary='walls' or far_field='grounded'"
            )
        if self.boundary == "periodic" and self.contact_model != "none" and shortest < 2 * self.reach:
            raise ConfigError(
                f"a periodic box of {shortest:g} m is too small for particles of radius {self.particle_radius} m, "
                f"which would touch each other twice; it needs {2 * self.reach:g} m"
            )
        if 0 < self.capacity < self.particles:
            raise ConfigError(
                f"capacity {self.capacity} is less than {self.particles} particles; raise it, or give 0"
            )
        if self.contact_model == "dem" and self.restitution == 0:
            raise ConfigError(
                "restitution = 0 needs an infinitely strong dashpot; use 0.01, or contact_model='impulse'"
            )
        self._refuse_beyond_memory()

    def _refuse_beyond_memory(self) -> None:
        width = 8 if self.dtype == "float64" else 4
        needed = width * (NODE_FIELDS * math.prod(self.grid) + PARTICLE_COLUMNS * self.room)
        there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        if needed > 0.8 * there:
            raise CapacityError(
                f"grid {self.grid} with {self.room} particles needs {needed / 1e9:.1f} GB and this machine has "
                f"{there / 1e9:.1f} GB; use fewer nodes or particles, or float32"
            )

    @property
    def lattice(self) -> Grid:
        """The grid as the kernels see it."""
        x, y, z = self.grid
        return Grid((x, y, z), self.spacing, self.boundary == "periodic")

    @property
    def room(self) -> int:
        """Particles that the buffers hold."""
        return self.capacity or max(2 * self.particles, 4096)

    @property
    def reach(self) -> float:
        """Distance of two centres that touch, 2r in m."""
        return 2.0 * self.particle_radius

    @property
    def drag(self) -> float:
        """Friction coefficient 6πηr of a sphere, in kg/s."""
        return 6.0 * math.pi * self.viscosity * self.particle_radius

    @property
    def radiance(self) -> float:
        """ε·σ·4πr², the power that a particle radiates per K⁴."""
        return self.emissivity * self.radiation * 4.0 * math.pi * self.particle_radius**2

    @property
    def conductance(self) -> float:
        """κ·dt/(2r): energy per kelvin and m² of section that a contact conducts in one step."""
        return self.conductivity * self.dt / self.reach
