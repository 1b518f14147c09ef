"""A still picture of an Atlas: a sample of one frame, in the projection of the widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_widgets.atlas.frame import fair_order
from stnb_widgets.atlas.numbers import link_ends, places, values
from stnb_widgets.atlas.poster import MOST_POINTS, POSTER_BYTES, POSTER_SIZE, render_poster
from stnb_widgets.colours import blank_colour, categories, colour_table
from stnb_widgets.parcel import Parcel
from stnb_widgets.raster import Canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["atlas_poster"]

MARGIN = 24
INK, FAINT, RING = (0.82, 0.85, 0.89), (0.34, 0.38, 0.44), (0.93, 0.94, 0.96)
GROUND = (0.086, 0.106, 0.133)
FIELD_SHARE = 0.55
MOST_LINES = 400
TURN = 2 * np.pi


def atlas_poster(
    parcel: Parcel | None, box: Sequence[Sequence[float]], projection: str, most_bytes: int = POSTER_BYTES
) -> bytes:
    """PNG of a frame that travelled, or of an empty picture; a box of particles shows fewer to fit `most_bytes`."""
    points, coloured = _sample(parcel)
    if projection == "3d":
        return render_poster(points.reshape(-1, 3), coloured, box, most_bytes)
    canvas = Canvas(*POSTER_SIZE, ground=GROUND)
    sheet = _Sheet(canvas, np.asarray(box)[:, :2])
    if parcel is not None and "field" in parcel.arrays:
        _paint_field(sheet, parcel.arrays["field"], disk=projection == "disk")
    _paint_outline(sheet, disk=projection == "disk")
    if parcel is not None:
        _paint_points(sheet, points, coloured)
        _paint_districts(sheet, parcel)
        _paint_marks(sheet, parcel)
    return canvas.png(most_bytes)


def _sample(parcel: Parcel | None) -> tuple[np.ndarray, np.ndarray | None]:
    """Coordinates and colours of at most 12,000 particles; what was thinned lies in a fair order already."""
    if parcel is None:
        return np.empty((0, 3)), None
    count, total = parcel.header["count"], parcel.header["total"]
    whole = fair_order(total) if count == total else np.arange(count)
    sample = whole[:MOST_POINTS]
    rows = {name: parcel.arrays[name][sample] for name in ("positions", "values")}
    few = Parcel(parcel.header, rows)
    return places(few), values(few)


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


def _paint_field(sheet: _Sheet, field: np.ndarray, *, disk: bool) -> None:
    """The field under everything else, mixed with the ground."""
    codes = field.T[::-1]
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


def _paint_districts(sheet: _Sheet, parcel: Parcel) -> None:
    """Circles with their names and their rings."""
    districts = parcel.arrays.get("districts", np.empty((0, 4), np.float32))
    most = float(np.nanmax(districts[:, 3], initial=0.0))
    for (name, _), (x, y, radius, value) in zip(parcel.header["districts"], districts, strict=True):
        sheet.canvas.line(*sheet.arc((x, y), radius), INK, width=1)
        if value > 0:
            sheet.canvas.line(*sheet.arc((x, y), radius, value / most), RING, width=3)
        left, top = sheet.at(x, y + radius)
        sheet.canvas.text(float(left), float(top) - 4, name, RING, anchor="cb")


def _paint_marks(sheet: _Sheet, parcel: Parcel) -> None:
    """Links, and markers on top."""
    if "marks" not in parcel.arrays:
        return
    marks, links = parcel.arrays["marks"], parcel.arrays.get("links", np.empty(0, np.uint16))
    for row, (x, y) in list(zip(links, link_ends(parcel)[:, :2], strict=True))[:MOST_LINES]:
        sheet.canvas.line(
            *sheet.at(np.array([marks[row, 0], x]), np.array([marks[row, 1], y])), FAINT, width=0.5
        )
    kinds = parcel.arrays.get("mark_kinds", np.zeros(len(marks), np.uint8)).astype(int)
    painted = categories(dark=True)[kinds % len(categories(dark=True))]
    sheet.canvas.discs(*sheet.at(marks[:, 0], marks[:, 1]), 3 + 4 * np.sqrt(marks[:, 3]), painted)
