"""The atlas of a session: what its timeline, its maintainer and its loops say, in one frame and a short history."""

from __future__ import annotations

from stnb.chrono.atlas.recorded import fragment_of
from stnb.telemetry.atlas import (
    ATLAS_CAPACITY,
    AtlasDistrict,
    AtlasFragment,
    AtlasFrame,
    AtlasMetric,
    AtlasRoute,
    AtlasStore,
    infer_district,
)

__all__ = [
    "ATLAS_CAPACITY",
    "AtlasDistrict",
    "AtlasFragment",
    "AtlasFrame",
    "AtlasMetric",
    "AtlasRoute",
    "AtlasStore",
    "fragment_of",
    "infer_district",
]
