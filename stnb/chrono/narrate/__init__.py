"""Records of a session in words and in sound."""

from stnb.chrono.narrate.atlas import atlas_story, describe_atlas, narrate_atlas
from stnb.chrono.narrate.frame import describe_frame, narrate_frame
from stnb.chrono.narrate.narrative import ResonanceNarrative
from stnb.chrono.narrate.resonance import describe_resonance, narrate_resonance
from stnb.chrono.narrate.resonator import TextResonator
from stnb.chrono.narrate.timeline import NO_HISTORY, describe_timeline, narrate_timeline, timeline_story

__all__ = [
    "NO_HISTORY",
    "ResonanceNarrative",
    "TextResonator",
    "atlas_story",
    "describe_atlas",
    "describe_frame",
    "describe_resonance",
    "describe_timeline",
    "narrate_atlas",
    "narrate_frame",
    "narrate_resonance",
    "narrate_timeline",
    "timeline_story",
]
