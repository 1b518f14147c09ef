"""Coordinates of Z-space: which frequencies, which part of a series, how long ago, and how much energy lies there."""

from __future__ import annotations

from stnb.zspace.coordinates.atlas import ZAtlas
from stnb.zspace.coordinates.embedding import ZTensor, embed
from stnb.zspace.coordinates.features import SpectralFeatureSample
from stnb.zspace.coordinates.field import ZFieldSample
from stnb.zspace.coordinates.frame import ZBand, ZFrame, ZIndex, ZSheet, ZTemporal
from stnb.zspace.coordinates.picture import plot_atlas, render_atlas
from stnb.zspace.coordinates.region import ZSpaceRegionDescriptor, clear, describe, feedback, snapshot
from stnb.zspace.coordinates.sessions import ZSpaceSession, current, reset_sessions, sample_field, session

__all__ = [
    "SpectralFeatureSample",
    "ZAtlas",
    "ZBand",
    "ZFieldSample",
    "ZFrame",
    "ZIndex",
    "ZSheet",
    "ZSpaceRegionDescriptor",
    "ZSpaceSession",
    "ZTemporal",
    "ZTensor",
    "clear",
    "current",
    "describe",
    "embed",
    "feedback",
    "plot_atlas",
    "render_atlas",
    "reset_sessions",
    "sample_field",
    "session",
    "snapshot",
]
