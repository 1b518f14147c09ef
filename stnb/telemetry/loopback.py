"""One message from a training loop to whoever steers it: what the loop looked like, and how much that counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from stnb._core.errors import NonPositiveWeight
from stnb._core.numbers import finite, real
from stnb.telemetry.atlas import AtlasFragment

__all__ = ["LoopSignal", "LoopbackEnvelope"]

LOOP = {"loop.frames": "frames", "loop.energy": "mean_energy", "loop.drift": "mean_drift"}


@runtime_checkable
class LoopSignal(Protocol):
    """Anything with a `summary` that knows its `latest_timestamp`, such as the loop signal of a timeline."""

    @property
    def summary(self) -> Any:
        """What a window of a timeline amounts to."""
        ...


@dataclass(frozen=True)
class LoopbackEnvelope:
    """A loop signal with its time, its sender and its weight.

    Diverged training may still say where it stands, so numbers that are not finite do not stop an envelope: such a
    support becomes 1, such totals become None. All of this is a convention of this project.

    Attributes:
        loop_signal: what the timeline of the sender looked like.
        timestamp: when; the latest timestamp of the signal's summary unless given.
        source: who sent it, None for the process itself.
        support: how much it counts where envelopes are blended, from 0 on.
        collapse_total: ψ, the stress of training, where it is known.
        z_signal: the control signal z ∈ (−1, 1), where it is known.
        script_hint: a planning script that goes with it.
    """

    loop_signal: Any
    timestamp: float | None = None
    source: str | None = None
    support: float = 1.0
    collapse_total: float | None = None
    z_signal: float | None = None
    script_hint: str | None = None

    def __post_init__(self) -> None:
        settled = {
            "timestamp": _time_of(self.loop_signal, self.timestamp),
            "source": _text("source", self.source),
            "support": _support(self.support),
            "collapse_total": _known("collapse_total", self.collapse_total),
            "z_signal": _known("z_signal", self.z_signal),
            "script_hint": _text("script_hint", self.script_hint),
        }
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """Every field; the loop signal through its own `as_dict` where it has one."""
        convert = getattr(self.loop_signal, "as_dict", None)
        return {
            "loop_signal": convert() if callable(convert) else self.loop_signal,
            "timestamp": self.timestamp,
            "source": self.source,
            "support": self.support,
            "collapse_total": self.collapse_total,
            "z_signal": self.z_signal,
            "script_hint": self.script_hint,
        }

    def fragment(self) -> AtlasFragment:
        """What it adds to an atlas: its support, ψ, z and script, and means of its loop where the summary knows them."""
        added = AtlasFragment(
            self.timestamp,
            loop_support=self.support,
            collapse_total=self.collapse_total,
            z_signal=self.z_signal,
            script_hint=self.script_hint,
        )
        metrics = {name: getattr(self.loop_signal.summary, known, None) for name, known in LOOP.items()}
        metrics |= {"collapse.total": self.collapse_total, "z.bias": self.z_signal}
        for name, value in metrics.items():
            if value is not None:
                added.push_metric(name, value)
        if self.source:
            added.push_note(f"source:{self.source}")
        return added


def _time_of(signal: Any, given: Any) -> float:
    if not isinstance(signal, LoopSignal):
        raise TypeError(
            f"loop_signal is of type {type(signal).__name__}, which has no summary; give the loop signal of a timeline."
        )
    if given is not None:
        return finite("timestamp", given)
    latest = getattr(signal.summary, "latest_timestamp", None)
    if latest is None:
        raise TypeError(
            f"the summary of loop_signal, a {type(signal.summary).__name__}, has no latest_timestamp; give timestamp=."
        )
    return finite("loop_signal.summary.latest_timestamp", latest)


def _support(value: Any) -> float:
    plain = real("support", value)
    if not math.isfinite(plain):
        return 1.0
    if plain < 0:
        raise NonPositiveWeight(f"support = {plain!r} is below 0; give a weight from 0 on.")
    return plain


def _known(label: str, value: Any) -> float | None:
    plain = None if value is None else real(label, value)
    return plain if plain is not None and math.isfinite(plain) else None


def _text(label: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{label} = {value!r} is of type {type(value).__name__}; give a string or None.")
    return value
