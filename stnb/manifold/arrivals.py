"""Particles that somebody brings along: arrays, checked at the door.

    add(positions, velocities=0, masses=1, heat=0, energy=0, frequencies=None, phases=None)

with one row per particle and scalars for all alike. Places must lie inside the walls, or in [0, L) of a periodic box,
masses must be positive, heat and energy not negative, and everything finite. A refusal names the first particle that
is wrong, its value and what is allowed; nothing is changed then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import InputError

if TYPE_CHECKING:
    from jaxtyping import Float, Int

    from stnb.manifold.config import ManifoldConfig

__all__ = ["Arrivals", "checked_arrivals", "checked_phases"]


@dataclass(frozen=True)
class Arrivals:
    """New particles in the layout of the state."""

    position: Float[np.ndarray, "3 n"]
    velocity: Float[np.ndarray, "3 n"]
    mass: Float[np.ndarray, " n"]
    heat: Float[np.ndarray, " n"]
    energy: Float[np.ndarray, " n"]
    frequency: Float[np.ndarray, " n"] | None = None
    phase: Float[np.ndarray, " n"] | None = None

    @property
    def count(self) -> int:
        """How many."""
        return self.mass.shape[0]

    def columns(self) -> dict[str, Float[np.ndarray, "... n"]]:
        """What lies among the particles' columns, by the names of the state."""
        return {name: getattr(self, name) for name in ("position", "velocity", "mass", "heat")}


def checked_arrivals(
    config: ManifoldConfig,
    positions: Any,
    *,
    velocities: Any = 0.0,
    masses: Any = 1.0,
    heat: Any = 0.0,
    energy: Any = 0.0,
    frequencies: Any = None,
    phases: Any = None,
) -> Arrivals:
    """The arrays in the run's type, or an InputError.

    Args:
        config: The box and the type.
        positions: (n, 3) in m.
        velocities: (n, 3) in m/s, or one vector for all.
        masses: (n,) in kg, or one number.
        heat: (n,) in J, or one number.
        energy: (n,) oscillator energy in J, or one number.
        frequencies: (n,) in rad/s, or one number; None leaves them to the run's seed.
        phases: (n,) in rad, or one number; None leaves them to the run's seed.
    """
    places = _numbers("positions", positions)
    if places.ndim != 2 or places.shape[1] != 3:
        raise InputError(f"positions has shape {places.shape}, expected (n, 3): one row per particle")
    n = places.shape[0]
    speeds = _spread("velocities", velocities, (n, 3))
    scalars = {"masses": masses, "heat": heat, "energy": energy}
    m, q, e = (_spread(name, values, (n,)) for name, values in scalars.items())
    with np.errstate(over="ignore"):  # what overflows the type becomes infinite and is refused
        converted = tuple(a.astype(config.dtype) for a in (places, speeds, m, q, e))
    for name, array in zip(("positions", "velocities", *scalars), converted, strict=True):
        _refuse(name, array, ~np.isfinite(array), "a finite number")
    places, speeds, m, q, e = converted
    _refuse("masses", m, m <= 0, "a positive mass in kg")
    _refuse("heat", q, q < 0, "0 J or more")
    _refuse("energy", e, e < 0, "0 J or more")
    _refuse_outside(config, places)
    own = {"frequencies": frequencies, "phases": phases}
    swings = [None if values is None else _finite(name, values, n, config) for name, values in own.items()]
    return Arrivals(np.ascontiguousarray(places.T), np.ascontiguousarray(speeds.T), m, q, e, *swings)


def checked_phases(
    phases: Any, uids: Any, count: int
) -> tuple[Float[np.ndarray, " n"], Int[np.ndarray, " n"]]:
    """Phases in rad and the oscillators that they are for (None for all), or an InputError."""
    who = np.arange(count) if uids is None else np.asarray(uids)
    if who.ndim != 1 or who.dtype.kind not in "iu":
        raise InputError(f"uids must be whole numbers in one row, got {who.dtype} of shape {who.shape}")
    wrong = (who < 0) | (who >= count)
    if wrong.any():
        raise InputError(
            f"uids[{int(wrong.argmax())}] = {int(who[wrong][0])}; the oscillators are numbered 0 … {count - 1}"
        )
    angles = _spread("phases", phases, who.shape)
    _refuse("phases", angles, ~np.isfinite(angles), "a finite number")
    return np.array(angles), who


def _finite(name: str, values: Any, n: int, config: ManifoldConfig) -> Float[np.ndarray, " n"]:
    with np.errstate(over="ignore"):
        array = _spread(name, values, (n,)).astype(config.dtype)
    _refuse(name, array, ~np.isfinite(array), "a finite number")
    return array


def _numbers(name: str, values: Any) -> Float[np.ndarray, "*shape"]:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be numbers, got {type(values).__name__}: {error}") from error


def _spread(name: str, values: Any, shape: tuple[int, ...]) -> Float[np.ndarray, "*shape"]:
    given = _numbers(name, values)
    try:
        return np.broadcast_to(given, shape)
    except ValueError as error:
        raise InputError(f"{name} has shape {given.shape}, expected {shape} or one value for all") from error


def _refuse(name: str, array: Float[np.ndarray, "*shape"], wrong: Any, allowed: str) -> None:
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        place = ", ".join(str(i) for i in index)
        raise InputError(
            f"{name}[{place}] = {array[index]!r}; expected {allowed} ({int(wrong.sum())} such values). "
            "Nothing was changed"
        )


def _refuse_outside(config: ManifoldConfig, places: Float[np.ndarray, "n 3"]) -> None:
    extent = np.array(config.lattice.extent)
    if config.boundary == "periodic":
        low, high = np.zeros(3), extent
        wrong = (places < low) | (places >= high.astype(places.dtype))
    else:
        low, high = np.full(3, config.wall_margin), extent - config.wall_margin
        wrong = (places < low.astype(places.dtype)) | (places > high.astype(places.dtype))
    if wrong.any():
        i, axis = (int(v) for v in np.argwhere(wrong)[0])
        close = ")" if config.boundary == "periodic" else "]"
        raise InputError(
            f"positions[{i}, {axis}] = {places[i, axis]!r} lies outside [{low[axis]:g}, {high[axis]:g}{close} m, "
            f"as do {int(wrong.any(axis=1).sum())} particles in all; move them inside, or use a larger grid. "
            "Nothing was changed"
        )
