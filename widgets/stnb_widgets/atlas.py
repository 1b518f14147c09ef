"""Atlas: a box of particles in three dimensions, with the controls of the simulation behind it."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .base import LiveWidget, static_text
from .frame import ParticleFrame, fair_order
from .poster import MOST_POINTS, PLAIN_BOX, render_poster
from .quantize import Quantiser, dequantise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .link import LinkStats
    from .parcel import Parcel
    from .points import Points, Slider

__all__ = ["Atlas"]

Corner = tuple[float, float, float]


class Atlas(LiveWidget):
    """Draws what it is offered, reports what people want, and shows what the session says is true.

    Args:
        box: two opposite corners; its edges and ticks are drawn, particles may leave it.
        attributes: unit of every attribute by name ("" for none).
        colour: the attribute that colours the particles; "" or none of them: one colour.
        controls: sliders, shown in this order.
        title: shown above the picture and used in the alt text.
        group: widgets of one group follow each other in the browser; "" for none.
        deck: which of the parts play, step, speed, scrub and record are shown.
    """

    _esm = static_text("atlas.js")
    _css = static_text("atlas.css")

    def __init__(
        self,
        *,
        box: tuple[Sequence[float], Sequence[float]] = PLAIN_BOX,
        attributes: Mapping[str, str] | None = None,
        colour: str = "",
        controls: Sequence[Slider] = (),
        title: str = "",
        group: str = "",
        deck: Sequence[str] = ("play", "step"),
    ) -> None:
        self._box = _checked_box(box)
        self._units = dict(attributes or {})
        self._colour = colour or next(iter(self._units), "")
        self._check_known(self._colour)
        self._offer_lock = threading.Lock()
        self._quantise = Quantiser()
        self._offers = 0
        super().__init__(
            {"box": [list(corner) for corner in self._box], "attributes": self._units},
            {"colour": self._colour},
            title=title,
            group=group,
            deck=deck,
            controls=controls,
        )

    def offer(self, points: Points) -> None:
        """Show this moment unless a newer one overtakes it; copies what it needs and returns at once."""
        unknown = [name for name in points.attributes if name not in self._units]
        missing = [name for name in self._units if name not in points.attributes]
        if unknown or missing:
            raise ValueError(
                f"the points carry attributes {sorted(points.attributes)}, this Atlas was made for "
                f"{sorted(self._units)}; offer exactly those"
            )
        with self._offer_lock:
            self._offers += 1
            frame = ParticleFrame.own(points, self._offers, self._quantise, self._colour)
        self._show(frame)

    def set_colour(self, name: str) -> None:
        """Colour the particles by this attribute, those of the last frame too."""
        self._check_known(name)
        if name == self._colour:
            return
        self._colour = name
        self._update(colour=name)
        with self._offer_lock:
            frame = self._link.latest
            if frame is None:
                return
            self._offers += 1
            recoloured = replace(frame, number=self._offers)
        self._show(recoloured)
        self._link.flush()

    @property
    def stats(self) -> LinkStats:
        """What the link has done so far, and the particles that could not be drawn in the last frame."""
        frame = self._link.latest
        return replace(self._link.stats, lost_points=0 if frame is None else frame.positions.lost)

    @property
    def alt_text(self) -> str:
        """One sentence that stands in for the picture."""
        title = self.title or "Particles in a box"
        frame = self._link.latest
        if frame is None:
            return f"{title}: no frame yet."
        parts = [f"{title}: {frame.total:,} particles at step {frame.step:,}, time {frame.time:g}"]
        column = frame.attributes.get(self._colour)
        if column is not None:
            unit = f" {self._units[self._colour]}" if self._units[self._colour] else ""
            parts.append(f"coloured by {self._colour} from {column.low[0]:.3g} to {column.high[0]:.3g}{unit}")
        if frame.positions.lost:
            parts.append(f"{frame.positions.lost:,} not drawn because a coordinate is not finite")
        if frame.status:
            parts.append(frame.status)
        return "; ".join(parts) + "."

    def poster(self) -> bytes:
        """The last frame as a PNG of at most 60 kB."""
        frame = self._link.latest
        if frame is None:
            return render_poster(np.empty((0, 3)), None, self._box)
        sample = fair_order(frame.total)[:MOST_POINTS]
        xyz = dequantise(frame.positions.codes[sample], frame.positions.low, frame.positions.high)
        column = frame.attributes.get(self._colour)
        values = None if column is None else dequantise(column.codes[sample], column.low, column.high)[:, 0]
        return render_poster(xyz, values, self._box)

    def _receive(self, name: str, value: object) -> None:
        if name == "colour":
            self.set_colour(str(value))
        super()._receive(name, value)

    def _check_known(self, colour: str) -> None:
        if colour and colour not in self._units:
            raise ValueError(
                f"colour is {colour!r}; the attributes are {sorted(self._units)}: choose one of them"
            )

    def _parcel(self, seq: int, frame: Any, most_bytes: int) -> Parcel:
        return frame.parcel(seq, self._colour, most_bytes)


def _checked_box(box: tuple[Sequence[float], Sequence[float]]) -> tuple[Corner, Corner]:
    corners = np.asarray(box, dtype=float)
    if corners.shape != (2, 3) or not np.isfinite(corners).all() or not (corners[0] < corners[1]).all():
        raise ValueError(
            f"box is {box!r}; two finite corners are needed, the lower one first: ((0, 0, 0), (1, 1, 1))"
        )
    low, high = corners.tolist()
    return tuple(low), tuple(high)
