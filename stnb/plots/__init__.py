"""Plotly figures of what a session recorded, and of graphs in the Poincaré disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from stnb.plots.disk import arcs, plot_disk
    from stnb.plots.lines import plot_history, thin

__all__ = ["arcs", "plot_disk", "plot_history", "thin"]

# A figure of a history needs no torch; the disk does.
__getattr__, __dir__, _ = lazy_loader.attach(
    __name__, submod_attrs={"disk": ["arcs", "plot_disk"], "lines": ["plot_history", "thin"]}
)
