"""The heat map of an atlas drawn with Matplotlib, without pyplot and so without any state of its own."""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING

from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from stnb.zspace.coordinates.picture import COLOURS, INK, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stnb.zspace.coordinates.picture import AtlasMap

__all__ = ["AtlasFigure", "draw"]

COLOURMAP = LinearSegmentedColormap.from_list("stnb_atlas", list(COLOURS))
TICKS = 16
LUMINANCE = (0.2126, 0.7152, 0.0722)


class AtlasFigure(Figure):
    """A figure that notebooks show when a cell returns it, whether or not pyplot was ever imported."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=110)
        return buffer.getvalue()


def draw(shown: AtlasMap, ax: Axes | None, *, annotate: bool) -> Figure:
    """Draw a map into axes, those of a new figure unless given, and return the figure."""
    axes = AtlasFigure(figsize=(7.6, 4.2), layout="constrained").add_subplot() if ax is None else ax
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("ax belongs to no figure; give axes that do.")
    bands, sheets = shown.shares.shape
    gap = 2.0 if sheets <= TICKS else 0.3
    mesh = axes.pcolormesh(
        shown.shares, cmap=COLOURMAP, vmin=0.0, vmax=shown.top, edgecolors="white", linewidth=gap
    )
    axes.set_ylim(bands, 0)
    axes.set_title(shown.title, loc="left", color=INK, fontsize=12, pad=10 if shown.empty else 26)
    axes.set_xlabel("sheet (stretch of the series)", color=INK)
    axes.set_ylabel("band (frequency)", color=INK)
    _label_ticks(axes, shown)
    if shown.empty:
        axes.text(0.5, 0.5, plain(shown.note), transform=axes.transAxes, ha="center", va="center", color=INK)
        return figure
    note = axes.text(0.0, 1.03, shown.note, transform=axes.transAxes, va="bottom", color=INK, fontsize=9)
    note.set_in_layout(False)
    bar = figure.colorbar(mesh, ax=axes, format=FuncFormatter(lambda share, _: f"{share:.3g} %"))
    bar.set_label(shown.legend, color=INK)
    bar.outline.set_visible(False)
    if annotate:
        _write_labels(axes, shown)
    return figure


def _label_ticks(axes: Axes, shown: AtlasMap) -> None:
    for axis, names in ((axes.xaxis, shown.sheets), (axes.yaxis, shown.bands)):
        every = -(-len(names) // TICKS)
        places = range(0, len(names), every)
        axis.set_ticks(
            [place + 0.5 for place in places], [plain(names[place]) for place in places], color=INK
        )
        axis.set_tick_params(length=0)
    axes.spines[:].set_visible(False)


def _write_labels(axes: Axes, shown: AtlasMap) -> None:
    bands, sheets = shown.shares.shape
    size = max(4.0, min(11.0, 280.0 / sheets, 200.0 / bands))
    letters = max(3, round(90 / sheets))
    for band, row in enumerate(shown.labels):
        for sheet, label in enumerate(row):
            colour = "white" if _is_dark(shown.shares[band, sheet] / shown.top) else INK
            text = textwrap.fill(label, letters)
            axes.text(sheet + 0.5, band + 0.5, text, ha="center", va="center", color=colour, fontsize=size)


def _is_dark(place: float) -> bool:
    """Whether white letters stand out better than ink where the colour map is at `place`, by their contrast."""
    ground = _luminance(COLOURMAP(float(place)))
    ink = _luminance(to_rgba(INK))
    return 1.05 / (ground + 0.05) > (max(ground, ink) + 0.05) / (min(ground, ink) + 0.05)


def _luminance(colour: tuple[float, float, float, float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return sum(w * c for w, c in zip(LUMINANCE, linear, strict=True))
