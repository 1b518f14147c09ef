"""A still picture of particles in NumPy and zlib: a PNG of few bytes.

Discs and lines are painted as palette entries on a grid twice as fine; averaging 2 x 2 of them gives smooth
rims, and rounding colours to multiples of four lets zlib halve the file.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np

from stnb_widgets.colours import blank_colour, colour_table
from stnb_widgets.png import encode_png

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MOST_POINTS", "PLAIN_BOX", "POSTER_BYTES", "POSTER_SIZE", "encode_png", "render_poster"]

PLAIN_BOX = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
POSTER_BYTES = 60_000
POSTER_SIZE = (640, 400)
_FINE = 2
_FINE_SIZE = (_FINE * POSTER_SIZE[0], _FINE * POSTER_SIZE[1])
_COLOUR_STEP = 4
_AZIMUTH, _ELEVATION, _DISTANCE = np.radians(-54.5), np.radians(20.5), 3.9
_MARGIN = 28
MOST_POINTS = 12_000
_BACKGROUND = np.array([0.086, 0.106, 0.133])
_EDGE = np.array([0.50, 0.55, 0.62])
_SHADES, _HUES = 8, 30
_EDGE_INDEX = 1
_FIRST_HUE = 2


def render_poster(
    xyz: np.ndarray,
    values: np.ndarray | None,
    box: Sequence[Sequence[float]] = PLAIN_BOX,
    most_bytes: int = POSTER_BYTES,
) -> bytes:
    """PNG of points (n, 3) in a box, coloured by `values` (n,), nearer ones larger and brighter."""
    values = np.zeros(len(xyz)) if values is None else values
    drawn = np.isfinite(xyz).all(axis=1)
    xyz, hue = xyz[drawn], _hue_of(values[drawn])
    most = min(len(xyz), MOST_POINTS)
    while True:
        stride = max(1, -(-len(xyz) // max(most, 1)))
        png = encode_png(_average(_palette()[_paint(xyz[::stride], hue[::stride], box)]))
        if len(png) <= most_bytes or most < 2:
            return png
        most = int(most * 0.8 * most_bytes / len(png))


def _average(fine: np.ndarray) -> np.ndarray:
    """Mean of each block of fine pixels, rounded to few levels."""
    total = sum(fine[row::_FINE, column::_FINE] for row in range(_FINE) for column in range(_FINE))
    step = _COLOUR_STEP * _FINE**2
    return np.minimum((total + step // 2) // step * _COLOUR_STEP, 255).astype(np.uint8)


def _hue_of(values: np.ndarray) -> np.ndarray:
    """0 ... _HUES - 1 along the colour map, _HUES for values that are not finite."""
    finite = np.isfinite(values)
    hue = np.full(len(values), _HUES)
    if finite.any():
        low, high = values[finite].min(), values[finite].max()
        share = (values[finite] - low) / (high - low) if high > low else np.full(finite.sum(), 0.6)
        hue[finite] = np.minimum(share * _HUES, _HUES - 1)
    return hue


def _palette() -> np.ndarray:
    """Background, edges, then every hue (the last is "blank") in every shade, far to near."""
    hues = np.vstack([colour_table(_HUES), blank_colour()])
    light = np.linspace(0.3, 1.0, _SHADES)[None, :, None]
    mixed = hues[:, None] * light + _BACKGROUND * (1 - light)
    return np.rint(255 * np.vstack([_BACKGROUND[None], _EDGE[None], mixed.reshape(-1, 3)])).astype(np.uint16)


class _Eye:
    """A perspective view of a box that fills the picture up to a margin."""

    def __init__(self, box: Sequence[Sequence[float]]) -> None:
        low, high = np.asarray(box, float)
        self._centre, self._radius = (low + high) / 2, np.linalg.norm(high - low) / 2
        self._scale, self._shift = 1.0, np.zeros(2)
        self.corners = np.array(list(product(*zip(low, high, strict=True))))
        places, _ = self(self.corners)
        least, most = places.min(axis=0), places.max(axis=0)
        self._scale = float(((np.array(_FINE_SIZE) - 2 * _MARGIN) / (most - least)).min())
        self._shift = np.array(_FINE_SIZE) / 2 - (least + most) / 2 * self._scale

    def __call__(self, xyz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pixel coordinates (n, 2) and depth (n,), about -1 (near) to 1 (far)."""
        cos_a, sin_a, cos_e, sin_e = (
            np.cos(_AZIMUTH),
            np.sin(_AZIMUTH),
            np.cos(_ELEVATION),
            np.sin(_ELEVATION),
        )
        right = [-sin_a, cos_a, 0.0]
        down = [sin_e * cos_a, sin_e * sin_a, -cos_e]
        away = [-cos_e * cos_a, -cos_e * sin_a, -sin_e]
        turned = (xyz - self._centre) / self._radius @ np.array([right, down, away]).T
        depth = turned[:, 2]
        flat = turned[:, :2] / np.maximum(1 + depth / _DISTANCE, 0.1)[:, None]
        return flat * self._scale + self._shift, depth


def _paint(xyz: np.ndarray, hue: np.ndarray, box: Sequence[Sequence[float]]) -> np.ndarray:
    """Discs from far to near, darker towards their lower right rims; far edges before, near ones after."""
    eye = _Eye(box)
    image = np.zeros(_FINE_SIZE[::-1], np.uint8)
    edges = [pair for pair in combinations(eye.corners, 2) if np.count_nonzero(pair[0] != pair[1]) == 1]
    edges.sort(key=lambda pair: -eye(np.stack(pair))[1].mean())
    _draw_lines(image, eye, edges[:-3])
    place, depth = eye(xyz)
    order = np.argsort(-depth, kind="stable")
    place, depth, hue = place[order], depth[order], hue[order]
    nearness = np.clip((1 - depth) / 2, 0.0, 1.0)
    radius = _FINE * np.clip(9.4 * max(len(xyz), 60) ** -0.18, 1.1, 4.0) * (0.65 + 0.7 * nearness)
    reach = int(np.ceil(radius.max(initial=1.0)))
    span = np.arange(-reach, reach + 1)
    dx, dy = (grid.ravel() for grid in np.meshgrid(span, span))
    columns = np.rint(place[:, :1]).astype(int) + dx
    rows = np.rint(place[:, 1:]).astype(int) + dy
    inside = dx**2 + dy**2 <= radius[:, None] ** 2
    inside &= (columns >= 0) & (columns < image.shape[1]) & (rows >= 0) & (rows < image.shape[0])
    rim = (dx * 0.5 + dy * 0.7) / radius[:, None]
    light = np.where(radius[:, None] > 1.6, 0.82 - 0.3 * rim, 0.8) * (0.45 + 0.55 * nearness[:, None])
    shade = np.clip(light * _SHADES, 0, _SHADES - 1).astype(int)
    image[rows[inside], columns[inside]] = (_FIRST_HUE + hue[:, None] * _SHADES + shade)[inside]
    _draw_lines(image, eye, edges[-3:])
    return image


def _draw_lines(image: np.ndarray, eye: _Eye, edges: list[tuple[np.ndarray, np.ndarray]]) -> None:
    steps = np.linspace(0, 1, 2 * _FINE_SIZE[0])[:, None]
    for one, other in edges:
        place, _ = eye(one + (other - one) * steps)
        columns, rows = np.rint(place).astype(int).T
        inside = (columns >= 0) & (columns < image.shape[1]) & (rows >= 0) & (rows < image.shape[0])
        image[rows[inside], columns[inside]] = _EDGE_INDEX
