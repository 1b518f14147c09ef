"""Lines, discs, boxes, pictures and words on a grid of pixels, in NumPy: what posters are painted with.

Everything is painted on a grid twice as fine; averaging 2 x 2 of its pixels gives smooth rims. Coordinates are in
pixels of the finished picture, from its upper left corner, and may be fractions; what lies outside is cut off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_widgets.font import text_mask
from stnb_widgets.png import squeeze_png

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    Colour = Sequence[float] | np.ndarray

__all__ = ["Canvas"]

_FINE = 2
_SPACING = 0.7
_MOST_STAMPED = 2_000_000
_CAP_HEIGHT = 7


class Canvas:
    """A picture that is painted from back to front; colours are red, green, blue in 0 ... 1."""

    def __init__(self, width: int = 640, height: int = 400, ground: Colour = (0.086, 0.106, 0.133)) -> None:
        if width < 1 or height < 1:
            raise ValueError(f"a canvas of {width} x {height} pixels has no pixel; make both at least 1")
        self.width, self.height = int(width), int(height)
        self._fine = np.empty((_FINE * self.height, _FINE * self.width, 3), np.uint8)
        self._fine[:] = _bytes(ground)

    def line(
        self,
        x: ArrayLike,
        y: ArrayLike,
        colour: Colour,
        width: float = 1.5,
        dash: Sequence[float] | None = None,
    ) -> None:
        """Join points by straight lines, broken where a coordinate is not finite.

        `dash` lists lengths in pixels: drawn, left out, drawn, ...
        """
        start, end, along = _segments(_pair(x, y) * _FINE)
        kept, first, last = _clip(start, end, self._fine.shape, reach=_FINE * width)
        start, end, along = start[kept], end[kept], along[kept]
        length = np.hypot(*(end - start).T)
        counts = np.ceil((last - first) * length / _SPACING).astype(np.int64) + 1
        owner = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        share = first[owner] + (last - first)[owner] * place / np.maximum(counts - 1, 1)[owner]
        dots = start[owner] + (end - start)[owner] * share[:, None]
        if dash is not None:
            dots = dots[_inked(along[owner] + length[owner] * share, np.asarray(dash, float) * _FINE)]
        thinned = np.unique(np.rint(dots * 2).astype(np.int64), axis=0) / 2
        self._stamp(thinned, np.full(len(thinned), _FINE * width / 2), _bytes(colour))

    def discs(
        self, x: ArrayLike, y: ArrayLike, radius: ArrayLike, colours: Colour | Sequence[Colour]
    ) -> None:
        """Filled circles, later ones over earlier ones; one radius and colour for all, or one for each."""
        centres = _pair(x, y) * _FINE
        radii = np.broadcast_to(np.asarray(radius, float) * _FINE, len(centres))
        painted = _bytes(colours)
        good = np.isfinite(centres).all(axis=1) & np.isfinite(radii)
        if painted.ndim > 1:
            painted = np.broadcast_to(painted, (len(centres), 3))[good]
        self._stamp(centres[good], radii[good], painted)

    def rect(self, x0: float, y0: float, x1: float, y1: float, colour: Colour, alpha: float = 1.0) -> None:
        """A filled box, mixed with what is there by `alpha` in 0 ... 1."""
        if not 0 <= alpha <= 1:
            raise ValueError(
                f"alpha is {alpha}; pass a share of the new colour between 0 (nothing) and 1 (all)"
            )
        part = self._fine[self._box(x0, y0, x1, y1)]
        part[:] = np.rint(part * (1 - alpha) + _bytes(colour) * float(alpha))

    def image(self, x0: float, y0: float, x1: float, y1: float, rgb: np.ndarray) -> None:
        """An (h, w, 3) array stretched over a box, its first row on top; pixels that hold NaN are left out."""
        rgb = np.asarray(rgb, float)
        if rgb.ndim != 3 or rgb.shape[2] != 3:
            raise ValueError(
                f"the picture has shape {rgb.shape}; pass rows of pixels of red, green, blue: (h, w, 3)"
            )
        rows, columns = self._box(x0, y0, x1, y1)
        if not rgb.size or rows.start >= rows.stop or columns.start >= columns.stop:
            return
        down = _source(rows, y0, y1, rgb.shape[0])
        across = _source(columns, x0, x1, rgb.shape[1])
        stretched = rgb[down[:, None], across[None, :]]
        known = np.isfinite(stretched).all(axis=2)
        self._fine[rows, columns][known] = _bytes(stretched[known])

    def text(
        self, x: float, y: float, string: str, colour: Colour, anchor: str = "lt", size: float = 1
    ) -> None:
        """A line of text whose `anchor` is at (x, y): l, c or r, and t, m or b; capitals are 7 x `size` pixels."""
        if len(anchor) != 2 or anchor[0] not in "lcr" or anchor[1] not in "tmb":
            raise ValueError(
                f"anchor is {anchor!r}; give two letters: l, c or r (left, centre, right), t, m or b (top, middle, base)"
            )
        scale = max(1, round(_FINE * size))
        mask = text_mask(string).repeat(scale, axis=0).repeat(scale, axis=1)
        left = round(_FINE * x - "lcr".index(anchor[0]) * mask.shape[1] / 2)
        top = round(_FINE * y - "tmb".index(anchor[1]) * _CAP_HEIGHT * scale / 2)
        rows, columns = np.nonzero(mask)
        self._paint(rows + top, columns + left, _bytes(colour))

    def pixels(self) -> np.ndarray:
        """The picture as bytes (height, width, 3)."""
        blocks = self._fine.reshape(self.height, _FINE, self.width, _FINE, 3)
        return ((blocks.sum(axis=(1, 3), dtype=np.uint16) + _FINE) // _FINE**2).astype(np.uint8)

    def png(self, most_bytes: int = 60_000) -> bytes:
        """The picture as a PNG of at most `most_bytes`, with as many colours as fit."""
        return squeeze_png(self.pixels(), most_bytes)

    def _box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[slice, slice]:
        if not np.isfinite([x0, y0, x1, y1]).all():
            raise ValueError(
                f"a corner of the box ({x0}, {y0}, {x1}, {y1}) is not finite; pass pixel coordinates"
            )
        height, width, _ = self._fine.shape
        return _span(y0, y1, height), _span(x0, x1, width)

    def _stamp(self, centres: np.ndarray, radii: np.ndarray, colour: np.ndarray) -> None:
        """Paint the fine pixels whose middles are within `radii` of `centres`, and the one that holds the centre."""
        if not len(centres):
            return
        reach = int(np.ceil(radii.max()))
        span = np.arange(-reach, reach + 1)
        dy, dx = (grid.ravel() for grid in np.meshgrid(span, span, indexing="ij"))
        chunk = max(1, _MOST_STAMPED // len(dx))
        for at in range(0, len(centres), chunk):
            part = slice(at, at + chunk)
            base = np.floor(np.clip(centres[part], -1e9, 1e9)).astype(np.int64)
            columns, rows = base[:, :1] + dx, base[:, 1:] + dy
            away = (columns + 0.5 - centres[part, :1]) ** 2 + (rows + 0.5 - centres[part, 1:]) ** 2
            inside = (away <= radii[part, None] ** 2) | ((dx == 0) & (dy == 0))
            one_each = colour.ndim > 1
            painted = np.repeat(colour[part], inside.sum(axis=1), axis=0) if one_each else colour
            self._paint(rows[inside], columns[inside], painted)

    def _paint(self, rows: np.ndarray, columns: np.ndarray, colour: np.ndarray) -> None:
        height, width, _ = self._fine.shape
        inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        self._fine[rows[inside], columns[inside]] = colour[inside] if colour.ndim > 1 else colour


def _bytes(colour: Colour | Sequence[Colour]) -> np.ndarray:
    """Colours in 0 ... 1 as bytes; what is a little outside is cut off, NaN and other shapes are refused."""
    rgb = np.asarray(colour, float)
    if rgb.shape[-1:] != (3,) or not np.isfinite(rgb).all():
        raise ValueError(f"a colour is {colour!r}; pass red, green, blue as finite numbers in 0 ... 1")
    return np.rint(255 * rgb.clip(0, 1)).astype(np.uint8)


def _pair(x: ArrayLike, y: ArrayLike) -> np.ndarray:
    x, y = np.atleast_1d(np.asarray(x, float)), np.atleast_1d(np.asarray(y, float))
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"x has shape {x.shape}, y has {y.shape}; pass two arrays of one length")
    return np.stack([x, y], axis=1)


def _segments(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Starts and ends of all lines between finite neighbours, and how far along the whole line each one starts."""
    if len(points) == 1:
        points = np.repeat(points, 2, axis=0)
    start, end = points[:-1], points[1:]
    joined = np.isfinite(start).all(axis=1) & np.isfinite(end).all(axis=1)
    start, end = start[joined], end[joined]
    length = np.hypot(*(end - start).T)
    return start, end, np.cumsum(length) - length


