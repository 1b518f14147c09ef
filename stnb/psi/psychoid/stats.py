"""The latest reading of the process: how it gets there, and how one reads it."""

from __future__ import annotations

import logging
from typing import Any

from stnb.psi.psychoid.records import PsychoidReading
from stnb.telemetry import hub

__all__ = ["get_psychoid_stats", "publish_reading"]

log = logging.getLogger("stnb.psychoid")


def publish_reading(reading: PsychoidReading, *, to_log: bool = False) -> None:
    """Leave a reading in the hub; with `to_log` also a line of it, at level INFO, in the log "stnb.psychoid"."""
    if not isinstance(reading, PsychoidReading):
        raise TypeError(f"reading is of type {type(reading).__name__}; give a PsychoidReading.")
    hub.set_psychoid(reading)
    if to_log:
        metrics = " ".join(f"{key}={value:.4g}" for key, value in reading.raw.items())
        log.info("step %d cti %.4f %s", reading.step, reading.cti, metrics)


def get_psychoid_stats() -> dict[str, Any] | None:
    """The latest reading as `{"step": …, "cti": …, "raw": {…}, "z": {…}}`; None before any, and while nobody measures.

    The keys of `raw` and `z` are explained in `stnb.psi.psychoid.metrics`.
    """
    reading: PsychoidReading | None = hub.get_psychoid()
    return None if reading is None else reading.as_dict()
