"""Plotly figures of what a session recorded."""

from __future__ import annotations

from stnb.plots.lines import plot_history, thin

__all__ = ["plot_history", "thin"]