def _clip(
    start: np.ndarray, end: np.ndarray, shape: tuple[int, ...], reach: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which lines come within `reach` of the grid, and the shares of each between which they do (Liang and Barsky)."""
    first, last = np.zeros(len(start)), np.ones(len(start))
    way = end - start
    for axis, size in ((0, shape[1]), (1, shape[0])):
        for push, room in (
            (-way[:, axis], start[:, axis] + reach),
            (way[:, axis], size + reach - start[:, axis]),
        ):
            with np.errstate(divide="ignore", invalid="ignore"):
                share = room / push
            first = np.where(push < 0, np.maximum(first, share), first)
            last = np.where(push > 0, np.minimum(last, share), last)
            last = np.where((push == 0) & (room < 0), -1.0, last)
    kept = first <= last
    return kept, first[kept], last[kept]


def _inked(along: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Where a dashed line is drawn: on the lengths of even place of a pattern that repeats."""
    if lengths.size < 2 or not (lengths > 0).all():
        raise ValueError(
            f"dash is {(lengths / _FINE).tolist()}; list at least two lengths above 0: drawn, left out, ..."
        )
    ends = np.cumsum(lengths)
    return np.searchsorted(ends, along % ends[-1], side="right") % 2 == 0


def _span(low: float, high: float, size: int) -> slice:
    start, stop = sorted((round(_FINE * low), round(_FINE * high)))
    return slice(min(max(start, 0), size), min(max(stop, 0), size))


def _source(span: slice, low: float, high: float, size: int) -> np.ndarray:
    """Which of `size` rows each fine row of `span` shows."""
    share = ((np.arange(span.start, span.stop) + 0.5) / _FINE - low) / (high - low)
    return np.clip(np.floor(share * size), 0, size - 1).astype(np.int64)
