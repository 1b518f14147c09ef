"""ψ: how stressed a training run is, what a model that writes says of itself, and when to damp or to speed up."""

from stnb.psi.collapse import CollapseConfig, CollapseDrive, CollapsePulse, DriveCommand
from stnb.psi.meter import PsiConfig, PsiEvent, PsiMeter, PsiReading
from stnb.psi.psychoid import (
    PsychoidEvent,
    PsychoidFrame,
    PsychoidMeter,
    PsychoidReading,
    PsychoidSample,
    get_psychoid_stats,
    sample_of,
)

__all__ = [
    "CollapseConfig",
    "CollapseDrive",
    "CollapsePulse",
    "DriveCommand",
    "PsiConfig",
    "PsiEvent",
    "PsiMeter",
    "PsiReading",
    "PsychoidEvent",
    "PsychoidFrame",
    "PsychoidMeter",
    "PsychoidReading",
    "PsychoidSample",
    "get_psychoid_stats",
    "sample_of",
]
