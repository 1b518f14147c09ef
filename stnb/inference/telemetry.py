"""Telemetry beside an inference: nested readings flattened, summed up, and turned into a reliability of at most 1."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stnb._core.errors import InvalidValue
from stnb._core.numbers import finite
from stnb.inference.frozen import Frozen, plain

__all__ = ["ZSpaceTelemetryFrame", "balance_and_focus", "merge_telemetry", "reliability"]

DEEPEST = 64
COUNT = "count"


@dataclass(frozen=True)
class ZSpaceTelemetryFrame:
    """Flat readings and what they come to; the statistics always follow from the payload.

    With v the values: their mean and population variance, amplitude max v − min v, energy Σv², balance
    (p − q)/(p + q + 10⁻⁹) of the positive mass p = Σ max(v, 0) and the negative mass q, and focus tanh(1.5·balance).
    Readings named `count` or `….count` are kept but left out of v, since a number of samples says nothing about how
    well they agree. A convention of this project.

    >>> frame = ZSpaceTelemetryFrame({"psi": {"mean": 0.5, "drift": -0.25}})
    >>> dict(frame.payload), frame.mean, frame.amplitude
    ({'psi.mean': 0.5, 'psi.drift': -0.25}, 0.125, 0.75)
    """

    payload: Mapping[str, float]
    mean: float = field(init=False, default=0.0)
    variance: float = field(init=False, default=0.0)
    amplitude: float = field(init=False, default=0.0)
    energy: float = field(init=False, default=0.0)
    balance: float = field(init=False, default=0.0)
    focus: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        payload = merge_telemetry(self.payload)
        object.__setattr__(self, "payload", Frozen(payload))
        for name, value in _statistics(payload).items():
            object.__setattr__(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """Payload and statistics, ready for `json`."""
        names = ("mean", "variance", "amplitude", "energy", "balance", "focus")
        return {"payload": plain(self.payload)} | {name: getattr(self, name) for name in names}


def balance_and_focus(positive: float, negative: float) -> tuple[float, float]:
    """(p − q)/(p + q + 10⁻⁹) and tanh of 1.5 times that: which sign carries the mass."""
    balance = (positive - negative) / (positive + negative + 1e-9)
    return balance, math.tanh(1.5 * balance)


def merge_telemetry(*sources: Any) -> dict[str, float]:
    """Mappings, frames, and partials with telemetry as one flat dictionary; of equal names the last one stays.

    {"a": {"b": 1}} becomes {"a.b": 1.0}. Leaves that are no numbers are left out, truth values among them.

    Raises:
        TypeError: for a source that is no mapping.
        NonFiniteValue: for NaN and infinities.
        InvalidValue: for mappings nested deeper than 64, such as one that contains itself.
    """
    merged: dict[str, float] = {}
    for source in sources:
        merged.update(_leaves(_mapping(source), "", 0))
    return merged


def reliability(frame: ZSpaceTelemetryFrame | None) -> float:
    """(1 + variance)⁻¹·clamp(1 + ¼·focus, ¾, 1) ∈ (0, 1]; 1 without telemetry. A convention of this project."""
    if frame is None:
        return 1.0
    return min(1.0, max(0.75, 1.0 + 0.25 * frame.focus)) / (1.0 + frame.variance)


def _mapping(source: Any) -> Mapping[Any, Any]:
    if source is None:
        return {}
    if isinstance(source, ZSpaceTelemetryFrame):
        return source.payload
    if hasattr(source, "telemetry_payload"):
        return source.telemetry_payload() or {}
    if isinstance(source, Mapping):
        return source
    raise TypeError(
        f"telemetry is of type {type(source).__name__}; give a mapping, a ZSpaceTelemetryFrame or a partial."
    )


def _leaves(source: Mapping[Any, Any], prefix: str, depth: int) -> Iterator[tuple[str, float]]:
    if depth > DEEPEST:
        raise InvalidValue(f"telemetry is nested deeper than {DEEPEST} levels; does it contain itself?")
    for name, value in source.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}.", depth + 1)
        elif _is_number(value):
            yield path, finite(f"telemetry {path!r}", value)


def _is_number(value: Any) -> bool:
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        value = value.item()
    return isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))


def _statistics(payload: Mapping[str, float]) -> dict[str, float]:
    values = np.array([v for k, v in payload.items() if k.rpartition(".")[2].lower() != COUNT])
    if not values.size:
        return {}
    with np.errstate(over="ignore"):
        energy = float(values @ values)
    if not math.isfinite(energy):
        largest = max(payload, key=lambda name: abs(payload[name]))
        raise InvalidValue(
            f"telemetry {largest!r} = {payload[largest]:g} has no finite square; scale it down."
        )
    positive, negative = (math.fsum(np.maximum(signed, 0.0)) for signed in (values, -values))
    balance, focus = balance_and_focus(positive, negative)
    return {
        "mean": math.fsum(values) / values.size,
        "variance": float(values.var()),
        "amplitude": float(values.max() - values.min()),
        "energy": energy,
        "balance": balance,
        "focus": focus,
    }
