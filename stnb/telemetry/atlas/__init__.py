"""The atlas: what a session or a process says about itself, merged into one frame, and the frames before it."""

from __future__ import annotations

from stnb.telemetry.atlas.districts import AtlasDistrict, AtlasMetric, infer_district
from stnb.telemetry.atlas.fragment import AtlasFragment
from stnb.telemetry.atlas.frame import AtlasFrame
from stnb.telemetry.atlas.route import AtlasRoute
from stnb.telemetry.atlas.store import ATLAS_CAPACITY, AtlasStore

__all__ = [
    "ATLAS_CAPACITY",
    "AtlasDistrict",
    "AtlasFragment",
    "AtlasFrame",
    "AtlasMetric",
    "AtlasRoute",
    "AtlasStore",
    "infer_district",
]
