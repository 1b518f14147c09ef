"""Timeline: many channels over the steps of a run, and the pyramid that keeps every sample at hand."""

from __future__ import annotations

from stnb_widgets.timeline.pyramid import Pyramid
from stnb_widgets.timeline.widget import Timeline

__all__ = ["Pyramid", "Timeline"]
