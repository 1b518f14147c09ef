"""Atlas: particles in a box, on a plane or on the Poincaré disk, with the controls of the simulation behind them."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_widgets.atlas.frame import DIMENSIONS, NOTHING, ParticleFrame, Picked
from stnb_widgets.atlas.numbers import particle_numbers
from stnb_widgets.atlas.pick import read_selection, rising_ids
from stnb_widgets.atlas.portrait import atlas_poster
from stnb_widgets.atlas.poster import PLAIN_BOX
from stnb_widgets.base import LiveWidget, static_text
from stnb_widgets.quantize import Quantiser, dequantise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike

    from stnb_widgets.atlas.marks import Selection
    from stnb_widgets.atlas.points import Points
    from stnb_widgets.link import LinkStats
    from stnb_widgets.parcel import Parcel
    from stnb_widgets.slider import Slider

__all__ = ["Atlas"]

Corner = tuple[float, float, float]
PROJECTIONS = tuple(DIMENSIONS)
_WHOLE_BYTES = 16_000_000
_DISK = ((-1.0, -1.0), (1.0, 1.0))


class Atlas(LiveWidget):
    """Draws what it is offered, reports what people want, and shows what the session says is true.

    Args:
        box: two opposite corners; its edges and ticks are drawn, particles may leave it. Two coordinates are enough
            for a plane; the disk is always the unit disk.
        attributes: unit of every attribute by name ("" for none).
        colour: the attribute that colours the particles; "" or none of them: one colour.
        projection: "3d", "2d" (x and y, equal scales) or "disk" (the Poincaré disk).
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
        box: tuple[Sequence[float], Sequence[float]] | None = None,
        attributes: Mapping[str, str] | None = None,
        colour: str = "",
        projection: str = "3d",
        controls: Sequence[Slider] = (),
        title: str = "",
        group: str = "",
        deck: Sequence[str] = ("play", "step"),
    ) -> None:
        if projection not in PROJECTIONS:
            raise ValueError(f"projection is {projection!r}; choose from {', '.join(PROJECTIONS)}")
        self._projection = projection
        self._box = _checked_box(PLAIN_BOX if box is None else box, projection)
        self._units = dict(attributes or {})
        self._colour = colour or next(iter(self._units), "")
        self._check_known(self._colour)
        self._offer_lock = threading.Lock()
        self._quantise = Quantiser()
        self._offers = 0
        self._picked = NOTHING
        self._selection: Selection | None = None
        self._pickers: list[Callable[[Selection], object]] = []
        super().__init__(
            {
                "box": [list(corner) for corner in self._box],
                "attributes": self._units,
                "projection": projection,
            },
            {"colour": self._colour},
            title=title,
            group=group,
            deck=deck,
            controls=controls,
        )
        self.on_ask("particle", self._describe)

    def offer(self, points: Points) -> None:
        """Show this moment unless a newer one overtakes it; copies what it needs and returns at once."""
        unknown = [name for name in points.attributes if name not in self._units]
        missing = [name for name in self._units if name not in points.attributes]
        if unknown or missing:
            raise ValueError(
                f"the points carry attributes {sorted(points.attributes)}, this Atlas was made for "
                f"{sorted(self._units)}; offer exactly those"
            )
        shape = np.shape(points.positions)
        if shape[1] < DIMENSIONS[self._projection]:
            raise ValueError(
                f"positions has shape {shape}; this Atlas shows a box of three dimensions: pass an array of shape "
                f'(n, 3), or make the Atlas with projection="2d"'
            )
        if self._projection != "3d" and points.field is not None and points.field.axis != 2:
            raise ValueError(
                f"the field stands across axis {points.field.axis}; a flat picture is seen from above: "
                f'pass a Slice with axis "z"'
            )
        with self._offer_lock:
            self._offers += 1
            frame = ParticleFrame.own(points, self._offers, self._quantise, self._colour, self._projection)
        self._show(frame)

    def set_colour(self, name: str) -> None:
        """Colour the particles by this attribute, those of the last frame too."""
        self._check_known(name)
        if name == self._colour:
            return
        self._colour = name
        self._update(colour=name)
        self._show_again()

    @property
    def selection(self) -> Selection | None:
        """The particles that were picked last, in the browser or by `select`; None before that."""
        return self._selection

    def on_select(self, callback: Callable[[Selection], object]) -> None:
        """Call `callback(selection)` whenever somebody picks particles in the browser, 50 ms after they paused."""
        self._pickers.append(callback)

    def select(self, ids: ArrayLike) -> None:
        """Show these particles as selected, by their ids; none at all for an empty list."""
        total = 0 if self._link.latest is None else self._link.latest.total
        self._pick(rising_ids(ids, total), by="")
        self._show_again()

    @property
    def stats(self) -> LinkStats:
        """What the link has done so far, and the particles that could not be drawn in the last frame."""
        frame = self._link.latest
        return replace(self._link.stats, lost_points=0 if frame is None else frame.positions.lost)

    @property
    def alt_text(self) -> str:
        """One sentence that stands in for the picture."""
        title = self.title or {"3d": "Particles in a box", "2d": "Particles on a plane"}.get(
            self._projection, "Points of the Poincaré disk"
        )
        frame = self._link.latest
        if frame is None:
            return f"{title}: no frame yet."
        parts = [f"{title}: {frame.total:,} particles at step {frame.step:,}, time {frame.time:g}"]
        column = frame.attributes.get(self._colour)
        if column is not None:
            unit = f" {self._units[self._colour]}" if self._units[self._colour] else ""
            parts.append(f"coloured by {self._colour} from {column.low[0]:.3g} to {column.high[0]:.3g}{unit}")
        if frame.positions.lost:
            reason = "lies outside the disk" if self._projection == "disk" else "is not finite"
            parts.append(f"{frame.positions.lost:,} not drawn because a coordinate {reason}")
        parts.extend(frame.scenery.summary())
        if frame.status:
            parts.append(frame.status)
        return "; ".join(parts) + "."

    def poster(self) -> bytes:
        """The last frame as a PNG of at most 60 kB."""
        frame = self._link.latest
        parcel = None if frame is None else self._parcel(0, frame, _WHOLE_BYTES)
        return atlas_poster(parcel, self._box, self._projection)

    def poster_of(self, parcel: Parcel) -> bytes:
        """A recorded frame as a PNG of 640 x 400 pixels, with every particle that it holds up to 12,000."""
        return atlas_poster(parcel, self._box, self._projection, _WHOLE_BYTES)

    def numbers_of(self, parcel: Parcel) -> dict[str, np.ndarray]:
        """Places, values and what stands around them in a recorded frame, in the units of the session."""
        return particle_numbers(parcel, self._units)

    def close(self) -> None:
        """Remove the views, forget the frames and the callbacks; offering afterwards does nothing."""
        if hasattr(self, "_pickers"):
            self._pickers.clear()
        super().close()

    def _receive(self, name: str, value: object) -> None:
        if name == "colour":
            self.set_colour(str(value))
        if name == "select":
            by, selection = read_selection(value)
            self._pick(selection, by=by)
            value = selection
            for callback in tuple(self._pickers):
                try:
                    callback(selection)
                except Exception as error:  # noqa: BLE001 (one listener must not silence the others)
                    self._link.note(error)
            if self._link.stats.visible_views > 1:
                self._show_again()
        super()._receive(name, value)

    def _pick(self, selection: Selection, *, by: str) -> None:
        self._selection = selection
        self._picked = Picked(self._picked.echo + 1, by, selection.ids)

    def _show_again(self) -> None:
        """Send the last frame once more, as what changed beside it wants it."""
        with self._offer_lock:
            frame = self._link.latest
            if frame is None:
                return
            self._offers += 1
            again = replace(frame, number=self._offers)
        self._show(again)
        self._link.flush()

    def _describe(self, particle: Any) -> list[list[Any]]:
        """[name, value, unit] of everything that is known of a particle; a value that is not finite is None."""
        frame = self._link.latest
        row = None if frame is None else frame.row_of(int(particle))
        if frame is None or row is None:
            raise ValueError(f"particle {particle} is not in the last frame; point at one that is drawn")
        place = dequantise(frame.positions.codes[row : row + 1], frame.positions.low, frame.positions.high)[0]
        lines = [[name, float(x), ""] for name, x in zip("xyz", place, strict=False)]
        lines += [[name, frame.attributes.at(name, row), unit] for name, unit in self._units.items()]
        return [[name, value if np.isfinite(value) else None, unit] for name, value, unit in lines]

    def _check_known(self, colour: str) -> None:
        if colour and colour not in self._units:
            raise ValueError(
                f"colour is {colour!r}; the attributes are {sorted(self._units)}: choose one of them"
            )

    def _parcel(self, seq: int, frame: Any, most_bytes: int) -> Parcel:
        return frame.parcel(seq, self._colour, most_bytes, self._picked)


def _checked_box(box: tuple[Sequence[float], Sequence[float]], projection: str) -> tuple[Corner, Corner]:
    """Two corners of three coordinates; those of a flat picture lie at height 0."""
    if projection == "disk":
        box = _DISK
    corners = np.asarray(box, dtype=float)
    if projection != "3d" and corners.shape in {(2, 2), (2, 3)}:
        corners = corners[:, :2]
    width = DIMENSIONS[projection]
    if corners.shape != (2, width) or not np.isfinite(corners).all() or not (corners[0] < corners[1]).all():
        example = "((0, 0, 0), (1, 1, 1))" if width == 3 else "((0, 0), (1, 1))"
        raise ValueError(f"box is {box!r}; two finite corners are needed, the lower one first: {example}")
    low, high = np.pad(corners, ((0, 0), (0, 3 - width))).tolist()
    return tuple(low), tuple(high)
