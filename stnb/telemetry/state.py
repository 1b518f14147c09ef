"""The hub: the one place where parts of a process leave word for each other."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from stnb._core.numbers import whole
from stnb.telemetry.atlas import AtlasStore
from stnb.telemetry.loopback import LoopbackEnvelope
from stnb.telemetry.softlogic import SoftlogicZFeedback
from stnb.telemetry.values import keepsake

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stnb.telemetry.atlas import AtlasFragment, AtlasFrame, AtlasRoute

__all__ = ["LOOPBACK_CAPACITY", "UQ_CAPACITY", "HubState", "hub", "softlogic_signal"]

LOOPBACK_CAPACITY = 64
UQ_CAPACITY = 256


class HubState:
    """Latest values by name, a queue of loopback envelopes, an atlas, and a ring of uncertainty records.

    A slot holds the latest word on one subject; setting None empties it. What can change is copied on its way in and
    on its way out, so nobody alters what others will read. Every method holds `lock`, which is re-entrant: hold it
    yourself to make several calls one.

    >>> own = HubState()
    >>> with own.lock:
    ...     own.set_psi((own.get_psi() or 0.0) + 1.5)
    >>> own.get_psi()
    1.5
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._slots: dict[str, Any] = {}
        self._atlas = AtlasStore()
        self._loopback: deque[LoopbackEnvelope] = deque(maxlen=LOOPBACK_CAPACITY)
        self._uq: deque[dict[str, Any]] = deque(maxlen=UQ_CAPACITY)

    def set_chrono_loop(self, signal: Any) -> None:
        """Keep the latest loop signal of a timeline."""
        self._set("chrono_loop", signal)

    def get_chrono_loop(self) -> Any | None:
        """The latest loop signal of a timeline."""
        return self._get("chrono_loop")

    def set_psi(self, reading: Any) -> None:
        """Keep the latest ψ, the stress of training."""
        self._set("psi", reading)

    def get_psi(self) -> Any | None:
        """The latest ψ."""
        return self._get("psi")

    def set_psychoid(self, reading: Any) -> None:
        """Keep the latest reading of the meter of self-metrics."""
        self._set("psychoid", reading)

    def get_psychoid(self) -> Any | None:
        """The latest reading of the meter of self-metrics."""
        return self._get("psychoid")

    def set_softlogic_z(self, feedback: SoftlogicZFeedback | None) -> None:
        """Keep the latest softlogic feedback."""
        if feedback is not None and not isinstance(feedback, SoftlogicZFeedback):
            raise TypeError(
                f"feedback is of type {type(feedback).__name__}; give a SoftlogicZFeedback or None."
            )
        self._set("softlogic_z", feedback)

    def get_softlogic_z(self) -> SoftlogicZFeedback | None:
        """The latest softlogic feedback."""
        return self._get("softlogic_z")

    def set_collapse_pulse(self, pulse: Any) -> None:
        """Keep the latest command of the collapse drive."""
        self._set("collapse_pulse", pulse)

    def get_collapse_pulse(self) -> Any | None:
        """The latest command of the collapse drive."""
        return self._get("collapse_pulse")

    def set_region(self, descriptor: Any) -> None:
        """Keep where in Z-space the latest observation lies."""
        self._set("region", descriptor)

    def get_region(self) -> Any | None:
        """Where in Z-space the latest observation lies."""
        return self._get("region")

    def set_atlas(self, frame: AtlasFrame | None) -> None:
        """Go on from this atlas frame, and forget those that are later; None empties the atlas."""
        with self.lock:
            if frame is None:
                self._atlas.clear()
            else:
                self._atlas.place(frame)

    def get_atlas(self) -> AtlasFrame | None:
        """The latest atlas frame; it never changes."""
        with self.lock:
            return self._atlas.latest()

    def merge_atlas(self, fragment: AtlasFragment) -> AtlasFrame | None:
        """Add what a fragment says to the atlas of the process, and return the latest frame."""
        with self.lock:
            return self._atlas.merge(fragment)

    def atlas_route(self, limit: int | None = None) -> AtlasRoute:
        """The latest `limit` atlas frames in their order, all that are kept (24 at most) unless given."""
        with self.lock:
            return self._atlas.route(limit)

    def clear_atlas(self) -> None:
        """Forget the atlas frames."""
        self.set_atlas(None)

    def push_loopback(self, envelope: LoopbackEnvelope) -> None:
        """Queue an envelope behind the others and merge it into the atlas; of more than 64 the oldest is dropped."""
        if not isinstance(envelope, LoopbackEnvelope):
            raise TypeError(f"envelope is of type {type(envelope).__name__}; give a LoopbackEnvelope.")
        kept, fragment = keepsake(envelope), envelope.fragment()
        with self.lock:
            self._loopback.append(kept)
            self._atlas.merge(fragment)

    def drain_loopback(self, limit: int) -> list[LoopbackEnvelope]:
        """Take at most `limit` envelopes from the queue, oldest first."""
        count = whole("limit", limit)
        with self.lock:
            return [self._loopback.popleft() for _ in range(min(count, len(self._loopback)))]

    def peek_loopback(self, limit: int) -> list[LoopbackEnvelope]:
        """Copies of the `limit` oldest envelopes, which stay in the queue."""
        count = whole("limit", limit)
        with self.lock:
            waiting = list(self._loopback)[:count]
        return [keepsake(envelope) for envelope in waiting]

    def push_uq(self, record: Mapping[str, Any]) -> None:
        """Keep a record of uncertainty; of more than 256 the oldest is dropped."""
        kept = keepsake(dict(record))
        with self.lock:
            self._uq.append(kept)

    def uq(self) -> list[dict[str, Any]]:
        """Copies of the kept records of uncertainty, oldest first."""
        with self.lock:
            records = list(self._uq)
        return [keepsake(record) for record in records]

    def reset(self) -> None:
        """Forget everything, as for a new process."""
        with self.lock:
            self._slots.clear()
            self._atlas.clear()
            self._loopback.clear()
            self._uq.clear()

    def __repr__(self) -> str:
        with self.lock:
            filled = ", ".join(sorted(self._slots)) or "nothing set"
            kept = f"{len(self._loopback)} envelopes, {self._atlas.route().length} atlas frames"
            return f"HubState({filled}; {kept}, {len(self._uq)} uncertainty records)"

    def _set(self, slot: str, value: Any) -> None:
        kept = keepsake(value)
        with self.lock:
            if kept is None:
                self._slots.pop(slot, None)
            else:
                self._slots[slot] = kept

    def _get(self, slot: str) -> Any | None:
        with self.lock:
            kept = self._slots.get(slot)
        return keepsake(kept)


hub = HubState()
"""The exchange of this process."""


def softlogic_signal() -> dict[str, Any] | None:
    """The latest softlogic feedback of the process as a dict; None before any training."""
    feedback = hub.get_softlogic_z()
    return None if feedback is None else feedback.as_dict()
