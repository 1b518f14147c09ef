"""The poster of an Atlas: a sample of the last frame, in the projection of the widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_widgets.atlas.frame import fair_order
from stnb_widgets.atlas.poster import MOST_POINTS, POSTER_BYTES, POSTER_SIZE, render_poster
from stnb_widgets.colours import blank_colour, categories, colour_table
from stnb_widgets.quantize import dequantise
from stnb_widgets.raster import Canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stnb_widgets.atlas.frame import ParticleFrame
    from stnb_widgets.atlas.scenery import Scenery

__all__ = ["atlas_poster"]

MARGIN = 24
INK, FAINT, RING = (0.82, 0.85, 0.89), (0.34, 0.38, 0.44), (0.93, 0.94, 0.96)
GROUND = (0.086, 0.106, 0.133)
FIELD_SHARE = 0.55
TURN = 2 * np.pi


def atlas_poster(
    frame: ParticleFrame | None, colour: str, box: Sequence[Sequence[float]], projection: str
) -> bytes:
    """PNG of at most 60 kB."""
    places, values = _sample(frame, colour)
    if projection == "3d":
        return render_poster(places.reshape(-1, 3), values, box)
    canvas = Canvas(*POSTER_SIZE, ground=GROUND)
    sheet = _Sheet(canvas, np.asarray(box)[:, :2])
    if frame is not None and frame.scenery.field.size:
        _paint_field(sheet, frame.scenery, disk=projection == "disk")
    _paint_outline(sheet, disk=projection == "disk")
    if frame is not None:
        _paint_points(sheet, places, values)
        _paint_company(sheet, frame)
    return canvas.png(POSTER_BYTES)


def _sample(frame: ParticleFrame | None, colour: str) -> tuple[np.ndarray, np.ndarray | None]:
    if frame is None:
        return np.empty((0, 3)), None
    sample = fair_order(frame.total)[:MOST_POINTS]
    places = dequantise(frame.positions.codes[sample], frame.positions.low, frame.positions.high)
    column = frame.attributes.get(colour)
    values = None if column is None else dequantise(column.codes[sample], column.low, column.high)[:, 0]
    return places, values


class _Sheet:
    """A plane on a canvas, with equal scales and y upwards."""

    def __init__(self, canvas: Canvas, box: np.ndarray) -> None:
        self.canvas, self.box = canvas, box
        room = np.array([canvas.width, canvas.height]) - 2 * MARGIN
        self.scale = float((room / (box[1] - box[0])).min())

    def at(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pixels of places."""
        middle = self.box.mean(axis=0)
        across = self.canvas.width / 2 + (np.asarray(x) - middle[0]) * self.scale
        return across, self.canvas.height / 2 - (np.asarray(y) - middle[1]) * self.scale

    def arc(
        self, centre: Sequence[float], radius: float, share: float = 1.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Pixels along a share of a circle, from its top and clockwise."""
        angle = TURN / 4 - TURN * share * np.linspace(0, 1, 97)
        return self.at(centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle))


def _paint_field(sheet: _Sheet, scenery: Scenery, *, disk: bool) -> None:
    """The field under everything else, mixed with the ground."""
    codes = np.asarray(scenery.field).T[::-1]
    picture = np.full((*codes.shape, 3), np.nan)
    known = codes < 255
    mixed = FIELD_SHARE * colour_table(255) + (1 - FIELD_SHARE) * np.array(GROUND)
    picture[known] = mixed[codes[known]]
    if disk:
        rows, columns = (np.linspace(-1, 1, 2 * length + 1)[1::2] for length in codes.shape)
        picture[rows[:, None] ** 2 + columns**2 > 1] = np.nan
    (left, right), (bottom, top) = sheet.at(*sheet.box.T)
    sheet.canvas.image(left, top, right, bottom, picture)


def _paint_outline(sheet: _Sheet, *, disk: bool) -> None:
    if not disk:
        (left, bottom), (right, top) = sheet.box
        x, y = [left, right, right, left, left], [bottom, bottom, top, top, bottom]
        sheet.canvas.line(*sheet.at(np.array(x), np.array(y)), FAINT)
        return
    for distance in (1, 2, 3):
        sheet.canvas.line(*sheet.arc((0, 0), np.tanh(distance / 2)), FAINT, width=0.6)
    for angle in TURN * np.arange(4) / 8:
        end = np.array([-1.0, 1.0])
        sheet.canvas.line(*sheet.at(end * np.cos(angle), end * np.sin(angle)), FAINT, width=0.6)
    sheet.canvas.line(*sheet.arc((0, 0), 1.0), INK)


def _paint_points(sheet: _Sheet, places: np.ndarray, values: np.ndarray | None) -> None:
    """Discs in the colours of their values, grey where there is none."""
    table = colour_table(64)
    values = np.full(len(places), 0.6) if values is None else values
    known = np.isfinite(values)
    span = (values[known].min(), values[known].max()) if known.any() else (0.0, 1.0)
    width = span[1] - span[0]
    share = np.clip((values - span[0]) / width, 0, 1) if width > 0 else np.full(len(values), 0.6)
    colours = np.tile(blank_colour(), (len(values), 1))
    colours[known] = table[(share[known] * 63).astype(int)]
    radius = float(np.clip(9.4 * max(len(places), 60) ** -0.18 / 2, 1.0, 3.5))
    sheet.canvas.discs(*sheet.at(places[:, 0], places[:, 1]), radius, colours)


def _paint_company(sheet: _Sheet, frame: ParticleFrame) -> None:
    """Districts with their rings, links, and markers on top."""
    scenery = frame.scenery
    most = float(np.nanmax(scenery.districts[:, 3], initial=0.0))
    for (name, _), (x, y, radius, value) in zip(scenery.words["districts"], scenery.districts, strict=True):
        sheet.canvas.line(*sheet.arc((x, y), radius), INK, width=1)
        if value > 0:
            sheet.canvas.line(*sheet.arc((x, y), radius, value / most), RING, width=3)
        left, top = sheet.at(x, y + radius)
        sheet.canvas.text(float(left), float(top) - 4, name, RING, anchor="cb")
    colours = categories(dark=True)
    marks = scenery.marks["marks"]
    ends = scenery.links.get("link_ends", np.empty((0, 3), np.uint16))[:400, :2]
    places = dequantise(ends, frame.positions.low, frame.positions.high) if len(ends) else ends
    for row, (x, y) in zip(scenery.links["links"], places, strict=False):
        sheet.canvas.line(
            *sheet.at(np.array([marks[row, 0], x]), np.array([marks[row, 1], y])), FAINT, width=0.5
        )
    if len(marks):
        painted = colours[scenery.marks["mark_kinds"].astype(int) % len(colours)]
        sheet.canvas.discs(*sheet.at(marks[:, 0], marks[:, 1]), 3 + 4 * np.sqrt(marks[:, 3]), painted)
