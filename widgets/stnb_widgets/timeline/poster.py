"""A still picture of a whole run: one lane for every channel or group, its name and its last value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_widgets.colours import categories
from stnb_widgets.raster import Canvas
from stnb_widgets.timeline.axis import knee_of, warp

if TYPE_CHECKING:
    from stnb_widgets.timeline.pyramid import Pyramid, Window
    from stnb_widgets.timeline.sight import Channels, Sight

__all__ = ["render_timeline"]

GROUND = (0.055, 0.067, 0.09)
INK, FAINT = (0.82, 0.85, 0.89), (0.34, 0.38, 0.44)
LEFT, RIGHT, TOP, BOTTOM = 14.0, 520.0, 14.0, 372.0
MOST_LANES = 8
BUCKETS = 500
LABEL_LETTERS = 15
BAND = 0.45


def render_timeline(history: Pyramid, channels: Channels, sight: Sight) -> bytes:
    """PNG of at most 60 kB of what is shown, from the first step to the last."""
    canvas = Canvas(ground=GROUND)
    lanes = _lanes(channels, sight)
    extent = history.extent
    height = (BOTTOM - TOP) / min(len(lanes), MOST_LANES)
    for place, members in enumerate(lanes[:MOST_LANES]):
        top = TOP + place * height
        canvas.line(np.array([LEFT, RIGHT]), np.full(2, top + height), FAINT, width=1)
        if extent is not None:
            window = history.window(*extent, BUCKETS, [channels.places[name] for name in members])
            _lane(
                canvas,
                window,
                sight.scales[members[0]],
                (top + 4, top + height - 4),
                _colours(channels, members),
            )
        _labels(canvas, history, channels, members, top)
    if extent is not None:
        canvas.text(LEFT, 390, f"step {int(extent[0]):,}", INK, anchor="lb")
        canvas.text(RIGHT, 390, f"{int(extent[1]):,}", INK, anchor="rb")
    hidden = len(channels.names) - sum(len(members) for members in lanes[:MOST_LANES])
    if hidden:
        canvas.text(RIGHT + 12, 390, f"and {hidden} more", FAINT, anchor="lb")
    return canvas.png()


def _lanes(channels: Channels, sight: Sight) -> list[list[str]]:
    """The channels shown, those of one axis together."""
    lanes: dict[str, list[str]] = {}
    for name in sight.shown:
        lanes.setdefault(channels.lanes[name], []).append(name)
    return list(lanes.values())


def _colours(channels: Channels, members: list[str]) -> list[tuple[float, ...]]:
    table = categories(dark=True)
    return [tuple(float(x) for x in table[channels.places[name] % len(table)]) for name in members]


def _lane(
    canvas: Canvas, window: Window, scale: str, ends: tuple[float, float], colours: list[tuple[float, ...]]
) -> None:
    """Bands from least to largest with the mean in them, on one axis."""
    knee = knee_of(np.stack([window.low, window.high]))
    low, mean, high = (warp(part, scale, knee) for part in (window.low, window.digest.mean, window.high))
    if not np.isfinite(mean).any():
        return
    bottom, top = float(np.nanmin(np.fmin(low, mean))), float(np.nanmax(high))
    span = top - bottom
    rise = (ends[1] - ends[0]) / span if 0 < span < np.inf else 0.0
    across = window.edges[-1] - window.edges[0]
    x = LEFT + (RIGHT - LEFT) * (window.edges - window.edges[0]) / (across if across > 0 else 1.0)

    def place(values: np.ndarray) -> np.ndarray:
        return (
            ends[1] - (values - bottom) * rise
            if rise
            else np.where(np.isfinite(values), sum(ends) / 2, np.nan)
        )

    for i, colour in enumerate(colours):
        upper, lower = place(high[:, i]), place(np.where(np.isfinite(low[:, i]), low[:, i], bottom))
        for at in np.flatnonzero(np.isfinite(upper) & (lower - upper > 1)):
            right = max(x[at + 1], x[at] + 1)
            canvas.rect(float(x[at]), float(upper[at]), float(right), float(lower[at]), colour, BAND)
        canvas.line((x[:-1] + x[1:]) / 2, place(mean[:, i]), colour, width=1.2)


def _labels(canvas: Canvas, history: Pyramid, channels: Channels, members: list[str], top: float) -> None:
    """Names and last values beside a lane, as many as there is room for."""
    count = len(history)
    latest = history.read(count - 1, count)[2][0] if count else np.full(len(channels.names), np.nan)
    for line, (name, colour) in enumerate(zip(members[:3], _colours(channels, members), strict=False)):
        value = latest[channels.places[name]]
        said = f"{value:.4g} {channels.units[name]}".strip() if np.isfinite(value) else "-"
        short = name if len(name) <= LABEL_LETTERS else name[: LABEL_LETTERS - 1] + "."
        y = top + 10 + 24 * line
        canvas.text(RIGHT + 12, y, short, colour, anchor="lm")
        canvas.text(RIGHT + 12, y + 11, said, INK, anchor="lm")
