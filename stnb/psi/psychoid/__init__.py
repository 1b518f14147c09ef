"""The psychoid layer: self-metrics of a model that writes, from what it predicts and what it says."""

from stnb.psi.psychoid.lexicons import LEXICONS
from stnb.psi.psychoid.meter import PsychoidMeter
from stnb.psi.psychoid.records import PsychoidEvent, PsychoidFrame, PsychoidReading, PsychoidSample
from stnb.psi.psychoid.robust import robust_z
from stnb.psi.psychoid.sampler import sample_of
from stnb.psi.psychoid.stats import get_psychoid_stats, publish_reading

__all__ = [
    "LEXICONS",
    "PsychoidEvent",
    "PsychoidFrame",
    "PsychoidMeter",
    "PsychoidReading",
    "PsychoidSample",
    "get_psychoid_stats",
    "publish_reading",
    "robust_z",
    "sample_of",
]
