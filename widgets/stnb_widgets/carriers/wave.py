"""What a Carriers widget is given: one `Wave` per moment, carriers and the oscillators that they hear."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["EVENT_KINDS", "STATES", "Event", "Oscillators", "Wave"]

STATES = ("volatile", "stable", "crystallized")
EVENT_KINDS = ("born", "split", "merged", "faded", "gone", "stable", "crystallized", "injected")
_COLUMNS = ("omega", "amplitude", "phase", "width", "state", "age", "conflict", "order")


class Event(NamedTuple):
    """Something that happened: one of `EVENT_KINDS`, the step, and the carrier, or how many particles came."""

    kind: str
    step: int
    number: int


@dataclass(frozen=True, slots=True, eq=False)
class Oscillators:
    """A fair sample of the oscillators, one row each, in random order when it is a sample.

    Attributes:
        uid: Number of the particle, >= 0.
        omega: Frequency in rad/s.
        phase: θ in rad.
        energy: E in J.
        total: How many there are in all; 0 for as many as are given.
    """

    uid: ArrayLike = ()
    omega: ArrayLike = ()
    phase: ArrayLike = ()
    energy: ArrayLike = ()
    total: int = 0

    def __post_init__(self) -> None:
        uid = _whole(self.uid, "oscillators.uid", 0, 2**32 - 1)
        object.__setattr__(self, "uid", uid)
        for name in ("omega", "phase", "energy"):
            object.__setattr__(self, name, _real(getattr(self, name), f"oscillators.{name}", uid.shape))
        if self.total and self.total < len(uid):
            raise ValueError(
                f"oscillators.total is {self.total}, but {len(uid)} are given; give how many there are"
            )
        object.__setattr__(self, "total", self.total or len(uid))

    def __len__(self) -> int:
        return len(np.asarray(self.uid))


@dataclass(frozen=True, slots=True, eq=False)
class Wave:
    """Carriers at one moment, one row each, in any order.

    Attributes:
        step: Number of the step, >= 0.
        time: Time of the simulation in s.
        uid: Number of the carrier; it never changes and is never used again.
        omega: Ω in rad/s.
        amplitude: |C|.
        phase: arg C in rad.
        width: σ of the gate in rad/s.
        state: 0 volatile, 1 stable, 2 crystallized.
        age: How long it has lived, in s.
        conflict: Smoothed disorder of the gate, 0 ... 1.
        order: Order parameter of the gate, 0 ... 1.
        oscillators: Whom they hear.
        links: (n, k) places in `oscillators` of those that each carrier hears best, -1 for none.
        weights: (n, k) how loud each is.
        mean_order: Order parameter of everything.
        events: What happened since the last frame.
        status: One short line shown beside the step.
    """

    step: int
    time: float
    uid: ArrayLike
    omega: ArrayLike
    amplitude: ArrayLike
    phase: ArrayLike
    width: ArrayLike
    state: ArrayLike
    age: ArrayLike
    conflict: ArrayLike
    order: ArrayLike
    oscillators: Oscillators = field(default_factory=Oscillators)
    links: ArrayLike = ()
    weights: ArrayLike = ()
    mean_order: float = float("nan")
    events: tuple[Event, ...] = ()
    status: str = ""

    def __post_init__(self) -> None:
        if self.step < 0:
            raise ValueError(f"step is {self.step}; pass the number of steps done so far, 0 or more")
        uid = _whole(self.uid, "uid", 0, 2**32 - 1)
        if len(np.unique(uid)) != len(uid):
            raise ValueError("uid names a carrier twice; give every carrier a number of its own")
        object.__setattr__(self, "uid", uid)
        for name in _COLUMNS:
            column = getattr(self, name)
            checked = _whole(column, name, 0, 2) if name == "state" else _real(column, name, uid.shape)
            object.__setattr__(self, name, checked)
            if checked.shape != uid.shape:
                raise ValueError(
                    f"{name} has shape {checked.shape}, uid has {uid.shape}; pass one value a carrier"
                )
        self._check_links(len(uid))
        for kind, *_ in self.events:
            if kind not in EVENT_KINDS:
                raise ValueError(f"an event is of kind {kind!r}; choose from {', '.join(EVENT_KINDS)}")

    def __len__(self) -> int:
        return len(np.asarray(self.uid))

    def _check_links(self, count: int) -> None:
        given = np.asarray(self.links)
        links = given if given.size else np.zeros((count, 0), np.int64)
        if links.ndim != 2 or len(links) != count:
            raise ValueError(f"links has shape {links.shape}; pass one row for each of the {count} carriers")
        links = _whole(links, "links", -1, len(self.oscillators) - 1)
        weights = np.asarray(self.weights) if links.size else np.zeros(links.shape)
        object.__setattr__(self, "links", links)
        object.__setattr__(self, "weights", _real(weights, "weights", links.shape))


def columns_of(wave: Wave) -> dict[str, np.ndarray]:
    """Every column of a wave by name."""
    names = [f.name for f in fields(wave) if f.name in _COLUMNS]
    return {name: np.asarray(getattr(wave, name)) for name in names}


def _whole(values: ArrayLike, what: str, low: int, high: int) -> np.ndarray:
    array = np.asarray(values)
    if array.size == 0:
        return array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise TypeError(
            f"{what} has dtype {array.dtype}; whole numbers are needed: pass an array of integers"
        )
    if array.min() < low or array.max() > high:
        raise ValueError(f"{what} runs from {array.min()} to {array.max()}; only {low} ... {high} is allowed")
    return array


def _real(values: ArrayLike, what: str, shape: tuple[int, ...]) -> np.ndarray:
    array = np.asarray(values, float if np.size(values) == 0 else None)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{what} has dtype {array.dtype}; real numbers are needed: pass an array of floats")
    if array.shape != shape:
        raise ValueError(f"{what} has shape {array.shape}; shape {shape} is needed: one value for each row")
    return array
