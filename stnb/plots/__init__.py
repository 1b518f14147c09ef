"""Plotly figures: histories, timelines, densities, curves, and graphs and walks in the Poincaré disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from stnb.plots.categories import plot_categories
    from stnb.plots.curves import plot_curves
    from stnb.plots.densities import plot_densities
    from stnb.plots.disk import arcs, plot_disk
    from stnb.plots.lines import plot_history, thin
    from stnb.plots.pictures import plot_pictures
    from stnb.plots.slider import Slider
    from stnb.plots.timeline import plot_harmonics, plot_timeline
    from stnb.plots.verdicts import plot_verdicts
    from stnb.plots.walks import plot_walks

__all__ = [
    "Slider",
    "arcs",
    "plot_categories",
    "plot_curves",
    "plot_densities",
    "plot_disk",
    "plot_harmonics",
    "plot_history",
    "plot_pictures",
    "plot_timeline",
    "plot_verdicts",
    "plot_walks",
    "thin",
]

# A figure of a history needs no torch; the disk does.
__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "categories": ["plot_categories"],
        "curves": ["plot_curves"],
        "densities": ["plot_densities"],
        "disk": ["arcs", "plot_disk"],
        "lines": ["plot_history", "thin"],
        "pictures": ["plot_pictures"],
        "slider": ["Slider"],
        "timeline": ["plot_harmonics", "plot_timeline"],
        "verdicts": ["plot_verdicts"],
        "walks": ["plot_walks"],
    },
)
