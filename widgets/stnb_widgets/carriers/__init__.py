"""Carriers: modes of frequency, whom they bind, and why they are alive."""

from __future__ import annotations

from stnb_widgets.carriers.wave import Event, Oscillators, Wave
from stnb_widgets.carriers.widget import Carriers

__all__ = ["Carriers", "Event", "Oscillators", "Wave"]
