"""The atlas as a heat map: bands over sheets, coloured by the share of energy, numbered by component."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stnb._core.errors import MissingExtraError
from stnb.zspace.coordinates.atlas import ZAtlas
from stnb.zspace.coordinates.homology import components
from stnb.zspace.coordinates.sessions import current

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MatplotlibFigure
    from plotly.graph_objects import Figure

    from stnb.zspace.coordinates.frame import ZFrame

__all__ = ["COLOURS", "INK", "AtlasMap", "atlas_map", "plain", "plot_atlas", "render_atlas"]

COLOURS = ("#f5f8fc", "#cfe0ef", "#93bfdd", "#4a90c2", "#1f609f", "#0a2f5f")
INK = "#333f48"
NOTHING = "No energy was observed yet.<br>Feed the atlas with observe(samples)."


class AtlasMap(NamedTuple):
    """What a heat map of an atlas shows, before any drawing."""

    shares: Float[np.ndarray, "bands sheets"]
    """Per cent of all energy, the mean over the echoes that are shown."""
    labels: list[list[str]]
    """Components by band and sheet, "" for the background."""
    bands: list[str]
    sheets: list[str]
    title: str
    legend: str
    note: str

    @property
    def empty(self) -> bool:
        """Whether there is no energy to show."""
        return not self.shares.any()

    @property
    def top(self) -> float:
        """The share that has the darkest colour."""
        return float(self.shares.max()) or 1.0


def render_atlas(
    ax: Axes | None = None, *, echo: int | None = None, annotate: bool = True, atlas: ZAtlas | None = None
) -> MatplotlibFigure:
    """A Matplotlib heat map of the density, bands × sheets; it is returned, never shown.

    A number in a cell names the connected component (of cells with at least the mean density) that it belongs to, 1
    being the heaviest; several numbers mean several echoes. Before any observation the map is empty and says so.

    Args:
        ax: axes to draw into; a new figure unless given.
        echo: one echo; the mean over all of them unless given.
        annotate: whether to write the numbers.
        atlas: what to draw; the atlas of the current session unless given.

    Raises:
        IndexError: when the echo is not in the frame.
        MissingExtraError: without Matplotlib.
    """
    try:
        from stnb.zspace.coordinates import heatmap
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        raise MissingExtraError("render_atlas needs matplotlib; pip install 'stnb[lab]'") from error
    return heatmap.draw(atlas_map(atlas, echo), ax, annotate=annotate)


def plot_atlas(*, echo: int | None = None, annotate: bool = True, atlas: ZAtlas | None = None) -> Figure:
    """The same map as a Plotly figure, which tells the numbers of the cell under the pointer."""
    from plotly.graph_objects import Figure, Heatmap

    shown = atlas_map(atlas, echo)
    figure = Figure(
        Heatmap(
            z=shown.shares,
            text=shown.labels,
            texttemplate="%{text}" if annotate else None,
            customdata=[[label or "none" for label in row] for row in shown.labels],
            hovertemplate="%{y}<br>sheet %{x}<br>%{z:.3g} % of the energy<br>component: %{customdata}<extra></extra>",
            zmin=0.0,
            zmax=shown.top,
            colorscale=[[i / (len(COLOURS) - 1), colour] for i, colour in enumerate(COLOURS)],
            colorbar={
                "title": {"text": shown.legend, "side": "right"},
                "ticksuffix": " %",
                "outlinewidth": 0,
            },
            showscale=not shown.empty,
            xgap=2,
            ygap=2,
        )
    )
    figure.update_layout(
        template="none",
        height=130 + 62 * min(max(len(shown.bands), 4), 10),
        margin={"l": 110, "r": 20, "t": 70, "b": 80},
        title={"text": shown.title, "x": 0, "xref": "paper", "font": {"size": 16, "color": INK}},
        font={"color": INK},
    )
    sheets, bands = (list(range(len(names))) for names in (shown.sheets, shown.bands))
    bare = {"showgrid": False, "zeroline": False, "ticks": "", "automargin": True, "title_standoff": 14}
    figure.update_xaxes(
        title_text="sheet (stretch of the series)", tickvals=sheets, ticktext=shown.sheets, **bare
    )
    figure.update_yaxes(
        title_text="band (frequency)", tickvals=bands, ticktext=shown.bands, autorange="reversed", **bare
    )
    corner = {"xref": "paper", "yref": "paper", "showarrow": False}
    if shown.empty:
        figure.add_annotation(text=shown.note, x=0.5, y=0.5, font={"size": 15}, **corner)
    else:
        figure.add_annotation(text=shown.note, x=0, y=1.02, yanchor="bottom", font={"size": 12}, **corner)
    return figure


def atlas_map(atlas: ZAtlas | None = None, echo: int | None = None) -> AtlasMap:
    """Shares, labels and words of the heat map of an atlas, that of the current session unless given."""
    chosen = current().atlas if atlas is None else atlas
    if not isinstance(chosen, ZAtlas):
        raise TypeError(f"atlas is of type {type(chosen).__name__}; give a ZAtlas.")
    density, frame = chosen.look()
    echoes = frame.shape[2]
    shown = slice(None) if echo is None else [frame.index(0, 0, echo).echo]
    labels = components(density)
    found = int(labels.max())
    span = f"mean over {echoes} echoes" if echo is None else f"echo {echo} of 0 … {echoes - 1}"
    one = "1 connected component of at least the mean density: the cells with a number"
    silent = f"There is no energy in echo {echo}." if found else NOTHING
    many = f"{found} connected components of at least the mean density: the numbers name them, heaviest first"
    shares = 100.0 * density[:, :, shown].mean(axis=2)
    named = one if found == 1 else many
    return AtlasMap(
        shares=shares,
        labels=_texts(labels[:, :, shown]),
        bands=_band_names(frame),
        sheets=[sheet.label.removeprefix("sheet ") for sheet in frame.sheets],
        title=f"Z-space atlas: where the energy is, {span}",
        legend="share of all energy per cell",
        note=named if shares.any() else silent,
    )


def _band_names(frame: ZFrame) -> list[str]:
    return [f"{band.label}<br>{band.low:.2g} – {band.high:.2g}" for band in frame.bands]


def _texts(labels: Int[np.ndarray, "bands sheets echoes"]) -> list[list[str]]:
    return [[", ".join(str(n) for n in np.unique(cell) if n) for cell in row] for row in labels]


def plain(text: str) -> str:
    """Line breaks as Matplotlib knows them."""
    return text.replace("<br>", "\n")
