"""A still picture of a whole run: one lane for every channel or group, its name and its last value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stnb_widgets.colours import categories
from stnb_widgets.raster import Canvas
from stnb_widgets.timeline.numbers import along_axes, steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stnb_widgets.parcel import Parcel
    from stnb_widgets.timeline.sight import Channels

__all__ = ["render_timeline"]

GROUND = (0.055, 0.067, 0.09)
INK, FAINT = (0.82, 0.85, 0.89), (0.34, 0.38, 0.44)
LEFT, RIGHT, TOP, BOTTOM = 14.0, 520.0, 14.0, 372.0
MOST_LANES = 8
BUCKETS = 500
LABEL_LETTERS = 15
BAND = 0.45


class Run(NamedTuple):
    """Places along the axes (channels, buckets): `low` and `high` of the whole run, `mean` of what is known finely.

    `across` and `mean_across` say, as shares of the picture, where the buckets of both begin and the last one ends.
    """

    low: np.ndarray
    high: np.ndarray
    across: np.ndarray
    mean: np.ndarray
    mean_across: np.ndarray

    @classmethod
    def of(cls, parcel: Parcel) -> Run:
        """The window where it holds all of the run; coarse buckets, and the means of the window, otherwise."""
        edges, whole = steps(parcel, "edges"), steps(parcel, "whole_edges")
        covered = edges[0] <= whole[0] and edges[-1] >= whole[-1]
        low, high = ("low", "high") if covered else ("whole_low", "whole_high")
        at, length = whole[0], float(max(whole[-1] - whole[0], 1))
        band = _coarse(along_axes(parcel, low), along_axes(parcel, high), edges if covered else whole)
        shares = [(places - at) / length for places in (band[2], edges)]
        return cls(band[0], band[1], shares[0], along_axes(parcel, "mean"), shares[1])

    def of_channels(self, rows: list[int]) -> Run:
        """Some of the channels."""
        return self._replace(low=self.low[rows], high=self.high[rows], mean=self.mean[rows])


def render_timeline(
    parcel: Parcel | None, channels: Channels, shown: Sequence[str], most_bytes: int = 60_000
) -> bytes:
    """PNG of what a frame that travelled says of the whole run; of empty lanes for `shown` where there is none."""
    canvas = Canvas(ground=GROUND)
    shown = shown if parcel is None else parcel.header["shown"]
    run = None if parcel is None else Run.of(parcel)
    latest = [None] * len(shown) if parcel is None else parcel.header["latest"]
    lanes = _lanes(channels, shown)
    height = (BOTTOM - TOP) / min(len(lanes), MOST_LANES)
    for place, rows in enumerate(lanes[:MOST_LANES]):
        top, members = TOP + place * height, [shown[row] for row in rows]
        canvas.line(np.array([LEFT, RIGHT]), np.full(2, top + height), FAINT, width=1)
        if run is not None:
            ends = (top + 4, top + height - 4)
            _lane(canvas, run.of_channels(rows), ends, _colours(channels, members))
        _labels(canvas, channels, members, [latest[row] for row in rows], top)
    if parcel is not None:
        canvas.text(LEFT, 390, f"step {parcel.header['origin']:,}", INK, anchor="lb")
        canvas.text(RIGHT, 390, f"{parcel.header['step']:,}", INK, anchor="rb")
    hidden = len(channels.names) - sum(len(rows) for rows in lanes[:MOST_LANES])
    if hidden:
        canvas.text(RIGHT + 12, 390, f"and {hidden} more", FAINT, anchor="lb")
    return canvas.png(most_bytes)


def _coarse(
    low: np.ndarray, high: np.ndarray, edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Neighbouring buckets put together until there are 500 at most."""
    buckets = low.shape[1]
    starts = np.arange(0, buckets, -(-buckets // BUCKETS))
    joined = np.fmin.reduceat(low, starts, axis=1), np.fmax.reduceat(high, starts, axis=1)
    return *joined, edges[np.append(starts, buckets)]


def _lanes(channels: Channels, shown: Sequence[str]) -> list[list[int]]:
    """The rows of the channels shown, those of one axis together."""
    lanes: dict[str, list[int]] = {}
    for row, name in enumerate(shown):
        lanes.setdefault(channels.lanes[name], []).append(row)
    return list(lanes.values())


def _colours(channels: Channels, members: list[str]) -> list[tuple[float, ...]]:
    table = categories(dark=True)
    return [tuple(float(x) for x in table[channels.places[name] % len(table)]) for name in members]


def _lane(canvas: Canvas, run: Run, ends: tuple[float, float], colours: list[tuple[float, ...]]) -> None:
    """Bands from least to largest with the mean in them, on one axis."""
    known = np.concatenate([part[np.isfinite(part)] for part in (run.low, run.mean, run.high)])
    if not known.size:
        return
    bottom, span = float(known.min()), float(known.max()) - float(known.min())
    rise = (ends[1] - ends[0]) / span if 0 < span < np.inf else 0.0
    x, mean_x = (LEFT + (RIGHT - LEFT) * shares for shares in (run.across, run.mean_across))

    def place(values: np.ndarray) -> np.ndarray:
        if rise:
            return ends[1] - (values - bottom) * rise
        return np.where(np.isfinite(values), sum(ends) / 2, np.nan)

    for low, high, mean, colour in zip(run.low, run.high, run.mean, colours, strict=True):
        upper, lower = place(high), place(np.where(np.isfinite(low), low, bottom))
        for at in np.flatnonzero(np.isfinite(upper) & (lower - upper > 1)):
            right = max(x[at + 1], x[at] + 1)
            canvas.rect(float(x[at]), float(upper[at]), float(right), float(lower[at]), colour, BAND)
        canvas.line((mean_x[:-1] + mean_x[1:]) / 2, place(mean), colour, width=1.2)


def _labels(
    canvas: Canvas, channels: Channels, members: list[str], latest: list[float | None], top: float
) -> None:
    """Names and last values beside a lane, as many as there is room for."""
    named = zip(members[:3], latest, _colours(channels, members), strict=False)
    for line, (name, value, colour) in enumerate(named):
        said = "-" if value is None else f"{value:.4g} {channels.units[name]}".strip()
        short = name if len(name) <= LABEL_LETTERS else name[: LABEL_LETTERS - 1] + "."
        y = top + 10 + 24 * line
        canvas.text(RIGHT + 12, y, short, colour, anchor="lm")
        canvas.text(RIGHT + 12, y + 11, said, INK, anchor="lm")
