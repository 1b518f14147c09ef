"""Carriers: the spectrum of what binds oscillators, its phases, its past, and who is heard by whom."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_widgets.base import LiveWidget, static_text
from stnb_widgets.carriers.frame import FRAME_BYTES, CarriersFrame
from stnb_widgets.carriers.numbers import carrier_numbers
from stnb_widgets.carriers.poster import render_carriers
from stnb_widgets.carriers.wave import STATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stnb_widgets.carriers.wave import Event, Wave
    from stnb_widgets.parcel import Parcel
    from stnb_widgets.slider import Slider

__all__ = ["COLOURS", "EVENTS_KEPT", "Carriers"]

COLOURS = ("state", "phase", "conflict", "order", "age")
EVENTS_KEPT = 64
BAND_MARGIN = 0.04
_MOST_PICTURE_BYTES = 16_000_000


class Carriers(LiveWidget):
    """Draws carriers over frequency, their phases, their history and the oscillators that they hear.

    A person picks a carrier by pointing, by the arrow keys or in the table: `selected` says which. Whoever answers the
    question `why` (`on_ask("why", expert)`) is asked with its number; the answer is a dict of `sentence` and `lines`,
    rows of label, value, unit, and a share from -1 to 1 that is drawn as a bar, or None.

    Args:
        colour: What colours the carriers at first: state, phase, conflict, order or age.
        controls: Sliders, shown in this order.
        title: Shown above the picture and used in the alt text.
        group: Widgets of one group follow each other in the browser; "" for none.
        deck: Which of the parts play, step, speed, scrub and record are shown.
    """

    _esm = static_text("carriers.js")
    _css = static_text("carriers.css")

    def __init__(
        self,
        *,
        colour: str = "state",
        controls: Sequence[Slider] = (),
        title: str = "",
        group: str = "",
        deck: Sequence[str] = ("play", "step"),
    ) -> None:
        if colour not in COLOURS:
            raise ValueError(f"colour is {colour!r}; choose one of {', '.join(COLOURS)}")
        self._offer_lock = threading.Lock()
        self._offers = 0
        self._events: tuple[Event, ...] = ()
        self._band: tuple[float, float] | None = None
        super().__init__(
            {"colour": colour},
            {"selected": None},
            title=title,
            group=group,
            deck=deck,
            controls=controls,
        )

    @property
    def selected(self) -> int | None:
        """The carrier that somebody picked, by its number."""
        return self.state["selected"]

    def select(self, uid: int | None) -> None:
        """Pick a carrier, as if somebody had done so in the browser; None for none."""
        self._update(selected=None if uid is None else int(uid))

    def offer(self, wave: Wave) -> None:
        """Show this moment unless a newer one overtakes it; copies what it needs and returns at once."""
        with self._offer_lock:
            self._offers += 1
            self._events = (*self._events, *wave.events)[-EVENTS_KEPT:]
            self._band = _widened(self._band, wave)
            frame = CarriersFrame.own(wave, self._offers, self._band, self._events)
        self._show(frame)

    @property
    def alt_text(self) -> str:
        """One sentence that stands in for the picture."""
        title = self.title or "Carriers"
        frame = self._link.latest
        if frame is None:
            return f"{title}: no frame yet."
        tally = np.bincount(frame.state, minlength=len(STATES))
        states = ", ".join(f"{count} {name}" for count, name in zip(tally, STATES, strict=True) if count)
        parts = [
            f"{title}: {frame.total:,} carriers at step {frame.step:,}" + (f" ({states})" if states else "")
        ]
        if frame.total:
            best = int(frame.column("amplitude").argmax())
            parts.append(
                f"the strongest at {frame.column('omega')[best]:.3g} rad/s with amplitude "
                f"{frame.column('amplitude')[best]:.3g}"
            )
        if np.isfinite(frame.mean_order):
            parts.append(f"order of all oscillators {frame.mean_order:.2f}")
        if frame.lost:
            parts.append(f"{frame.lost:,} not drawn because a number is not finite")
        if frame.status:
            parts.append(frame.status)
        return "; ".join(parts) + "."

    def poster(self) -> bytes:
        """Spectrum and phases of the last frame as a PNG of at most 60 kB."""
        frame = self._link.latest
        return render_carriers(None if frame is None else self._parcel(0, frame, FRAME_BYTES))

    def poster_of(self, parcel: Parcel) -> bytes:
        """Spectrum and phases of a recorded frame as a PNG of 640 x 400 pixels."""
        return render_carriers(parcel, _MOST_PICTURE_BYTES)

    def numbers_of(self, parcel: Parcel) -> dict[str, np.ndarray]:
        """Carriers, oscillators and links of a recorded frame, in the units of the session."""
        return carrier_numbers(parcel)

    def _receive(self, name: str, value: object) -> None:
        if name == "select" and isinstance(value, dict) and value.get("kind") == "carrier":
            ids = value["ids"]
            self.select(int(ids[0]) if ids else None)
        super()._receive(name, value)

    def _parcel(self, seq: int, frame: Any, most_bytes: int) -> Parcel:
        return frame.parcel(seq, most_bytes)


def _widened(band: tuple[float, float] | None, wave: Wave) -> tuple[float, float]:
    """The band of frequencies that has held every carrier and oscillator so far; it grows in coarse steps."""
    seen = np.concatenate([np.ravel(wave.omega), np.ravel(wave.oscillators.omega)]).astype(float)
    seen = seen[np.isfinite(seen)]
    if not seen.size:
        return band or (0.0, 1.0)
    low, high = float(seen.min()), float(seen.max())
    if band is not None and band[0] <= low and high <= band[1]:
        return band
    if band is not None:
        low, high = min(low, band[0]), max(high, band[1])
    margin = BAND_MARGIN * (high - low) or 0.5
    return low - margin, high + margin
