"""What sessions, trainers and policies of one process tell each other: a small exchange that anyone can look at."""

from __future__ import annotations

from stnb.telemetry.atlas import AtlasFragment, AtlasFrame, AtlasRoute, infer_district
from stnb.telemetry.loopback import LoopbackEnvelope, LoopSignal
from stnb.telemetry.softlogic import SoftlogicSettings, SoftlogicZFeedback, step_softlogic
from stnb.telemetry.state import HubState, hub, softlogic_signal

__all__ = [
    "AtlasFragment",
    "AtlasFrame",
    "AtlasRoute",
    "HubState",
    "LoopSignal",
    "LoopbackEnvelope",
    "SoftlogicSettings",
    "SoftlogicZFeedback",
    "hub",
    "infer_district",
    "softlogic_signal",
    "step_softlogic",
]
