"""Time in Z-space: timelines of resonances, their rhythm, a maintainer, an atlas, and words for all."""

from stnb.chrono.atlas import (
    AtlasDistrict,
    AtlasFragment,
    AtlasFrame,
    AtlasMetric,
    AtlasRoute,
    AtlasStore,
    fragment_of,
    infer_district,
)
from stnb.chrono.frame import ChronoFrame
from stnb.chrono.harmonics import ChronoHarmonics, ChronoPeak
from stnb.chrono.loop import ChronoLoopSignal
from stnb.chrono.maintainer import MaintainerConfig, MaintainerReport, assess
from stnb.chrono.narrate import (
    ResonanceNarrative,
    TextResonator,
    atlas_story,
    describe_atlas,
    describe_frame,
    describe_resonance,
    describe_timeline,
    timeline_story,
)
from stnb.chrono.sound import audio
from stnb.chrono.summary import ChronoSummary
from stnb.chrono.timeline import Timeline

__all__ = [
    "AtlasDistrict",
    "AtlasFragment",
    "AtlasFrame",
    "AtlasMetric",
    "AtlasRoute",
    "AtlasStore",
    "ChronoFrame",
    "ChronoHarmonics",
    "ChronoLoopSignal",
    "ChronoPeak",
    "ChronoSummary",
    "MaintainerConfig",
    "MaintainerReport",
    "ResonanceNarrative",
    "TextResonator",
    "Timeline",
    "assess",
    "atlas_story",
    "audio",
    "describe_atlas",
    "describe_frame",
    "describe_resonance",
    "describe_timeline",
    "fragment_of",
    "infer_district",
    "timeline_story",
]
