"""Which back end runs an op, and why not the others.

An op lists its back ends in order of preference. A module of a back end holds the function `run` and may hold
`supports(*args) -> (bool, reason)`. `backend=` and the variable `STNB_BACKEND` force one: if that cannot run, the
call fails with the reason. Without them the first that can run the arrays is taken, and a back end that was passed
over is logged once.

An op of your own is a package of the same files anywhere on Python's path: `OP = register(Op(name, order, package))`.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import logging
import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stnb._core.errors import BackendError, InputError, nearest
from stnb_kernels import languages
from stnb_kernels.arrays import kind
from stnb_kernels.profiling import current, profile, profiling

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["Backends", "Op", "backends", "ops", "parallel_launch", "profile", "profiling", "register"]

log = logging.getLogger("stnb")

OPS = (
    "random",
    "place",
    "reorder",
    "cells",
    "deposit",
    "poisson",
    "heat",
    "drift",
    "kick",
    "neighbours",
    "contacts",
    "springs",
    "tally",
    "statistics",
    "tune",
    "review",
    "swing",
    "evolve",
    "recall",
    "remember",
    "breed",
    "spawn",
    "thermalize",
)

_launch_lock = threading.RLock()


def parallel_launch() -> contextlib.AbstractContextManager[Any]:
    """The one lock around parallel Numba launches: its plain threading layer refuses two threads."""
    return _launch_lock


@dataclass
class Op:
    """One function and the modules that compute it.

    Attributes:
        name: What it is called in tables and messages.
        order: Its back ends, the preferred one first.
        package: What holds its modules; its folder in `stnb_kernels` unless given.
    """

    name: str
    order: tuple[str, ...]
    package: str = ""
    _passed_over: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.package = self.package or f"stnb_kernels.{self.name}"

    def path(self, backend: str) -> str:
        """The name under which the module of a back end is imported."""
        return f"{self.package}.{'triton_' if backend == 'triton' else backend}"

    def module(self, backend: str) -> ModuleType:
        """The module of a back end."""
        return importlib.import_module(self.path(backend))

    def status(self, backend: str) -> tuple[bool, str]:
        """Whether a back end could run on this machine, and the reason."""
        if backend not in self.order:
            return False, f"{self.name} has no {backend} version; it has {', '.join(self.order)}"
        return languages.available(backend)

    def why_not(self, backend: str, array: Any, args: tuple[Any, ...]) -> str:
        """The reason why a back end cannot run these arguments; empty when it can."""
        able, reason = self.status(backend)
        if not able:
            return reason
        takes = languages.accepts(backend)
        if kind(array) not in takes:
            return f"{backend} takes {' or '.join(takes)} arrays, got {kind(array)}"
        supports = getattr(self.module(backend), "supports", None)
        if supports is None:
            return ""
        able, reason = supports(*args)
        return "" if able else reason

    def choose(self, array: Any, args: tuple[Any, ...] = (), backend: str | None = None) -> str:
        """The back end that runs these arguments."""
        forced = backend or os.environ.get("STNB_BACKEND") or None
        if forced is not None:
            if forced not in languages.NAMES:
                raise BackendError(f"unknown back end {forced!r}: {nearest(forced, languages.NAMES)}")
            reason = self.why_not(forced, array, args)
            if reason:
                raise BackendError(f"back end {forced!r} cannot run {self.name}: {reason}")
            return forced
        refusals = []
        for name in self.order:
            if languages.simulated(name):
                refusals.append(f"{name}: under a simulator, it runs only when asked for by name")
                continue
            reason = self.why_not(name, array, args)
            if not reason:
                return name
            refusals.append(f"{name}: {reason}")
            if name not in self._passed_over:
                self._passed_over.add(name)
                log.info("%s passes over %s: %s", self.name, name, reason)
        raise BackendError(f"no back end of {self.name} can run {kind(array)} arrays. " + "; ".join(refusals))

    def run(self, array: Any, *args: Any, backend: str | None = None) -> None:
        """Call the op's `run(*args)` on the chosen back end. `array` decides where."""
        name = self.choose(array, args, backend)
        with _launch_lock if name == "cpu" else contextlib.nullcontext():
            call, cost = self.module(name).run, current()
            if cost is None:
                call(*args)
            else:
                cost.measure(self.name, array, call, args)


_registered: dict[str, Op] = {}


def register(op: Op) -> Op:
    """Make an op of another package known to `ops`, `backends` and the parity check; returns it.

    Registering the same package again replaces it, so that a cell can run twice.

    Raises:
        InputError: when its name is taken, its definition does not come last, or a module is missing.
        BackendError: when it names an unknown back end.
    """
    if not isinstance(op, Op):
        raise TypeError(f"register got {type(op).__name__}; give an Op(name, order, package).")
    other = _registered.get(op.name)
    if op.name in OPS or (other is not None and other.package != op.package):
        raise InputError(
            f"an op is called {op.name!r} already; choose another name. Taken: {', '.join(ops())}"
        )
    for backend in op.order:
        if backend not in languages.NAMES:
            raise BackendError(f"unknown back end {backend!r}: {nearest(backend, languages.NAMES)}")
    if op.order[-1:] != ("reference",):
        raise InputError(f"{op.name} has the order {op.order}; end it with 'reference', the definition.")
    for path in (*map(op.path, op.order), f"{op.package}.cases"):
        if not _exists(path):
            raise InputError(f"{op.name} has no module {path}; write it beside the package's __init__.py.")
    _registered[op.name] = op
    return op


def _exists(path: str) -> bool:
    try:
        return importlib.util.find_spec(path) is not None
    except ModuleNotFoundError:
        return False


def ops() -> dict[str, Op]:
    """Every op by name: those of this package, then those that were registered."""
    ours = {name: importlib.import_module(f"stnb_kernels.{name}").OP for name in OPS}
    return ours | _registered


@dataclass(frozen=True)
class Backends:
    """What would run on this machine: a row per op and back end, printed as a table."""

    rows: tuple[tuple[str, str, bool, str], ...]

    def __str__(self) -> str:
        lines = [f"{'op':<10} {'back end':<10} {'runs':<5} why"]
        lines += [
            f"{op:<10} {name:<10} {'yes' if able else 'no':<5} {why}" for op, name, able, why in self.rows
        ]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        body = "".join(
            f"<tr><td>{op}</td><td>{name}</td><td>{'✓' if able else '–'}</td><td style='text-align:left'>{why}</td></tr>"
            for op, name, able, why in self.rows
        )
        return f"<table><tr><th>op</th><th>back end</th><th>runs</th><th>why</th></tr>{body}</table>"


def backends() -> Backends:
    """A table of every op and back end: whether it would run here, and the reason."""
    table = []
    for op in ops().values():
        table += [(op.name, name, *op.status(name)) for name in op.order]
    return Backends(tuple(table))
